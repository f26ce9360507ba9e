//! A connection at work for one request.

use super::{Carrier, Own, Place};
use crate::http2::Connection;
use crate::plan::ReuseMode;
use crate::session::Session;
use crate::wire::Stream;
use crate::worker::Worker;
use lb_core::backend::Carried;
use lb_core::counters::Http2Part;
use std::rc::Rc;

/// A connection that there was already.
#[derive(Debug)]
pub struct Found {
    pub carrier: Carrier,
    pub carried: Carried,
}

impl Found {
    /// A request more on a connection of HTTP/2.
    pub(super) fn on(connection: Connection) -> Self {
        let carried = match connection.is_idle() {
            true => Carried::Idle,
            false => Carried::Beside,
        };
        Self {
            carrier: Carrier::Shared(connection),
            carried,
        }
    }
}

/// A connection that carries a request to its server.
#[derive(Debug)]
pub struct Link {
    pub stream: Stream,
    pub place: Place,
    /// It carried another request before.
    pub reused: bool,
    /// It is one request of many on a connection.
    lease: Option<Lease>,
}

impl Link {
    pub fn new(found: Found, place: Place, session: &Session) -> Self {
        let reused = found.carried != Carried::New;
        match found.carrier {
            Carrier::Single(stream) => Self {
                stream,
                place,
                reused,
                lease: None,
            },
            Carrier::Shared(connection) => {
                let stream = connection.open();
                let lease = Lease::begin(connection, place.clone(), reused, session);
                Self {
                    stream,
                    place,
                    reused,
                    lease: Some(lease),
                }
            }
        }
    }

    /// HTTP/2 is spoken on it.
    pub fn is_http2(&self) -> bool {
        self.lease.is_some()
    }
}

/// A request among others on a connection of HTTP/2. When it is dropped, however it ended, the connection is there for
/// the next one.
#[derive(Debug)]
struct Lease {
    connection: Connection,
    place: Place,
    reused: bool,
    own: Own,
    worker: Rc<Worker>,
}

impl Lease {
    fn begin(connection: Connection, place: Place, reused: bool, session: &Session) -> Self {
        place.backend.live().http2_opened(Http2Part::Stream);
        let own = session.own.clone();
        let alone = connection.is_alone();
        match place.backend.reuse.mode {
            ReuseMode::Always => session.worker.idle.lend(&place, &connection),
            ReuseMode::Never if reused => {}
            ReuseMode::Never => {
                let most = session.frontend.options.max_server_connections;
                own.keep(place.clone(), Carrier::Shared(connection.clone()), most);
            }
            // Others may have it once it is idle.
            ReuseMode::Safe | ReuseMode::Aggressive if alone => {
                let carrier = Carrier::Shared(connection.clone());
                own.keep(place.clone(), carrier, usize::MAX);
            }
            ReuseMode::Safe | ReuseMode::Aggressive => {}
        }
        Self {
            connection,
            place,
            reused,
            own,
            worker: Rc::clone(&session.worker),
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Self {
            connection, place, ..
        } = self;
        connection.closed();
        place.backend.live().http2_closed(Http2Part::Stream);
        let usable = connection.has_room() && !self.worker.is_stopping();
        if place.backend.reuse.mode == ReuseMode::Never {
            if !usable && connection.is_idle() {
                self.own.forget(connection);
            }
        } else if connection.is_idle() {
            self.own.forget(connection);
            let idle = &self.worker.idle;
            idle.take_back(place, connection);
            if usable {
                let carrier = Carrier::Shared(connection.clone());
                idle.keep(place, carrier, self.reused);
            }
        }
    }
}
