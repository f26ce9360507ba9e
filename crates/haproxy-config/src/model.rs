//! The validated configuration. Every value holds its invariant; a `listen` is already split into its two halves.

mod check;
mod cookie;
mod http_options;
mod http_rules;
mod rules;
mod stick;

pub use check::{
    Agent, CheckAction, CheckConnect, CheckExpect, CheckPattern, CheckProtocol, CheckRequest,
    CheckScript, CheckStep, HeaderPattern, Observe, ObservedLayer, OnError, Pattern, TextPattern,
};
pub use cookie::{Cookie, CookieMode};
pub use http_options::{Forwarding, HttpOptions, KeepAlive};
pub use http_rules::{
    HeaderNames, HttpAction, HttpRule, HttpRules, Redirect, RedirectTo, Reply, ReplyBody, UriPart,
};
pub use rules::{BackendChoice, PatternReference, PatternUse, ServerChoice, UseBackend, UseServer};
pub use stick::{StickData, StickKey, StickKind, StickRule, StickTable};

mod dispatch;

pub use dispatch::{Balance, HashFunction, HashType, Reuse, ReuseMode, ServerLimits};

use diagnostics::Span;
use std::net::IpAddr;
use std::time::Duration;

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
    /// Lists of patterns of ACLs and maps: what the runtime API calls `#0`, `#1` and so on.
    pub patterns: Vec<PatternReference>,
}

/// The `global` sections, added up.
#[derive(Clone, Debug, Default)]
pub struct Global {
    /// Most connections of the process; `None`: worked out from the limit on open files.
    pub maxconn: Option<u32>,
    /// Worker threads, 1 to 64; `None`: one per core.
    pub nbthread: Option<u16>,
    pub daemon: bool,
    pub pidfile: Option<String>,
    pub node: Option<String>,
    pub description: Option<String>,
    pub log: Vec<LogTarget>,
    pub log_tag: Option<String>,
    pub stats_sockets: Vec<StatsSocket>,
    /// Idle time after which a stats socket connection is closed; default 10 s.
    pub stats_timeout: Option<Duration>,
    pub hard_stop_after: Option<Duration>,
    /// Jitter of check intervals in percent, 0 to 50.
    pub spread_checks: u8,
}

/// `log ADDRESS [len N] [format F] FACILITY [LEVEL [MINLEVEL]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogTarget {
    pub address: LogAddress,
    /// Longest line in bytes, 80 to 65535; default 1024.
    pub len: u16,
    pub format: LogFraming,
    /// Syslog facility code, 0 to 23.
    pub facility: u8,
    /// Least urgent syslog level that is still sent, 0 (emerg) to 7 (debug).
    pub level: u8,
    /// Most urgent level a message is capped to.
    pub min_level: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LogAddress {
    Stdout,
    Stderr,
    Udp(Host, u16),
    Unix(String),
    Fd(i32),
}

/// How a log line is framed (manual, "log", `format`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFraming {
    /// `<PRI>Nov 22 06:32:19 haproxy[PID]: MESSAGE`, HAProxy's default.
    #[default]
    Local,
    Rfc3164,
    Rfc5424,
    Priority,
    Short,
    Timed,
    Iso,
    Raw,
}

/// `stats socket ADDRESS [level L] [mode M] [user U] [group G]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatsSocket {
    pub address: BindAddress,
    pub level: Level,
    /// File mode of a unix socket, for example 0o600.
    pub mode: Option<u32>,
    pub user: Option<String>,
    pub group: Option<String>,
    pub span: Span,
}

/// What a runtime API connection may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    User,
    #[default]
    Operator,
    Admin,
}

/// An address to listen on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BindAddress {
    /// `*:3000`, `:3000` (all IPv4), `127.0.0.1:3000`, `[::]:80`, `localhost:83`.
    Inet {
        host: BindHost,
        port: u16,
    },
    Unix(String),
    Abstract(String),
    /// An inherited socket, already bound (and listening where it is a TCP one).
    Fd(i32),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BindHost {
    /// All IPv4 addresses.
    AnyV4,
    /// All IPv6 addresses.
    AnyV6,
    Host(Host),
}

/// A host as written: an address, or a name that the caller resolves at start.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Host {
    Ip(IpAddr),
    Name(String),
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
    /// The first that applies chooses the backend.
    pub use_backends: Vec<UseBackend>,
    /// Index into [`Config::backends`]. For a `listen`, its own other half.
    pub default_backend: Option<usize>,
    pub stats: Option<Stats>,
    pub log: Vec<LogTarget>,
    pub log_format: LogFormat,
    /// Of [`LogFormat::Custom`].
    pub log_text: Option<samples::Format>,
    pub captures: Vec<Capture>,
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

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// `Connect from 127.0.0.1:43714 to 127.0.0.1:20002 (f3/HTTP)`.
    #[default]
    Connect,
    Tcp,
    Http,
    /// As `log-format` says.
    Custom,
}

