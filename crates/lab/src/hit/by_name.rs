//! `--by-name site.lab:8080`: before each request the name server is asked, as by a caller that comes for the first time.

use super::{Failure, Hit, Outcome};
use crate::dns::resolve::{self, NoAddress};
use crate::dns::{self, Places, with_hash};
use crate::exit::Exit;
use crate::observe::port;
use crate::problem::Problem;
use hickory_proto::rr::Name;
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

/// A name to hit, and who knows its addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ByName {
    /// As typed, for people and the `Host` header.
    pub(crate) host: String,
    name: Name,
    pub(crate) port: u16,
    places: Places,
    through: Option<Through>,
}

/// What stands between the caller and the lab's name server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Through {
    /// One cache.
    Cache,
    /// One of several by chance, as with a big resolver.
    Farm,
}

impl ByName {
    pub(crate) fn new(
        typed: &str,
        places: Places,
        through: Option<Through>,
    ) -> Result<Self, Problem> {
        let wrong = || {
            Problem::usage(format!("--by-name cannot be `{typed}`"))
                .why("it is a name and a port, with a colon between them")
                .next("for example:  lab hit --by-name site.lab:8080")
        };
        let (host, port) = typed.rsplit_once(':').ok_or_else(wrong)?;
        let port = port.parse().ok().filter(|port| *port > 0);
        let mut name = Name::from_ascii(host).map_err(|_| wrong())?;
        name.set_fqdn(true);
        if name.is_root() {
            return Err(wrong());
        }
        Ok(Self {
            host: host.to_owned(),
            name,
            port: port.ok_or_else(wrong)?,
            places,
            through,
        })
    }

    /// All addresses that the name has now. Where they can be looked at, nobody's turn is taken for it, and no cache comes to
    /// keep anything.
    pub(crate) async fn addresses(&self) -> Result<Vec<IpAddr>, Problem> {
        let silent = self
            .servers()
            .iter()
            .find(|server| !port::is_open(**server));
        if let Some(&silent) = silent {
            let nobody = NoAddress::Silent("nothing listens there".to_owned());
            return Err(self.told(silent, &nobody));
        }
        match resolve::looked_at(self.places.server, &self.name).await {
            Ok(found) if !found.is_empty() => Ok(found),
            _ => {
                let server = self.servers()[0];
                let asked = resolve::addresses(server, &self.name).await;
                asked.map_err(|why| self.told(server, &why))
            }
        }
    }

    /// The address that is named first now: that is the one most programs try.
    pub(super) async fn first(&self) -> Result<IpAddr, Failure> {
        let servers = self.servers();
        let server = *one_of(servers);
        let found = resolve::addresses(server, &self.name).await;
        found.map(|all| all[0]).map_err(|_| Failure::NoAddress)
    }

    /// Who may be asked before a request; never empty.
    pub(crate) fn servers(&self) -> &[SocketAddr] {
        let caches = &self.places.caches;
        match self.through {
            Some(Through::Cache) if !caches.is_empty() => &caches[..1],
            Some(Through::Farm) if !caches.is_empty() => caches,
            _ => std::slice::from_ref(&self.places.server),
        }
    }

    /// `site.lab:8080`.
    pub(crate) fn text(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// `the name server 127.0.0.1#5300`, or whichever of several caches it is.
    pub(crate) fn who(&self) -> String {
        let servers = self.servers();
        match self.through {
            None => format!("the name server {}", with_hash(servers[0])),
            Some(Through::Cache) => format!("the cache {}", with_hash(servers[0])),
            Some(Through::Farm) => format!("one of {} caches, by chance,", servers.len()),
        }
    }

    fn told(&self, server: SocketAddr, why: &NoAddress) -> Problem {
        let kind = match self.places.caches.contains(&server) {
            true => "cache",
            false => "name server",
        };
        let server = with_hash(server);
        let problem = |what| Problem::new("no-address", Exit::NotReady, what);
        match why {
            NoAddress::Silent(error) => problem(format!("the {kind} {server} does not answer"))
                .why(error.clone())
                .next(
                    "start it with all the rest:  lab up --dns      or alone:  lab nameserver --caches 3",
                ),
            NoAddress::None(why) => problem(format!(
                "the {kind} {server} has no address for {}",
                self.host
            ))
            .why(*why)
            .next(format!("look:  lab dig {}", self.host)),
        }
    }
}

fn one_of<T>(all: &[T]) -> &T {
    &all[usize::try_from(dns::chance()).unwrap_or(0) % all.len()]
}

/// What DNS did about those that did not answer; `None` when all did.
pub(crate) fn verdict(hits: &[Hit]) -> Option<String> {
    let answered = |hit: &&Hit| !matches!(hit.outcome, Outcome::Failed(_));
    let well: BTreeSet<IpAddr> = hits
        .iter()
        .filter(answered)
        .filter_map(|hit| hit.to)
        .collect();
    let dead: BTreeSet<IpAddr> = hits.iter().filter_map(|hit| hit.to).collect();
    let dead: Vec<String> = dead.difference(&well).map(IpAddr::to_string).collect();
    (!dead.is_empty()).then(|| {
        format!(
            "  DNS goes on handing out {}, where nobody answers: a name server does not look,
  unless its check is on:  lab up --dns-check      or alone:  lab nameserver --watch site.lab:8080",
            dead.join(" and ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn by_name(typed: &str) -> Result<ByName, Problem> {
        ByName::new(typed, Places::on(5300), None)
    }

    #[test]
    fn a_name_and_a_port_are_needed() {
        let read = by_name("Site.lab:8080").unwrap();
        assert_eq!((read.host.as_str(), read.port), ("Site.lab", 8080));
        for wrong in [
            "site.lab",
            "site.lab:",
            ":8080",
            "site.lab:0",
            "a..b:80",
            "x:99999",
        ] {
            assert!(by_name(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn whoever_asks_through_caches_asks_nobody_else() {
        let asked = |through| {
            let by_name = ByName::new("site.lab:8080", Places::on(5300), through).unwrap();
            by_name
                .servers()
                .iter()
                .map(SocketAddr::port)
                .collect::<Vec<_>>()
        };
        assert_eq!(asked(None), [5300]);
        assert_eq!(asked(Some(Through::Cache)), [5301]);
        assert_eq!(asked(Some(Through::Farm)), [5301, 5302, 5303]);
    }

    #[test]
    fn only_addresses_where_nobody_answered_are_told() {
        let hit = |last: u8, outcome| Hit {
            took: Duration::ZERO,
            outcome,
            to: Some([127, 0, 0, last].into()),
        };
        let answer = || Outcome::Answered {
            status: 200,
            server: None,
            port: Some(8080),
        };
        let refused = || Outcome::Failed(Failure::Refused);
        assert_eq!(verdict(&[hit(1, answer()), hit(1, refused())]), None);
        let text = verdict(&[hit(1, answer()), hit(2, refused())]).unwrap();
        assert!(text.contains("handing out 127.0.0.2,"), "{text}");
    }
}
