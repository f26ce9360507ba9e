//! The server-facing half: admits requests, records checks, obeys people, counts.
//!
//! One value for the whole process, so that turns are exact whichever worker asks. Its user keeps it behind
//! a short lock; every method takes the time and returns at once.

mod agent;
mod checks;
mod dynamic;
mod groups;
mod operator;
mod queue;
mod requests;
mod resolution;
mod restore;
mod tracking;
mod warm_up;

pub use agent::{AgentAnswer, Observation};
pub use checks::Recorded;
pub use dynamic::Occupied;
pub use operator::{AdminChange, HealthChange, WEIGHT_MAX, WeightChange};
pub use queue::{Admission, Demand};
pub use requests::{Carried, Outcome, PhaseTimes};
pub use restore::{Kept, KeptAdmin, KeptCheck, KeptRun};
pub use tracking::Standing;
pub(crate) use warm_up::WarmUp;

use crate::Uptime;
use crate::algorithm::{Algorithm, Balance};
use crate::counters::{BackendCounters, ServerCounters};
use crate::queue::{Line, Ticket, Waiter};
use crate::server::{AdminState, RunState, Server, ServerIndex, ServerSpec};
use crate::transition::{After, Change, Transition};
use std::collections::HashMap;
use std::task::Waker;
use std::time::Duration;

/// What was configured.
#[derive(Clone, Debug, Default)]
pub struct BackendSpec {
    pub name: String,
    /// Of a `listen` section.
    pub listen: bool,
    pub balance: Balance,
    /// As many requests as make it full, at least 1: see [`ServerSpec::minconn`].
    pub fullconn: u64,
    /// `option redispatch`: a request may leave the server it waits for.
    pub redispatch: bool,
    /// `option persist`: a request stays with its server though that is down.
    pub persist: bool,
    /// `option allbackups`: without active servers all backups serve, not only the first.
    pub all_backups: bool,
    pub servers: Vec<ServerSpec>,
}

/// The live state of a backend.
#[derive(Debug)]
pub struct Backend {
    name: String,
    listen: bool,
    balance: Balance,
    servers: Vec<Server>,
    active: Box<dyn Algorithm>,
    backups: Box<dyn Algorithm>,
    all_backups: bool,
    counters: BackendCounters,
    up: bool,
    changed: Uptime,
    down_time: Duration,
    last_session: Option<Uptime>,
    fullconn: u64,
    redispatch: bool,
    persist: bool,
    /// Requests that wait for any server.
    line: Line,
    waiters: HashMap<Ticket, Waiter>,
    /// The number of the next ticket.
    tickets: u64,
    woken: Vec<Waker>,
    warm_up_waker: Option<Waker>,
}

impl Backend {
    pub fn new(spec: BackendSpec, now: Uptime) -> Self {
        let mut backend = Self {
            name: spec.name,
            listen: spec.listen,
            servers: spec
                .servers
                .iter()
                .map(|spec| Server::new(spec.clone(), now))
                .collect(),
            active: spec.balance.begin(&spec.servers),
            backups: spec.balance.begin(&spec.servers),
            all_backups: spec.all_backups,
            balance: spec.balance,
            counters: BackendCounters::default(),
            up: true,
            changed: now,
            down_time: Duration::ZERO,
            last_session: None,
            fullconn: spec.fullconn.max(1),
            redispatch: spec.redispatch,
            persist: spec.persist,
            line: Line::default(),
            waiters: HashMap::new(),
            tickets: 0,
            woken: Vec::new(),
            warm_up_waker: None,
        };
        backend.tell_weights();
        backend.active.start();
        backend.backups.start();
        backend.up = backend.is_empty() || backend.has_server();
        backend
    }

    /// Takes over the life of servers that kept their name and address, and the counters.
    pub fn inherit(&mut self, former: &Backend) {
        self.counters = BackendCounters {
            scur: 0,
            ..former.counters.clone()
        };
        (self.changed, self.down_time) = (former.changed, former.down_time);
        self.last_session = former.last_session;
        for server in &mut self.servers {
            let same = |s: &&Server| {
                s.spec.name == server.spec.name && s.spec.address == server.spec.address
            };
            if let Some(former) = former.servers().find(same) {
                server.inherit(former);
            }
        }
        self.tell_weights();
        self.up = self.is_empty() || self.has_server();
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Of a `listen` section.
    pub fn is_listen(&self) -> bool {
        self.listen
    }

    /// What requests are balanced by.
    pub fn balance(&self) -> &Balance {
        &self.balance
    }

    /// The word after `balance`.
    pub fn algorithm(&self) -> &'static str {
        self.balance.name()
    }

    /// Those that there are now, in order.
    pub fn servers(&self) -> impl DoubleEndedIterator<Item = &Server> {
        self.servers.iter().filter(|server| !server.gone)
    }

    pub fn server(&self, index: ServerIndex) -> &Server {
        &self.servers[index.0]
    }

    pub fn find(&self, name: &str) -> Option<ServerIndex> {
        let mut servers = self.servers.iter();
        let position = servers.position(|s| !s.gone && s.spec.name == name);
        position.map(ServerIndex)
    }

    pub fn counters(&self) -> &BackendCounters {
        &self.counters
    }

