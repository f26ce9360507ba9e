//! Health checks: one task per checked server, on the control thread.
//!
//! A task owns no state: it sleeps until its check is due, looks, and tells `lb-core`, which decides.

mod agent;
mod http;
mod judge;
mod newcomers;
mod opened;
mod probe;
mod sight;
mod step;
#[cfg(test)]
mod testing;
mod warm_up;

use crate::announce::announce;
use crate::logger::Logger;
use crate::plan::{Backend, NEVER, Plan};
use crate::process::Process;
use lb_core::backend::Recorded;
use lb_core::schedule;
use lb_core::server::{CheckState, ServerIndex};
use probe::Probe;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

/// The checks of one plan. They end when it is dropped.
#[derive(Debug)]
pub struct Checks {
    _tasks: JoinSet<()>,
}

/// Starts the checks of a plan on the current [`LocalSet`](tokio::task::LocalSet). A server that was checked
/// under the plan before keeps to its schedule; the others are spread, so that they do not come all at once.
pub fn start(plan: &Arc<Plan>, process: &Arc<Process>, logger: &Arc<Logger>) -> Checks {
    let mut tasks = JoinSet::new();
    for (watch, first) in watches(plan, process, logger) {
        tasks.spawn_local(watch.run(first));
    }
    for backend in warm_up::backends(plan) {
        tasks.spawn_local(warm_up::run(
            backend,
            Arc::clone(process),
            Arc::clone(logger),
        ));
    }
    tasks.spawn_local(newcomers::run(
        Arc::clone(plan),
        Arc::clone(process),
        Arc::clone(logger),
    ));
    Checks { _tasks: tasks }
}

/// Who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The server.
    Health,
    /// The program beside it.
    Agent,
}

/// The checks of one server.
#[derive(Debug)]
struct Watch {
    backend: Arc<Backend>,
    server: ServerIndex,
    kind: Kind,
    /// `spread-checks`, in percent.
    spread: u8,
    /// This machine, as servers are told of it.
    node: Arc<str>,
    process: Arc<Process>,
    logger: Arc<Logger>,
}

/// Every checked server and every agent of the plan, with the time of its first check.
fn watches(
    plan: &Plan,
    process: &Arc<Process>,
    logger: &Arc<Logger>,
) -> Vec<(Watch, lb_core::Uptime)> {
    let node: Arc<str> = crate::stats::overview::node(plan).into();
    let (mut watches, mut intervals, mut kept) = (Vec::new(), Vec::new(), Vec::new());
    for backend in &plan.backends {
        let live = backend.live();
        for server in backend.servers.iter() {
            let state = live.server(server.index);
            let kinds = [(Kind::Health, state.check()), (Kind::Agent, state.agent())];
            for (kind, check) in kinds {
                let Some(check) = check else {
                    continue;
                };
                intervals.push(check.pause());
                kept.push(check.due());
                watches.push(Watch {
                    backend: Arc::clone(backend),
                    server: server.index,
                    kind,
                    spread: plan.global.spread_checks,
                    node: Arc::clone(&node),
                    process: Arc::clone(process),
                    logger: Arc::clone(logger),
                });
            }
        }
    }
    let spread = schedule::first_checks(&intervals, process.now());
    let firsts = kept.into_iter().zip(spread);
    let firsts = firsts.map(|(kept, spread)| kept.unwrap_or(spread));
    watches.into_iter().zip(firsts).collect()
}

impl Watch {
    async fn run(self, first: lb_core::Uptime) {
        let mut due = first;
        loop {
            self.sleep_until(due).await;
            if self.backend.server(self.server).is_gone() {
                return;
            }
            match self.kind {
                Kind::Health => self.examine().await,
                Kind::Agent => self.ask_agent().await,
            }
            due = self.plan_next();
        }
    }

    /// The usual pause between two.
    fn inter(&self) -> std::time::Duration {
        let live = self.backend.live();
        let server = live.server(self.server);
        let check = match self.kind {
            Kind::Health => server.check(),
            Kind::Agent => server.agent(),
        };
        check.map_or(NEVER, CheckState::inter)
    }

    /// Live traffic may make a check due earlier.
    async fn sleep_until(&self, mut due: lb_core::Uptime) {
        let server = self.backend.server(self.server);
        loop {
            let left = due.saturating_sub(self.process.now());
            if self.kind == Kind::Agent {
                return tokio::time::sleep(left).await;
            }
            if timeout(left, server.hurry.notified()).await.is_err() {
                return;
            }
            let live = self.backend.live();
            let soon = live.server(self.server).check().map(|c| c.soon());
            due = due.min(self.process.now() + soon.unwrap_or(NEVER));
        }
    }

    /// One check, from the first packet to the words on a change of state.
    async fn examine(&self) {
        // The address may have changed since the last check, or be missing.
        let server = self.backend.server(self.server);
        let Some(probe) = Probe::new(&self.process, &self.backend, server, &self.node) else {
            return;
        };
        if !self.backend.live().check_begins(self.server) {
            return;
        }
        let result = probe.run().await;
        let now = self.process.now();
        let recorded = self.backend.live().record_check(self.server, result, now);
        tell(&self.logger, &self.backend, recorded);
    }

    async fn ask_agent(&self) {
        let server = self.backend.server(self.server);
        let (Some(agent), Some(address)) = (&server.agent, server.agent_address()) else {
            return;
        };
        if !self.backend.live().agent_begins(self.server) {
            return;
        }
        let begun = Instant::now();
        let send = server.agent_send().unwrap_or_default();
        let timeouts = &self.backend.timeouts;
        let answer = agent::ask(address, server.source, agent, &send, timeouts).await;
        let (took, now) = (begun.elapsed(), self.process.now());
        let mut live = self.backend.live();
        let transitions = live.record_agent(self.server, answer, took, now);
        drop(live);
        for transition in transitions {
            announce(&self.logger, &self.backend, &transition);
        }
    }

    fn plan_next(&self) -> lb_core::Uptime {
        let mut live = self.backend.live();
        let server = live.server(self.server);
        let check = match self.kind {
            Kind::Health => server.check(),
            Kind::Agent => server.agent(),
        };
        let pause = check.map_or(NEVER, |check| check.pause());
        let due = self.process.now() + schedule::jitter(pause, self.spread, dice());
        match self.kind {
            Kind::Health => live.check_planned(self.server, due),
            Kind::Agent => live.agent_planned(self.server, due),
        }
        due
    }
}

/// Tells what a result led to.
pub fn tell(logger: &Logger, backend: &Backend, recorded: Recorded) {
    let mut transition = recorded.transition;
    if let Some(report) = recorded.report.filter(|_| backend.log_health_checks) {
        logger.tell_check(backend, &report);
        transition = transition.map(|transition| transition.told_by_report());
    }
    if let Some(transition) = transition {
        announce(logger, backend, &transition);
    }
}

/// A number in 0.0..1.0 that differs each time.
fn dice() -> f64 {
    /// As many bits as a float holds exactly.
    const BITS: u32 = 53;
    let random = RandomState::new().build_hasher().finish() >> (u64::BITS - BITS);
    random as f64 / (1u64 << BITS) as f64
}

#[cfg(test)]
mod tests;
