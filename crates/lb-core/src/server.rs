//! One server: who it is, what people want of it, what checks say of it.

mod check_state;
mod status;

pub use check_state::CheckState;

use crate::Uptime;
use crate::algorithm::Load;
use crate::backend::WarmUp;
use crate::check::CheckStatus;
use crate::counters::ServerCounters;
use crate::queue::Line;
use crate::schedule::Timing;
use std::num::NonZeroU32;
use std::time::Duration;

/// A server's place in its backend, in file order from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServerIndex(pub usize);

/// What was configured.
#[derive(Clone, Debug, Default)]
pub struct ServerSpec {
    pub name: String,
    /// HAProxy's `sid`.
    pub id: u32,
    /// 0 to 256.
    pub weight: u16,
    pub check: Option<CheckSpec>,
    /// `agent-check`
    pub agent: Option<CheckSpec>,
    pub observe: Option<ObserveSpec>,
    /// Most requests at once; 0: no limit.
    pub maxconn: u32,
    /// The limit while the backend has little to do; 0: `maxconn`.
    pub minconn: u32,
    /// Most waiters for it and nobody else; 0: no limit.
    pub max_queue: u32,
    /// Serves only when no active server can.
    pub backup: bool,
    /// How long its share grows after it came up.
    pub slowstart: Duration,
    /// In maintenance from the start.
    pub disabled: bool,
    /// Its name has no address yet: in maintenance until it resolves.
    pub unresolved: bool,
    /// `BACKEND/SERVER` whose state it takes over, as messages name it.
    pub tracks: Option<String>,
    /// Tells whether a server of the same name in a reloaded file is still the same one.
    pub address: String,
}

#[derive(Clone, Debug)]
pub struct CheckSpec {
    pub rise: NonZeroU32,
    pub fall: NonZeroU32,
    pub timing: Timing,
}

/// How much a whole backend has to do, against what it was made for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Crowd {
    pub(crate) requests: u64,
    pub(crate) fullconn: u64,
}

/// `observe`: how live traffic counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObserveSpec {
    pub layer: Layer,
    /// Errors in a row before something happens.
    pub error_limit: NonZeroU32,
    pub on_error: OnError,
}

/// What of a request is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// Its connection.
    Layer4,
    /// Its answer.
    Layer7,
}

/// What happens after so many errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnError {
    /// The next check comes at `fastinter`, as with all of these.
    FastInter,
    /// As if a check had failed.
    FailCheck,
    /// As that, and the next failure is the last.
    SuddenDeath,
    MarkDown,
}

/// A server as it is now.
#[derive(Clone, Debug)]
pub struct Server {
    pub(crate) spec: ServerSpec,
    /// As configured or set at run time, 0 to 256.
    pub(crate) weight: u16,
    pub(crate) admin: AdminState,
    pub(crate) run: RunState,
    /// What the server that it tracks does.
    pub(crate) leader: RunState,
    pub(crate) check: Option<CheckState>,
    pub(crate) agent: Option<CheckState>,
    /// For `observe`.
    pub(crate) errors_in_a_row: u32,
    pub(crate) changed: Uptime,
    /// For how long it had been so when this process started.
    pub(crate) held: Duration,
    pub(crate) down_time: Duration,
    pub(crate) last_session: Option<Uptime>,
    pub(crate) counters: ServerCounters,
    pub(crate) unchecked: Unchecked,
    /// Requests that hold a slot on it.
    pub(crate) served: u32,
    /// Requests that wait for it and nobody else.
    pub(crate) line: Line,
    pub(crate) maxconn: u32,
    pub(crate) minconn: u32,
    pub(crate) warm_up: Option<WarmUp>,
    /// It was taken out of its backend: its place stays empty.
    pub(crate) gone: bool,
}

/// What people decided, and name servers. Any maintenance flag takes the server out, any drain flag keeps new clients away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AdminState {
    /// `set server state maint`, `disable server`.
    pub forced_maint: bool,
    /// `disabled` in the file; ends with the first `ready`.
    pub config_maint: bool,
    /// `set server state drain`.
    pub forced_drain: bool,
    /// Its name has no address: `MAINT (resolution)`. People do not end it, an answer does.
    pub resolution_maint: bool,
    /// The server that it tracks is in maintenance.
    pub inherited_maint: bool,
    /// The server that it tracks is to be drained.
    pub inherited_drain: bool,
}

