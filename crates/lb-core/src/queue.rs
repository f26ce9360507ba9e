//! Requests that wait for a slot: first come, first served.

use crate::server::ServerIndex;
use std::collections::BTreeSet;
use std::task::Waker;

/// One waiter; lower ones came earlier, whichever line they stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(pub(crate) u64);

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
    tickets: BTreeSet<Ticket>,
    /// How many were served from it.
    served: u64,
    /// The longest it has been.
    longest: u64,
}

impl Line {
    pub(crate) fn len(&self) -> usize {
        self.tickets.len()
    }

    pub(crate) fn longest(&self) -> u64 {
        self.longest
    }

    pub(crate) fn served(&self) -> u64 {
        self.served
    }

    pub(crate) fn first(&self) -> Option<Ticket> {
        self.tickets.first().copied()
    }

    pub(crate) fn join(&mut self, ticket: Ticket) {
        self.tickets.insert(ticket);
        self.longest = self.longest.max(self.tickets.len() as u64);
    }

    /// Its turn has come.
    pub(crate) fn serve(&mut self, ticket: Ticket) {
        self.leave(ticket);
        self.served += 1;
    }

    /// It waits no more.
    pub(crate) fn leave(&mut self, ticket: Ticket) {
        self.tickets.remove(&ticket);
    }

    /// Everyone, in order.
    pub(crate) fn all(&self) -> Vec<Ticket> {
        self.tickets.iter().copied().collect()
    }

    /// Forgets how long it has been.
    pub(crate) fn clear_longest(&mut self) {
        self.longest = self.tickets.len() as u64;
    }
}

/// Who holds a ticket.
#[derive(Debug)]
pub(crate) struct Waiter {
    /// The server it waits for; `None`: any.
    pub(crate) server: Option<ServerIndex>,
    /// How many its line had served when it joined.
    pub(crate) joined: u64,
    /// What came of it, once something has.
    pub(crate) turn: Option<Turn>,
    pub(crate) waker: Option<Waker>,
}
