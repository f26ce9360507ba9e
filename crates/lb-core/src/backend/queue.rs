//! Who gets a slot now, who waits, and whose turn it is when a slot is given back.

use super::Backend;
use crate::Uptime;
use crate::algorithm::Load;
use crate::queue::{Positions, Priority, Ticket, Turn, Waiter};
use crate::server::{Crowd, ServerIndex};
use std::task::{Poll, Waker};

/// What a request wants of a backend.
#[derive(Clone, Copy, Debug, Default)]
pub struct Demand {
    /// The hash of what the backend balances by, if the request has it.
    pub key: Option<u32>,
    /// The server it is bound to by persistence: no algorithm is asked.
    pub bound: Option<ServerIndex>,
    /// The server that has just failed it.
    pub avoid: Option<ServerIndex>,
    /// Its place among those that wait.
    pub priority: Priority,
}

/// What a request gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a slot or a ticket is to be given back"]
pub enum Admission {
    /// A slot on this server, until [`Backend::release`].
    Slot(ServerIndex),
    /// A place in the line of this server, or of the backend; until [`Backend::poll_turn`] or [`Backend::leave`].
    Wait(Option<ServerIndex>, Ticket),
    /// The line of the server it must go to is as long as `maxqueue` allows.
    QueueFull(ServerIndex),
    /// There is no server.
    Nobody,
}

impl Admission {
    /// The server that was chosen, with a slot or without.
    pub fn server(self) -> Option<ServerIndex> {
        match self {
            Self::Slot(server) | Self::QueueFull(server) => Some(server),
            Self::Wait(server, _) => server,
            Self::Nobody => None,
        }
    }
}

impl Backend {
    /// Chooses a server for a request, and gives it a slot or a place in a line.
    pub fn admit(&mut self, demand: Demand, now: Uptime) -> Admission {
        if let Some(server) = demand.bound {
            let admission = self.enter(server, demand.priority, now);
            if self.redispatch && matches!(admission, Admission::QueueFull(_)) {
                let elsewhere = Demand {
                    bound: None,
                    ..demand
                };
                return self.admit(elsewhere, now);
            }
            return admission;
        }
        if !self.has_server() {
            return Admission::Nobody;
        }
        let Some(chosen) = self.choose(demand) else {
            return self.wait(None, demand.priority, now);
        };
        if demand.avoid != Some(chosen) {
            self.counters.lbtot += 1;
            self.servers[chosen.0].counters.lbtot += 1;
        }
        self.enter(chosen, demand.priority, now)
    }

    fn choose(&mut self, demand: Demand) -> Option<ServerIndex> {
        // Where waiters stand before all servers, all servers are full.
        if self.balance.has_one_line()
            && self.line.len() > 0
            && self.servers.iter().any(|server| server.served > 0)
        {
            return None;
        }
        self.pick(demand)
    }

    pub(super) fn load(&self, server: ServerIndex) -> Load {
        self.servers[server.0].load(self.crowd())
    }

    pub(super) fn crowd(&self) -> Crowd {
        Crowd {
            requests: self.counters.scur,
            fullconn: self.fullconn,
        }
    }

    /// A slot on this server, or a place in its line.
    fn enter(&mut self, server: ServerIndex, priority: Priority, now: Uptime) -> Admission {
        let load = self.load(server);
        if load.has_room() {
            self.reserve(server);
            self.begin_session(server, now);
            return Admission::Slot(server);
        }
        if load.max_queue > 0 && load.queued >= load.max_queue {
            return Admission::QueueFull(server);
        }
        self.wait(Some(server), priority, now)
    }

    fn wait(&mut self, server: Option<ServerIndex>, priority: Priority, now: Uptime) -> Admission {
        let ticket = Ticket(self.tickets);
        self.tickets += 1;
        let rank = priority.rank(now, ticket);
        let line = match server {
            Some(server) => &mut self.servers[server.0].line,
            None => &mut self.line,
        };
        line.join(rank);
        let waiter = Waiter {
            server,
            rank,
            joined: line.served(),
            turn: None,
            waker: None,
        };
        self.waiters.insert(ticket, waiter);
        self.tell_load(server);
        Admission::Wait(server, ticket)
    }

    /// A request would be served by this server at once.
    pub fn has_room(&self, server: ServerIndex) -> bool {
        self.load(server).has_room()
    }

