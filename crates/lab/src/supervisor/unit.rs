//! One process the lab looks after: a server, the name server or the balancer.

use super::protocol::{Reply, SignalKind};
use super::snapshot::Process;
use crate::observe::port::Holder;
use crate::observe::process;
use crate::plan::Member;
use crate::work_dir::log_file::LogFile;
use jiff::Timestamp;
use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Instant;
use tokio::sync::mpsc;

/// Index into the supervisor's units: the servers in order, the name server, then the balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UnitId(pub(crate) usize);

#[derive(Debug)]
pub(crate) struct Unit {
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) state: State,
    /// Counts the starts, so that news of an earlier process is not taken for news of this one.
    pub(crate) run: u32,
    pub(crate) log: LogFile,
    /// Its last lines, to say why it did not start.
    pub(crate) last_lines: Vec<String>,
    /// A signal the lab was asked to send to the running process.
    pub(crate) signalled: Option<(SignalKind, Asker)>,
    /// Those who asked for something and wait for it to come true.
    pub(crate) waiting: Vec<Waiting>,
    /// Of the name server: its answers.
    pub(crate) requests: u64,
    pub(crate) errors: u64,
    pub(crate) last_ms: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Server {
        address: SocketAddr,
        members: Vec<Member>,
    },
    /// With its caches; the address is its own.
    NameServer(SocketAddr),
    /// The activities for a browser.
    Page(SocketAddr),
    Balancer,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Not started by the lab so far.
    Idle,
    /// Somebody else's server, used as it is.
    Adopted(Holder),
    Starting {
        pid: u32,
        at: Instant,
    },
    Up {
        pid: u32,
        since: Timestamp,
    },
    Frozen {
        pid: u32,
        since: Timestamp,
    },
    Stopped {
        since: Timestamp,
        how: String,
        by: Option<Asker>,
    },
}

/// On whose word a process was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asker {
    /// `lab kill`, `lab stop`.
    You,
    /// The lab is going down.
    Lab,
}

#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) for_what: WaitFor,
    pub(crate) since: Instant,
    pub(crate) reply: mpsc::Sender<Reply>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WaitFor {
    End(SignalKind),
    Ready,
}

impl Unit {
    pub(crate) fn new(name: String, role: Role, log: LogFile) -> Self {
        Self {
            name,
            role,
            state: State::Idle,
            run: 0,
            log,
            last_lines: Vec::new(),
            signalled: None,
            waiting: Vec::new(),
            requests: 0,
            errors: 0,
            last_ms: None,
        }
    }

    pub(crate) fn port(&self) -> Option<u16> {
        match &self.role {
            Role::Server { address, .. } | Role::NameServer(address) | Role::Page(address) => {
                Some(address.port())
            }
            Role::Balancer => None,
        }
    }

    /// Of the lab's own child, while it lives.
    pub(crate) fn pid(&self) -> Option<u32> {
        match self.state {
            State::Starting { pid, .. } | State::Up { pid, .. } | State::Frozen { pid, .. } => {
                Some(pid)
            }
            State::Idle | State::Adopted(_) | State::Stopped { .. } => None,
        }
    }

    /// Sends a signal to the child and whatever it has started.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) -> bool {
        self.pid()
            .is_some_and(|pid| process::send_group(pid, signal))
    }

    pub(crate) fn is_server(&self, backend: &str, server: &str) -> bool {
        match &self.role {
            Role::Server { members, .. } => members
                .iter()
                .any(|member| member.backend == backend && member.server == server),
            Role::NameServer(_) | Role::Page(_) | Role::Balancer => false,
        }
    }

    pub(crate) fn process(&self) -> Process {
        match &self.state {
            State::Idle => Process::Absent,
            State::Adopted(holder) => holder.clone().into(),
            State::Starting { pid, .. } => Process::Starting { pid: *pid },
            State::Up { pid, since } => Process::Up {
                pid: *pid,
                since: *since,
            },
            State::Frozen { pid, since } => Process::Frozen {
                pid: *pid,
                since: *since,
            },
            State::Stopped { since, how, .. } => Process::Stopped {
                since: *since,
                how: how.clone(),
            },
        }
    }

    /// The last sign of life of the process, in words: `stopped by SIGINT (Ctrl-C), exit 0`.
    pub(crate) fn ending(&self, status: ExitStatus) -> String {
        if let Some((signal, Asker::Lab)) = self.signalled
            && let Some(code) = status.code()
        {
            return format!("stopped ({}, exit {code})", signal.name());
        }
        let told = self.signalled.map(|(signal, _)| signal);
        match (told, status.signal(), status.code()) {
            (_, Some(9), _) => "killed by SIGKILL".to_owned(),
            (_, Some(raw), _) => format!("ended by {}", signal_name(raw)),
            (Some(SignalKind::Int), None, Some(code)) => {
                format!("stopped by SIGINT (Ctrl-C), exit {code}")
            }
            (Some(signal), None, Some(code)) => {
                format!("stopped by {}, exit {code}", signal.name())
            }
            (None, None, Some(code)) => format!("ended by itself or by your signal, exit {code}"),
            (_, None, None) => "ended".to_owned(),
        }
    }
}

