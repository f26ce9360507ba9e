//! From a valid configuration to a plan.

use super::Rates;
use super::{
    Backend, Loaded, Names, Plan, Unresolved, backend, caches, frontend, resolvers, restore, rules,
    server, tables, tracking,
};
use crate::tls::Material;
use haproxy_config::model;
use lb_core::Uptime;
use std::sync::Arc;

/// Connections a process may have when nothing says otherwise.
const DEFAULT_MAXCONN: u32 = 2000;

/// A plan, and what is to be said of it.
#[derive(Debug)]
pub struct Built {
    pub plan: Plan,
    pub unresolved: Vec<Unresolved>,
    /// HAProxy's words on the states that servers begin in.
    pub restored: Vec<String>,
}

/// Makes a plan of a valid configuration, and tells of names without address. What kept its name takes over its
/// life from the `former` plan.
///
/// # Errors
///
/// Names that do not resolve and must, with their places.
pub fn build(
    config: &model::Config,
    loaded: Loaded,
    material: Material,
    names: &Names<'_>,
    default_maxconn: Option<u32>,
    former: Option<&Plan>,
    now: Uptime,
) -> Result<Built, Vec<Unresolved>> {
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
    let mut connectors = material.connectors.into_iter();
    for (index, backend) in config.backends.iter().enumerate() {
        let connectors = connectors.next().unwrap_or_default();
        let servers = server::build_all(backend, connectors, names, former, &mut unresolved);
        let fullconn = fullconn(config, index, maxconn);
        backends.push(Arc::new(backend::build(
            backend, config, servers, &tables, fullconn, now,
        )));
    }
    if unresolved.iter().any(|it| it.outcome.is_fatal()) {
        return Err(unresolved);
    }
    let mut entries = material.entries.into_iter();
    let frontends = config.frontends.iter().map(|frontend| {
        let live = former
            .and_then(|plan| plan.frontend(&frontend.name))
            .map(|former| Arc::clone(&former.live));
        Arc::new(frontend::build(
            frontend,
            entries.next().unwrap_or_default(),
            &backends,
            maxconn,
            live.unwrap_or_default(),
        ))
    });
    if let Some(former) = former {
        inherit(&backends, former);
    }
    tracking::link(config, &backends);
    let kept = names
        .kept
        .map(|kept| restore::restore(&backends, kept, now));
    let plan = Plan {
        frontends: frontends.collect(),
        global: config.global.clone(),
        maxconn: maxconn.into(),
        rates: Rates {
            connections: config.global.max_connection_rate.into(),
            sessions: config.global.max_session_rate.into(),
            handshakes: config.global.max_tls_rate.into(),
        },
        backends,
        tables,
        caches: caches::build(config, former),
        resolvers,
        patterns: config.patterns.clone(),
        loaded,
    };
    Ok(Built {
        plan,
        unresolved,
        restored: kept.unwrap_or_default(),
    })
}

fn inherit(backends: &[Arc<Backend>], former: &Plan) {
    for backend in backends {
        if let Some(former) = former.backend(&backend.name) {
            backend.live().inherit(&former.live());
        }
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
