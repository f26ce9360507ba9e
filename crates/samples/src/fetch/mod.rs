//! Sample fetches: one row each (manual 7.3).

mod authentication;
mod base;
mod body;
mod buffer;
mod captures;
mod client;
pub(crate) mod counters;
mod fields;
mod internal;
mod proxies;
mod request;
mod response;
mod tls;

pub use counters::TRACKED;

use crate::argument::{Argument, Check, Parameter};
use crate::value::{Kind, Value};
use crate::view::View;
use std::ops::ControlFlow;

/// One row.
#[derive(Debug)]
pub struct Fetch {
    pub name: &'static str,
    pub parameters: &'static [Parameter],
    /// So many of them must be given.
    pub required: usize,
    pub kind: Kind,
    pub needs: Needs,
    pub check: Option<Check>,
    pub get: Get,
}

/// Hands out values one by one until its taker has enough.
pub type Each = for<'a> fn(&View<'a>, &'a [Argument], Take<'_, 'a>);

/// What takes values.
pub type Take<'f, 'a> = &'f mut dyn FnMut(Value<'a>) -> ControlFlow<()>;

/// How it gets its value.
#[derive(Clone, Copy)]
pub enum Get {
    One(for<'a> fn(&View<'a>, &'a [Argument]) -> Option<Value<'a>>),
    /// Gives values until one is enough; in an expression, the one picked counts.
    Each(Each, Pick),
}

/// Which of several values an expression takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    First,
    Last,
}

/// What must be there for a fetch to have a value, which decides where it may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing, or the process alone.
    Nothing,
    Client,
    /// What the client and its connection agreed upon: TLS.
    ClientSession,
    /// The frontend and the listener that the client called.
    Frontend,
    /// The first bytes that the client has sent.
    Buffer,
    /// The request's head, which is gone once the answer comes.
    Request,
    /// The head of what is passing: the request's, then the answer's.
    Head,
    /// Facts of the request that are kept to its end.
    RequestFacts,
    Body,
    /// The chosen backend.
    Backend,
    /// The chosen server.
    Server,
    /// The first bytes that the server has sent.
    ResponseBuffer,
    /// The answer's head.
    Response,
    /// Facts of the answer that are kept to the end.
    ResponseFacts,
}

impl std::fmt::Debug for Get {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::One(_) => "One",
            Self::Each(..) => "Each",
        })
    }
}

impl Needs {
    /// As HAProxy's messages name it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Nothing => "internal state",
            Self::Client => "client address",
            Self::ClientSession => "client-side connection",
            Self::Frontend => "frontend",
            Self::Buffer => "request buffer",
            Self::ResponseBuffer => "response buffer",
            Self::Request => "HTTP request headers",
            Self::Head => "HTTP request headers,HTTP response headers",
            Self::RequestFacts => "HTTP request",
            Self::Body => "HTTP request body",
            Self::Backend => "backend",
            Self::Server => "server address",
            Self::Response => "HTTP response headers",
            Self::ResponseFacts => "HTTP response",
        }
    }
}

const TABLES: [&[Fetch]; 15] = [
    authentication::TABLE,
    base::TABLE,
    body::TABLE,
    buffer::TABLE,
    captures::TABLE,
    client::TABLE,
    counters::NUMBERS,
    counters::ELEMENTS,
    counters::OTHERS,
    fields::TABLE,
    internal::TABLE,
    proxies::TABLE,
    request::TABLE,
    response::TABLE,
    tls::TABLE,
];

/// The row of a name.
pub fn find(name: &str) -> Option<&'static Fetch> {
    all().find(|fetch| fetch.name == name)
}

/// All rows.
pub fn all() -> impl Iterator<Item = &'static Fetch> {
    TABLES.into_iter().flatten()
}

const fn one(
    name: &'static str,
    kind: Kind,
    needs: Needs,
    get: for<'a> fn(&View<'a>, &'a [Argument]) -> Option<Value<'a>>,
) -> Fetch {
    Fetch {
        name,
        parameters: &[],
        required: 0,
        kind,
        needs,
        check: None,
        get: Get::One(get),
    }
}

impl Fetch {
    const fn taking(mut self, parameters: &'static [Parameter], required: usize) -> Self {
        self.parameters = parameters;
        self.required = required;
        self
    }

    const fn checked(mut self, check: Check) -> Self {
        self.check = Some(check);
        self
    }
}
