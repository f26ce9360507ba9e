//! The `global` sections.

use super::{BindAddress, LogTarget, SocketRights, TlsDefaults};
use diagnostics::Span;
use std::time::Duration;

/// The `global` sections, added up.
#[derive(Clone, Debug, Default)]
pub struct Global {
    /// Most connections of the process; `None`: worked out from the limit on open files.
    pub maxconn: Option<u32>,
    /// Most new connections, and sessions, a second; 0: no limit.
    pub max_connection_rate: u32,
    pub max_session_rate: u32,
    /// `maxsslconn`: most connections of TLS; 0: no limit.
    pub max_tls_connections: u32,
    /// `maxsslrate`: new connections of TLS a second; 0: no limit.
    pub max_tls_rate: u32,
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
    /// `log-send-hostname`: the host in headers of log lines; empty: this machine's name.
    pub log_host: Option<String>,
    /// `ulimit-n`: how many files may be open; `None`: as many as the system allows.
    pub open_files: Option<u64>,
    /// `fd-hard-limit`: most files that may be open.
    pub most_open_files: Option<u64>,
    pub unix_bind: UnixBind,
    pub quiet: bool,
    /// Nothing starts while there are warnings.
    pub zero_warning: bool,
    /// `server-state-file`: where states of servers are kept, for all backends.
    pub state_file: Option<String>,
    /// `server-state-base`: the folder that names of such files start from.
    pub state_base: Option<String>,
    pub tls: TlsDefaults,
    pub http2: Http2,
    pub sizes: Sizes,
}

/// How large a message may be: `tune.bufsize`, `tune.maxrewrite`, `tune.http.maxhdr`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Bytes of each buffer, a multiple of 16; default 16384.
    pub buffer: usize,
    /// Of these, bytes that are left to what rules add, half of them at most; default 1024.
    pub reserve: usize,
    /// Most fields of a head; default 100. HAProxy counts its first line with them.
    pub fields: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        Self {
            buffer: 16_384,
            reserve: 1_024,
            fields: 100,
        }
    }
}

/// `unix-bind`: what socket files of `bind` have in common.
#[derive(Clone, Debug, Default)]
pub struct UnixBind {
    /// Stands before all paths.
    pub prefix: Option<String>,
    /// Where a line does not say otherwise.
    pub rights: SocketRights,
}

impl UnixBind {
    /// Where a socket file is.
    pub fn place(&self, address: BindAddress) -> BindAddress {
        match (&self.prefix, address) {
            (Some(prefix), BindAddress::Unix(path)) => BindAddress::Unix(prefix.clone() + &path),
            (_, address) => address,
        }
    }

    /// Who may connect, `said` by the line itself or not.
    pub fn rights(&self, said: SocketRights) -> SocketRights {
        let usual = self.rights.clone();
        SocketRights {
            mode: said.mode.or(usual.mode),
            user: said.user.or(usual.user),
            group: said.group.or(usual.group),
            ..said
        }
    }
}

/// `tune.h2.*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Http2 {
    /// How much of one body a client may send unasked: 65535 bytes unless told.
    pub initial_window: u32,
    /// Requests of one client at the same time; default 100.
    pub max_streams: u32,
    /// Of headers sent before that are remembered, in bytes; default 4096.
    pub header_table: u32,
    /// Longest frame taken, 16384 to 16777215 bytes; default 16384.
    pub max_frame: u32,
}

impl Default for Http2 {
    fn default() -> Self {
        Self {
            initial_window: 65_535,
            max_streams: 100,
            header_table: 4_096,
            max_frame: 16_384,
        }
    }
}

/// `stats socket ADDRESS [level L] [mode M] [user U] [group G]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatsSocket {
    pub address: BindAddress,
    pub level: Level,
    /// File mode of a unix socket, for example 0o600.
    pub mode: Option<u32>,
    /// By name or number, as is the group.
    pub user: Option<String>,
    pub group: Option<String>,
    /// `expose-fd listeners`: a new process may ask for what this one listens on.
    pub exposes_listeners: bool,
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
