//! The state of a lab at one moment: what the block, `lab status` and `--json` show.

use crate::observe::port::Holder;
use course::model::Hidden;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Snapshot {
    pub(crate) schema: u32,
    pub(crate) time: Timestamp,
    /// `None`: no `lab up` runs here, and all was seen from outside.
    pub(crate) supervisor: Option<Supervisor>,
    pub(crate) servers: Vec<ServerRow>,
    pub(crate) name_server: Option<NameServerRow>,
    pub(crate) balancer: Option<BalancerRow>,
    pub(crate) requests: u64,
    pub(crate) errors: u64,
    /// Something is left out, because a guess about it is open.
    #[serde(default)]
    pub(crate) held_back: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Supervisor {
    pub(crate) pid: u32,
    pub(crate) since: Timestamp,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ServerRow {
    pub(crate) name: String,
    pub(crate) address: SocketAddr,
    pub(crate) process: Process,
    /// What the balancer believes; `None`: it was not asked, does not answer, or does not know the server.
    pub(crate) belief: Option<Belief>,
    /// Some backend names it.
    pub(crate) in_config: bool,
    pub(crate) requests: u64,
    pub(crate) errors: u64,
    /// Time of the last exchange, in milliseconds.
    pub(crate) last_ms: Option<u64>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Belief {
    /// HAProxy's words: `UP`, `DOWN`, `no check` ...
    pub(crate) status: String,
    /// The code of the last check, for example `L4OK`.
    pub(crate) check: Option<String>,
    /// Seconds since the last change.
    pub(crate) changed: Option<u64>,
    pub(crate) weight: u32,
}

/// What the machine says about a process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub(crate) enum Process {
    Starting {
        pid: u32,
    },
    Up {
        pid: u32,
        since: Timestamp,
    },
    /// Frozen by SIGSTOP.
    Frozen {
        pid: u32,
        since: Timestamp,
    },
    Stopped {
        since: Timestamp,
        how: String,
    },
    /// Somebody else runs it: the command, its pid and terminal where they can be seen.
    Yours {
        command: String,
        pid: Option<u32>,
        since: Option<Timestamp>,
        terminal: Option<String>,
    },
    /// Nobody listens, and the lab has not started it.
    Absent,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct BalancerRow {
    /// `lab` or `haproxy`.
    pub(crate) engine: String,
    pub(crate) process: Process,
    /// Where callers come in.
    pub(crate) traffic: Option<SocketAddr>,
    pub(crate) statistics: Option<SocketAddr>,
    pub(crate) file: String,
    /// When the running text was loaded; `None`: that cannot be seen from outside.
    pub(crate) loaded: Option<Timestamp>,
    /// The file on disk says something else since then.
    pub(crate) newer: Option<Timestamp>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct NameServerRow {
    pub(crate) address: SocketAddr,
    pub(crate) process: Process,
    /// `None`: that cannot be seen from outside.
    pub(crate) answers: Option<u64>,
}

impl From<Holder> for Process {
    fn from(holder: Holder) -> Self {
        Self::Yours {
            command: holder.command,
            pid: holder.pid,
            since: holder.since,
            terminal: holder.terminal,
        }
    }
}

impl Process {
    pub(crate) const fn answers(&self) -> bool {
        matches!(self, Self::Up { .. } | Self::Yours { .. })
    }
}

impl Belief {
    /// A request may be sent to it.
    pub(crate) fn is_up(&self) -> bool {
        self.status.starts_with("UP") || self.status == "no check"
    }
}

impl Snapshot {
    pub(crate) const SCHEMA: u32 = 1;

    /// Everything runs, and nothing is believed down.
    pub(crate) fn all_well(&self) -> bool {
        let servers = self.servers.iter().all(|server| {
            server.process.answers() && server.belief.as_ref().is_none_or(Belief::is_up)
        });
        servers && self.others().all(Process::answers)
    }

    /// Takes out what a guess that is open asks for.
    pub(crate) fn hold_back(&mut self, hidden: &[Hidden]) {
        let opinion = hidden.contains(&Hidden::BalancerOpinion);
        let shares = hidden.contains(&Hidden::Shares);
        for server in &mut self.servers {
            server.belief.take_if(|_| opinion);
            if shares {
                (server.requests, server.errors, server.last_ms) = (0, 0, None);
            }
        }
        if let Some(names) = self
            .name_server
            .as_mut()
            .filter(|_| hidden.contains(&Hidden::DnsAnswers))
        {
            names.answers = None;
        }
        self.held_back = !hidden.is_empty();
    }

    /// Nothing runs at all.
    pub(crate) fn all_quiet(&self) -> bool {
        let idle = |process: &Process| matches!(process, Process::Absent);
        self.supervisor.is_none()
            && self.servers.iter().all(|server| idle(&server.process))
            && self.others().all(idle)
    }

    /// The processes that are no servers.
    fn others(&self) -> impl Iterator<Item = &Process> {
        let balancer = self.balancer.iter().map(|row| &row.process);
        balancer.chain(self.name_server.iter().map(|row| &row.process))
    }
}
