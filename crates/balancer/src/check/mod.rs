//! Health checks: one task per checked server, on the control thread.
//!
//! A task owns no state: it sleeps until its check is due, looks, and tells `lb-core`, which decides.

mod http;
mod probe;
mod warm_up;

use crate::logger::Logger;
use crate::plan::{Backend, NEVER, Plan};
use crate::process::Process;
use lb_core::schedule;
use lb_core::server::ServerIndex;
use probe::Probe;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use tokio::task::JoinSet;

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
    Checks { _tasks: tasks }
}

/// The checks of one server.
#[derive(Debug)]
struct Watch {
    backend: Arc<Backend>,
    server: ServerIndex,
    /// `spread-checks`, in percent.
    spread: u8,
    process: Arc<Process>,
    logger: Arc<Logger>,
}

/// Every checked server of the plan, with the time of its first check.
fn watches(
    plan: &Plan,
    process: &Arc<Process>,
    logger: &Arc<Logger>,
) -> Vec<(Watch, lb_core::Uptime)> {
    let (mut watches, mut intervals, mut kept) = (Vec::new(), Vec::new(), Vec::new());
    for backend in &plan.backends {
        let live = backend.live();
        for server in &backend.servers {
            let Some(check) = live.server(server.index).check() else {
                continue;
            };
            intervals.push(check.pause());
            kept.push(check.due());
            watches.push(Watch {
                backend: Arc::clone(backend),
                server: server.index,
                spread: plan.global.spread_checks,
                process: Arc::clone(process),
                logger: Arc::clone(logger),
            });
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
            tokio::time::sleep(due.saturating_sub(self.process.now())).await;
            // The address may have changed since the last check, or be missing.
            let probe = Probe::new(&self.backend, self.backend.server(self.server));
            if let Some(probe) = probe
                && self.backend.live().check_begins(self.server)
            {
                self.examine(&probe).await;
            }
            due = self.plan_next();
        }
    }

    /// One check, from the first packet to the words on a change of state.
    async fn examine(&self, probe: &Probe) {
        let result = probe.run().await;
        let now = self.process.now();
        let recorded = self.backend.live().record_check(self.server, result, now);
        let mut transition = recorded.transition;
        if let Some(report) = recorded.report.filter(|_| self.backend.log_health_checks) {
            self.logger.tell_check(&self.backend, &report);
            transition = transition.map(|transition| transition.told_by_report());
        }
        if let Some(transition) = transition {
            self.logger.tell(&self.backend, &transition);
        }
    }

    fn plan_next(&self) -> lb_core::Uptime {
        let mut live = self.backend.live();
        let check = live.server(self.server).check();
        let pause = check.map_or(NEVER, |check| check.pause());
        let due = self.process.now() + schedule::jitter(pause, self.spread, dice());
        live.check_planned(self.server, due);
        due
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
