//! What the lab's own zone holds, read from the same text that is built into its name server.

use serde::Deserialize;
use std::net::Ipv4Addr;

const TEXT: &str = include_str!("../../../../labs/zone.toml");

/// The name whose addresses are servers of the lab.
pub(crate) const SITE: &str = "site.lab";

/// The part of a zone that matters here; all of it is checked by the name server.
#[derive(Debug, Deserialize)]
struct Zone {
    name: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    name: String,
    #[serde(default, rename = "A")]
    addresses: Vec<toml::Value>,
    #[serde(rename = "SOA")]
    apex: Option<toml::Value>,
    recorded: Option<toml::Value>,
    illustrative: Option<toml::Value>,
}

/// The names that the lab's name server is asked for: those of its zone, and `.lab` for all below `lab`, which is its
/// own. Below a name that stands for a real one, only the names that are written there: the rest is the internet's.
pub(crate) fn names() -> Vec<String> {
    let mut names = Vec::new();
    for entry in read().name {
        let is_own = entry.recorded.is_none() && entry.illustrative.is_none();
        if is_own && entry.apex.is_some() {
            names.push(format!(".{}", entry.name));
        }
        names.push(entry.name);
    }
    names
}

/// Whether a name is among `names`. Letter case and the last dot do not count.
pub(crate) fn holds(names: &[String], asked: &str) -> bool {
    let plain = |text: &str| text.trim_end_matches('.').to_ascii_lowercase();
    let asked = plain(asked);
    names.iter().any(|name| {
        let name = plain(name);
        asked == name || (name.starts_with('.') && asked.ends_with(&name))
    })
}

/// The addresses of [`SITE`].
pub(crate) fn site() -> Vec<Ipv4Addr> {
    let zone = read();
    let site = zone
        .name
        .iter()
        .find(|entry| entry.name.trim_end_matches('.') == SITE);
    let addresses = site.into_iter().flat_map(|entry| &entry.addresses);
    addresses
        .filter_map(|address| address.as_str()?.parse().ok())
        .collect()
}

fn read() -> Zone {
    toml::from_str(TEXT).expect("the built-in zone is checked by a test")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: bool) {
        assert_eq!(holds(&names(), name), expected, "{name}");
    }

    #[test]
    fn names_of_the_zone_are_the_labs() {
        check("google.com", true);
        check("Google.COM.", true);
        check("www.facebook.com", true);
        check("site.lab", true);
        check("80.2.0.192.in-addr.arpa", true);
    }

    #[test]
    fn all_below_lab_is_the_labs() {
        check("lab", true);
        check("nobody.lab", true);
        check("my-lab", false);
    }

    #[test]
    fn names_below_a_real_one_are_the_internets() {
        check("mail.google.com", false);
        check("m.facebook.com", false);
        check("7.2.0.192.in-addr.arpa", false);
        check("example.org", false);
    }

    #[test]
    fn the_site_has_three_addresses_of_this_machine() {
        let site = site();
        assert_eq!(site.len(), 3);
        assert!(site.iter().all(Ipv4Addr::is_loopback), "{site:?}");
    }
}
