//! What checks say of a server.

use super::Backend;
use crate::Uptime;
use crate::check::CheckResult;
use crate::health::Flip;
use crate::server::{RunState, ServerIndex};
use crate::transition::{Change, Reason, Transition};

impl Backend {
    /// A check starts; false when the server is not to be checked now.
    pub fn check_begins(&mut self, index: ServerIndex) -> bool {
        let server = &mut self.servers[index.0];
        let checked = server.is_checked();
        if let Some(check) = &mut server.check {
            check.in_progress = checked;
        }
        checked
    }

    /// Records what a check found. A result that comes after checks were switched off changes nothing.
    pub fn record_check(
        &mut self,
        index: ServerIndex,
        result: CheckResult,
        now: Uptime,
    ) -> Option<Transition> {
        let server = &mut self.servers[index.0];
        let checked = server.is_checked();
        let check = server.check.as_mut()?;
        check.in_progress = false;
        if !checked {
            return None;
        }
        let passed = result.status.passed();
        let was_up = check.health.is_up();
        check.last = result.clone();
        if !passed && was_up {
            server.counters.chkfail += 1;
        }
        let flip = check.health.record(passed);
        let up = check.health.is_up();
        let change = match (flip, server.run) {
            (Some(Flip::Down), _) => Change::Down(Reason::Check(result)),
            (Some(Flip::Up), _) => Change::Up(Reason::Check(result)),
            // A person said otherwise: the check has the last word.
            (None, RunState::Stopped) if up => Change::Up(Reason::Check(result)),
            (None, RunState::Stopping) if passed => Change::Up(Reason::Check(result)),
            (None, _) => return None,
        };
        let run = match change {
            Change::Down(_) => RunState::Stopped,
            _ => RunState::Running,
        };
        Some(self.change_run(index, run, change, now))
    }
}
