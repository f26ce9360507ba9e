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
    /// `BACKEND/SERVER` that it tracks.
    pub tracks: Option<String>,
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
    /// Maintenance begins, `forced` by people or as the server that it tracks.
    Maintenance {
        was_up: bool,
        forced: bool,
    },
    /// `up`: whether it serves now.
    LeftMaintenance {
        up: bool,
        forced: bool,
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
    /// No longer by force, but its name has no address, or the server that it tracks is in maintenance.
    LeftForcedMaintenance,
    /// The server that it tracks is back, but people keep this one away.
    StillInMaintenance,
    Drain {
        up: bool,
        forced: bool,
    },
    LeftDrain {
        up: bool,
    },
    /// One reason to drain it has gone or has come, another one stays.
    StillDraining,
}

impl Change {
    /// It serves from now on, and did not before.
    pub fn is_up(&self) -> bool {
        matches!(
            self,
            Self::Up(_)
                | Self::LeftMaintenance { up: true, .. }
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
    /// The server that it tracks has changed.
    Tracked,
    /// It was so before this process started.
    Kept,
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
    /// It takes no new clients, by a person's order or as the server that it tracks.
    pub draining: bool,
    /// The former.
    pub forced_drain: bool,
    /// It was the last one.
    pub none_left: bool,
    pub listen: bool,
}

/// The alert on a backend, or `listen` section, without servers.
pub(crate) fn none_left(backend: &str, listen: bool) -> String {
    let kind = if listen { "proxy" } else { "backend" };
    format!("{kind} '{backend}' has no server available!")
}

impl Transition {
    /// The alert that follows when no server is left, for example `backend 'b' has no server available!`.
    pub fn alert(&self) -> Option<String> {
        let alert = || none_left(&self.backend, self.after.listen);
        self.after.none_left.then(alert)
    }

    /// The reminder that follows a change under which an order to drain it still stands.
    pub fn reminder(&self) -> Option<String> {
        let said = matches!(self.change, Change::Drain { .. } | Change::StillDraining);
        let backup = if self.backup { "Backup " } else { "" };
        let (backend, server) = (&self.backend, &self.server);
        (self.after.draining && !said).then(|| {
            format!(
                "{backup}Server {backend}/{server} {}",
                self.still_draining()
            )
        })
    }

    fn still_draining(&self) -> String {
        match self.after.forced_drain {
            true => "remains in forced drain mode.".to_owned(),
            false => {
                let via = self.via(false);
                format!("is leaving forced drain but remains in drain mode{via}.")
            }
        }
    }

    /// What is said of it when it comes from a file that kept states, while the process starts.
    pub fn at_start(&self) -> Option<String> {
        match self.change {
            Change::Down(_) | Change::Stopping(_) | Change::LeftMaintenance { .. } => {
                Some(self.to_string())
            }
            // HAProxy leaves out that it begins.
            Change::Drain { forced: true, .. } => {
                let backup = if self.backup { "Backup " } else { "" };
                let (backend, server) = (&self.backend, &self.server);
                let still = self.still_draining();
                Some(format!("{backup}Server {backend}/{server} {still}"))
            }
            _ => None,
        }
    }

    /// Whom it follows, unless people or its own checks say so themselves.
    fn via(&self, forced: bool) -> Via<'_> {
        Via(self.tracks.as_deref().filter(|_| !forced))
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
        let (left, online) = (Left(&self.after), Online(&self.after));
        let state = |up: bool| if up { "UP" } else { "DOWN" };
        let order = if self.after.draining {
            "DRAIN"
        } else {
            "READY"
        };
        match &self.change {
            Change::Down(reason) => {
                let via = self.via(*reason == Reason::Kept);
                write!(f, "is DOWN{via}{reason}. {left}")
            }
            Change::WarmedUp => write!(f, "is UP{}. {online}", self.via(false)),
            Change::Up(reason) => write!(f, "is UP{}{reason}. {online}", self.via(false)),
            Change::Stopping(reason) => {
                let via = self.via(*reason == Reason::Kept);
                write!(f, "is stopping{via}{reason}. {online}")
            }
            Change::Maintenance {
                was_up: true,
                forced,
            } => {
                let via = self.via(*forced);
                write!(f, "is going DOWN for maintenance{via}. {left}")
            }
            Change::Maintenance {
                was_up: false,
                forced,
            } => {
                let via = self.via(*forced);
                write!(f, "was DOWN and now enters maintenance{via}.")
            }
            Change::LeftMaintenance { up, forced } => {
                let forced = if *forced { "forced " } else { "" };
                write!(
                    f,
                    "is {}/{order} (leaving {forced}maintenance).",
                    state(*up)
                )
            }
            Change::Unresolved {
                was_up: true,
                cause,
            } => {
                let via = self.via(false);
                write!(f, "is going DOWN for maintenance ({cause}){via}. {left}")
            }
            Change::Unresolved {
                was_up: false,
                cause,
            } => {
                let via = self.via(false);
                write!(f, "was DOWN and now enters maintenance ({cause}){via}.")
            }
            Change::ResolvesAgain { host, up } => {
                write!(f, "('{host}') is {}/{order} (resolves again).", state(*up))
            }
            Change::ResolvesInMaintenance { host } => {
                write!(f, "('{host}') resolves again but remains in maintenance.")
            }
            Change::LeftForcedMaintenance => {
                let via = self.via(false);
                write!(
                    f,
                    "is leaving forced maintenance but remains in maintenance{via}."
                )
            }
            Change::StillInMaintenance => f.write_str("remains in forced maintenance."),
            Change::Drain { up, forced } => {
                write!(f, "enters drain state{}. ", self.via(*forced))?;
                match up {
                    true => online.fmt(f),
                    false => left.fmt(f),
                }
            }
            // HAProxy calls it forced whoever ordered it.
            Change::LeftDrain { up } => write!(f, "is {} (leaving forced drain).", state(*up)),
            Change::StillDraining => f.write_str(&self.still_draining()),
        }
    }
}

/// ` via BACKEND/SERVER`, or nothing.
struct Via<'a>(Option<&'a str>);

impl fmt::Display for Via<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(leader) => write!(f, " via {leader}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Check(check) => check.fmt(f),
            Self::ToldByReport | Self::Tracked => Ok(()),
            Self::Cli => f.write_str(", changed from CLI"),
            Self::Kept => f.write_str(", changed from server-state after a reload"),
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

/// Where nobody but backup servers is left.
fn running_on_backup(after: &After) -> &'static str {
    if after.active == 0 && after.backup > 0 {
        " Running on backup."
    } else {
        ""
    }
}

/// How a loss ends.
struct Left<'a>(&'a After);

impl fmt::Display for Left<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let after = self.0;
        write!(
            f,
            "{} active and {} backup servers left.{} {} sessions active, {} requeued, {} remaining in queue.",
            after.active,
            after.backup,
            running_on_backup(after),
            after.sessions,
            after.requeued,
            after.queued
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
            "{} active and {} backup servers online.{} {} sessions requeued, {} total in queue.",
            after.active,
            after.backup,
            running_on_backup(after),
            after.requeued,
            after.queued
        )
    }
}
