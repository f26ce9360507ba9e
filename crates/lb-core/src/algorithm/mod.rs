//! The ways to balance, one file each.

mod leastconn;
mod roundrobin;

pub use leastconn::LeastConnections;
pub use roundrobin::RoundRobin;

use crate::server::ServerIndex;

/// A way to choose among the servers of a group (the active ones, or the backups).
pub trait Algorithm: Send + std::fmt::Debug {
    /// Tells the effective weight of a server, in sixteenths of a configured weight; 0: not to be chosen
    /// (down, drained, in maintenance or without weight).
    fn set_weight(&mut self, server: ServerIndex, weight: u32);

    /// Tells how many requests a server works on or has waiting.
    fn set_load(&mut self, _server: ServerIndex, _requests: u32) {}

    /// Whose turn it is; `None` when nobody may be chosen or all are full.
    fn pick(&mut self, ask: &Ask<'_>) -> Option<ServerIndex>;
}

/// What a backend balances by: the words after `balance`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Balance {
    #[default]
    RoundRobin,
    LeastConnections,
}

impl Balance {
    /// As in the CSV column `algo`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::RoundRobin => "roundrobin",
            Self::LeastConnections => "leastconn",
        }
    }

    /// Weights may change at any time.
    pub fn is_dynamic(&self) -> bool {
        match self {
            Self::RoundRobin | Self::LeastConnections => true,
        }
    }

    /// A fresh start, for one group of servers.
    pub fn begin(&self) -> Box<dyn Algorithm> {
        match self {
            Self::RoundRobin => Box::new(RoundRobin::default()),
            Self::LeastConnections => Box::new(LeastConnections::default()),
        }
    }
}

/// A request asks for a server.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// The server that has just failed the request: only when there is no other.
    pub avoid: Option<ServerIndex>,
    /// How busy a server is.
    pub load: &'a dyn Fn(ServerIndex) -> Load,
}

impl Ask<'_> {
    fn judge(&self, server: ServerIndex) -> Verdict {
        match (self.load)(server).has_room() {
            false => Verdict::Full,
            true if self.avoid == Some(server) => Verdict::Avoid,
            true => Verdict::Take,
        }
    }
}

/// How busy a server is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Requests that hold a slot on it.
    pub served: u32,
    /// Requests that wait for it and nobody else.
    pub queued: u32,
    /// The most slots it has now; `None`: no limit.
    pub limit: Option<u32>,
    /// `maxqueue`; 0: none was given.
    pub max_queue: u32,
}

impl Load {
    /// Requests that it works on or has waiting.
    pub fn requests(self) -> u32 {
        self.served + self.queued
    }

    /// A slot is free.
    pub fn has_slot(self) -> bool {
        self.limit.is_none_or(|limit| self.served < limit)
    }

    /// A request would be served at once.
    pub fn has_room(self) -> bool {
        self.limit.is_none() || (self.queued == 0 && self.has_slot())
    }
}

/// What becomes of a server that is proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Take,
    /// It has no free slot.
    Full,
    /// It has just failed this request: only when there is no other.
    Avoid,
}
