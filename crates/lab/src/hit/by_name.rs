//! `--by-name site.lab:8080`: before each request the name server is asked, as by a caller that comes for the first time.

use super::{Failure, Hit, Outcome};
use crate::dns::resolve::{self, NoAddress};
use crate::dns::with_hash;
use crate::exit::Exit;
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
    pub(crate) name_server: SocketAddr,
}

impl ByName {
    pub(crate) fn new(typed: &str, name_server: SocketAddr) -> Result<Self, Problem> {
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
            name_server,
        })
    }

    /// All addresses that the name has now.
    pub(crate) async fn addresses(&self) -> Result<Vec<IpAddr>, Problem> {
        let found = resolve::addresses(self.name_server, &self.name).await;
        found.map_err(|why| self.told(&why))
    }

    /// The address that is named first now: that is the one most programs try.
    pub(super) async fn first(&self) -> Result<IpAddr, Failure> {
        let found = resolve::addresses(self.name_server, &self.name).await;
        found.map(|all| all[0]).map_err(|_| Failure::NoAddress)
    }

    /// `site.lab:8080`.
    pub(crate) fn text(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    fn told(&self, why: &NoAddress) -> Problem {
        let server = with_hash(self.name_server);
        let problem = |what| Problem::new("no-address", Exit::NotReady, what);
        match why {
            NoAddress::Silent(error) => {
                problem(format!("the name server {server} does not answer"))
                    .why(error.to_string())
                    .next(
                        "start it with all the rest:  lab up --dns      or alone:  lab nameserver",
                    )
            }
            NoAddress::None(why) => problem(format!(
                "the name server {server} has no address for {}",
                self.host
            ))
            .why(*why)
            .next(format!("look:  lab dig {}", self.host)),
        }
    }
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
  unless told to:  lab nameserver --watch site.lab:8080",
            dead.join(" and ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn by_name(typed: &str) -> Result<ByName, Problem> {
        ByName::new(typed, "127.0.0.1:5300".parse().unwrap())
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
