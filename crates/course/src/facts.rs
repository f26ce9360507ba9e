//! The world as it was seen from outside, at one moment, and what was seen to happen before.
//!
//! Whoever looks (the lab) fills it in; whoever judges reads nothing else.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// Everything that is known now.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Facts {
    pub now: Timestamp,
    /// Where things are expected: the work folder's settings.
    pub ports: Ports,
    /// Open ports of interest: those of the file's servers, of the roles, and of every echo server.
    pub listeners: Vec<Listener>,
    /// The file that the balancer was started with, or that the work folder names.
    pub file: File,
    /// `None`: nothing listens on the balancer's port.
    pub balancer: Option<Balancer>,
    /// What the balancer believes; empty when nobody could be asked (see [`Balancer::statistics_seen`]).
    pub beliefs: Vec<Belief>,
    /// Everything that was seen, oldest first; bounded.
    pub events: Vec<Event>,
    /// URLs as the learner should type them: forwarded ones in a cloud editor.
    pub urls: Urls,
    /// Paths of files in the work folder that a check may ask about, with their text (`None`: not there).
    pub files: Vec<(String, Option<String>)>,
    /// Texts that servers beyond this machine answered through the balancer.
    pub real_answers: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ports {
    /// Of server01; the others follow.
    pub servers: u16,
    pub balancer: u16,
    pub statistics: u16,
    pub nameserver: u16,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Urls {
    pub balancer: String,
    pub statistics: String,
}

/// Somebody who listens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listener {
    pub address: SocketAddr,
    /// `None`: a program of another user.
    pub pid: Option<u32>,
    pub command: String,
    pub since: Option<Timestamp>,
    pub terminal: Option<String>,
    /// Started by `lab up`.
    pub of_lab: bool,
    pub frozen: bool,
    /// What it answered to `GET /` of the lab's own probe; `None`: not asked, or no answer.
    pub answer: Option<String>,
}

/// The configuration file on the disk.
#[derive(Clone, Debug, Default, Serialize)]
pub struct File {
    /// As the learner would call it: `myhaproxy.cfg`.
    pub name: String,
    /// `None`: there is no such file.
    pub text: Option<String>,
    pub saved: Option<Timestamp>,
    /// `None`: it has errors (see `problems`), or is not there.
    pub config: Option<Config>,
    /// Errors first.
    pub problems: Vec<Problem>,
}

/// What a configuration says, as far as activities ask.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Config {
    /// In file order.
    pub servers: Vec<Server>,
    /// Ports of frontends that carry traffic.
    pub binds: Vec<SocketAddr>,
    /// Ports of statistics pages.
    pub statistics: Vec<SocketAddr>,
    /// `timeout connect` retries after the first attempt.
    pub retries: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Server {
    pub backend: String,
    pub name: String,
    pub address: String,
    pub port: u16,
    /// 0 to 256.
    pub weight: u32,
    /// `None`: no health check.
    pub check: Option<Check>,
    /// Its line in the file, from 1.
    pub line: usize,
}

/// How a server is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    pub inter_ms: u64,
    pub rise: u32,
    pub fall: u32,
}

/// A diagnostic of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Kebab-case, for example `duplicate-server`.
    pub code: String,
    pub is_error: bool,
    /// From 1; 0 where there is no place.
    pub line: usize,
    /// All lines that it points at.
    pub lines: Vec<usize>,
    pub message: String,
    /// The line's text.
    pub text: String,
    /// What to type instead.
    pub help: Option<String>,
}

/// Who listens on the balancer's port.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Balancer {
    /// `lab` or `haproxy`, or another program's name.
    pub engine: String,
    /// Different balancers there (a master and its workers are one).
    pub processes: Vec<u32>,
    pub since: Option<Timestamp>,
    /// When the text that runs was loaded.
    pub loaded: Option<Timestamp>,
    /// What it runs; `None`: that cannot be seen.
    pub config: Option<Config>,
    /// The text that runs, where it can be seen.
    pub text: Option<String>,
    /// The running text is the file's; `None`: that cannot be seen.
    pub is_current: Option<bool>,
    /// The file it was started with, where that can be seen.
    pub file: Option<String>,
    /// Its requests can be seen by the lab (its log, not only what `lab hit` tells).
    pub requests_seen: bool,
    /// Its statistics can be seen by the lab.
    pub statistics_seen: bool,
    pub terminal: Option<String>,
}

/// What the balancer believes of one server: a row of its statistics.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Belief {
    pub backend: String,
    pub server: String,
    /// HAProxy's words: `UP`, `UP 2/3`, `DOWN`, `no check`, `MAINT`.
    pub status: String,
    /// Seconds since the last change of state.
    pub changed: Option<u64>,
    /// All columns, by HAProxy's names.
    pub columns: Vec<(String, String)>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    pub time: Timestamp,
    #[serde(flatten)]
    pub what: Happened,
}

/// In the journal: `{"time":"...","event":"started","port":8080,...}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Happened {
    /// A server or balancer began to listen.
    Started {
        port: u16,
        pid: Option<u32>,
        command: String,
        terminal: Option<String>,
        of_lab: bool,
    },
    Ended {
        port: u16,
        pid: Option<u32>,
        command: String,
        /// `SIGINT`, `SIGKILL`, `exit 0`; `None`: only its absence was seen.
        how: Option<String>,
        terminal: Option<String>,
    },
    Frozen {
        port: u16,
    },
    Thawed {
        port: u16,
    },
    /// A start was refused, because the port was taken.
    Refused {
        port: u16,
    },
    /// The file was saved with another text.
    Saved {
        file: String,
        /// The change in words.
        change: Option<String>,
    },
    /// The balancer began to run a file.
    Loaded {
        file: String,
    },
    Request(Request),
    /// The balancer changed its mind about a server.
    Health {
        backend: String,
        server: String,
        /// The first word: `UP`, `DOWN` ...
        state: String,
    },
    Dns {
        /// Without the final dot, lower case.
        name: String,
        kind: String,
        /// `authority`, `cache`, or the address of another server that `lab dig` asked.
        via: String,
        answers: Vec<String>,
        /// So many equal questions in one event.
        #[serde(default = "one")]
        count: u32,
    },
    /// Counters of the statistics at this time: what a step began with.
    Counters {
        rows: Vec<(String, Vec<(String, u64)>)>,
    },
}

fn one() -> u32 {
    1
}

/// One HTTP exchange through the balancer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// `browser`, `curl`, `hit`, `probe`, `check`, `editor`, or another program's name.
    pub caller: String,
    /// The browser's or program's own name, for people: `Firefox`.
    pub agent: String,
    pub path: String,
    pub frontend: String,
    pub backend: String,
    /// `None`: no server was chosen, or it cannot be seen who was asked.
    pub server: Option<String>,
    pub port: Option<u16>,
    /// `None`: no answer.
    pub status: Option<u16>,
    pub ms: u64,
    /// Milliseconds in a queue.
    pub queued_ms: u64,
    pub retries: u32,
    /// HAProxy's four letters; empty where they cannot be seen.
    pub termination: String,
    /// The statistics page.
    pub statistics: bool,
    /// So many equal requests in one event: a flood is folded.
    #[serde(default = "one")]
    pub count: u32,
}
