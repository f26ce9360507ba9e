//! From the configuration model to live values: the only place that sees both `haproxy-config` and `lb-core`.

mod address;
mod balance;
mod initial;
mod live;
mod resolvers;
mod rules;
mod tables;

pub use address::{Machine, Named, ServerAddress};
pub use balance::{Key, KeyOf};
pub use haproxy_config::model::{PatternReference, ServerChoice, UseServer};
pub use initial::{Names, Outcome, Unresolved};
pub use live::{Limit, Live};
pub use resolvers::{Counter, Counters, Nameserver, Resolvers};
pub use rules::{BackendChoice, UseBackend};
pub use tables::{StickRule, Table};

use crate::process::lock;
use haproxy_config::model;
use lb_core::Uptime;
use lb_core::backend::BackendSpec;
use lb_core::schedule::Timing;
use lb_core::server::{CheckSpec, Layer, ObserveSpec, OnError, ServerIndex, ServerSpec};
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};
use tokio::sync::Notify;

pub use haproxy_config::model::{
    AddressFamily, Agent, BackendTimeouts, Bind, BindAddress, BindHost, Capture, CheckAction,
    CheckConnect, CheckExpect, CheckPattern, CheckProtocol, CheckRequest, CheckScript, Cookie,
    CookieMode, Direction, Forwarding, FrontendOptions, FrontendTimeouts, Global, HeaderNames,
    HeaderPattern, Hold, Host, HttpAction, HttpRule, HttpRules, KeepAlive, Level, LogAddress,
    LogFormat, LogFraming, LogTarget, Mode, Network, Redirect, RedirectTo, Reply, ReplyBody,
    Resolution, ReuseMode, ServerPort, SocketRights, Stats, StatsAdmin, StatsSocket, StickKind,
    TextPattern, UriPart,
};

/// One configuration, alive. A reload makes a new one.
#[derive(Debug)]
pub struct Plan {
    pub global: Global,
    /// Most connections of the process.
    pub maxconn: Limit,
    pub frontends: Vec<Arc<Frontend>>,
    pub backends: Vec<Arc<Backend>>,
    pub resolvers: Vec<Arc<Resolvers>>,
    /// In file order.
    pub tables: Vec<Arc<Table>>,
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

/// The client-facing half, alive.
#[derive(Debug)]
pub struct Frontend {
    pub id: u32,
    pub name: String,
    /// One half of a `listen`.
    pub listen: bool,
    pub description: Option<String>,
    pub mode: Mode,
    pub binds: Vec<model::Bind>,
    /// Most connections at once.
    pub maxconn: Limit,
    pub timeouts: FrontendTimeouts,
    pub http: HttpRules,
    /// The first that applies chooses the backend.
    pub use_backends: Vec<UseBackend>,
    pub default_backend: Option<Arc<Backend>>,
    pub stats: Option<Stats>,
    pub log: Vec<LogTarget>,
    pub log_format: LogFormat,
    /// Of [`LogFormat::Custom`].
    pub log_text: Option<samples::Format>,
    pub captures: Vec<Capture>,
    pub options: FrontendOptions,
    /// Shared with the frontend of the same name in the plan before: its connections go on.
    live: Arc<Mutex<lb_core::frontend::Frontend>>,
}

/// The server-facing half, alive.
#[derive(Debug)]
pub struct Backend {
    pub id: u32,
    pub name: String,
    pub listen: bool,
    pub description: Option<String>,
    pub mode: Mode,
    pub servers: Vec<Server>,
    pub timeouts: model::BackendTimeouts,
    pub retries: u32,
    /// See [`model::Backend::redispatch`].
    pub redispatch: Option<i32>,
    pub abortonclose: bool,
    pub reuse: model::Reuse,
    pub cookie: Option<Cookie>,
    pub stick: Vec<StickRule>,
    /// `option persist`.
    pub persist: bool,
    /// What checks do.
    pub check: CheckScript,
    pub use_servers: Vec<UseServer>,
    pub http: HttpRules,
    pub log_health_checks: bool,
    pub stats: Option<Stats>,
    pub log: Vec<LogTarget>,
    /// Shown as `slim`.
    pub fullconn: u32,
    /// What requests are hashed by.
    pub key: Option<Key>,
    /// A server has `slowstart`.
    pub warms_up: bool,
    live: Mutex<lb_core::backend::Backend>,
}

/// What the IO needs of a server. Its state is in [`Backend::live`] under the same index.
#[derive(Debug)]
pub struct Server {
    pub index: ServerIndex,
    pub name: String,
    pub id: u32,
    pub address: ServerAddress,
    /// Its value of the backend's cookie, where one is written.
    pub cookie: Option<String>,
    pub check: Option<model::Check>,
    pub agent: Option<model::Agent>,
    /// `observe`: what becomes of its requests is looked at.
    pub observed: bool,
    /// Checks are to come sooner than planned.
    pub hurry: Notify,
    /// `on-marked-down shutdown-sessions`: whom to tell that it is lost.
    sessions: Option<Notify>,
    /// Where checks go, when not to the address itself: `addr`.
    check_ip: Option<IpAddr>,
    /// Its name is looked up while the balancer runs.
    pub resolution: Option<Resolution>,
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
        proxies.sort_by_key(Proxy::id);
        proxies
    }

