//! Servers.

use super::{Agent, CheckTls, Host, Observe, ProxyHeader, Resolution, ServerLimits, ServerTls};
use diagnostics::Span;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

#[derive(Clone, Debug)]
pub struct Server {
    /// 1 in file order within its backend; `id N` overrides.
    pub id: u32,
    pub name: String,
    /// Of the name.
    pub span: Span,
    pub address: ServerAddress,
    pub address_span: Span,
    /// 0 to 256.
    pub weight: u16,
    /// Its value of the backend's cookie.
    pub cookie: Option<String>,
    pub limits: ServerLimits,
    pub check: Option<Check>,
    pub agent: Option<Agent>,
    pub observe: Option<Observe>,
    /// `on-marked-down shutdown-sessions`: its requests end when it goes DOWN.
    pub shutdown_on_down: bool,
    /// `on-marked-up shutdown-backup-sessions`: requests on backup servers end when it comes UP.
    pub ends_backups: bool,
    pub disabled: bool,
    /// How its name is looked up at start, in this order; none: `last,libc`.
    pub init_addr: Vec<InitAddr>,
    /// `resolvers ID`: its name is looked up again and again.
    pub resolution: Option<Resolution>,
    /// `ssl` and what belongs to it.
    pub tls: Option<ServerTls>,
    /// What a connection to it begins with.
    pub proxy_header: Option<ProxyHeader>,
    /// Where connections to it come from; port 0: any.
    pub source: Option<SocketAddr>,
    /// `redir`: what stands before the path of those who are sent there instead.
    pub redirect: Option<String>,
    pub protocol: ServerProtocol,
    /// How often a connection of HTTP/2 is used again; `None`: without limit.
    pub max_reuse: Option<u32>,
    /// Whose state it takes over. Such a server has no check.
    pub track: Option<Tracked>,
    /// A `use-server` line, or the argument of a fetch, names it.
    pub named_by_rules: bool,
}

/// `proto`: what a server speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServerProtocol {
    /// HTTP/2 where its TLS has settled on it, else HTTP/1.
    #[default]
    Any,
    Http1,
    Http2,
}

/// The server that another one tracks, by places in file order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tracked {
    /// Of [`Config::backends`](super::Config::backends).
    pub backend: usize,
    /// Of [`Backend::servers`](super::Backend::servers).
    pub server: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerAddress {
    Inet { host: Host, port: ServerPort },
    Unix(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerPort {
    Fixed(u16),
    /// No port given: the port the client connected to.
    Client,
    /// `+N` or `-N`: the client's port plus this.
    Offset(i32),
}

/// One method of `init-addr`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InitAddr {
    /// The address it had before.
    Last,
    /// The system's resolver.
    Libc,
    /// No address yet: in maintenance until it resolves.
    None,
    Ip(IpAddr),
}

/// The parameters of `check`.
#[derive(Clone, Debug)]
pub struct Check {
    /// Default 2 s.
    pub inter: Duration,
    /// Default `inter`.
    pub fastinter: Duration,
    /// Default `inter`.
    pub downinter: Duration,
    /// Default 2, at least 1.
    pub rise: u32,
    /// Default 3, at least 1.
    pub fall: u32,
    /// `port N`.
    pub port: Option<u16>,
    /// `addr A`.
    pub addr: Option<Host>,
    /// `check-ssl`, or as the server's own connections.
    pub tls: Option<CheckTls>,
    /// Of connections that steps of the check make, where one speaks TLS by its own word.
    pub step_tls: Option<ServerTls>,
    /// `check-send-proxy`, or as the server's own connections.
    pub proxy_header: Option<ProxyHeader>,
    /// Of checks of HTTP: what they speak.
    pub protocol: ServerProtocol,
}
