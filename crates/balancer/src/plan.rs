//! From the configuration model to live values: the only place that sees both `haproxy-config` and `lb-core`.

use crate::process::lock;
use haproxy_config::model;
use lb_core::Uptime;
use lb_core::algorithm::{Algorithm, RoundRobin};
use lb_core::schedule::Timing;
use lb_core::server::{CheckSpec, ServerIndex, ServerSpec};
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

pub use haproxy_config::model::{
    Bind, BindAddress, BindHost, Capture, Direction, FrontendOptions, FrontendTimeouts, Global,
    Host, HttpCheck, Level, LogAddress, LogFormat, LogFraming, LogTarget, Mode, ServerPort, Stats,
    StatsAdmin, StatsSocket,
};

/// One configuration, alive. A reload makes a new one.
#[derive(Debug)]
pub struct Plan {
    pub global: Global,
    /// Most connections of the process.
    pub maxconn: u32,
    pub frontends: Vec<Arc<Frontend>>,
    pub backends: Vec<Arc<Backend>>,
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
    pub maxconn: u32,
    pub timeouts: FrontendTimeouts,
    pub default_backend: Option<Arc<Backend>>,
    pub stats: Option<Stats>,
    pub log: Vec<LogTarget>,
    pub log_format: LogFormat,
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
    pub httpchk: Option<HttpCheck>,
    pub log_health_checks: bool,
    pub stats: Option<Stats>,
    pub log: Vec<LogTarget>,
    /// Shown as `slim`.
    pub fullconn: u32,
    live: Mutex<lb_core::backend::Backend>,
}

/// What the IO needs of a server. Its state is in [`Backend::live`] under the same index.
#[derive(Debug)]
pub struct Server {
    pub index: ServerIndex,
    pub name: String,
    pub id: u32,
    pub address: ServerAddress,
    pub check: Option<model::Check>,
    /// Where checks go, when not to the address itself.
    pub check_address: Option<SocketAddr>,
}

/// A server's address, resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerAddress {
    Inet { ip: IpAddr, port: ServerPort },
    Unix(String),
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
    pub fn live(&self) -> MutexGuard<'_, lb_core::backend::Backend> {
        lock(&self.live)
    }

    pub fn server(&self, index: ServerIndex) -> &Server {
        &self.servers[index.0]
    }
}

impl ServerAddress {
    /// The socket address for a client that came in on `client_port`; `None` for a unix socket.
    pub fn socket_address(&self, client_port: u16) -> Option<SocketAddr> {
        let Self::Inet { ip, port } = self else {
            return None;
        };
        let port = match *port {
            ServerPort::Fixed(port) => port,
            ServerPort::Client => client_port,
            ServerPort::Offset(offset) => {
                u16::try_from(i32::from(client_port) + offset).unwrap_or(0)
            }
        };
        Some(SocketAddr::new(*ip, port))
    }
}

/// Connections a process may have when nothing says otherwise.
const DEFAULT_MAXCONN: u32 = 2000;

/// Makes a plan of a valid configuration. `resolve` turns a host name into an address; what kept its name takes
/// over its life from the `former` plan.
///
/// # Errors
///
/// The name that does not resolve, with the place of its server.
pub fn build(
    config: &model::Config,
    loaded: Loaded,
    resolve: &dyn Fn(&str) -> Option<IpAddr>,
    default_maxconn: Option<u32>,
    former: Option<&Plan>,
    now: Uptime,
) -> Result<Plan, Vec<Unresolved>> {
    let maxconn = config
        .global
        .maxconn
        .or(default_maxconn)
        .unwrap_or(DEFAULT_MAXCONN);
    let mut unresolved = Vec::new();
    let mut backends = Vec::new();
    for (index, backend) in config.backends.iter().enumerate() {
        match build_backend(backend, fullconn(config, index, maxconn), resolve, now) {
            Ok(backend) => backends.push(Arc::new(backend)),
            Err(names) => unresolved.extend(names),
        }
    }
    if !unresolved.is_empty() {
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
    Ok(Plan {
        frontends: frontends.collect(),
        global: config.global.clone(),
        maxconn,
        backends,
        loaded,
    })
}

/// A server whose host name has no address.
#[derive(Clone, Debug)]
pub struct Unresolved {
    pub backend: String,
    pub server: String,
    pub host: String,
    pub span: diagnostics::Span,
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
        maxconn: frontend.maxconn.unwrap_or(maxconn),
        timeouts: frontend.timeouts.clone(),
        default_backend: frontend
            .default_backend
            .map(|index| Arc::clone(&backends[index])),
        stats: frontend.stats.clone(),
        log: frontend.log.clone(),
        log_format: frontend.log_format,
        captures: frontend.captures.clone(),
        options: frontend.options.clone(),
        live,
    }
}

