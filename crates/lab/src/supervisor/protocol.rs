//! What is said over the control socket: one JSON object a line, a request answered by one reply (`watch`: by many).

use super::snapshot::Snapshot;
use crate::observe::http_log::Request as HttpRequest;
use crate::problem::Problem;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub(crate) enum Request {
    Status,
    Signal {
        target: String,
        signal: SignalKind,
    },
    Start {
        target: String,
    },
    Reload,
    /// More servers, until there are so many.
    Add {
        servers: u16,
    },
    /// Events and snapshots from now on.
    Watch,
    Down,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "is", content = "of", rename_all = "kebab-case")]
pub(crate) enum Reply {
    Status(Box<Snapshot>),
    Signalled(Signalled),
    Started(Started),
    Reloaded(Reloaded),
    /// Names and ports of servers that are starting now.
    Added(Vec<(String, u16)>),
    Event(Event),
    /// All children have ended; the names of those that this lab stopped now.
    Down(Vec<String>),
    Problem(Problem),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum SignalKind {
    Int,
    Term,
    Kill,
    Stop,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Signalled {
    pub(crate) name: String,
    pub(crate) port: Option<u16>,
    pub(crate) signal: SignalKind,
    pub(crate) outcome: Outcome,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub(crate) enum Outcome {
    Ended {
        pid: u32,
        ms: f64,
    },
    Frozen {
        pid: u32,
    },
    /// It was stopped before: when, and how that came.
    AlreadyStopped {
        since: Timestamp,
        by: String,
    },
    AlreadyFrozen,
    /// It has not ended within the time that was given.
    StillRuns {
        pid: u32,
    },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Started {
    pub(crate) name: String,
    pub(crate) port: Option<u16>,
    pub(crate) pid: u32,
    /// `None`: it ran already.
    pub(crate) ready_ms: Option<f64>,
    /// It was frozen and goes on.
    pub(crate) thawed: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Reloaded {
    pub(crate) file: String,
    pub(crate) pid: u32,
    pub(crate) loaded: Timestamp,
    pub(crate) ms: f64,
    /// What is new against what ran before; `None`: nothing.
    pub(crate) change: Option<String>,
    /// Warnings about the file, rendered.
    pub(crate) remarks: String,
    /// Servers that the file names and that nobody runs.
    pub(crate) unserved: Vec<String>,
}

/// Something that happened.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) time: Timestamp,
    /// `lab`, `balancer`, or the name of a server.
    pub(crate) source: String,
    pub(crate) what: What,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "is", content = "of", rename_all = "kebab-case")]
pub(crate) enum What {
    /// A line the process wrote itself.
    Wrote(String),
    /// The lab or the balancer tells a change.
    Notice(String),
    Request(HttpRequest),
}

impl SignalKind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Int => "SIGINT",
            Self::Term => "SIGTERM",
            Self::Kill => "SIGKILL",
            Self::Stop => "SIGSTOP",
        }
    }

    pub(crate) const fn raw(self) -> rustix::process::Signal {
        match self {
            Self::Int => rustix::process::Signal::INT,
            Self::Term => rustix::process::Signal::TERM,
            Self::Kill => rustix::process::Signal::KILL,
            Self::Stop => rustix::process::Signal::STOP,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_and_replies_survive_the_wire() {
        let request = Request::Signal {
            target: "server02".into(),
            signal: SignalKind::Int,
        };
        let line = serde_json::to_string(&request).unwrap();
        assert_eq!(
            line,
            r#"{"do":"signal","target":"server02","signal":"INT"}"#
        );
        assert!(matches!(
            serde_json::from_str(&line).unwrap(),
            Request::Signal { .. }
        ));
        let reply = Reply::Down(vec!["server01".into()]);
        let line = serde_json::to_string(&reply).unwrap();
        assert!(
            matches!(serde_json::from_str(&line).unwrap(), Reply::Down(names) if names.len() == 1)
        );
    }
}