impl AdminState {
    pub fn maintenance(self) -> bool {
        self.forced_by_people() || self.resolution_maint || self.inherited_maint
    }

    /// In maintenance by a person's order, or by the file.
    pub fn forced_by_people(self) -> bool {
        self.forced_maint || self.config_maint
    }

    pub fn drain(self) -> bool {
        self.forced_drain || self.inherited_drain
    }
}

/// What HAProxy's counters of checks stand at where there are no checks: they are shown, and mean nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unchecked {
    pub status: CheckStatus,
    pub health: u32,
}

impl Unchecked {
    /// The default of `rise`.
    pub(crate) const RISE: u32 = 2;
    /// The default of `fall`.
    pub(crate) const FALL: u32 = 3;

    fn new(in_maintenance: bool) -> Self {
        Self {
            status: CheckStatus::Initializing,
            health: if in_maintenance { 0 } else { Self::RISE },
        }
    }

    /// Somebody has said how the server is.
    pub(crate) fn told(&mut self, up: bool) {
        self.health = if up { Self::RISE + Self::FALL - 1 } else { 0 };
    }
}

/// What checks (or, without checks, people) say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    Stopped,
    Running,
    /// Only for clients bound to it: `set server health stopping`.
    Stopping,
}

impl Server {
    pub(crate) fn new(spec: ServerSpec, now: Uptime) -> Self {
        let check = spec.check.as_ref().map(CheckState::new);
        let agent = spec.agent.as_ref().map(CheckState::new);
        let admin = AdminState {
            config_maint: spec.disabled,
            resolution_maint: spec.unresolved,
            ..AdminState::default()
        };
        let (minconn, maxconn) = match (spec.minconn, spec.maxconn) {
            (0, maxconn) => (maxconn, maxconn),
            (minconn, maxconn) => (minconn, maxconn.max(minconn)),
        };
        Self {
            minconn,
            maxconn,
            weight: spec.weight,
            unchecked: Unchecked::new(admin.maintenance()),
            run: if admin.maintenance() {
                RunState::Stopped
            } else {
                RunState::Running
            },
            leader: RunState::Running,
            spec,
            admin,
            check,
            agent,
            errors_in_a_row: 0,
            changed: now,
            held: Duration::ZERO,
            down_time: Duration::ZERO,
            last_session: None,
            counters: ServerCounters::default(),
            served: 0,
            line: Line::default(),
            warm_up: None,
            gone: false,
        }
    }

    /// It has `slowstart`.
    pub fn warms_up(&self) -> bool {
        !self.spec.slowstart.is_zero()
    }

    pub(crate) fn load(&self, crowd: Crowd) -> Load {
        Load {
            served: self.served,
            queued: u32::try_from(self.line.len()).unwrap_or(u32::MAX),
            limit: self.limit(crowd),
            max_queue: self.spec.max_queue,
        }
    }

    /// Manual "minconn": the limit grows with the crowd, up to `maxconn` when the backend is full.
    fn limit(&self, crowd: Crowd) -> Option<u32> {
        let most = u64::from(self.maxconn);
        let limit = if crowd.requests >= crowd.fullconn || self.minconn == self.maxconn {
            most
        } else {
            let share = crowd.requests * most / crowd.fullconn;
            share.max(self.minconn.into())
        };
        let limit = match self.warm_up {
            None => limit,
            Some(_) => (limit * self.open_share() / 100).max(1),
        };
        (most > 0).then(|| u32::try_from(limit).unwrap_or(u32::MAX))
    }

    /// Most requests at once; `None`: no limit.
    pub fn maxconn(&self) -> Option<u32> {
        (self.maxconn > 0).then_some(self.maxconn)
    }

    /// `maxqueue`; `None`: no limit.
    pub fn max_queue(&self) -> Option<u32> {
        (self.spec.max_queue > 0).then_some(self.spec.max_queue)
    }

