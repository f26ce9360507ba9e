//! From the configuration model to live values: the only place that sees both `haproxy-config` and `lb-core`.

mod address;
mod backend;
mod balance;
mod build;
mod caches;
mod changeable;
mod dynamic;
mod frontend;
mod gate;
mod initial;
mod live;
mod resolvers;
mod restore;
mod rules;
mod server;
mod servers;
mod tables;
mod tracking;

pub use address::{Location, Named, Place, ServerAddress};
pub use backend::Backend;
pub use balance::{Key, KeyOf};
pub use build::{Built, build};
pub use caches::Cache;
pub use dynamic::{AddError, Newcomer};
pub use frontend::Frontend;
pub use gate::{Gate, GateKeeper};
pub use haproxy_config::model::{ERROR_STATUSES, PatternReference, ServerChoice, UseServer};
pub use haproxy_config::{DynamicServer, dynamic_server};
pub use initial::{Names, Outcome, Unresolved};
pub use live::{Limit, Live, Rates};
pub use resolvers::{Counter, Counters, Nameserver, Resolvers};
pub use rules::{BackendChoice, UseBackend};
pub use server::{Aim, Server};
pub use servers::Servers;
pub use tables::{StickRule, Table};

use diagnostics::SourceId;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

pub use haproxy_config::model::{
    AddressFamily, Agent, BackendTimeouts, Bind, BindAddress, BindHost, BindProtocol, BodyWait,
    Capture, CheckAction, CheckConnect, CheckData, CheckExpect, CheckPattern, CheckPort,
    CheckProtocol, CheckRequest, CheckScript, CheckValue, Cookie, CookieCapture, CookieMode,
    Direction, End, ErrorFile, ErrorPages, Forwarding, FrontendOptions, FrontendTimeouts, Global,
    HeaderNames, HeaderPattern, Hold, Host, Http2, HttpAction, HttpRule, HttpRules, KeepAlive,
    Level, LogAddress, LogFormat, LogFraming, LogSample, LogTarget, Mode, Network, OddNames,
    PatternChange, ProxyDetails, ProxyHeader, RawAnswer, Redirect, RedirectTo, Reply, ReplyBody,
    Resolution, RetryOn, ReuseMode, ServerPort, ServerProtocol, Service, SetTimeout, Sizes,
    SocketRights, Stats, StatsSocket, StickKind, TagValue, TcpAction, TcpRule, TcpRules,
    TextPattern, TimeoutValue, UriPart,
};

/// One configuration, alive. A reload makes a new one.
#[derive(Debug)]
pub struct Plan {
    pub global: Global,
    /// Most connections of the process.
    pub maxconn: Limit,
    pub rates: Rates,
    pub frontends: Vec<Arc<Frontend>>,
    pub backends: Vec<Arc<Backend>>,
    pub resolvers: Vec<Arc<Resolvers>>,
    /// In file order.
    pub tables: Vec<Arc<Table>>,
    /// In file order.
    pub caches: Vec<Arc<Cache>>,
    /// Patterns of ACLs and maps, under their numbers.
    pub patterns: Vec<PatternReference>,
    pub loaded: Loaded,
}

/// Which text this is.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Of all files, in order: 16 hexadecimal digits.
    pub hash: String,
    pub at: SystemTime,
    /// As given with `-f`.
    pub files: Vec<String>,
    /// Of all files, in order.
    pub text: String,
}

impl Plan {
    /// Frontends and backends in file order, a `listen` giving both: the order of every statistic.
    pub fn proxies(&self) -> Vec<Proxy> {
        let mut proxies: Vec<_> = self
            .frontends
            .iter()
            .map(|f| Proxy::Frontend(Arc::clone(f)))
            .chain(self.backends.iter().map(|b| Proxy::Backend(Arc::clone(b))))
            .collect();
        proxies.sort_by_key(Proxy::place);
        proxies
    }

    pub fn frontend(&self, name: &str) -> Option<&Arc<Frontend>> {
        self.frontends.iter().find(|f| f.name == name)
    }

    pub fn backend(&self, name: &str) -> Option<&Arc<Backend>> {
        self.backends.iter().find(|b| b.name == name)
    }

    /// The lists of patterns that were read from a file.
    pub fn patterns_of(&self, file: &str) -> Option<&PatternReference> {
        let mut named = self.patterns.iter();
        named.find(|reference| reference.file.as_deref() == Some(file))
    }

    pub fn cache(&self, name: &str) -> Option<&Arc<Cache>> {
        self.caches.iter().find(|cache| cache.name == name)
    }

    pub fn table(&self, name: &str) -> Option<&Arc<Table>> {
        self.tables.iter().find(|table| table.name == name)
    }
}

/// One half of a proxy. Halves of a `listen` have the same id; the frontend comes first.
#[derive(Clone, Debug)]
pub enum Proxy {
    Frontend(Arc<Frontend>),
    Backend(Arc<Backend>),
}

impl Proxy {
    pub fn id(&self) -> u32 {
        match self {
            Self::Frontend(frontend) => frontend.id,
            Self::Backend(backend) => backend.id,
        }
    }

    fn place(&self) -> (SourceId, usize) {
        match self {
            Self::Frontend(frontend) => frontend.place,
            Self::Backend(backend) => backend.place,
        }
    }

    pub fn name(&self) -> &str {
        match self {
            Self::Frontend(frontend) => &frontend.name,
            Self::Backend(backend) => &backend.name,
        }
    }
}

/// The pause of a timeout that was not set: practically for ever.
pub const NEVER: Duration = Duration::from_secs(86_400 * 365);
