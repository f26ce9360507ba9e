//! The checks of a server, or those of its agent, as they stand.

use super::CheckSpec;
use crate::Uptime;
use crate::check::{CheckResult, CheckStatus};
use crate::health::Health;
use crate::schedule::Timing;
use std::time::Duration;

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

impl CheckState {
    pub(super) fn new(spec: &CheckSpec) -> Self {
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
