//! The configuration files the lab writes.

use std::fmt::Write;

/// The activities' starting file: `lab eject myhaproxy.cfg`.
pub(crate) const ACTIVITY: &str =
    include_str!("../../../../labs/load-balancing/files/myhaproxy.cfg");

/// The echo server in Python: `lab eject app.py`.
pub(crate) const FLASK_SERVER: &str = include_str!("../../../../labs/load-balancing/files/app.py");

/// Servers in network namespaces: `lab eject namespaces.sh`.
pub(crate) const NAMESPACES: &str =
    include_str!("../../../../labs/load-balancing/files/namespaces.sh");

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
