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
        let former = server.admin;
        let ready = AdminState {
            resolution_maint: former.resolution_maint,
            inherited_maint: former.inherited_maint,
            inherited_drain: former.inherited_drain,
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
        self.obey_admin(index, former, now)
    }

    /// Brings the server into the state that the orders about it, which were `former` ones, want now.
    pub(super) fn obey_admin(
        &mut self,
        index: ServerIndex,
        former: AdminState,
        now: Uptime,
    ) -> Option<Transition> {
        let server = &mut self.servers[index.0];
        let was_up = server.run != RunState::Stopped;
        let admin = server.admin;
        let (before, after) = (
            (former.maintenance(), former.drain()),
            (admin.maintenance(), admin.drain()),
        );
        if after.0 && was_up {
            server.unchecked.health = 0;
        }
        if !before.0
            && after.0
            && let Some(check) = &mut server.check
        {
            check.health.force_down();
        }
        if before.0
            && !after.0
            && let Some(check) = server.check.as_mut().filter(|check| check.enabled)
        {
            check.health.restart();
        }
        let run = match (before.0, after.0) {
            (_, true) => RunState::Stopped,
            (true, false) => server.leader,
            (false, false) => server.run,
        };
        let up = run != RunState::Stopped;
        let was_forced = former.forced_by_people();
        let change = match (before, after) {
            ((false, _), (true, _)) => Change::Maintenance {
                was_up,
                forced: admin.forced_by_people(),
            },
            ((true, _), (false, _)) => Change::LeftMaintenance {
                up,
                forced: was_forced,
            },
            ((true, _), _) if was_forced && !admin.forced_by_people() => {
                Change::LeftForcedMaintenance
            }
            ((true, _), _) if former.inherited_maint && !admin.inherited_maint => {
                Change::StillInMaintenance
            }
            ((true, _), _) => return None,
            ((_, false), (_, true)) => Change::Drain {
                up,
                forced: admin.forced_drain,
            },
            ((_, true), (_, false)) => Change::LeftDrain { up },
            _ if admin != former => Change::StillDraining,
            _ => return None,
        };
        if before.0 == after.0 && before.1 != after.1 {
            server.changes(now);
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
        server.unchecked.told(wanted != HealthChange::Down);
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
                http2: counters.http2,
                ..BackendCounters::default()
            };
        }
        counters.http2.clear();
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
