//! The validated configuration. Every value holds its invariant; a `listen` is already split into its two halves.

mod address;
mod backend;
mod cache;
mod check;
mod cookie;
mod dispatch;
mod error_pages;
mod frontend;
mod global;
mod http_options;
mod http_rules;
mod log;
mod resolvers;
mod rules;
mod server;
mod stats;
mod stick;
mod tcp_rules;
mod tls;

pub use address::{
    AddressFamily, Bind, BindAddress, BindHost, BindProtocol, Host, Network, SocketRights,
};
pub use backend::{Backend, BackendTimeouts, StateSource};
pub use cache::Cache;
pub use check::{
    Agent, CheckAction, CheckConnect, CheckData, CheckExpect, CheckPattern, CheckPort,
    CheckProtocol, CheckRequest, CheckScript, CheckStep, CheckValue, HeaderPattern, Observe,
    ObservedLayer, OnError, Pattern, TextPattern,
};
pub use cookie::{Cookie, CookieMode};
pub use dispatch::{Balance, HashFunction, HashType, RetryOn, Reuse, ReuseMode, ServerLimits};
pub use error_pages::{ERROR_STATUSES, ErrorFile, ErrorPages, RawAnswer, RawField};
pub use frontend::{Frontend, FrontendOptions, FrontendTimeouts};
pub use global::{Global, Http2, Level, Sizes, StatsSocket, UnixBind};
pub use http_options::{Forwarding, HttpOptions, KeepAlive, OddNames};
pub use http_rules::{
    BodyWait, End, HeaderNames, HttpAction, HttpRule, HttpRules, PatternChange, Redirect,
    RedirectTo, Reply, ReplyBody, Service, SetTimeout, TagValue, TimeoutValue, UriPart,
};
pub use log::{
    Capture, CookieCapture, Direction, LogAddress, LogFormat, LogFraming, LogSample, LogTarget,
};
pub use resolvers::{Hold, Nameserver, Resolution, ResolveTimeouts, Resolvers};
pub use rules::{BackendChoice, PatternReference, PatternUse, ServerChoice, UseBackend, UseServer};
pub use server::{Check, InitAddr, Server, ServerAddress, ServerPort, ServerProtocol, Tracked};
pub use stats::Stats;
pub use stick::{StickData, StickKey, StickKind, StickRule, StickTable};
pub use tcp_rules::{TcpAction, TcpRule, TcpRules};
pub use tls::{
    BindTls, CertificateLine, CertificateSource, CheckTls, ClientVerify, ProxyDetails, ProxyHeader,
    Resumption, ServerTls, TlsDefaults, TlsFile, TlsPolicy, TlsVersion, TlsVersions, VerifyErrors,
};

/// Everything that was configured, in file order.
#[derive(Clone, Debug, Default)]
pub struct Config {
    pub global: Global,
    pub frontends: Vec<Frontend>,
    pub backends: Vec<Backend>,
    /// In file order; `default` comes last where it is not written.
    pub resolvers: Vec<Resolvers>,
    /// In file order.
    pub tables: Vec<StickTable>,
    /// In file order.
    pub caches: Vec<Cache>,
    /// Lists of patterns of ACLs and maps: what the runtime API calls `#0`, `#1` and so on.
    pub patterns: Vec<PatternReference>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    #[default]
    Tcp,
    Http,
}

/// The id HAProxy gives a proxy: 1 in file order, one more when a stats socket exists; `id N` overrides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProxyId(pub u32);
