//! The client-facing half of a proxy.

use super::{
    Bind, Capture, CookieCapture, ErrorPages, HttpRules, LogFormat, LogTarget, Mode, ProxyId,
    Stats, UseBackend,
};
use diagnostics::Span;
use std::time::Duration;

/// The client-facing half.
#[derive(Clone, Debug)]
pub struct Frontend {
    pub id: ProxyId,
    pub name: String,
    /// It stems from a `listen`, whose other half is the backend of the same name.
    pub listen: bool,
    /// Where it was declared (the name).
    pub span: Span,
    pub description: Option<String>,
    pub disabled: bool,
    pub mode: Mode,
    pub binds: Vec<Bind>,
    /// `None`: the global one.
    pub maxconn: Option<u32>,
    pub timeouts: FrontendTimeouts,
    pub http: HttpRules,
    pub tcp: super::TcpRules,
    pub errors: ErrorPages,
    /// The first that applies chooses the backend.
    pub use_backends: Vec<UseBackend>,
    /// Index into [`Config::backends`](super::Config::backends). For a `listen`, its own other half.
    pub default_backend: Option<usize>,
    pub stats: Option<Stats>,
    pub log: Vec<LogTarget>,
    pub log_format: LogFormat,
    /// Of [`LogFormat::Custom`].
    pub log_text: Option<samples::Format>,
    /// `error-log-format`: of what came to nothing before it was a request.
    pub error_log_text: Option<samples::Format>,
    pub captures: Vec<Capture>,
    pub cookie_capture: Option<CookieCapture>,
    pub options: FrontendOptions,
}

/// Unset means that nothing ever times out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrontendTimeouts {
    pub client: Option<Duration>,
    /// Default: `client`.
    pub http_request: Option<Duration>,
    /// Default: `http_request`, else `client`.
    pub http_keep_alive: Option<Duration>,
    /// Once one direction of a tunnel has ended; default: as before.
    pub client_fin: Option<Duration>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrontendOptions {
    pub dontlognull: bool,
    pub dontlog_normal: bool,
    pub logasap: bool,
    pub http_ignore_probes: bool,
    pub socket_stats: bool,
    pub log_separate_errors: bool,
    /// Most new sessions a second; 0: no limit.
    pub session_rate: u32,
    /// Most idle server connections that one client has for itself.
    pub max_server_connections: usize,
    /// See [`Backend::abortonclose`](super::Backend::abortonclose).
    pub abortonclose: bool,
}
