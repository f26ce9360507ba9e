//! What checks say of a server.

use super::Backend;
use crate::Uptime;
use crate::check::{CheckReport, CheckResult, CheckStatus};
use crate::health::Flip;
use crate::server::{RunState, ServerIndex};
use crate::transition::{Change, Reason, Transition};

/// What one result led to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Something new for `option log-health-checks`.
    pub report: Option<CheckReport>,
    /// The server changed its state.
    pub transition: Option<Transition>,
}

impl Backend {
    /// A check starts; false when the server is not to be checked now.
    pub fn check_begins(&mut self, index: ServerIndex) -> bool {
        let server = &mut self.servers[index.0];
        let checked = server.is_checked();
        if let Some(check) = &mut server.check {
            check.begin(checked);
        }
        checked
    }

    /// The next check is planned: a reload keeps to it.
    pub fn check_planned(&mut self, index: ServerIndex, due: Uptime) {
        if let Some(check) = &mut self.servers[index.0].check {
            check.due = Some(due);
        }
    }

    /// Records what a check found. A result that comes after checks were switched off changes nothing.
    pub fn record_check(
        &mut self,
        index: ServerIndex,
        result: CheckResult,
        now: Uptime,
    ) -> Recorded {
        let Some(noted) = self.note_result(index, &result) else {
            return Recorded::default();
        };
        let passed = result.status.passed();
        let conditional = result.status == CheckStatus::L7OkConditional;
        let reason = Reason::Check(result);
        let change = match (noted.flip, self.servers[index.0].run) {
            (Some(Flip::Down), _) => Some(Change::Down(reason)),
            // "disable-on-404": it goes on for those who are bound to it.
            (_, RunState::Running) if conditional => Some(Change::Stopping(reason)),
            (_, RunState::Stopping) if conditional => None,
            // A check alone does not overrule the agent.
            (_, RunState::Stopped) if self.servers[index.0].agent_says_down() => None,
            (Some(Flip::Up), _) => Some(Change::Up(reason)),
            // A person said otherwise: the check has the last word.
            (None, RunState::Stopped) if noted.up => Some(Change::Up(reason)),
            (None, RunState::Stopping) if passed => Some(Change::Up(reason)),
            (None, _) => None,
        };
        let run = match change {
            Some(Change::Down(_)) => RunState::Stopped,
            Some(Change::Stopping(_)) => RunState::Stopping,
            _ => RunState::Running,
        };
        Recorded {
            report: noted.report,
            transition: change.map(|change| self.change_run(index, run, change, now)),
        }
    }

    /// Counts a result; `None` when the server is not checked.
    fn note_result(&mut self, index: ServerIndex, result: &CheckResult) -> Option<Noted> {
        let server = &mut self.servers[index.0];
        let checked = server.is_checked();
        let weight = server.weight;
        let check = server.check.as_mut()?;
        check.in_progress = false;
        if !checked {
            return None;
        }
        let before = (check.health.value(), check.last.status);
        let passed = result.status.passed();
        if !passed && before.0 > 0 {
            server.counters.chkfail += 1;
        }
        check.last = result.clone();
        let flip = check.health.record(passed);
        let news = before != (check.health.value(), result.status);
        let report = news.then(|| CheckReport {
            backend: self.name.clone(),
            server: server.spec.name.clone(),
            backup: server.spec.backup,
            result: result.clone(),
            health: check.health.clone(),
            draining: weight == 0,
        });
        let up = check.health.is_up();
        Some(Noted { flip, up, report })
    }
}

struct Noted {
    flip: Option<Flip>,
    up: bool,
    report: Option<CheckReport>,
}