impl Unit {
    /// How it ended, as the journal has it: `SIGINT`, `exit 0`.
    pub(crate) fn short_ending(&self, status: ExitStatus) -> String {
        match (self.signalled, status.signal(), status.code()) {
            (_, Some(9), _) => "SIGKILL".to_owned(),
            (_, Some(raw), _) => {
                let name = signal_name(raw);
                name.split(" (").next().unwrap_or_default().to_owned()
            }
            (Some((signal, _)), None, _) => signal.name().to_owned(),
            (None, None, Some(code)) => format!("exit {code}"),
            (None, None, None) => "ended".to_owned(),
        }
    }
}

/// The name of a signal number, as far as a learner will meet it.
fn signal_name(raw: i32) -> String {
    match raw {
        1 => "SIGHUP".to_owned(),
        2 => "SIGINT (Ctrl-C)".to_owned(),
        3 => "SIGQUIT".to_owned(),
        6 => "SIGABRT".to_owned(),
        11 => "SIGSEGV".to_owned(),
        15 => "SIGTERM".to_owned(),
        raw => format!("signal {raw}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit() -> (tempfile::TempDir, Unit) {
        let folder = tempfile::tempdir().unwrap();
        let log = LogFile::open(folder.path().join("server01.log")).unwrap();
        let role = Role::Server {
            address: "127.0.0.1:8080".parse().unwrap(),
            members: vec![Member {
                backend: "nodes".into(),
                server: "server01".into(),
                weight: 1,
                checked: false,
            }],
        };
        (folder, Unit::new("server01".into(), role, log))
    }

    #[test]
    fn an_end_is_told_with_its_cause() {
        let (_folder, mut unit) = unit();
        let exit = |code: i32| ExitStatus::from_raw(code << 8);
        assert_eq!(unit.ending(ExitStatus::from_raw(9)), "killed by SIGKILL");
        assert_eq!(
            unit.ending(exit(3)),
            "ended by itself or by your signal, exit 3"
        );
        unit.signalled = Some((SignalKind::Int, Asker::You));
        assert_eq!(unit.ending(exit(0)), "stopped by SIGINT (Ctrl-C), exit 0");
        assert_eq!(
            unit.ending(ExitStatus::from_raw(2)),
            "ended by SIGINT (Ctrl-C)"
        );
    }

    #[test]
    fn the_journal_has_the_cause_in_a_word() {
        let (_folder, mut unit) = unit();
        assert_eq!(unit.short_ending(ExitStatus::from_raw(9)), "SIGKILL");
        assert_eq!(unit.short_ending(ExitStatus::from_raw(2)), "SIGINT");
        assert_eq!(unit.short_ending(ExitStatus::from_raw(3 << 8)), "exit 3");
        unit.signalled = Some((SignalKind::Int, Asker::You));
        assert_eq!(unit.short_ending(ExitStatus::from_raw(0)), "SIGINT");
    }

    #[test]
    fn a_server_is_known_by_backend_and_name() {
        let (_folder, unit) = unit();
        assert!(unit.is_server("nodes", "server01"));
        assert!(!unit.is_server("other", "server01"));
    }

    #[test]
    fn only_a_living_child_has_a_pid() {
        let (_folder, mut unit) = unit();
        assert_eq!(unit.pid(), None);
        unit.state = State::Up {
            pid: 7,
            since: Timestamp::now(),
        };
        assert_eq!(unit.pid(), Some(7));
    }
}