    pub fn frontend(&self, name: &str) -> Option<&Arc<Frontend>> {
        self.frontends.iter().find(|f| f.name == name)
    }

    pub fn backend(&self, name: &str) -> Option<&Arc<Backend>> {
        self.backends.iter().find(|b| b.name == name)
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

    pub fn name(&self) -> &str {
        match self {
            Self::Frontend(frontend) => &frontend.name,
            Self::Backend(backend) => &backend.name,
        }
    }
}

impl Frontend {
    /// Of a `listen`: its backend.
    pub fn other_half(&self) -> Option<&Arc<Backend>> {
        self.default_backend.as_ref().filter(|_| self.listen)
    }

    /// The counters: hold it for a few lines, never over an `.await`.
    pub fn live(&self) -> MutexGuard<'_, lb_core::frontend::Frontend> {
        lock(&self.live)
    }
}

impl Backend {
    /// The state of the servers: hold it for a few lines, never over an `.await`.
    pub fn live(&self) -> Live<'_> {
        Live::of(lock(&self.live))
    }

    pub fn server(&self, index: ServerIndex) -> &Server {
        &self.servers[index.0]
    }
}

impl Server {
    /// It is lost, and its sessions are to end with it.
    pub fn end_sessions(&self) {
        if let Some(sessions) = &self.sessions {
            sessions.notify_waiters();
        }
    }

    /// Waits until its sessions are to end.
    pub async fn lost(&self) {
        match &self.sessions {
            Some(sessions) => sessions.notified().await,
            None => std::future::pending().await,
        }
    }

    /// Where its agent is; `None`: nowhere now.
    pub fn agent_address(&self) -> Option<SocketAddr> {
        let agent = self.agent.as_ref()?;
        let ip = match (&agent.addr, &self.address) {
            (Some(ip), _) => *ip,
            (_, ServerAddress::Inet { machine, .. }) => machine.ip()?,
            (_, ServerAddress::Unix(_)) => return None,
        };
        Some(SocketAddr::new(ip, agent.port))
    }

    /// Where checks go; `None`: nowhere now, or to a unix socket.
    pub fn check_address(&self) -> Option<SocketAddr> {
        let check = self.check.as_ref()?;
        let ServerAddress::Inet { machine, port } = &self.address else {
            return None;
        };
        let own = match port {
            ServerPort::Fixed(port) => Some(*port),
            _ => None,
        };
        let ip = self.check_ip.or_else(|| machine.ip())?;
        check.port.or(own).map(|port| SocketAddr::new(ip, port))
    }
}

/// Connections a process may have when nothing says otherwise.
const DEFAULT_MAXCONN: u32 = 2000;

