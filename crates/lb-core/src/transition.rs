//! A server's change of state, and HAProxy's words for it.

use crate::check::CheckResult;
use std::fmt;

/// A change worth telling. `Display` gives the message without prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    pub backend: String,
    pub server: String,
    /// It is a backup server.
    pub backup: bool,
    pub change: Change,
    pub after: After,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Down(Reason),
    Up(Reason),
    /// It has its full share (`slowstart`).
    WarmedUp,
    /// Up, but only for clients bound to it.
    Stopping(Reason),
    /// Forced maintenance begins.
    Maintenance {
        was_up: bool,
    },
    /// `up`: whether it serves now.
    LeftMaintenance {
        up: bool,
    },
    /// Its name has no address any more.
    Unresolved {
        was_up: bool,
        cause: ResolutionFailure,
    },
    /// Its name has an address again; `up`: whether it serves now.
    ResolvesAgain {
        host: String,
        up: bool,
    },
    /// The same, but other reasons keep it in maintenance.
    ResolvesInMaintenance {
        host: String,
    },
    /// No longer by force, but its name has no address.
    LeftForcedMaintenance,
    Drain {
        up: bool,
    },
    LeftDrain {
        up: bool,
    },
}

impl Change {
    /// It serves from now on, and did not before.
    pub fn is_up(&self) -> bool {
        matches!(
            self,
            Self::Up(_)
                | Self::LeftMaintenance { up: true }
                | Self::ResolvesAgain { up: true, .. }
                | Self::LeftDrain { up: true }
        )
    }
}

/// Why a server has no address. `Display` gives HAProxy's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResolutionFailure {
    /// The answer holds no address for this server.
    NoAddress,
    NxDomain,
    Timeout,
    Refused,
    Other,
}

/// Why checks changed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    Check(CheckResult),
    /// A check, whose own line (`option log-health-checks`) has said it.
    ToldByReport,
    /// From the runtime API.
    Cli,
    /// From the statistics page.
    WebInterface,
}

/// The backend right after the change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct After {
    pub active: usize,
    pub backup: usize,
    /// Sessions on this server.
    pub sessions: u64,
    pub requeued: usize,
    pub queued: usize,
    /// It takes no new clients, by a person's order.
    pub draining: bool,
    /// It was the last one.
    pub none_left: bool,
    pub listen: bool,
}

impl Transition {
    /// The alert that follows when no server is left, for example `backend 'b' has no server available!`.
    pub fn alert(&self) -> Option<String> {
        let kind = if self.after.listen {
            "proxy"
        } else {
            "backend"
        };
        self.after
            .none_left
            .then(|| format!("{kind} '{}' has no server available!", self.backend))
    }

    /// The reminder that follows a change under which a person's order still stands.
    pub fn reminder(&self) -> Option<String> {
        let entered = matches!(self.change, Change::Drain { .. });
        (self.after.draining && !entered).then(|| {
            format!(
                "Server {}/{} remains in forced drain mode.",
                self.backend, self.server
            )
        })
    }

    /// The same, after a [`CheckReport`](crate::check::CheckReport) has told why.
    pub fn told_by_report(mut self) -> Self {
        match &mut self.change {
            Change::Down(reason) | Change::Up(reason) | Change::Stopping(reason) => {
                *reason = Reason::ToldByReport;
            }
            _ => {}
        }
        self
    }

    /// The syslog level HAProxy logs it with: alert (1) for a loss, notice (5) for the rest.
    pub fn syslog_level(&self) -> u8 {
        match self.change {
            Change::Down(_) => 1,
            _ => 5,
        }
    }
}

impl fmt::Display for Transition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let backup = if self.backup { "Backup " } else { "" };
        write!(f, "{backup}Server {}/{} ", self.backend, self.server)?;
        match &self.change {
            Change::Down(reason) => write!(f, "is DOWN{reason}. {}", Left(&self.after)),
            Change::WarmedUp => write!(f, "is UP. {}", Online(&self.after)),
            Change::Up(reason) => write!(f, "is UP{reason}. {}", Online(&self.after)),
            Change::Stopping(reason) => write!(f, "is stopping{reason}. {}", Online(&self.after)),
            Change::Maintenance { was_up: true } => {
                write!(f, "is going DOWN for maintenance. {}", Left(&self.after))
            }
            Change::Maintenance { was_up: false } => {
                f.write_str("was DOWN and now enters maintenance.")
            }
            Change::LeftMaintenance { up } => {
                let state = if *up { "UP" } else { "DOWN" };
                let order = if self.after.draining {
                    "DRAIN"
                } else {
                    "READY"
                };
                write!(f, "is {state}/{order} (leaving forced maintenance).")
            }
            Change::Unresolved {
                was_up: true,
                cause,
            } => {
                let left = Left(&self.after);
                write!(f, "is going DOWN for maintenance ({cause}). {left}")
            }
            Change::Unresolved {
                was_up: false,
                cause,
            } => write!(f, "was DOWN and now enters maintenance ({cause})."),
            Change::ResolvesAgain { host, up } => {
                let state = if *up { "UP" } else { "DOWN" };
                let order = if self.after.draining {
                    "DRAIN"
                } else {
                    "READY"
                };
                write!(f, "('{host}') is {state}/{order} (resolves again).")
            }
            Change::ResolvesInMaintenance { host } => {
                write!(f, "('{host}') resolves again but remains in maintenance.")
            }
            Change::LeftForcedMaintenance => {
                f.write_str("is leaving forced maintenance but remains in maintenance.")
            }
            Change::Drain { up: true } => {
                write!(f, "enters drain state. {}", Online(&self.after))
            }
            Change::Drain { up: false } => write!(f, "enters drain state. {}", Left(&self.after)),
            Change::LeftDrain { up } => {
                let state = if *up { "UP" } else { "DOWN" };
                write!(f, "is {state} (leaving forced drain).")
            }
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Check(check) => check.fmt(f),
            Self::ToldByReport => Ok(()),
            Self::Cli => f.write_str(", changed from CLI"),
            Self::WebInterface => f.write_str(", changed from Web interface"),
        }
    }
}

impl fmt::Display for ResolutionFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            // HAProxy's space
            Self::NoAddress => "No IP for server ",
            Self::NxDomain => "DNS NX status",
            Self::Timeout => "DNS timeout status",
            Self::Refused => "DNS refused status",
            Self::Other => "unspecified DNS error",
        })
    }
}

/// How a loss ends.
struct Left<'a>(&'a After);

impl fmt::Display for Left<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let after = self.0;
        let running_on_backup = if after.active == 0 && after.backup > 0 {
            " Running on backup."
        } else {
            ""
        };
        write!(
            f,
            "{} active and {} backup servers left.{running_on_backup} {} sessions active, {} requeued, {} remaining in queue.",
            after.active, after.backup, after.sessions, after.requeued, after.queued
        )
    }
}

/// How a gain ends.
struct Online<'a>(&'a After);

impl fmt::Display for Online<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let after = self.0;
        write!(
            f,
            "{} active and {} backup servers online. {} sessions requeued, {} total in queue.",
            after.active, after.backup, after.requeued, after.queued
        )
    }
}
