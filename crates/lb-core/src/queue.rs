//! Requests that wait for a slot: first come, first served, unless rules prefer some.

use crate::Uptime;
use crate::server::ServerIndex;
use std::collections::BTreeSet;
use std::task::Waker;

/// One waiter; lower ones came earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(pub(crate) u64);

/// Which waiters are preferred (manual, `http-request set-priority-class` and `set-priority-offset`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Priority {
    class: i64,
    /// Milliseconds.
    offset: i64,
}

impl Priority {
    const MOST_CLASS: i64 = 2047;
    const MOST_OFFSET: i64 = 524_287;

    /// Lower classes are served before higher ones; -2047 to 2047, and what lies outside is the nearest of them.
    pub fn set_class(&mut self, class: i64) {
        self.class = class.clamp(-Self::MOST_CLASS, Self::MOST_CLASS);
    }

    /// Within a class, as if the request had come so many milliseconds later; -524287 to 524287.
    pub fn set_offset(&mut self, milliseconds: i64) {
        self.offset = milliseconds.clamp(-Self::MOST_OFFSET, Self::MOST_OFFSET);
    }

    /// The class, and the offset in milliseconds.
    pub fn parts(self) -> (i64, i64) {
        (self.class, self.offset)
    }

    /// Where a request that joins now stands among the others.
    pub(crate) fn rank(self, now: Uptime, ticket: Ticket) -> Rank {
        let now = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
        Rank {
            class: self.class,
            due: now.saturating_add(self.offset),
            ticket,
        }
    }
}

/// The order of waiters: the lowest is the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    class: i64,
    due: i64,
    pub(crate) ticket: Ticket,
}

/// How far back a request stood, as the log tells: 1 is the head of the line, 0 no line at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Positions {
    /// In lines of servers, added up.
    pub server: u64,
    /// In the line of the backend, added up.
    pub backend: u64,
}

/// What a wait has led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The server whose slot the request holds now; `None`: it must be chosen again, since the one it waited for left.
    pub slot: Option<ServerIndex>,
    pub positions: Positions,
}

/// A line of waiters, for a server or for a whole backend.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line {
    ranks: BTreeSet<Rank>,
    /// How many were served from it.
    served: u64,
    /// The longest it has been.
    longest: u64,
}

impl Line {
    pub(crate) fn len(&self) -> usize {
        self.ranks.len()
    }

    pub(crate) fn longest(&self) -> u64 {
        self.longest
    }

    pub(crate) fn served(&self) -> u64 {
        self.served
    }

    pub(crate) fn first(&self) -> Option<Rank> {
        self.ranks.first().copied()
    }

    pub(crate) fn join(&mut self, rank: Rank) {
        self.ranks.insert(rank);
        self.longest = self.longest.max(self.ranks.len() as u64);
    }

    /// Its turn has come.
    pub(crate) fn serve(&mut self, rank: Rank) {
        self.leave(rank);
        self.served += 1;
    }

    /// It waits no more.
    pub(crate) fn leave(&mut self, rank: Rank) {
        self.ranks.remove(&rank);
    }

    /// Everyone, in order.
    pub(crate) fn all(&self) -> Vec<Ticket> {
        self.ranks.iter().map(|rank| rank.ticket).collect()
    }

    /// Forgets how long it has been.
    pub(crate) fn clear_longest(&mut self) {
        self.longest = self.ranks.len() as u64;
    }
}

/// Who holds a ticket.
#[derive(Debug)]
pub(crate) struct Waiter {
    /// The server it waits for; `None`: any.
    pub(crate) server: Option<ServerIndex>,
    pub(crate) rank: Rank,
    /// How many its line had served when it joined.
    pub(crate) joined: u64,
    /// What came of it, once something has.
    pub(crate) turn: Option<Turn>,
    pub(crate) waker: Option<Waker>,
}