/// Makes a plan of a valid configuration, and tells of names without address. What kept its name takes over its
/// life from the `former` plan.
///
/// # Errors
///
/// Names that do not resolve and must, with their places.
pub fn build(
    config: &model::Config,
    loaded: Loaded,
    names: &Names<'_>,
    default_maxconn: Option<u32>,
    former: Option<&Plan>,
    now: Uptime,
) -> Result<(Plan, Vec<Unresolved>), Vec<Unresolved>> {
    let maxconn = config
        .global
        .maxconn
        .or(default_maxconn)
        .unwrap_or(DEFAULT_MAXCONN);
    let mut unresolved = Vec::new();
    let sections = config.resolvers.iter();
    let resolvers = sections.map(|it| resolvers::build(it, names, former, &mut unresolved));
    let resolvers: Vec<_> = resolvers.map(Arc::new).collect();
    let tables = tables::build(config, former);
    let mut backends = Vec::new();
    for (index, backend) in config.backends.iter().enumerate() {
        let servers = build_servers(backend, names, former, &mut unresolved);
        let fullconn = fullconn(config, index, maxconn);
        backends.push(Arc::new(build_backend(
            backend, servers, &tables, fullconn, now,
        )));
    }
    if unresolved.iter().any(|it| it.outcome.is_fatal()) {
        return Err(unresolved);
    }
    let frontends = config.frontends.iter().map(|frontend| {
        let live = former
            .and_then(|plan| plan.frontend(&frontend.name))
            .map(|former| Arc::clone(&former.live));
        Arc::new(build_frontend(
            frontend,
            &backends,
            maxconn,
            live.unwrap_or_default(),
        ))
    });
    if let Some(former) = former {
        inherit(&backends, former);
    }
    let plan = Plan {
        frontends: frontends.collect(),
        global: config.global.clone(),
        maxconn: maxconn.into(),
        backends,
        tables,
        resolvers,
        patterns: config.patterns.clone(),
        loaded,
    };
    Ok((plan, unresolved))
}

fn inherit(backends: &[Arc<Backend>], former: &Plan) {
    for backend in backends {
        if let Some(former) = former.backend(&backend.name) {
            backend.live().inherit(&former.live());
        }
    }
}

fn build_frontend(
    frontend: &model::Frontend,
    backends: &[Arc<Backend>],
    maxconn: u32,
    live: Arc<Mutex<lb_core::frontend::Frontend>>,
) -> Frontend {
    Frontend {
        id: frontend.id.0,
        name: frontend.name.clone(),
        listen: frontend.listen,
        description: frontend.description.clone(),
        mode: frontend.mode,
        binds: frontend.binds.clone(),
        maxconn: frontend.maxconn.unwrap_or(maxconn).into(),
        timeouts: frontend.timeouts.clone(),
        http: frontend.http.clone(),
        use_backends: rules::use_backends(frontend, backends),
        default_backend: frontend
            .default_backend
            .map(|index| Arc::clone(&backends[index])),
        stats: frontend.stats.clone(),
        log: frontend.log.clone(),
        log_format: frontend.log_format,
        log_text: frontend.log_text.clone(),
        captures: frontend.captures.clone(),
        options: frontend.options.clone(),
        live,
    }
}

fn build_servers(
    backend: &model::Backend,
    names: &Names<'_>,
    former: Option<&Plan>,
    unresolved: &mut Vec<Unresolved>,
) -> Vec<Server> {
    let servers = backend.servers.iter().enumerate();
    let servers = servers.map(|(index, server)| {
        let last = initial::last_address(former, &backend.name, server);
        let mut note = |host: &str, outcome| {
            unresolved.push(Unresolved {
                backend: backend.name.clone(),
                server: server.name.clone(),
                host: host.to_owned(),
                span: server.address_span,
                outcome,
            });
        };
        build_server(ServerIndex(index), server, names, last, &mut note)
    });
    servers.collect()
}

fn build_backend(
    backend: &model::Backend,
    servers: Vec<Server>,
    tables: &[Arc<Table>],
    fullconn: u32,
    now: Uptime,
) -> Backend {
    let specs = backend
        .servers
        .iter()
        .zip(&servers)
        .map(|(configured, server)| spec(configured, server));
    let spec = BackendSpec {
        name: backend.name.clone(),
        listen: backend.listen,
        balance: balance::balance(backend),
        fullconn: fullconn.into(),
        redispatch: backend.redispatch.is_some(),
        persist: backend.persist,
        all_backups: backend.all_backups,
        servers: specs.collect(),
    };
    let live = lb_core::backend::Backend::new(spec, now);
    Backend {
        id: backend.id.0,
        name: backend.name.clone(),
        listen: backend.listen,
        description: backend.description.clone(),
        mode: backend.mode,
        servers,
        timeouts: backend.timeouts.clone(),
        retries: backend.retries,
        redispatch: backend.redispatch,
        abortonclose: backend.abortonclose,
        reuse: backend.reuse,
        cookie: backend.cookie.clone(),
        stick: tables::rules(backend, tables),
        persist: backend.persist,
        check: backend.check.clone(),
        use_servers: backend.use_servers.clone(),
        http: backend.http.clone(),
        log_health_checks: backend.log_health_checks,
        stats: backend.stats.clone(),
        log: backend.log.clone(),
        fullconn,
        key: balance::key(backend),
        warms_up: backend
            .servers
            .iter()
            .any(|server| !server.limits.slowstart.is_zero()),
        live: Mutex::new(live),
    }
}

