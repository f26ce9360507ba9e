//! How requests find their server, and how much a server takes.

use std::num::NonZeroU32;
use std::time::Duration;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Balance {
    #[default]
    RoundRobin,
    StaticRoundRobin,
    LeastConnections,
    First,
    Random {
        draws: NonZeroU32,
    },
    /// The client's address.
    Source,
    Uri {
        /// The query too.
        whole: bool,
        /// Without scheme and host, if they are there.
        path_only: bool,
        /// So many bytes of it.
        len: Option<NonZeroU32>,
        /// So many directories deep.
        depth: Option<NonZeroU32>,
    },
    /// A parameter of the query.
    /// With `check_post`, a `POST` waits until so many bytes of its body have come.
    UrlParam {
        post: Option<u64>,
        name: String,
    },
    /// `hdr(name)`.
    Header {
        /// Lower case.
        name: String,
        /// Of a host name, only the part before the top level.
        domain_only: bool,
    },
}

impl Balance {
    /// Whether it looks into requests.
    pub fn needs_http(&self) -> bool {
        matches!(
            self,
            Self::Uri { .. } | Self::UrlParam { .. } | Self::Header { .. }
        )
    }
}

/// `hash-type` and `hash-balance-factor`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HashType {
    pub consistent: bool,
    pub function: HashFunction,
    pub avalanche: bool,
    /// Most requests of a server in percent of its share; 0: no limit.
    pub factor: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HashFunction {
    #[default]
    Sdbm,
    Djb2,
    Wt6,
    Crc32,
}

/// Which idle connections to servers a request may take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reuse {
    pub mode: ReuseMode,
    /// A client stays with the server that it has a connection of its own to.
    pub prefer_last: bool,
    /// How many may wait for that server, this one included; 0: no limit.
    pub max_queue: u32,
}

/// `http-reuse`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReuseMode {
    /// Only the client's own.
    Never,
    /// The first request of a client has a new one.
    #[default]
    Safe,
    /// The first one takes what was used again before.
    Aggressive,
    Always,
}

/// How much a server takes, and when; 0 everywhere: no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerLimits {
    pub maxconn: u32,
    /// The limit while the backend has little to do; without it, always `maxconn`.
    pub minconn: u32,
    /// Waiters for this server and nobody else.
    pub maxqueue: u32,
    /// How long its weight and `maxconn` grow after it came up.
    pub slowstart: Duration,
    /// It serves only when no active server can.
    pub backup: bool,
}

/// `retry-on`: which failures a request may survive, as long as `retries` allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryOn {
    /// There is no connection.
    pub conn_failure: bool,
    /// The server closed before a whole head of an answer had come.
    pub empty_response: bool,
    /// What came is no answer.
    pub junk_response: bool,
    /// `timeout server` was over before an answer came.
    pub response_timeout: bool,
    /// The server answered so.
    pub statuses: Vec<u16>,
}

impl Default for RetryOn {
    fn default() -> Self {
        Self {
            conn_failure: true,
            ..Self::NONE
        }
    }
}

impl RetryOn {
    pub const NONE: Self = Self {
        conn_failure: false,
        empty_response: false,
        junk_response: false,
        response_timeout: false,
        statuses: Vec::new(),
    };

    /// Something may be asked again that a server has got already.
    pub fn is_after_sending(&self) -> bool {
        let answers = self.empty_response || self.junk_response || self.response_timeout;
        answers || !self.statuses.is_empty()
    }
}
