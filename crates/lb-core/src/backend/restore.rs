//! Servers begin in the state in which another process left them: HAProxy's `load-server-state-from-file`.

use super::{AdminChange, Backend};
use crate::Uptime;
use crate::check::CheckStatus;
use crate::server::{RunState, Server, ServerIndex, Unchecked};
use crate::transition::{Change, Reason, Transition};
use std::time::Duration;

/// What a server was when its state was written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    pub run: KeptRun,
    pub admin: KeptAdmin,
    /// 0 to 256.
    pub weight: u16,
    /// The one in the file of that process, 0 to 256.
    pub initial_weight: u16,
    /// For how long it had been so.
    pub since: Duration,
    pub check: KeptCheck,
    /// Its agent was not asked any more.
    pub agent_is_off: bool,
}

/// As [`RunState`], which knows no start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptRun {
    Stopped,
    Starting,
    Running,
    Stopping,
}

/// What people wanted of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeptAdmin {
    pub maint: bool,
    /// `disabled` stood in the file.
    pub disabled: bool,
    pub drain: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptCheck {
    pub status: CheckStatus,
    pub health: u32,
    /// It had checks, and they were switched off.
    pub is_off: bool,
}

impl Backend {
    /// Brings a server into the state in which another process left it. What the file of this process says anew
    /// counts for more: a weight, `disabled`.
    pub fn restore(&mut self, index: ServerIndex, kept: &Kept, now: Uptime) -> Vec<Transition> {
        let run = self.restore_run(index, kept, now);
        let admin = self.restore_admin(index, kept, now);
        self.servers[index.0].restore(kept, now);
        self.tell_weights();
        self.note_whether_up(now);
        run.into_iter().chain(admin).collect()
    }

    fn restore_run(&mut self, index: ServerIndex, kept: &Kept, now: Uptime) -> Option<Transition> {
        let server = &mut self.servers[index.0];
        let run = server.restore_health(kept);
        if server.in_maintenance() || server.run == run {
            return None;
        }
        let change = match run {
            RunState::Stopped => Change::Down(Reason::Kept),
            RunState::Stopping => Change::Stopping(Reason::Kept),
            RunState::Running => Change::Up(Reason::Kept),
        };
        Some(self.change_run(index, run, change, now))
    }

    fn restore_admin(&mut self, index: ServerIndex, kept: &Kept, now: Uptime) -> Vec<Transition> {
        let server = &self.servers[index.0];
        let disabled = server.spec.disabled;
        let same_in_file = disabled == kept.admin.disabled;
        let order = match (same_in_file, kept.admin.maint) {
            (true, true) if !disabled => Some(AdminChange::Maint),
            (true, false) if disabled => Some(AdminChange::Ready),
            _ => None,
        };
        let ordered = order.and_then(|order| self.set_admin(index, order, now));
        let server = &self.servers[index.0];
        // Where the file had a weight of 0 and has another one now, that is a wish to use it again.
        let still_wanted = kept.initial_weight > 0 || server.spec.weight == 0;
        let drains = kept.admin.drain && still_wanted && !server.admin.forced_by_people();
        let drained = drains.then(|| self.set_admin(index, AdminChange::Drain, now));
        ordered.into_iter().chain(drained.flatten()).collect()
    }
}

impl Server {
    /// Sets the counter of checks; gives what the server is to do.
    fn restore_health(&mut self, kept: &Kept) -> RunState {
        let (rise, fall) = match &self.check {
            Some(check) => (check.health.rise(), check.health.fall()),
            None => (Unchecked::RISE, Unchecked::FALL),
        };
        let highest = rise + fall - 1;
        let within = |from: u32, below: u32, otherwise: u32| match kept.check.health {
            health if (from..below).contains(&health) => health,
            _ => otherwise,
        };
        let (health, run) = match kept.run {
            KeptRun::Stopped => (0, RunState::Stopped),
            KeptRun::Stopping if fall == 1 => (0, RunState::Stopped),
            KeptRun::Stopping => (within(rise, highest, rise), RunState::Stopping),
            KeptRun::Starting if rise > 1 => (within(1, rise, rise - 1), RunState::Running),
            KeptRun::Starting | KeptRun::Running => (highest, RunState::Running),
        };
        self.unchecked.health = health;
        if let Some(check) = &mut self.check {
            check.health.set(health);
        }
        run
    }

    /// The rest: what is not a change of state.
    fn restore(&mut self, kept: &Kept, now: Uptime) {
        (self.changed, self.held) = (now, kept.since);
        self.unchecked.status = kept.check.status;
        if let Some(check) = &mut self.check {
            check.last.status = kept.check.status;
            check.last.code = kept.check.status.has_code().then_some(0);
            check.enabled &= !kept.check.is_off;
        }
        if let Some(agent) = &mut self.agent {
            agent.enabled &= !kept.agent_is_off;
        }
        if kept.initial_weight == self.spec.weight {
            self.weight = kept.weight;
        }
    }
}