fn build_server(
    index: ServerIndex,
    server: &model::Server,
    names: &Names<'_>,
    last: Option<IpAddr>,
    note: &mut dyn FnMut(&str, Outcome),
) -> Server {
    let address = match &server.address {
        model::ServerAddress::Unix(path) => ServerAddress::Unix(path.clone()),
        model::ServerAddress::Inet { host, port } => {
            let (machine, outcome) = initial::machine(host, server, names, last);
            if let (model::Host::Name(name), Some(outcome)) = (host, outcome) {
                note(name, outcome);
            }
            ServerAddress::Inet {
                machine,
                port: *port,
            }
        }
    };
    let check_host = server.check.as_ref().and_then(|check| check.addr.as_ref());
    let check_ip = check_host.and_then(|host| match host {
        model::Host::Ip(ip) => Some(*ip),
        model::Host::Name(name) => {
            let ip = (names.lookup)(name);
            if ip.is_none() {
                note(name, Outcome::Fatal);
            }
            ip
        }
    });
    Server {
        index,
        name: server.name.clone(),
        id: server.id,
        address,
        cookie: server.cookie.clone(),
        check: server.check.clone(),
        agent: server.agent.clone(),
        observed: server.observe.is_some(),
        hurry: Notify::new(),
        sessions: server.shutdown_on_down.then(Notify::new),
        check_ip,
        resolution: server.resolution.clone(),
    }
}

fn spec(configured: &model::Server, server: &Server) -> ServerSpec {
    let at_least_one = |n: u32| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
    ServerSpec {
        name: configured.name.clone(),
        id: configured.id,
        weight: configured.weight,
        maxconn: configured.limits.maxconn,
        minconn: configured.limits.minconn,
        max_queue: configured.limits.maxqueue,
        slowstart: configured.limits.slowstart,
        backup: configured.limits.backup,
        check: configured.check.as_ref().map(|check| CheckSpec {
            rise: at_least_one(check.rise),
            fall: at_least_one(check.fall),
            timing: Timing {
                inter: check.inter,
                fastinter: check.fastinter,
                downinter: check.downinter,
            },
        }),
        agent: configured.agent.as_ref().map(|agent| CheckSpec {
            rise: NonZeroU32::MIN,
            fall: NonZeroU32::MIN,
            timing: Timing {
                inter: agent.inter,
                fastinter: agent.inter,
                downinter: agent.inter,
            },
        }),
        observe: configured.observe.as_ref().map(observe),
        disabled: configured.disabled,
        unresolved: server
            .address
            .named()
            .is_some_and(|named| named.ip().is_none()),
        address: server.address.identity(),
    }
}

fn observe(configured: &model::Observe) -> ObserveSpec {
    ObserveSpec {
        layer: match configured.layer {
            model::ObservedLayer::Layer4 => Layer::Layer4,
            model::ObservedLayer::Layer7 => Layer::Layer7,
        },
        error_limit: NonZeroU32::new(configured.error_limit).unwrap_or(NonZeroU32::MIN),
        on_error: match configured.on_error {
            model::OnError::FastInter => OnError::FastInter,
            model::OnError::FailCheck => OnError::FailCheck,
            model::OnError::SuddenDeath => OnError::SuddenDeath,
            model::OnError::MarkDown => OnError::MarkDown,
        },
    }
}

/// Manual "fullconn": 10 % of the summed maxconn of the frontends that may reach the backend.
fn fullconn(config: &model::Config, backend: usize, maxconn: u32) -> u32 {
    let reaching = config
        .frontends
        .iter()
        .filter(|f| rules::reaches(f, backend));
    let sum: u32 = reaching.map(|f| f.maxconn.unwrap_or(maxconn)).sum();
    config.backends[backend]
        .fullconn
        .unwrap_or(sum.div_ceil(10).max(1))
}

/// The pause of a timeout that was not set: practically for ever.
pub const NEVER: Duration = Duration::from_secs(86_400 * 365);
