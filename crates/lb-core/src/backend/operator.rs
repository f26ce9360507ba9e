//! What people want: the runtime API and the statistics page.

use super::Backend;
use crate::Uptime;
use crate::counters::{BackendCounters, ServerCounters};
use crate::server::{AdminState, RunState, ServerIndex};
use crate::transition::{Change, Reason, Transition};

/// What a person wants of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdminChange {
    Ready,
    Drain,
    Maint,
}

/// What a person says of a server's health; the next check overrides it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HealthChange {
    Up,
    Stopping,
    Down,
}

/// A new weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeightChange {
    /// 0 to [`WEIGHT_MAX`]; what is above counts as that.
    Absolute(u16),
    /// Of the configured one; may exceed 100, but not lead above [`WEIGHT_MAX`].
    Percent(u32),
}

/// Highest weight of a server.
pub const WEIGHT_MAX: u16 = 256;

impl Backend {
    /// `set server b/s state ...`; `None`: it was so already.
    pub fn set_admin(
        &mut self,
        index: ServerIndex,
        wanted: AdminChange,
        now: Uptime,
    ) -> Option<Transition> {
        let server = &mut self.servers[index.0];
        let before = (server.in_maintenance(), server.draining());
        let former = server.admin;
        let was_up = server.run != RunState::Stopped;
        let ready = AdminState {
            resolution_maint: former.resolution_maint,
            ..AdminState::default()
        };
        match wanted {
            AdminChange::Maint => {
                server.admin.forced_maint = true;
                server.admin.forced_drain = false;
            }
            AdminChange::Drain => {
                server.admin = ready;
                server.admin.forced_drain = true;
            }
            AdminChange::Ready => server.admin = ready,
        }
        server.maintained |= server.in_maintenance();
        let after = (server.in_maintenance(), server.draining());
        if before.0
            && !after.0
            && let Some(check) = &mut server.check
        {
            check.health.restart();
        }
        let run = if after.0 {
            RunState::Stopped
        } else if before.0 {
            RunState::Running
        } else {
            server.run
        };
        let up = run != RunState::Stopped;
        let change = match (before, after) {
            ((false, _), (true, _)) => Change::Maintenance { was_up },
            ((true, _), (false, _)) => Change::LeftMaintenance { up },
            ((false, false), (false, true)) => Change::Drain { up },
            ((false, true), (false, false)) => Change::LeftDrain { up },
            _ if former.forced_maint && !server.admin.forced_maint => Change::LeftForcedMaintenance,
            _ => return None,
        };
        if before.0 == after.0 {
            server.changed = now;
        }
        Some(self.change_run(index, run, change, now))
    }

    /// `set server b/s health ...`; `None`: it was so already, or it is in maintenance.
    pub fn set_health(
        &mut self,
        index: ServerIndex,
        wanted: HealthChange,
        reason: Reason,
        now: Uptime,
    ) -> Option<Transition> {
        let server = &mut self.servers[index.0];
        if let Some(check) = &mut server.check {
            match wanted {
                HealthChange::Up | HealthChange::Stopping => check.health.force_up(),
                HealthChange::Down => check.health.force_down(),
            }
        }
        let (run, change) = match wanted {
            HealthChange::Up => (RunState::Running, Change::Up(reason)),
            HealthChange::Stopping => (RunState::Stopping, Change::Stopping(reason)),
            HealthChange::Down => (RunState::Stopped, Change::Down(reason)),
        };
        if server.in_maintenance() || server.run == run {
            return None;
        }
        Some(self.change_run(index, run, change, now))
    }

    /// `enable health` / `disable health`: false when no check is configured.
    pub fn set_check_enabled(&mut self, index: ServerIndex, enabled: bool) -> bool {
        match &mut self.servers[index.0].check {
            Some(check) => {
                check.enabled = enabled;
                true
            }
            None => false,
        }
    }

    /// `set server b/s weight ...`; false: a static algorithm takes only nothing or all of the configured weight.
    #[must_use]
    pub fn set_weight(&mut self, index: ServerIndex, wanted: WeightChange, now: Uptime) -> bool {
        let dynamic = self.balance.is_dynamic();
        let server = &mut self.servers[index.0];
        let weight = match wanted {
            WeightChange::Absolute(weight) => u64::from(weight),
            WeightChange::Percent(percent) => {
                u64::from(server.spec.weight) * u64::from(percent) / 100
            }
        };
        let weight = u16::try_from(weight).map_or(WEIGHT_MAX, |weight| weight.min(WEIGHT_MAX));
        if !dynamic && weight != 0 && weight != server.spec.weight {
            return false;
        }
        server.weight = weight;
        self.tell_weights();
        self.note_whether_up(now);
        true
    }

    /// `set maxconn server b/s ...`: who waits comes in as far as the new limit goes.
    pub fn set_maxconn(&mut self, index: ServerIndex, maxconn: u32) {
        let server = &mut self.servers[index.0];
        if server.minconn == server.maxconn {
            server.minconn = maxconn;
        }
        server.maxconn = maxconn;
        self.serve_waiters(index);
    }

    /// `clear counters` (`all`: not only the highest values).
    pub fn clear_counters(&mut self, all: bool) {
        let counters = &mut self.counters;
        if all {
            *counters = BackendCounters {
                scur: counters.scur,
                ..BackendCounters::default()
            };
        }
        counters.smax = counters.scur;
        counters.rate.clear_max();
        counters.times.clear_max();
        self.line.clear_longest();
        for server in &mut self.servers {
            server.counters.clear(all);
            server.line.clear_longest();
        }
    }
}

impl ServerCounters {
    fn clear(&mut self, all: bool) {
        if all {
            *self = ServerCounters {
                scur: self.scur,
                idle: self.idle,
                ..ServerCounters::default()
            };
        }
        self.smax = self.scur;
        self.rate.clear_max();
        self.times.clear_max();
    }
}
