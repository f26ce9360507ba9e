//! The checks of servers that are added while the balancer runs.

use super::{Kind, Watch, warm_up};
use crate::logger::Logger;
use crate::plan::{Backend, Plan};
use crate::process::Process;
use lb_core::server::ServerIndex;
use std::collections::HashSet;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Looks after all servers that come, for as long as the plan is in force.
pub(super) async fn run(plan: Arc<Plan>, process: Arc<Process>, logger: Arc<Logger>) {
    let mut tasks = JoinSet::new();
    let mut known = HashSet::new();
    let mut warmed: HashSet<u32> = warm_up::backends(&plan).map(|it| it.id).collect();
    loop {
        for (backend, server) in added(&plan) {
            if !known.insert((backend.id, server)) {
                continue;
            }
            for watch in watches(&plan, &backend, server, &process, &logger) {
                // As HAProxy: a whole pause after it came.
                let first = process.now() + watch.inter();
                tasks.spawn_local(watch.run(first));
            }
            if backend.live().server(server).warms_up() && warmed.insert(backend.id) {
                let (process, logger) = (Arc::clone(&process), Arc::clone(&logger));
                tasks.spawn_local(warm_up::run(backend, process, logger));
            }
        }
        while tasks.try_join_next().is_some() {}
        process.servers_added.notified().await;
    }
}

fn added(plan: &Plan) -> Vec<(Arc<Backend>, ServerIndex)> {
    let mut added = Vec::new();
    for backend in &plan.backends {
        let servers = backend.servers.iter().map(|server| server.index);
        let new = servers.filter(|index| !backend.servers.is_of_file(*index));
        added.extend(new.map(|index| (Arc::clone(backend), index)));
    }
    added
}

fn watches(
    plan: &Plan,
    backend: &Arc<Backend>,
    server: ServerIndex,
    process: &Arc<Process>,
    logger: &Arc<Logger>,
) -> Vec<Watch> {
    let wanted = backend.server(server);
    let kinds = [
        (Kind::Health, wanted.check.is_some()),
        (Kind::Agent, wanted.agent.is_some()),
    ];
    let kinds = kinds
        .into_iter()
        .filter_map(|(kind, is)| is.then_some(kind));
    let watch = |kind| Watch {
        backend: Arc::clone(backend),
        server,
        kind,
        spread: plan.global.spread_checks,
        node: crate::stats::overview::node(plan).into(),
        process: Arc::clone(process),
        logger: Arc::clone(logger),
    };
    kinds.map(watch).collect()
}
