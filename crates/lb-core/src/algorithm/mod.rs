//! The ways to balance, one file each.

mod first;
mod hash;
mod leastconn;
mod map;
mod random;
mod ring;
mod roundrobin;
#[cfg(test)]
mod testing;

pub use first::First;
pub use hash::{HashFunction, Hashing};
pub use leastconn::LeastConnections;
pub use map::Map;
pub use random::Random;
pub use ring::Ring;
pub use roundrobin::RoundRobin;

use crate::server::{ServerIndex, ServerSpec};
use std::num::NonZeroU32;

/// A way to choose among the servers of a group (the active ones, or the backups).
pub trait Algorithm: Send + std::fmt::Debug {
    /// Tells the effective weight of a server, in sixteenths of a configured weight; 0: not to be chosen
    /// (down, drained, in maintenance or without weight).
    fn set_weight(&mut self, server: ServerIndex, weight: u32);

    /// One server more, with this id, which has no weight yet.
    fn add(&mut self, _server: ServerIndex, _id: u32) {}

    /// All servers of the file have told their weights: whoever comes from now on comes while it runs.
    fn start(&mut self) {}

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
    StaticRoundRobin,
    LeastConnections,
    First,
    /// So many draws; equal seeds make equal choices.
    Random {
        draws: NonZeroU32,
        seed: u32,
    },
    /// By a key: see [`Ask::key`].
    Key {
        /// As in the CSV column `algo`.
        name: &'static str,
        layout: Layout,
    },
}

/// How keys become servers (`hash-type`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    #[default]
    Map,
    /// With `hash-balance-factor` in percent; 0: none.
    Ring { factor: u32 },
}

impl Balance {
    /// As in the CSV column `algo`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::RoundRobin => "roundrobin",
            Self::StaticRoundRobin => "static-rr",
            Self::LeastConnections => "leastconn",
            Self::First => "first",
            Self::Random { .. } => "random",
            Self::Key { name, .. } => name,
        }
    }

    /// Weights may change at any time.
    pub fn is_dynamic(&self) -> bool {
        let by_map = matches!(self, Self::Key { layout, .. } if *layout == Layout::Map);
        !by_map && *self != Self::StaticRoundRobin
    }

    /// Servers are not dear to requests: any other one will do as well.
    pub fn is_indifferent(&self) -> bool {
        !matches!(self, Self::Key { .. })
    }

    /// While requests wait for any server, all servers are known to be full.
    pub(crate) fn has_one_line(&self) -> bool {
        matches!(
            self,
            Self::RoundRobin | Self::StaticRoundRobin | Self::First
        )
    }

    /// A fresh start, for one group of servers.
    pub(crate) fn begin(&self, servers: &[ServerSpec]) -> Box<dyn Algorithm> {
        let ids = servers.iter().map(|server| server.id);
        match *self {
            Self::RoundRobin => Box::new(RoundRobin::default()),
            Self::LeastConnections => Box::new(LeastConnections::default()),
            Self::First => Box::new(First::new(ids)),
            Self::Random { draws, seed } => Box::new(Random::new(ids, draws, seed)),
            Self::StaticRoundRobin
            | Self::Key {
                layout: Layout::Map,
                ..
            } => Box::new(Map::default()),
            Self::Key {
                layout: Layout::Ring { factor },
                ..
            } => Box::new(Ring::new(ids, factor)),
        }
    }
}

/// A request asks for a server.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// The hash of what the backend balances by; `None`: the request lacks it, or nothing is hashed.
    pub key: Option<u32>,
    /// The server that has just failed the request: only when there is no other.
    pub avoid: Option<ServerIndex>,
    /// Requests that hold a slot on any server.
    pub served: u32,
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
