//! One server: who it is, what people want of it, what checks say of it.

use crate::Uptime;
use crate::algorithm::Load;
use crate::backend::WarmUp;
use crate::check::{CheckResult, CheckStatus};
use crate::counters::ServerCounters;
use crate::health::Health;
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
    pub(crate) check: Option<CheckState>,
    pub(crate) agent: Option<CheckState>,
    /// For `observe`.
    pub(crate) errors_in_a_row: u32,
    pub(crate) changed: Uptime,
    pub(crate) down_time: Duration,
    pub(crate) last_session: Option<Uptime>,
    pub(crate) counters: ServerCounters,
    /// It was in maintenance at some time.
    pub(crate) maintained: bool,
    /// Requests that hold a slot on it.
    pub(crate) served: u32,
    /// Requests that wait for it and nobody else.
    pub(crate) line: Line,
    pub(crate) maxconn: u32,
    pub(crate) minconn: u32,
    pub(crate) warm_up: Option<WarmUp>,
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
}

impl AdminState {
    pub fn maintenance(self) -> bool {
        self.forced_maint || self.config_maint || self.resolution_maint
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

/// The checks of a server.
#[derive(Clone, Debug)]
pub struct CheckState {
    pub(crate) health: Health,
    pub(crate) timing: Timing,
    pub(crate) enabled: bool,
    pub(crate) in_progress: bool,
    pub(crate) due: Option<Uptime>,
    pub(crate) last: CheckResult,
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
            maintained: admin.maintenance(),
            run: if admin.maintenance() {
                RunState::Stopped
            } else {
                RunState::Running
            },
            spec,
            admin,
            check,
            agent,
            errors_in_a_row: 0,
            changed: now,
            down_time: Duration::ZERO,
            last_session: None,
            counters: ServerCounters::default(),
            served: 0,
            line: Line::default(),
            warm_up: None,
        }
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

    fn has_agent(&self) -> bool {
        self.agent.as_ref().is_some_and(|agent| agent.enabled)
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

    /// It is in maintenance, or was at some time.
    pub fn was_maintained(&self) -> bool {
        self.maintained
    }

    pub fn draining(&self) -> bool {
        self.admin.forced_drain
    }

    /// Checks run on it: configured, not switched off, and not in maintenance.
    pub fn is_checked(&self) -> bool {
        self.check.as_ref().is_some_and(|check| check.enabled) && !self.in_maintenance()
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
        now.saturating_sub(self.changed)
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

    /// As in the CSV column `status`: `UP`, `UP 2/3`, `DOWN 1/2`, `MAINT`, `MAINT (resolution)`, `DRAIN`, `NOLB`, `no check` ...
    pub fn status(&self) -> String {
        if self.in_maintenance() {
            return if self.admin.resolution_maint {
                "MAINT (resolution)".into()
            } else {
                "MAINT".into()
            };
        }
        let partly = |word: &str| match &self.check {
            Some(check) if check.enabled && check.health.credit() < check.health.fall() => {
                format!("{word} {}/{}", check.health.credit(), check.health.fall())
            }
            _ => word.into(),
        };
        match self.run {
            RunState::Stopped if self.agent_says_down() => "DOWN (agent)".into(),
            RunState::Stopped => match &self.check {
                Some(check) if check.health.value() > 0 => {
                    format!("DOWN {}/{}", check.health.value(), check.health.rise())
                }
                _ => "DOWN".into(),
            },
            RunState::Stopping => partly("NOLB"),
            RunState::Running if self.draining() && self.has_agent() => "DRAIN (agent)".into(),
            RunState::Running if self.draining() => partly("DRAIN"),
            RunState::Running if !self.is_checked() => "no check".into(),
            RunState::Running => partly("UP"),
        }
    }

    pub(crate) fn set_run(&mut self, run: RunState, now: Uptime) {
        if self.run == run {
            return;
        }
        if self.run == RunState::Stopped {
            self.down_time += now.saturating_sub(self.changed);
        }
        self.run = run;
        self.changed = now;
    }
}

impl CheckState {
    fn new(spec: &CheckSpec) -> Self {
        Self {
            health: Health::new(spec.rise, spec.fall),
            timing: spec.timing.clone(),
            enabled: true,
            in_progress: false,
            due: None,
            last: CheckResult {
                status: CheckStatus::Initializing,
                code: None,
                info: String::new(),
                duration: Duration::ZERO,
            },
        }
    }

    /// It starts, unless it is switched off. What the one before it said is forgotten but for the status, as HAProxy does.
    pub(crate) fn begin(&mut self, wanted: bool) {
        self.in_progress = wanted;
        if wanted {
            self.last.info.clear();
            self.last.code = self.last.code.map(|_| 0);
        }
    }

    /// Takes over from the same server in the file before; `restarts`: its health begins anew.
    pub(crate) fn inherit(&mut self, former: &Self, restarts: bool) {
        if !restarts {
            self.health.inherit(&former.health);
        }
        self.enabled = former.enabled;
        self.last = former.last.clone();
        self.due = former.due;
    }

    pub fn health(&self) -> &Health {
        &self.health
    }

    /// Switched off by `disable health`?
    pub fn enabled(&self) -> bool {
        self.enabled
    }

    /// A check is under way: statistics put a star before the last result.
    pub fn in_progress(&self) -> bool {
        self.in_progress
    }

    pub fn last(&self) -> &CheckResult {
        &self.last
    }

    /// When the next check is to start; `None`: none was planned yet.
    pub fn due(&self) -> Option<Uptime> {
        self.due
    }

    /// The longest a check may take.
    pub fn inter(&self) -> Duration {
        self.timing.inter
    }

    /// The pause until a check that is in a hurry.
    pub fn soon(&self) -> Duration {
        self.timing.fastinter
    }

    /// The pause until the next check.
    pub fn pause(&self) -> Duration {
        self.timing.pause(&self.health)
    }
}
