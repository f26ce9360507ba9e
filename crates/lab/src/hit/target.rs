//! Whom to ask, and whom to expect an answer from.

use super::by_name::ByName;
use crate::exit::Exit;
use crate::problem::{Problem, Result};
use crate::supervisor::snapshot::{Belief, Snapshot};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    /// Asked directly, past the balancer.
    pub(crate) direct: bool,
    /// Asked by its name, which stands for the addresses of `servers`.
    pub(crate) by_name: Option<ByName>,
    pub(crate) servers: Vec<Expected>,
    pub(crate) known_from: KnownFrom,
}

/// A server that may answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) name: String,
    pub(crate) port: u16,
    /// In force now: 0 for one that gets no requests.
    pub(crate) weight: u32,
}

/// Where the weights come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KnownFrom {
    /// The running balancer.
    Balancer,
    /// Nobody told: an even split is assumed.
    Nowhere,
}

/// The target of a hit: the balancer, or the server called `to`.
pub(crate) fn choose(snapshot: Option<&Snapshot>, to: Option<&str>, usual: u16) -> Result<Target> {
    let servers = snapshot.map(expected).unwrap_or_default();
    let told = snapshot.is_some_and(|snapshot| {
        snapshot
            .servers
            .iter()
            .any(|server| server.belief.is_some())
    });
    let known_from = if told {
        KnownFrom::Balancer
    } else {
        KnownFrom::Nowhere
    };
    let Some(to) = to else {
        let address = snapshot
            .and_then(|snapshot| snapshot.balancer.as_ref()?.traffic)
            .unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, usual)));
        return Ok(Target {
            address,
            direct: false,
            by_name: None,
            servers,
            known_from,
        });
    };
    let number = to.parse::<u16>().ok();
    let server = snapshot
        .into_iter()
        .flat_map(|snapshot| &snapshot.servers)
        .find(|server| server.name == to || number == Some(server.address.port()));
    let Some(server) = server else {
        let names: Vec<&str> = servers.iter().map(|server| server.name.as_str()).collect();
        let problem = Problem::new(
            "no-such-server",
            Exit::Usage,
            format!("there is no server {to} to ask"),
        );
        return Err(match names.is_empty() {
            true => problem
                .why("no configuration names one here")
                .next("lab up --servers 4"),
            false => problem.why(format!("the servers here are {}", names.join(", "))),
        });
    };
    let only = Expected {
        name: server.name.clone(),
        port: server.address.port(),
        weight: 1,
    };
    Ok(Target {
        address: server.address,
        direct: true,
        by_name: None,
        servers: vec![only],
        known_from: KnownFrom::Balancer,
    })
}

impl Target {
    /// What was typed, or stands for it: `site.lab:8080`, `127.0.0.1:3000`.
    pub(crate) fn place(&self) -> String {
        self.by_name
            .as_ref()
            .map_or_else(|| self.address.to_string(), ByName::text)
    }
}

/// The target of a hit by name: the addresses that the name has now, smallest first.
pub(crate) async fn by_name(by_name: ByName) -> Result<Target> {
    let mut addresses = by_name.addresses().await?;
    addresses.sort_unstable();
    let server = |ip: &IpAddr| Expected {
        name: ip.to_string(),
        port: by_name.port,
        weight: 1,
    };
    Ok(Target {
        address: SocketAddr::new(addresses[0], by_name.port),
        direct: true,
        servers: addresses.iter().map(server).collect(),
        known_from: KnownFrom::Nowhere,
        by_name: Some(by_name),
    })
}

fn expected(snapshot: &Snapshot) -> Vec<Expected> {
    let weight = |belief: &Belief| if belief.is_up() { belief.weight } else { 0 };
    snapshot
        .servers
        .iter()
        .filter(|server| server.in_config)
        .map(|server| Expected {
            name: server.name.clone(),
            port: server.address.port(),
            weight: server.belief.as_ref().map_or(1, weight),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::supervisor::snapshot::{Process, ServerRow};
    use jiff::Timestamp;

    fn snapshot(status: &str, weight: u32) -> Snapshot {
        let belief = Belief {
            status: status.into(),
            check: None,
            changed: None,
            weight,
        };
        Snapshot {
            held_back: false,
            schema: 1,
            time: Timestamp::now(),
            supervisor: None,
            servers: vec![ServerRow {
                name: "server01".into(),
                address: "127.0.0.1:8080".parse().unwrap(),
                process: Process::Absent,
                belief: Some(belief),
                in_config: true,
                requests: 0,
                errors: 0,
                last_ms: None,
            }],
            name_server: None,
            balancer: None,
            requests: 0,
            errors: 0,
        }
    }

    #[test]
    fn weights_are_those_in_force() {
        let weight = |status| {
            choose(Some(&snapshot(status, 4)), None, 3000)
                .unwrap()
                .servers[0]
                .weight
        };
        assert_eq!(
            (
                weight("UP"),
                weight("no check"),
                weight("DOWN"),
                weight("MAINT")
            ),
            (4, 4, 0, 0)
        );
    }

    #[test]
    fn a_server_can_be_asked_by_name_or_port() {
        for to in ["server01", "8080"] {
            let target = choose(Some(&snapshot("UP", 4)), Some(to), 3000).unwrap();
            assert!(target.direct);
            assert_eq!(target.address.port(), 8080);
        }
        assert!(choose(Some(&snapshot("UP", 4)), Some("server09"), 3000).is_err());
    }

    #[test]
    fn without_a_lab_the_usual_port_is_asked() {
        let target = choose(None, None, 3000).unwrap();
        assert_eq!(
            (target.address.port(), target.known_from),
            (3000, KnownFrom::Nowhere)
        );
    }
}
