//! Idle connections to servers, kept by each worker for itself.

use super::place::Key;
use super::{Carrier, Found, Place};
use crate::http2::Connection;
use crate::plan::{Backend, Plan};
use crate::worker::Worker;
use lb_core::backend::Carried;
use lb_core::server::ServerIndex;
use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// Idle connections, by server.
#[derive(Debug, Default)]
pub struct Pool(RefCell<HashMap<Key, Shelf>>);

/// The connections of one server.
#[derive(Debug)]
struct Shelf {
    backend: Arc<Backend>,
    server: ServerIndex,
    /// The longest idle first.
    idle: VecDeque<Idle>,
    /// At work, and open to anybody's requests.
    lent: Vec<Connection>,
    /// The fewest that were here since the last purge: so many nobody needed.
    unused: usize,
}

/// A connection between two requests.
#[derive(Debug)]
struct Idle {
    carrier: Carrier,
    /// It was used again before, so that its server is known to keep connections.
    proven: bool,
}

/// Which idle connection will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// None: a new one.
    Fresh,
    /// One of the client's own.
    Own,
    /// One that was used again before.
    Proven,
    Any,
}

/// Most idle connections of a worker to one server.
const MAX_IDLE: usize = 512;

/// The pause between two looks at what servers have closed.
const SWEEP: Duration = Duration::from_secs(1);

/// Sweeps between two purges: HAProxy's `pool-purge-delay` is 5 s.
const SWEEPS_PER_PURGE: u32 = 5;

/// Looks after the idle connections of a worker for as long as it lives.
pub async fn tend(worker: Rc<Worker>) {
    for round in 1u32.. {
        tokio::time::sleep(SWEEP).await;
        worker.idle.sweep(&worker.plan());
        if round.is_multiple_of(SWEEPS_PER_PURGE) {
            worker.idle.purge();
        }
    }
}

impl Pool {
    /// A connection that is still open, if there is one: first of those of HTTP/2 that carry requests already.
    pub fn take(&self, place: &Place, wanted: Wanted) -> Option<Found> {
        let mut shelves = self.0.borrow_mut();
        let shelf = shelves.get_mut(&place.key())?;
        if let Some(connection) = shelf.lent.iter().find(|lent| lent.has_room()) {
            return Some(Found::on(connection.clone()));
        }
        while let Some(idle) = shelf.next(wanted) {
            shelf.unused = shelf.unused.min(shelf.idle.len());
            if idle.carrier.is_open() {
                return Some(Found {
                    carrier: idle.carrier,
                    carried: Carried::Idle,
                });
            }
            place.backend.live().idle_closed(place.server);
        }
        None
    }

    /// Keeps a connection whose last answer has been read to its end; `proven`: it was used again before.
    pub fn keep(&self, place: &Place, carrier: Carrier, proven: bool) {
        self.with_shelf(place, |shelf| {
            if shelf.idle.len() < MAX_IDLE {
                shelf.idle.push_back(Idle { carrier, proven });
                place.backend.live().idle_kept(place.server);
            }
        });
    }

    /// Opens a connection at work to the requests of all clients.
    pub fn lend(&self, place: &Place, connection: &Connection) {
        self.with_shelf(place, |shelf| {
            if !shelf.lent.iter().any(|lent| lent.is(connection)) {
                shelf.lent.push(connection.clone());
            }
        });
    }

    /// The connection is at work no longer.
    pub fn take_back(&self, place: &Place, connection: &Connection) {
        self.with_shelf(place, |shelf| {
            shelf.lent.retain(|lent| !lent.is(connection));
        });
    }

    fn with_shelf(&self, place: &Place, act: impl FnOnce(&mut Shelf)) {
        let mut shelves = self.0.borrow_mut();
        act(shelves.entry(place.key()).or_insert_with(|| Shelf {
            backend: Arc::clone(&place.backend),
            server: place.server,
            idle: VecDeque::new(),
            lent: Vec::new(),
            unused: 0,
        }));
    }

    /// Closes what servers have closed, and everything to servers that are down or no longer in the plan.
    pub fn sweep(&self, plan: &Plan) {
        let mut shelves = self.0.borrow_mut();
        shelves.retain(|_, shelf| {
            let in_force = plan.backends.iter().any(|b| Arc::ptr_eq(b, &shelf.backend));
            if in_force && shelf.backend.live().server(shelf.server).is_up() {
                shelf.keep_where(|idle| idle.carrier.is_open());
            } else {
                shelf.keep_where(|_| false);
            }
            !(shelf.idle.is_empty() && shelf.lent.is_empty())
        });
    }

    /// Closes half of what nobody needed since the last purge, the longest idle first.
    pub fn purge(&self) {
        for shelf in self.0.borrow_mut().values_mut() {
            for _ in 0..shelf.unused.div_ceil(2) {
                shelf.idle.pop_front();
                shelf.backend.live().idle_closed(shelf.server);
            }
            shelf.unused = shelf.idle.len();
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.borrow().values().map(|shelf| shelf.idle.len()).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Shelf {
    /// As HAProxy chooses: what was used again before, else what has been idle longest.
    fn next(&mut self, wanted: Wanted) -> Option<Idle> {
        let proven = self.idle.iter().position(|idle| idle.proven);
        match (proven, wanted) {
            (Some(at), _) => self.idle.remove(at),
            (None, Wanted::Any) => self.idle.pop_front(),
            (None, _) => None,
        }
    }

    fn keep_where(&mut self, keep: impl Fn(&Idle) -> bool) {
        let before = self.idle.len();
        self.idle.retain(keep);
        self.unused = self.unused.min(self.idle.len());
        let mut live = self.backend.live();
        for _ in self.idle.len()..before {
            live.idle_closed(self.server);
        }
    }
}