    /// Whether the turn of a ticket has come. When it has, the ticket is used up; until then the waker is kept, and given
    /// to whoever asks [`Backend::take_woken`] when it is.
    pub fn poll_turn(&mut self, ticket: Ticket, waker: &Waker, now: Uptime) -> Poll<Turn> {
        let waiter = self
            .waiters
            .get_mut(&ticket)
            .expect("a ticket is used up once");
        match waiter.turn {
            Some(turn) => {
                self.waiters.remove(&ticket);
                if let Some(server) = turn.slot {
                    self.begin_session(server, now);
                }
                Poll::Ready(turn)
            }
            None => {
                waiter.waker = Some(waker.clone());
                Poll::Pending
            }
        }
    }

    /// Gives up waiting: a slot that was given meanwhile goes to the next one.
    pub fn leave(&mut self, ticket: Ticket) -> Positions {
        let Some(waiter) = self.waiters.remove(&ticket) else {
            return Positions::default();
        };
        if let Some(turn) = waiter.turn {
            if let Some(server) = turn.slot {
                self.free(server);
            }
            return turn.positions;
        }
        let positions = self.positions(&waiter);
        match waiter.server {
            Some(server) => self.servers[server.0].line.leave(waiter.rank),
            None => self.line.leave(waiter.rank),
        }
        self.tell_load(waiter.server);
        positions
    }

    /// Whom to wake, once nobody holds the backend any more.
    pub fn take_woken(&mut self) -> Vec<Waker> {
        std::mem::take(&mut self.woken)
    }

    /// Gives a slot back: the next in line has it.
    pub fn release(&mut self, server: ServerIndex) {
        let counters = &mut self.servers[server.0].counters;
        counters.scur = counters.scur.saturating_sub(1);
        self.free(server);
    }

    fn free(&mut self, server: ServerIndex) {
        let it = &mut self.servers[server.0];
        it.served = it.served.saturating_sub(1);
        self.tell_load(Some(server));
        self.serve_waiters(server);
    }

    fn reserve(&mut self, server: ServerIndex) {
        self.servers[server.0].served += 1;
        self.tell_load(Some(server));
    }

    /// Whoever holds a slot makes use of it.
    fn begin_session(&mut self, server: ServerIndex, now: Uptime) {
        self.last_session = Some(now);
        let server = &mut self.servers[server.0];
        server.attempt(now);
        let counters = &mut server.counters;
        counters.scur += 1;
        counters.smax = counters.smax.max(counters.scur);
    }

    /// Gives the free slots of a server to those who come first by rank, be it in its line or in that of all.
    pub(super) fn serve_waiters(&mut self, server: ServerIndex) -> usize {
        let mut served = 0;
        while self.load(server).has_slot() {
            let own = self.servers[server.0].line.first();
            let common = self.line.first().filter(|_| self.takes_common(server));
            let from_own = match (own, common) {
                (None, None) => break,
                (Some(own), Some(common)) => own < common,
                (own, _) => own.is_some(),
            };
            let next = if from_own { own } else { common };
            let next = next.expect("one of the two lines has a head");
            self.call(next.ticket, Some(server));
            served += 1;
        }
        served
    }

    /// Whether a server may take from the line of the backend.
    fn takes_common(&self, server: ServerIndex) -> bool {
        self.serving().any(|serving| serving == server)
    }

    /// Everyone who waits for this server chooses again.
    pub(super) fn send_away(&mut self, server: ServerIndex) -> usize {
        if !self.redispatch || self.persist {
            return 0;
        }
        let tickets = self.servers[server.0].line.all();
        for &ticket in &tickets {
            self.call(ticket, None);
        }
        tickets.len()
    }

    /// The turn of a ticket has come.
    fn call(&mut self, ticket: Ticket, slot: Option<ServerIndex>) {
        let Some(waiter) = self.waiters.get(&ticket) else {
            return;
        };
        let (positions, of, rank) = (self.positions(waiter), waiter.server, waiter.rank);
        let line = match of {
            Some(server) => &mut self.servers[server.0].line,
            None => &mut self.line,
        };
        match slot {
            Some(_) => line.serve(rank),
            None => line.leave(rank),
        }
        self.tell_load(of);
        if let Some(server) = slot {
            self.reserve(server);
        }
        if let Some(waiter) = self.waiters.get_mut(&ticket) {
            waiter.turn = Some(Turn { slot, positions });
            self.woken.extend(waiter.waker.take());
        }
    }

    fn positions(&self, waiter: &Waiter) -> Positions {
        let position = |served: u64| served - waiter.joined + 1;
        match waiter.server {
            Some(server) => Positions {
                server: position(self.servers[server.0].line.served()),
                ..Positions::default()
            },
            None => Positions {
                backend: position(self.line.served()),
                ..Positions::default()
            },
        }
    }
}

#[cfg(test)]
mod tests;
