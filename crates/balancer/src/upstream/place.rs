//! Where connections lead to, and what carries requests there.

use super::Greeting;
use crate::http2::Connection;
use crate::plan::{Backend, Server};
use crate::wire::Stream;
use lb_core::server::ServerIndex;
use std::net::SocketAddr;
use std::sync::Arc;

/// A server, and how a connection to it begins: only connections of one place stand in for each other.
#[derive(Clone, Debug)]
pub struct Place {
    pub backend: Arc<Backend>,
    pub server: ServerIndex,
    /// It stands in for a port that the server's address leaves open.
    pub client_port: u16,
    pub greeting: Greeting,
}

/// A connection to a server.
#[derive(Debug)]
pub enum Carrier {
    /// Of HTTP/1, or of whatever is passed on: one request after the other.
    Single(Stream),
    /// Of HTTP/2: requests beside each other.
    Shared(Connection),
}

/// What places are told apart by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    /// The place in memory of the backend, which its shelf keeps alive.
    backend: usize,
    server: ServerIndex,
    address: Option<SocketAddr>,
    /// TLS is spoken there.
    secure: bool,
    greeting: Greeting,
}

impl Place {
    pub fn server(&self) -> &Server {
        self.backend.server(self.server)
    }

    pub(super) fn key(&self) -> Key {
        let server = self.server();
        Key {
            backend: Arc::as_ptr(&self.backend).addr(),
            server: self.server,
            address: server.address.socket_address(self.client_port),
            secure: server.is_secure(),
            greeting: self.greeting.clone(),
        }
    }

    /// It is a server of this backend.
    pub(super) fn is_of(&self, backend: &Arc<Backend>) -> bool {
        Arc::ptr_eq(&self.backend, backend)
    }
}

impl PartialEq for Place {
    fn eq(&self, other: &Self) -> bool {
        self.is_of(&other.backend) && self.server == other.server && self.greeting == other.greeting
    }
}

impl Carrier {
    /// An idle one may be used again.
    pub(super) fn is_open(&self) -> bool {
        match self {
            Self::Single(stream) => stream.is_silent(),
            Self::Shared(connection) => connection.has_room(),
        }
    }
}
