//! The system's own resolvers.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::target::Target;

const RESOLV_CONF: &str = "/etc/resolv.conf";
/// As many as the system's own library uses.
const MOST: usize = 3;

/// The resolvers of this machine, in the order in which its programs ask them.
pub(crate) fn resolvers(port: u16) -> Vec<Target> {
    parse(&std::fs::read(RESOLV_CONF).unwrap_or_default(), port)
}

/// The `nameserver` lines; without any, the machine itself, as resolv.conf(5) says.
fn parse(text: &[u8], port: u16) -> Vec<Target> {
    let listed = resolv_conf::Config::parse(text)
        .map(|config| config.nameservers)
        .unwrap_or_default();
    let mut targets: Vec<Target> = listed
        .into_iter()
        .take(MOST)
        .map(|server| Target::of(SocketAddr::new(IpAddr::from(server), port)))
        .collect();
    if targets.is_empty() {
        targets.push(Target::of(SocketAddr::new(
            Ipv4Addr::LOCALHOST.into(),
            port,
        )));
    }
    targets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found: Vec<String> = parse(text.as_bytes(), 53)
            .iter()
            .map(Target::text)
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn nameservers_are_taken_in_their_order() {
        check(
            "search example\nnameserver 127.0.0.53\nnameserver ::1\noptions edns0\n",
            &["127.0.0.53#53", "::1#53"],
        );
    }

    #[test]
    fn a_file_without_any_means_this_machine() {
        check("", &["127.0.0.1#53"]);
        check("# nothing\n", &["127.0.0.1#53"]);
    }

    #[test]
    fn no_more_than_three_are_asked() {
        let lines = "nameserver 127.0.0.1\n".repeat(5);
        check(&lines, &["127.0.0.1#53"; 3]);
    }
}
