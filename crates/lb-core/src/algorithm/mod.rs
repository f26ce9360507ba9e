//! The ways to balance, one file each.

mod roundrobin;

pub use roundrobin::RoundRobin;

use crate::server::ServerIndex;

/// What the caller says of a server that the algorithm proposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Take,
    /// It has no free slot.
    Full,
    /// It has just failed this request: only when there is no other.
    Avoid,
}

/// A way to choose among the servers of a group (the active ones, or the backups).
pub trait Algorithm: Send + std::fmt::Debug {
    /// As written after `balance`.
    fn name(&self) -> &'static str;

    /// Tells the effective weight of a server, in sixteenths of a configured weight; 0: not to be chosen
    /// (down, drained, in maintenance or without weight).
    fn set_weight(&mut self, server: ServerIndex, weight: u32);

    /// Whose turn it is. Proposes servers in its order until one is taken.
    fn pick(&mut self, judge: &mut dyn FnMut(ServerIndex) -> Verdict) -> Option<ServerIndex>;
}