/// `capture request|response header NAME len N`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
    pub direction: Direction,
    /// In lower case; `None`: a rule fills it.
    pub header: Option<String>,
    /// Longest kept value in bytes.
    pub len: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Request,
    Response,
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
    /// See [`Backend::abortonclose`].
    pub abortonclose: bool,
}

#[derive(Clone, Debug)]
pub struct Bind {
    pub address: BindAddress,
    /// `name NAME`.
    pub name: Option<String>,
    /// Of a socket file.
    pub rights: SocketRights,
    /// Each connection begins with a header that tells whose it is: the PROXY protocol.
    pub accept_proxy: bool,
    /// Of the address.
    pub span: Span,
}

/// Who may connect to a socket file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct SocketRights {
    /// Permission bits; `None`: what the process's umask leaves.
    pub mode: Option<u32>,
    /// A name or a number; `None`: the owner is the process's.
    pub user: Option<String>,
    pub group: Option<String>,
}

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
    pub timeouts: BackendTimeouts,
    /// Attempts after the first one; default 3.
    pub retries: u32,
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
    pub log_health_checks: bool,
    pub stats: Option<Stats>,
    /// The log targets that state changes go to.
    pub log: Vec<LogTarget>,
    /// `None`: 10 % of the summed maxconn of the frontends that may reach it.
    pub fullconn: Option<u32>,
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
    pub disabled: bool,
    /// How its name is looked up at start, in this order; none: `last,libc`.
    pub init_addr: Vec<InitAddr>,
    /// `resolvers ID`: its name is looked up again and again.
    pub resolution: Option<Resolution>,
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

/// How a server gets its address from the answers of name servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// Index into [`Config::resolvers`].
    pub resolvers: usize,
    /// `resolve-prefer`.
    pub prefer: AddressFamily,
    /// `resolve-net`, at most five.
    pub networks: Vec<Network>,
    /// `resolve-opts allow-dup-ip`: other servers of the backend may have the same address.
    pub duplicate_addresses: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AddressFamily {
    V4,
    V6,
}

/// `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    pub address: IpAddr,
    /// Leading bits that count, at most 32 or 128.
    pub length: u8,
}

/// A `resolvers` section (manual, section 5.3.2).
#[derive(Clone, Debug)]
pub struct Resolvers {
    pub name: String,
    /// Of the name; `None`: nobody wrote it, it is the system's.
    pub span: Option<Span>,
    pub nameservers: Vec<Nameserver>,
    /// The longest answer in bytes; default 512.
    pub accepted_payload_size: u16,
    /// Questions before giving up; default 3. 0: it never gives up.
    pub retries: u32,
    pub timeout: ResolveTimeouts,
    pub hold: Hold,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Nameserver {
    /// `nameserver NAME HOST:PORT`, over UDP.
    Given {
        name: String,
        /// Of the name.
        span: Span,
        host: Host,
        port: u16,
    },
    /// `parse-resolv-conf`: those of the system.
    System,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolveTimeouts {
    /// The pause between two resolutions of a name.
    pub resolve: Duration,
    /// How long an answer is waited for.
    pub retry: Duration,
}

/// How long a name may go without a valid answer, by the kind of the last answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Only `do-resolve` looks at it.
    pub valid: Duration,
    pub nx: Duration,
    pub refused: Duration,
    pub timeout: Duration,
    pub other: Duration,
    /// How long an address stays that valid answers no longer hold.
    pub obsolete: Duration,
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

/// The parameters of `check`.
#[derive(Clone, Debug, PartialEq, Eq)]
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
}

/// The statistics page of a proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stats {
    /// Prefix of the path; default `/haproxy?stats`.
    pub uri: String,
    pub refresh: Option<Duration>,
    /// Default `HAProxy Statistics`.
    pub realm: String,
    /// `user`, `password` pairs; none: open to all.
    pub auth: Vec<(String, String)>,
    pub admin: StatsAdmin,
    pub hide_version: bool,
    pub show_legends: bool,
    pub show_node: bool,
    /// `Some("")`: the global description.
    pub show_desc: Option<String>,
    /// `scope .` is kept as the proxy's own name.
    pub scope: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StatsAdmin {
    #[default]
    Never,
    /// `stats admin if TRUE`.
    Always,
    /// `stats admin if LOCALHOST`.
    Localhost,
}
