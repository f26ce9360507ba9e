//! What can be asked about: a client, its request, the answer, and the proxies around them.

use crate::format::{Flags, Variable};
use crate::tables::{Fill, Question, Told};
use crate::tls::Tls;
use crate::value::Value;
use crate::variables::{Name, Scope, Variables};
use std::cell::Cell;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

/// Everything a rule may look at, at the moment it is evaluated.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The client's address and the one it called; a health check has no client.
    pub source: Option<SocketAddr>,
    pub destination: Option<SocketAddr>,
    /// Of a client that speaks TLS.
    pub tls: Option<&'a Tls>,
    /// The major version of HTTP that the client speaks.
    pub http_major: u8,
    /// When the first byte of the request came.
    pub begun: SystemTime,
    pub now: SystemTime,
    pub request: Option<&'a dyn Request>,
    /// There is none yet, and what has come may become one.
    pub request_pending: bool,
    /// There is no answer yet, and one may come.
    pub response_pending: bool,
    /// What the client has sent, where nobody has taken it for a request.
    pub bytes: Option<&'a [u8]>,
    /// The same of the server.
    pub response_bytes: Option<&'a [u8]>,
    /// While more may come: where a fetch tells that its value may be another one then.
    pub more: Option<&'a Cell<bool>>,
    /// What has come of the request's body.
    pub body: &'a [u8],
    pub response: Option<&'a dyn Response>,
    pub variables: &'a Variables,
    /// Captured request headers, by their place; `None`: that one is not captured.
    pub request_captures: &'a [Option<Vec<u8>>],
    pub response_captures: &'a [Option<Vec<u8>>],
    pub world: &'a dyn World,
    /// What the log knows of the request.
    pub transcript: Option<&'a dyn Transcript>,
}

/// What a log line tells of a request.
pub trait Transcript {
    /// Appends a variable's text; false: there is none, and nothing was appended.
    fn write(&self, variable: Variable, flags: Flags, out: &mut Vec<u8>) -> bool;
}

/// The header fields of a message.
pub trait Fields {
    /// The name, in lower case, and the value of the field at a place.
    fn field(&self, index: usize) -> Option<(&[u8], &[u8])>;
}

/// The head of a request.
pub trait Request: Fields {
    fn method(&self) -> &[u8];
    /// As it came.
    fn target(&self) -> &[u8];
    /// `HTTP/1.1`.
    fn version(&self) -> &[u8];
}

/// The head of a response.
pub trait Response: Fields {
    fn status(&self) -> u16;
    fn reason(&self) -> &[u8];
    fn version(&self) -> &[u8];
}

/// The proxies and the process around a request.
pub trait World {
    /// Where the request came in.
    fn frontend(&self) -> &str;
    /// The backend chosen so far.
    fn backend(&self) -> Option<&str>;
    /// The server chosen so far.
    fn server(&self) -> Option<&str>;
    /// The section whose rules are being evaluated.
    fn proxy(&self) -> &str;
    /// The cache that the answer came from.
    fn cache(&self) -> Option<&str> {
        None
    }
    /// The number of a proxy or a server; of the current ones.
    fn frontend_id(&self) -> u32;
    fn backend_id(&self) -> Option<u32>;
    fn server_id(&self) -> Option<u32>;
    /// Of the frontend of this name.
    fn frontend_load(&self, name: &str) -> Option<Load>;
    /// Of the backend of this name.
    fn backend_load(&self, name: &str) -> Option<BackendLoad>;
    /// The client's connection, as it is below what rules of requests make of it.
    fn connection(&self) -> Option<Connection<'_>>;
    /// The connection to the server, if there is one.
    fn server_connection(&self) -> Option<ServerConnection>;
    /// How long the sides of the current request may stay silent.
    fn timeouts(&self) -> Timeouts;
    /// The `default_backend` of the frontend.
    fn default_backend(&self) -> Option<&str>;
    /// Class and offset of the request's place in queues.
    fn priority(&self) -> Option<(i64, i64)>;
    /// The process finishes what it has begun.
    fn is_stopping(&self) -> bool;
    /// Of a server.
    fn server_load(&self, backend: &str, server: &str) -> Option<ServerLoad>;
    /// What stick tables remember, counted and changed at once where that is asked.
    fn ask(&self, question: &Question<'_>) -> Told;
    /// Of the stick table of this name.
    fn table_fill(&self, name: &str) -> Option<Fill>;
    /// Sets a variable, or forgets it; what is evaluated next sees that.
    fn set_variable(&self, name: &Name, value: Option<Value<'static>>);
    fn process_variable(&self, name: &Name) -> Option<Value<'static>>;
    /// 64 random bits.
    fn random(&self) -> u64;
    fn hostname(&self) -> String;
    fn environment(&self, name: &str) -> Option<String>;
    /// How far local time is ahead of UTC at a moment, both in seconds.
    fn local_offset(&self, at: i64) -> i64;
    /// The request's own id, where `unique-id-format` makes one.
    fn unique_id(&self) -> Option<String>;
}

/// What a proxy carries now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    pub id: u32,
    /// Sessions at this moment.
    pub sessions: u32,
    /// New ones in the last second.
    pub rate: u32,
    /// Requests in the last second.
    pub requests: u32,
}

/// A client's connection.
#[derive(Clone, Copy, Debug)]
pub struct Connection<'a> {
    /// The client's address and the one it called, whatever a PROXY header tells.
    pub source: SocketAddr,
    pub destination: SocketAddr,
    /// The number of the listener in its frontend, from 1, and its name, if it has one.
    pub listener: u32,
    pub listener_name: Option<&'a str>,
    /// A PROXY header told whose it is.
    pub proxied: bool,
    /// No request came on it before the current one.
    pub first_request: bool,
}

