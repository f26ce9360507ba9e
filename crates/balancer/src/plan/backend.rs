//! The server-facing half of a proxy, alive.

use super::balance::{self, Key};
use super::tables::{self, StickRule, Table};
use super::{Live, Server, Servers, server};
use crate::process::lock;
use diagnostics::SourceId;
use haproxy_config::model::{
    self, CheckScript, Cookie, ErrorPages, HttpRules, LogTarget, Mode, RetryOn, Stats, UseServer,
};
use lb_core::Uptime;
use lb_core::backend::BackendSpec;
use lb_core::server::ServerIndex;
use std::sync::{Arc, Mutex};

/// The server-facing half, alive.
#[derive(Debug)]
pub struct Backend {
    pub id: u32,
    /// Where it stands in the files.
    pub place: (SourceId, usize),
    pub name: String,
    pub listen: bool,
    pub description: Option<String>,
    pub mode: Mode,
    pub servers: Servers,
    /// Of servers that are added.
    pub(super) source: Option<std::net::SocketAddr>,
    pub timeouts: model::BackendTimeouts,
    pub retries: u32,
    pub retry_on: RetryOn,
    /// See [`haproxy_config::model::Backend::redispatch`].
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
    pub tcp: super::TcpRules,
    pub errors: ErrorPages,
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

impl Backend {
    /// The state of the servers: hold it for a few lines, never over an `.await`.
    pub fn live(&self) -> Live<'_> {
        Live::of(lock(&self.live))
    }

    pub fn server(&self, index: ServerIndex) -> &Server {
        &self.servers[index.0]
    }
}

pub(super) fn build(
    backend: &model::Backend,
    config: &model::Config,
    servers: Vec<Server>,
    tables: &[Arc<Table>],
    fullconn: u32,
    now: Uptime,
) -> Backend {
    let specs = backend
        .servers
        .iter()
        .zip(&servers)
        .map(|(configured, server)| {
            let tracked = configured.track.map(|tracked| {
                let backend = &config.backends[tracked.backend];
                format!("{}/{}", backend.name, backend.servers[tracked.server].name)
            });
            server::spec(configured, server, tracked)
        });
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
        place: (backend.span.source, backend.span.start),
        name: backend.name.clone(),
        listen: backend.listen,
        description: backend.description.clone(),
        mode: backend.mode,
        servers: Servers::new(servers),
        source: backend.source,
        timeouts: backend.timeouts.clone(),
        retries: backend.retries,
        retry_on: backend.retry_on.clone(),
        redispatch: backend.redispatch,
        abortonclose: backend.abortonclose,
        reuse: backend.reuse,
        cookie: backend.cookie.clone(),
        stick: tables::rules(backend, tables),
        persist: backend.persist,
        check: backend.check.clone(),
        use_servers: backend.use_servers.clone(),
        http: backend.http.clone(),
        tcp: backend.tcp.clone(),
        errors: backend.errors.clone(),
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
