//! The system's own resolvers.

use std::net::{Ipv4Addr, SocketAddr};

use hickory_resolver::config::ResolverConfig;
use hickory_resolver::system_conf::read_system_conf;

use super::target::Target;

/// As many as the system's own library uses.
const MOST: usize = 3;

/// The resolvers of this machine, in the order in which its programs ask them.
pub(crate) fn resolvers(port: u16) -> Vec<Target> {
    let config = read_system_conf().map(|(config, _)| config);
    targets(&config.unwrap_or_default(), port)
}

/// Its name servers; without any, the machine itself, as resolv.conf(5) says.
fn targets(config: &ResolverConfig, port: u16) -> Vec<Target> {
    let listed = config.name_servers().iter().take(MOST);
    let mut targets: Vec<Target> = listed
        .map(|server| Target::of(SocketAddr::new(server.ip, port)))
        .collect();
    if targets.is_empty() {
        let own = Ipv4Addr::LOCALHOST.into();
        targets.push(Target::of(SocketAddr::new(own, port)));
    }
    targets
}

#[cfg(test)]
mod tests {
    use super::*;
    use hickory_resolver::config::NameServerConfig;

    #[track_caller]
    fn check(servers: &[&str], expected: &[&str]) {
        let server = |ip: &&str| NameServerConfig::udp_and_tcp(ip.parse().unwrap());
        let servers = servers.iter().map(server).collect();
        let config = ResolverConfig::from_parts(None, Vec::new(), servers);
        let found: Vec<String> = targets(&config, 53).iter().map(Target::text).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn name_servers_are_taken_in_their_order() {
        check(&["127.0.0.53", "::1"], &["127.0.0.53#53", "::1#53"]);
    }

    #[test]
    fn a_system_without_any_means_this_machine() {
        check(&[], &["127.0.0.1#53"]);
    }

    #[test]
    fn no_more_than_three_are_asked() {
        check(&["127.0.0.1"; 5], &["127.0.0.1#53"; 3]);
    }
}
