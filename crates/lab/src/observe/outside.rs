//! The same picture without a supervisor: servers and a balancer that were started by hand, seen from outside.

use super::{answer, port, runtime_api, stat_csv};
use crate::config_file::{self, ConfigFile};
use crate::plan::{self, Plan, PlannedServer, Ports, Wanted};
use crate::supervisor::snapshot::{
    BalancerRow, Belief, NameServerRow, Process, ServerRow, Snapshot,
};
use crate::work_dir::registration::Registration;
use jiff::Timestamp;
use std::net::SocketAddr;
use std::path::Path;

/// More than a page of statistics for a hundred servers.
const LONGEST_CSV: usize = 256 * 1024;

/// What a file names, and what of it runs; `None` when there is no file, or it is wrong.
///
/// `registered` is the balancer of this folder that can be asked; another one is asked by its statistics page.
pub(crate) async fn look(
    path: &Path,
    registered: Option<&Registration>,
) -> Option<(Plan, Snapshot)> {
    let file = ConfigFile::read(path).ok()?;
    let wanted = Wanted {
        servers: None,
        ports: Ports::From(0),
        balancer: 0,
        statistics: 0,
    };
    let plan = plan::from_config(&file.config, &wanted).ok()?;
    let asked = match registered {
        Some(registered) => registered_beliefs(registered).await,
        None => None,
    };
    let beliefs = match asked {
        Some(beliefs) => beliefs,
        None => beliefs(&file, &plan).await.unwrap_or_default(),
    };
    let row = |server: &PlannedServer| server_row(server, &beliefs);
    let traffic = plan.traffic().map(plan::PlannedBind::reachable);
    let snapshot = Snapshot {
        held_back: false,
        schema: Snapshot::SCHEMA,
        time: Timestamp::now(),
        supervisor: None,
        servers: plan.servers.iter().map(row).collect(),
        name_server: None,
        balancer: traffic.map(|at| balancer_row(&file, &plan, at, registered)),
        requests: 0,
        errors: 0,
    };
    Some((plan, snapshot))
}

/// The name server that was started by hand, if there is one.
pub(crate) fn name_server(address: SocketAddr) -> Option<NameServerRow> {
    Some(NameServerRow {
        address,
        process: port::holder(address)?.into(),
        answers: None,
    })
}

fn process(address: SocketAddr) -> Process {
    port::holder(address).map_or(Process::Absent, Process::from)
}

fn server_row(server: &PlannedServer, beliefs: &[stat_csv::Belief]) -> ServerRow {
    let mine = beliefs.iter().find(|belief| {
        server
            .members
            .iter()
            .any(|member| member.backend == belief.backend && member.server == belief.server)
    });
    ServerRow {
        name: server.name.clone(),
        address: server.address,
        process: process(server.address),
        belief: mine.map(|belief| Belief {
            status: belief.status.clone(),
            check: belief.check.clone(),
            changed: belief.changed,
            weight: belief.weight,
        }),
        in_config: true,
        requests: mine.map_or(0, |belief| belief.requests),
        errors: 0,
        last_ms: None,
    }
}

fn balancer_row(
    file: &ConfigFile,
    plan: &Plan,
    traffic: SocketAddr,
    registered: Option<&Registration>,
) -> BalancerRow {
    let process = process(traffic);
    let engine = match &process {
        Process::Yours { command, .. }
            if command.contains("haproxy") && !command.contains("lab ") =>
        {
            "haproxy"
        }
        _ => "lab",
    };
    BalancerRow {
        engine: engine.to_owned(),
        process,
        traffic: Some(traffic),
        statistics: plan.statistics().map(plan::PlannedBind::reachable),
        file: file.name(),
        loaded: registered.map(|registered| registered.loaded),
        newer: registered
            .filter(|registered| registered.text != file.text())
            .and_then(|_| config_file::saved(&file.path)),
    }
}

async fn registered_beliefs(registered: &Registration) -> Option<Vec<stat_csv::Belief>> {
    let csv = runtime_api::ask(&registered.stats_socket, "show stat").await;
    csv.ok().map(|csv| stat_csv::beliefs(&csv))
}

/// What the balancer believes, from its statistics page, where it has one without a password.
async fn beliefs(file: &ConfigFile, plan: &Plan) -> Option<Vec<stat_csv::Belief>> {
    let bind = plan.statistics()?;
    let uri = file
        .config
        .frontends
        .iter()
        .filter(|frontend| frontend.name == bind.frontend)
        .filter_map(|frontend| frontend.stats.as_ref())
        .chain(
            file.config
                .backends
                .iter()
                .filter(|b| b.name == bind.frontend)
                .filter_map(|b| b.stats.as_ref()),
        )
        .find(|stats| stats.auth.is_empty())
        .map(|stats| stats.uri.clone())?;
    let csv = answer::get(bind.reachable(), &format!("{uri};csv"), LONGEST_CSV).await?;
    Some(stat_csv::beliefs(&csv))
}
