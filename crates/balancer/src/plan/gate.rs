//! Whether a frontend lets clients in.

use std::sync::atomic::{AtomicU8, Ordering};

/// What became of a frontend on the runtime API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gate {
    #[default]
    Open,
    /// `disable frontend`, or SIGTTOU: nobody listens until it is enabled again.
    Paused,
    /// `shutdown frontend`: for good.
    Shut,
}

/// Of one frontend. A new plan begins with an open one.
#[derive(Debug, Default)]
pub struct GateKeeper(AtomicU8);

impl GateKeeper {
    pub fn get(&self) -> Gate {
        match self.0.load(Ordering::Relaxed) {
            0 => Gate::Open,
            1 => Gate::Paused,
            _ => Gate::Shut,
        }
    }

    pub fn set(&self, gate: Gate) {
        let number = match gate {
            Gate::Open => 0,
            Gate::Paused => 1,
            Gate::Shut => 2,
        };
        self.0.store(number, Ordering::Relaxed);
    }
}
