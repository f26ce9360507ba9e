//! The server-facing half of a proxy.

use super::{
    Balance, CheckScript, Cookie, ErrorPages, HashType, HttpRules, LogTarget, Mode, ProxyId,
    RetryOn, Reuse, Server, Stats, StickRule, UseServer,
};
use diagnostics::Span;
use std::time::Duration;

/// The server-facing half.
#[derive(Clone, Debug)]
pub struct Backend {
    pub id: ProxyId,
    pub name: String,
    pub listen: bool,
    pub span: Span,
    pub description: Option<String>,
    pub disabled: bool,
    pub mode: Mode,
    pub balance: Balance,
    pub hash: HashType,
    pub servers: Vec<Server>,
    /// Where connections come from to servers that do not say so themselves.
    pub source: Option<std::net::SocketAddr>,
    pub timeouts: BackendTimeouts,
    /// Attempts after the first one; default 3.
    pub retries: u32,
    pub retry_on: RetryOn,
    /// `option redispatch [N]`: `Some(-1)` is the plain form (the last retry), `Some(n)` every n-th retry,
    /// `Some(-n)` the n-th from last.
    pub redispatch: Option<i32>,
    /// Requests end when their client leaves before the answer, if the frontend says so too.
    pub abortonclose: bool,
    pub reuse: Reuse,
    /// Without active servers all backups serve, not only the first.
    pub all_backups: bool,
    pub cookie: Option<Cookie>,
    pub stick: Vec<StickRule>,
    /// `option persist`: a cookie leads to its server even when that is down.
    pub persist: bool,
    /// What checks do.
    pub check: CheckScript,
    /// The first that applies, and whose server is up, chooses the server.
    pub use_servers: Vec<UseServer>,
    pub http: HttpRules,
    pub tcp: super::TcpRules,
    /// Before those of the frontend.
    pub errors: ErrorPages,
    pub log_health_checks: bool,
    pub stats: Option<Stats>,
    /// The log targets that state changes go to.
    pub log: Vec<LogTarget>,
    pub states: StateSource,
    /// `None`: 10 % of the summed maxconn of the frontends that may reach it.
    pub fullconn: Option<u32>,
}

/// `load-server-state-from-file`: where the states come from that its servers begin with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum StateSource {
    #[default]
    None,
    /// `server-state-file` of the `global` section.
    Global,
    /// A file of its own.
    Local(String),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BackendTimeouts {
    pub connect: Option<Duration>,
    pub server: Option<Duration>,
    /// Default: `connect`.
    pub queue: Option<Duration>,
    pub check: Option<Duration>,
    /// After an upgrade; default: client and server.
    pub tunnel: Option<Duration>,
    /// Once one direction of a tunnel has ended; default: as before.
    pub server_fin: Option<Duration>,
}
