//! The configuration files the lab writes.

use course::facts::Ports;
use std::fmt::Write;

/// The activities' starting file: `lab eject myhaproxy.cfg`.
pub(crate) const ACTIVITY: &str =
    include_str!("../../../../labs/load-balancing/files/myhaproxy.cfg");

/// The echo server in Python: `lab eject app.py`.
pub(crate) const FLASK_SERVER: &str = include_str!("../../../../labs/load-balancing/files/app.py");

/// Servers in network namespaces: `lab eject namespaces.sh`.
pub(crate) const NAMESPACES: &str =
    include_str!("../../../../labs/load-balancing/files/namespaces.sh");

/// The files of labs name the usual ports; a folder may have others. Each `:8080` becomes the port that is meant.
pub(crate) fn on_ports(text: &str, ports: &Ports) -> String {
    let mut parts = text.split(':');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(part.len());
        let (number, rest) = part.split_at(digits);
        out.push(':');
        match number.parse().ok().and_then(|port| port_here(port, ports)) {
            Some(port) => out.push_str(&port.to_string()),
            None => out.push_str(number),
        }
        out.push_str(rest);
    }
    out
}

/// Where the usual port is in a folder with these; `None` for a port without a use.
pub(crate) fn port_here(usual: u16, ports: &Ports) -> Option<u16> {
    match usual {
        8080..=8089 => ports.servers.checked_add(usual - 8080),
        3000 => Some(ports.balancer),
        8404 => Some(ports.statistics),
        5300 => Some(ports.nameserver),
        _ => None,
    }
}

/// What `lab up` writes into a folder without a configuration: round robin, no health checks, the statistics page on.
pub(crate) fn starting_file(server_ports: &[u16], balancer: u16, statistics: u16) -> String {
    let mut servers = String::new();
    for (at, port) in server_ports.iter().enumerate() {
        let name = super::server_name(at);
        writeln!(servers, "    server {name} 127.0.0.1:{port}").expect("a string takes all");
    }
    format!(
        "\
# Written by `lab up`, and yours to edit: `lab reload` loads it.

global
    maxconn 500

defaults
    mode http
    timeout connect 10s
    timeout client 50s
    timeout server 50s

# Callers come in here: http://127.0.0.1:{balancer}
frontend http-in
    bind 127.0.0.1:{balancer}
    default_backend application_nodes

# One of these answers; they take turns.
backend application_nodes
    balance roundrobin
{servers}
# The statistics page: http://127.0.0.1:{statistics}
listen stats
    bind 127.0.0.1:{statistics}
    stats enable
    stats uri /
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_ports_become_those_of_the_folder_and_others_stay() {
        let ports = Ports {
            servers: 9000,
            balancer: 9100,
            statistics: 9200,
            nameserver: 9300,
        };
        assert_eq!(
            on_ports(
                "bind *:3000\nserver s 127.0.0.1:8081 check\nbind :83 #:8404, 10:30",
                &ports
            ),
            "bind *:9100\nserver s 127.0.0.1:9001 check\nbind :83 #:9200, 10:30"
        );
    }

    #[test]
    fn the_starting_file_holds_its_ports() {
        let text = starting_file(&[8080, 8081], 3000, 8404);
        for line in [
            "    server server01 127.0.0.1:8080",
            "    server server02 127.0.0.1:8081",
            "    bind 127.0.0.1:3000",
            "    bind 127.0.0.1:8404",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}");
        }
        assert!(text.ends_with("stats uri /\n"));
    }

    #[test]
    fn the_activity_file_has_its_marks() {
        for mark in ["#HERE", "#> Stats Page", "#    bind *:8404"] {
            assert!(ACTIVITY.contains(mark), "{mark}");
        }
        assert!(ACTIVITY.ends_with('\n'));
        assert!(!ACTIVITY.contains("localhost"));
    }
}