/// A connection to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerConnection {
    /// The own end; not known of one that many requests share.
    pub source: Option<SocketAddr>,
    /// The server's.
    pub destination: SocketAddr,
    /// The major version of HTTP that is spoken.
    pub http_major: Option<u8>,
}

/// Timeouts of a request; `None`: for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timeouts {
    pub client: Option<Duration>,
    /// As the backend says, if there is one.
    pub backend: Option<Sides>,
    /// As they are in force by now, which those of the backend are once there is a connection.
    pub current: Option<Sides>,
}

/// The timeouts towards a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sides {
    pub server: Option<Duration>,
    pub tunnel: Option<Duration>,
}

/// What a backend carries now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BackendLoad {
    pub load: Load,
    /// Servers that take requests.
    pub usable: u32,
    /// Waiting in all queues.
    pub queued: u32,
    /// Places left at its servers and in their queues; `None`: no limit.
    pub slots: Option<i64>,
    /// Places left at its usable servers, those that wait counted; `None`: no limit.
    pub free: Option<i64>,
}

/// What a server carries now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerLoad {
    pub up: bool,
    pub sessions: u32,
    /// New sessions in the last second.
    pub rate: u32,
    pub queued: u32,
    /// 0 to 256.
    pub weight: u32,
    /// As configured.
    pub initial_weight: u32,
    /// Places left, those that wait counted; `None`: no limit.
    pub free: Option<i64>,
}

impl<'a> View<'a> {
    /// A variable's value, if it has one.
    pub fn variable(&self, name: &Name) -> Option<Value<'static>> {
        match name.scope {
            Scope::Process => self.world.process_variable(name),
            _ => self.variables.get(name).cloned(),
        }
    }

    /// Tells that a value may change or appear when more comes; false: nothing more will.
    pub fn may_change(&self) -> bool {
        if let Some(more) = self.more {
            more.set(true);
        }
        self.more.is_some()
    }

    /// All values of a request's fields under a name in lower case.
    pub fn request_fields(&self, name: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        let fields = self.request.into_iter().flat_map(|head| {
            let mut index = 0;
            std::iter::from_fn(move || {
                let field = head.field(index);
                index += 1;
                field
            })
        });
        fields.filter(move |(n, _)| *n == name).map(|(_, v)| v)
    }

    /// All values of a response's fields under a name in lower case.
    pub fn response_fields(&self, name: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        let fields = self.response.into_iter().flat_map(|head| {
            let mut index = 0;
            std::iter::from_fn(move || {
                let field = head.field(index);
                index += 1;
                field
            })
        });
        fields.filter(move |(n, _)| *n == name).map(|(_, v)| v)
    }
}
