//! Which ports matter: where the work folder wants things, and where the files have them.

use crate::commands::up::usual;
use crate::dns;
use crate::work_dir::WorkDir;
use crate::work_dir::run_record::RunRecord;
use crate::work_dir::settings::Settings;
use course::facts::{Config, Ports};
use std::collections::BTreeSet;

/// Ports from that of server01 on that are of interest even when no file names them.
const SERVERS: u16 = 20;

/// Ports by what they are for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// Servers of the files, and those that are expected.
    pub(super) servers: BTreeSet<u16>,
    /// The balancer's, the statistics page's, the name server's: nobody asks there.
    pub(super) roles: BTreeSet<u16>,
}

/// Where the lab that runs here was started, or else the work folder's settings have things.
pub(crate) fn expected(work: &WorkDir) -> Ports {
    let lab = RunRecord::load(work).filter(|record| record.supervisor.is_alive());
    if let Some(ports) = lab.and_then(|lab| lab.ports) {
        return ports;
    }
    // Settings that are wrong are told of by every command; here the usual ports are as good.
    let ports = Settings::load(&work.settings()).unwrap_or_default().ports;
    Ports {
        servers: ports.servers.unwrap_or(usual::SERVERS),
        balancer: ports.balancer.unwrap_or(usual::BALANCER),
        statistics: ports.statistics.unwrap_or(usual::STATISTICS),
        nameserver: ports.nameserver.unwrap_or(dns::PORT),
    }
}

/// The ports that are expected, and those of the file on the disk and of the one that runs.
pub(super) fn known(expected: &Ports, configs: [Option<&Config>; 2]) -> Known {
    let mut roles = BTreeSet::from([expected.balancer, expected.statistics, expected.nameserver]);
    let further = expected.servers.saturating_add(SERVERS);
    let mut servers: BTreeSet<u16> = (expected.servers..further).collect();
    for config in configs.into_iter().flatten() {
        let binds = config.binds.iter().chain(&config.statistics);
        roles.extend(binds.map(std::net::SocketAddr::port));
        servers.extend(config.servers.iter().map(|server| server.port));
    }
    servers.retain(|port| !roles.contains(port));
    Known { servers, roles }
}

#[cfg(test)]
mod tests {
    use super::*;
    use course::facts::Server;

    #[test]
    fn a_port_of_a_role_is_never_one_of_a_server() {
        let ports = Ports {
            servers: 8080,
            balancer: 8085,
            statistics: 8404,
            nameserver: 5300,
        };
        let config = Config {
            servers: vec![Server {
                port: 9001,
                ..Server::default()
            }],
            binds: vec!["0.0.0.0:8081".parse().unwrap()],
            ..Config::default()
        };
        let known = known(&ports, [None, Some(&config)]);
        assert!(known.roles.contains(&8081) && known.roles.contains(&8085));
        assert!(!known.servers.contains(&8081) && !known.servers.contains(&8085));
        assert!(known.servers.contains(&8080) && known.servers.contains(&9001));
    }
}