    /// How many wait for it now, and the most there were.
    pub fn queue(&self) -> (u64, u64) {
        (self.line.len() as u64, self.line.longest())
    }

    pub fn name(&self) -> &str {
        &self.spec.name
    }

    pub fn id(&self) -> u32 {
        self.spec.id
    }

    /// As configured or set at run time: the CSV column `uweight`.
    pub fn weight(&self) -> u16 {
        self.weight
    }

    /// As configured: `get weight` calls it `initial`.
    pub fn initial_weight(&self) -> u16 {
        self.spec.weight
    }

    /// `disabled` stands in the file, whatever people have said since.
    pub fn disabled_in_file(&self) -> bool {
        self.spec.disabled
    }

    pub fn admin(&self) -> AdminState {
        self.admin
    }

    pub fn run(&self) -> RunState {
        self.run
    }

    /// Its agent, if one is configured.
    pub fn agent(&self) -> Option<&CheckState> {
        self.agent.as_ref()
    }

    /// It has an agent, which is asked unless it is in maintenance.
    pub fn has_agent(&self) -> bool {
        self.agent.as_ref().is_some_and(|agent| agent.enabled)
    }

    /// It has checks, which run unless it is in maintenance.
    pub fn has_checks(&self) -> bool {
        self.check.as_ref().is_some_and(|check| check.enabled)
    }

    pub(crate) fn agent_says_down(&self) -> bool {
        let agent = self.agent.as_ref().filter(|agent| agent.enabled);
        agent.is_some_and(|agent| !agent.health.is_up())
    }

    pub fn check(&self) -> Option<&CheckState> {
        self.check.as_ref()
    }

    pub fn counters(&self) -> &ServerCounters {
        &self.counters
    }

    pub fn in_maintenance(&self) -> bool {
        self.admin.maintenance()
    }

    /// What is shown of the checks of a server that has none.
    pub fn unchecked(&self) -> Unchecked {
        self.unchecked
    }

    pub fn draining(&self) -> bool {
        self.admin.drain()
    }

    /// `BACKEND/SERVER` whose state it takes over.
    pub fn tracks(&self) -> Option<&str> {
        self.spec.tracks.as_deref()
    }

    /// Checks run on it: configured, not switched off, and not in maintenance.
    pub fn is_checked(&self) -> bool {
        self.has_checks() && !self.in_maintenance()
    }

    /// Connections may be made to it, for clients bound to it at least.
    pub fn is_up(&self) -> bool {
        self.run != RunState::Stopped && !self.in_maintenance()
    }

    /// An algorithm may choose it.
    pub fn eligible(&self) -> bool {
        self.run == RunState::Running
            && !self.in_maintenance()
            && !self.draining()
            && self.weight > 0
    }

    /// In sixteenths, as the algorithms count; 0 when not eligible. Only `dynamic` ones let it grow while warming up.
    pub(crate) fn effective_weight(&self, dynamic: bool) -> u32 {
        match (self.eligible(), dynamic) {
            (false, _) => 0,
            (true, false) => u32::from(self.weight) * 16,
            (true, true) => u32::from(self.weight) * self.warmth(),
        }
    }

    pub fn is_backup(&self) -> bool {
        self.spec.backup
    }

    /// Time since the state last changed.
    pub fn last_change(&self, now: Uptime) -> Duration {
        now.saturating_sub(self.changed) + self.held
    }

    /// Time spent down since the process started.
    pub fn down_time(&self, now: Uptime) -> Duration {
        if self.run == RunState::Stopped {
            self.down_time + self.last_change(now)
        } else {
            self.down_time
        }
    }

    /// Time since a session was last given to it.
    pub fn last_session(&self, now: Uptime) -> Option<Duration> {
        self.last_session.map(|at| now.saturating_sub(at))
    }

    pub(crate) fn set_run(&mut self, run: RunState, now: Uptime) {
        if self.run == run {
            return;
        }
        if self.run == RunState::Stopped {
            self.down_time += self.last_change(now);
        }
        self.run = run;
        self.changes(now);
    }

    /// What it does, or what people want of it, is new.
    pub(crate) fn changes(&mut self, now: Uptime) {
        self.changed = now;
        self.held = Duration::ZERO;
    }
}