    /// A backend without servers is up.
    pub fn is_up(&self) -> bool {
        self.up
    }

    /// What is said once no server is left, for example `backend 'b' has no server available!`.
    pub fn none_left(&self) -> String {
        crate::transition::none_left(&self.name, self.listen)
    }

    /// How many wait for any server now, and the most there were.
    pub fn queue(&self) -> (u64, u64) {
        (self.line.len() as u64, self.line.longest())
    }

    /// How much of its weight a server has while it warms up, in percent.
    pub fn throttle(&self, index: ServerIndex) -> Option<u32> {
        let server = &self.servers[index.0];
        server.warm_up.filter(|_| !server.draining())?;
        let weight = u32::from(server.weight);
        if weight == 0 {
            return Some(100);
        }
        let sixteenths = server.effective_weight(self.balance.is_dynamic());
        Some((100 * sixteenths + 15) / (16 * weight))
    }

    /// The weight in force, rounded up; `weight` of the server row.
    pub fn current_weight(&self, index: ServerIndex) -> u32 {
        let server = &self.servers[index.0];
        let warmth = match self.balance.is_dynamic() {
            true => server.warmth(),
            false => 16,
        };
        (u32::from(server.weight) * warmth).div_ceil(16)
    }

    pub fn last_change(&self, now: Uptime) -> Duration {
        now.saturating_sub(self.changed)
    }

    pub fn down_time(&self, now: Uptime) -> Duration {
        if self.up {
            self.down_time
        } else {
            self.down_time + self.last_change(now)
        }
    }

    pub fn last_session(&self, now: Uptime) -> Option<Duration> {
        self.last_session.map(|at| now.saturating_sub(at))
    }

    fn change_run(
        &mut self,
        index: ServerIndex,
        run: RunState,
        change: Change,
        now: Uptime,
    ) -> Transition {
        let server = &mut self.servers[index.0];
        let was_running = server.run != RunState::Stopped;
        let was_running_fully = server.run == RunState::Running;
        server.set_run(run, now);
        if was_running && run == RunState::Stopped {
            server.counters.chkdown += 1;
        }
        server.warm_up = server.warm_up.filter(|_| run == RunState::Running);
        let eligible = server.eligible();
        if run == RunState::Running && !was_running_fully {
            self.begin_warm_up(index, now);
        }
        self.tell_weights();
        let none_left = self.note_whether_up(now);
        let requeued = match eligible {
            true => self.serve_waiters(index),
            false if run == RunState::Stopped => self.send_away(index),
            false => 0,
        };
        self.transition(index, change, requeued, none_left)
    }

    fn transition(
        &self,
        index: ServerIndex,
        change: Change,
        requeued: usize,
        none_left: bool,
    ) -> Transition {
        let server = &self.servers[index.0];
        Transition {
            backend: self.name.clone(),
            server: server.spec.name.clone(),
            backup: server.spec.backup,
            tracks: server.spec.tracks.clone(),
            change,
            after: After {
                active: self.usable(),
                backup: self.usable_backups(),
                sessions: server.counters.scur,
                requeued,
                queued: server.line.len(),
                none_left,
                draining: server.draining(),
                forced_drain: server.admin.forced_drain,
                listen: self.listen,
            },
        }
    }

    /// Updates the backend's own state; true when it has just lost its last server.
    fn note_whether_up(&mut self, now: Uptime) -> bool {
        let up = self.is_empty() || self.has_server();
        if up == self.up {
            return false;
        }
        if up {
            self.down_time += now.saturating_sub(self.changed);
        } else {
            self.counters.chkdown += 1;
        }
        self.changed = now;
        self.up = up;
        !up
    }
}

impl Server {
    fn inherit(&mut self, former: &Server) {
        let resolution_maint = self.admin.resolution_maint;
        let follows_still = self.spec.tracks == former.spec.tracks;
        self.admin = AdminState {
            resolution_maint,
            inherited_maint: former.admin.inherited_maint && follows_still,
            inherited_drain: former.admin.inherited_drain && follows_still,
            ..former.admin
        };
        if self.unchecked.health > 0 {
            self.unchecked = former.unchecked;
        }
        self.warm_up = former.warm_up.filter(|_| !self.spec.slowstart.is_zero());
        (self.changed, self.held) = (former.changed, former.held);
        self.down_time = former.down_time;
        self.last_session = former.last_session;
        self.counters = ServerCounters {
            scur: 0,
            ..former.counters.clone()
        };
        let resolves_again = former.admin.resolution_maint && !resolution_maint;
        self.run = match self.admin.maintenance() {
            true => RunState::Stopped,
            false if resolves_again || !follows_still => RunState::Running,
            false => former.run,
        };
        if let (Some(agent), Some(former)) = (&mut self.agent, &former.agent) {
            agent.inherit(former, resolves_again);
        }
        match (&mut self.check, &former.check) {
            (Some(check), Some(former)) => {
                check.inherit(former, resolves_again);
            }
            // Checks were taken away: nobody could bring it back up.
            (None, Some(_)) if !self.admin.maintenance() => self.run = RunState::Running,
            _ => {}
        }
        let same_weight_in_file = self.spec.weight == former.spec.weight;
        if same_weight_in_file {
            self.weight = former.weight;
        }
    }
}
#[cfg(test)]
mod tests;
