//! From where a name is looked at: which servers are asked, and how that is told.

use std::net::SocketAddr;

use crate::Defaults;
use crate::ask::target::{self, PORT, Target};
use crate::ask::{random, system};
use crate::dns::name;
use crate::failure::Failure;
use crate::label::Label;
use crate::words::{CommandLine, LabWords, Lookup, Through};

/// Servers to ask, and whose they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Vantage {
    pub(crate) kind: Kind,
    /// Never empty.
    pub(crate) servers: Vec<Target>,
}

/// Whose servers are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Those behind `@`.
    Given,
    /// The lab's name server itself.
    Lab,
    /// The lab's caches.
    Cache,
    Farm,
    /// The system's resolver, for a name that is not the lab's.
    System,
    /// The system's resolver, because of `--live`.
    Live,
}

impl Kind {
    /// Whether the server is the lab's, understands the lab's option, and gives no live answers.
    pub(crate) fn is_lab(self) -> bool {
        matches!(self, Self::Lab | Self::Cache | Self::Farm)
    }
}

impl Vantage {
    /// Decides whom to ask for a lookup.
    pub(crate) fn of(
        lookup: &Lookup,
        line: &CommandLine,
        defaults: &Defaults,
    ) -> Result<Self, Failure> {
        let kind = kind(lookup, &line.lab, defaults);
        let port = line.global.port;
        let at = |address: SocketAddr| {
            Target::of(SocketAddr::new(
                address.ip(),
                port.unwrap_or(address.port()),
            ))
        };
        let servers = match kind {
            Kind::Given => given(lookup, line)?,
            Kind::Lab => defaults.lab_server.into_iter().map(at).collect(),
            Kind::Cache => defaults.caches.iter().take(1).copied().map(at).collect(),
            Kind::Farm => defaults.caches.iter().copied().map(at).collect(),
            Kind::System | Kind::Live => {
                let mut servers: Vec<Target> = defaults.resolvers.iter().copied().map(at).collect();
                if servers.is_empty() {
                    servers = system::resolvers(port.unwrap_or(PORT));
                }
                servers.retain(|s| target::fits(s.address.ip(), line.global.family));
                servers
            }
        };
        if servers.is_empty() {
            return Err(nobody(kind));
        }
        let kind = match kind {
            Kind::Given => known(&servers, defaults),
            kind => kind,
        };
        Ok(Self { kind, servers })
    }

    /// The servers for one question: of a farm, one by chance.
    pub(crate) fn pick(&self) -> &[Target] {
        if self.kind == Kind::Farm {
            let at = random::one_of(self.servers.len());
            return &self.servers[at..=at];
        }
        &self.servers
    }

    /// The line for stderr that tells who answered; nothing for a server that was given.
    pub(crate) fn note(&self, server: &Target, label: &Label) -> Option<String> {
        let who = match self.kind {
            Kind::Given => return None,
            Kind::Lab => String::new(),
            Kind::Cache => " through one cache,".to_owned(),
            Kind::Farm => format!(" through {} caches,", self.servers.len()),
            Kind::System => {
                return Some(format!("note: answered by your resolver {}\n", server.name));
            }
            Kind::Live => {
                let name = &server.name;
                return Some(format!(
                    "note: today's internet, answered by your resolver {name}\n"
                ));
            }
        };
        let who = format!("note: answered by the lab's own name server{who}");
        if label.is_own() {
            return Some(format!("{who} from its own zone\n"));
        }
        let addresses = label.addresses();
        Some(format!(
            "{who} from {addresses}, not by today's internet (real one: --live)\n"
        ))
    }
}

/// What was given by address may be the lab's all the same, and is labelled then.
fn known(given: &[Target], defaults: &Defaults) -> Kind {
    let all = |known: &dyn Fn(SocketAddr) -> bool| given.iter().all(|s| known(s.address));
    if all(&|address| defaults.lab_server == Some(address)) {
        Kind::Lab
    } else if all(&|address| defaults.caches.contains(&address)) {
        Kind::Cache
    } else {
        Kind::Given
    }
}

fn kind(lookup: &Lookup, lab: &LabWords, defaults: &Defaults) -> Kind {
    match lab.through {
        Some(Through::Cache) => return Kind::Cache,
        Some(Through::Farm) => return Kind::Farm,
        None => {}
    }
    if lab.live {
        return Kind::Live;
    }
    if !lookup.servers.is_empty() {
        return Kind::Given;
    }
    let known = defaults.lab_server.is_some() && in_zone(&lookup.name, &defaults.zone_names);
    if known { Kind::Lab } else { Kind::System }
}

/// Whether the lab's server answers for this name. Letter case and the last dot do not count.
fn in_zone(typed: &str, zone: &[String]) -> bool {
    let plain = |text: &str| text.trim_end_matches('.').to_ascii_lowercase();
    let Ok(asked) = name::parse(typed) else {
        return false;
    };
    let asked = plain(&name::text(&asked));
    zone.iter().any(|entry| {
        let entry = plain(entry);
        asked == entry || (entry.starts_with('.') && asked.ends_with(&entry))
    })
}

fn given(lookup: &Lookup, line: &CommandLine) -> Result<Vec<Target>, Failure> {
    let port = line.global.port.unwrap_or(PORT);
    let mut servers = Vec::new();
    for word in &lookup.servers {
        let found = target::resolve(&line.program, word, line.global.family, port)?;
        servers.extend(found);
    }
    Ok(servers)
}

fn nobody(kind: Kind) -> Failure {
    use crate::failure::code;
    match kind {
        Kind::Cache | Kind::Farm => Failure::usage("there is no cache to ask through")
            .why("the lab's caches run beside the lab's name server, and none was named to this program")
            .next("ask the server itself: leave --through away"),
        _ => Failure::new(code::NO_REPLY, ";; no servers could be reached")
            .why("no resolver of this machine has an address of the family asked for")
            .next("leave -4 or -6 away"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: bool) {
        let zone = ["google.com.", "www.facebook.com", ".lab"].map(str::to_owned);
        assert_eq!(in_zone(name, &zone), expected, "{name}");
    }

    #[test]
    fn names_of_the_zone_are_the_labs() {
        check("google.com", true);
        check("Google.COM.", true);
        check("www.facebook.com", true);
        check("site.lab", true);
    }

    #[test]
    fn all_other_names_are_the_worlds() {
        check("facebook.com", false);
        check("mail.google.com", false);
        check("lab", false);
        check("example", false);
        check("a..b", false);
    }
}