fn build_backend(
    backend: &model::Backend,
    fullconn: u32,
    resolve: &dyn Fn(&str) -> Option<IpAddr>,
    now: Uptime,
) -> Result<Backend, Vec<Unresolved>> {
    let mut unresolved = Vec::new();
    let mut servers = Vec::new();
    for (index, server) in backend.servers.iter().enumerate() {
        match build_server(ServerIndex(index), server, resolve) {
            Ok(server) => servers.push(server),
            Err(host) => unresolved.push(Unresolved {
                backend: backend.name.clone(),
                server: server.name.clone(),
                host,
                span: server.address_span,
            }),
        }
    }
    if !unresolved.is_empty() {
        return Err(unresolved);
    }
    let specs = backend
        .servers
        .iter()
        .zip(&servers)
        .map(|(configured, server)| spec(configured, server));
    let live = lb_core::backend::Backend::new(
        backend.name.clone(),
        backend.listen,
        specs.collect(),
        algorithm(backend.balance),
        now,
    );
    Ok(Backend {
        id: backend.id.0,
        name: backend.name.clone(),
        listen: backend.listen,
        description: backend.description.clone(),
        mode: backend.mode,
        servers,
        timeouts: backend.timeouts.clone(),
        retries: backend.retries,
        redispatch: backend.redispatch,
        httpchk: backend.httpchk.clone(),
        log_health_checks: backend.log_health_checks,
        stats: backend.stats.clone(),
        log: backend.log.clone(),
        fullconn,
        live: Mutex::new(live),
    })
}

fn algorithm(balance: model::Balance) -> Box<dyn Algorithm> {
    match balance {
        model::Balance::RoundRobin => Box::new(RoundRobin::default()),
    }
}

fn build_server(
    index: ServerIndex,
    server: &model::Server,
    resolve: &dyn Fn(&str) -> Option<IpAddr>,
) -> Result<Server, String> {
    let lookup = |host: &model::Host| match host {
        model::Host::Ip(ip) => Ok(*ip),
        model::Host::Name(name) => resolve(name).ok_or_else(|| name.clone()),
    };
    let address = match &server.address {
        model::ServerAddress::Inet { host, port } => ServerAddress::Inet {
            ip: lookup(host)?,
            port: *port,
        },
        model::ServerAddress::Unix(path) => ServerAddress::Unix(path.clone()),
    };
    Ok(Server {
        index,
        name: server.name.clone(),
        id: server.id,
        check_address: check_address(server, &address, &lookup)?,
        address,
        check: server.check.clone(),
    })
}

fn check_address(
    server: &model::Server,
    address: &ServerAddress,
    lookup: &dyn Fn(&model::Host) -> Result<IpAddr, String>,
) -> Result<Option<SocketAddr>, String> {
    let Some(check) = &server.check else {
        return Ok(None);
    };
    let ServerAddress::Inet { ip, port } = address else {
        return Ok(None);
    };
    let ip = check.addr.as_ref().map_or(Ok(*ip), lookup)?;
    let own = match port {
        ServerPort::Fixed(port) => Some(*port),
        _ => None,
    };
    Ok(check.port.or(own).map(|port| SocketAddr::new(ip, port)))
}

fn spec(configured: &model::Server, server: &Server) -> ServerSpec {
    let at_least_one = |n: u32| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
    ServerSpec {
        name: configured.name.clone(),
        id: configured.id,
        weight: configured.weight,
        check: configured.check.as_ref().map(|check| CheckSpec {
            rise: at_least_one(check.rise),
            fall: at_least_one(check.fall),
            timing: Timing {
                inter: check.inter,
                fastinter: check.fastinter,
                downinter: check.downinter,
            },
        }),
        disabled: configured.disabled,
        address: format!("{:?}", server.address),
    }
}

/// Manual "fullconn": 10 % of the summed maxconn of the frontends that may reach the backend.
fn fullconn(config: &model::Config, backend: usize, maxconn: u32) -> u32 {
    let reaching = config
        .frontends
        .iter()
        .filter(|f| f.default_backend == Some(backend));
    let sum: u32 = reaching.map(|f| f.maxconn.unwrap_or(maxconn)).sum();
    config.backends[backend]
        .fullconn
        .unwrap_or(sum.div_ceil(10).max(1))
}

/// The pause of a timeout that was not set: practically for ever.
pub const NEVER: Duration = Duration::from_secs(86_400 * 365);
