//! Connections that belong to one client.

use super::{Carrier, Found, Place};
use crate::http2::Connection;
use crate::plan::Backend;
use lb_core::backend::Carried;
use lb_core::server::ServerIndex;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// The connections of a client, the newest last: idle ones between its requests with `http-reuse never`, and those of
/// HTTP/2 on which it waits for answers. All requests of a client of HTTP/2 share them.
#[derive(Clone, Debug, Default)]
pub struct Own(Rc<RefCell<Vec<Kept>>>);

#[derive(Debug)]
struct Kept {
    place: Place,
    carrier: Carrier,
}

impl Own {
    /// One to this server, if it is still open.
    pub fn take(&self, place: &Place) -> Option<Found> {
        let mut list = self.0.borrow_mut();
        let mut from = list.len();
        while let Some(at) = list[..from].iter().rposition(|it| it.place == *place) {
            from = at;
            match &list[at].carrier {
                Carrier::Shared(connection) if connection.has_room() => {
                    return Some(Found::on(connection.clone()));
                }
                Carrier::Shared(connection) if !connection.is_idle() => {}
                Carrier::Shared(_) => drop(list.remove(at)),
                Carrier::Single(stream) if stream.is_silent() => {
                    return Some(Found {
                        carrier: list.remove(at).carrier,
                        carried: Carried::Idle,
                    });
                }
                Carrier::Single(_) => drop(list.remove(at)),
            }
        }
        None
    }

    /// Keeps one, as long as there are fewer than `most`.
    pub fn keep(&self, place: Place, carrier: Carrier, most: usize) {
        let mut list = self.0.borrow_mut();
        if list.len() < most {
            list.push(Kept { place, carrier });
        }
    }

    /// The connection is no longer its own.
    pub fn forget(&self, connection: &Connection) {
        self.0.borrow_mut().retain(|kept| match &kept.carrier {
            Carrier::Shared(own) => !own.is(connection),
            Carrier::Single(_) => true,
        });
    }

    /// The servers of a backend that the client has a connection to, the last one first.
    pub fn servers(&self, backend: &Arc<Backend>) -> Vec<ServerIndex> {
        let list = self.0.borrow();
        let kept = list.iter().rev().filter(|it| it.place.is_of(backend));
        kept.map(|it| it.place.server).collect()
    }
}
