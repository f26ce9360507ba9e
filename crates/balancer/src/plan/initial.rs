//! The address that a server begins with (manual, `init-addr`).

use super::{Named, Plan};
use crate::server_state::Kept;
use haproxy_config::model::{self, Host, InitAddr};
use std::net::IpAddr;

/// What turns names into addresses while a plan is made.
pub struct Names<'a> {
    /// The system's resolver.
    pub lookup: &'a dyn Fn(&str) -> Option<IpAddr>,
    /// The name servers of the system, port 53.
    pub nameservers: &'a [IpAddr],
    /// The states that an earlier process has left; `None`: a former plan is there, which knows more.
    pub kept: Option<&'a Kept>,
    /// `-dr`: a server whose name has no address waits for one in place of stopping everything.
    pub tolerate: bool,
}

/// A name without address, and what came of it.
#[derive(Clone, Debug)]
pub struct Unresolved {
    pub backend: String,
    pub server: String,
    pub host: String,
    pub span: diagnostics::Span,
    pub outcome: Outcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There is no plan.
    Fatal,
    /// The same: `init-addr` named no way to look it up.
    NoMethod,
    /// The server begins in maintenance.
    Disabled,
    /// The server begins with the address given for this case.
    FellBack,
    /// There is no plan, and it is the name of a name server: `server` holds the name it is known by.
    Nameserver,
}

impl Outcome {
    pub fn is_fatal(self) -> bool {
        matches!(self, Self::Fatal | Self::NoMethod | Self::Nameserver)
    }
}

/// The addresses that a server had before.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Last {
    /// In the plan before, looked up while it was in force.
    running: Option<IpAddr>,
    /// In an earlier process.
    kept: Option<IpAddr>,
}

impl Last {
    pub(super) fn of(
        former: Option<&Plan>,
        names: &Names<'_>,
        backend: &str,
        server: &model::Server,
    ) -> Self {
        let kept = names
            .kept
            .and_then(|kept| kept.address(backend, &server.name));
        Self {
            running: running_address(former, backend, server),
            kept,
        }
    }
}

/// The machine of a server, and what is to be said of it. One that had an address under the plan before keeps it.
pub(super) fn machine(
    host: &Host,
    server: &model::Server,
    names: &Names<'_>,
    last: Last,
) -> (Option<Named>, Option<IpAddr>, Option<Outcome>) {
    match host {
        Host::Ip(ip) if server.resolution.is_none() => (None, Some(*ip), None),
        Host::Ip(ip) => (Some(Named::new(None)), Some(*ip), None),
        Host::Name(name) if last.running.is_some() => {
            (Some(Named::new(Some(name.clone()))), last.running, None)
        }
        Host::Name(name) => {
            let (ip, outcome) = first_address(&server.init_addr, name, names, last.kept);
            (Some(Named::new(Some(name.clone()))), ip, outcome)
        }
    }
}

/// Tries the methods one after the other.
fn first_address(
    methods: &[InitAddr],
    name: &str,
    names: &Names<'_>,
    kept: Option<IpAddr>,
) -> (Option<IpAddr>, Option<Outcome>) {
    const USUAL: &[InitAddr] = &[InitAddr::Last, InitAddr::Libc];
    let methods = if methods.is_empty() { USUAL } else { methods };
    let tolerated = names.tolerate.then_some(&InitAddr::None);
    let mut failed = false;
    for method in methods.iter().chain(tolerated) {
        match method {
            InitAddr::Last => {
                if kept.is_some() {
                    return (kept, None);
                }
            }
            InitAddr::Libc => match (names.lookup)(name) {
                Some(ip) => return (Some(ip), None),
                None => failed = true,
            },
            InitAddr::None => return (None, failed.then_some(Outcome::Disabled)),
            InitAddr::Ip(ip) => return (Some(*ip), failed.then_some(Outcome::FellBack)),
        }
    }
    let outcome = if failed {
        Outcome::Fatal
    } else {
        Outcome::NoMethod
    };
    (None, Some(outcome))
}

/// The address that a server looked up while running had in the plan before.
fn running_address(former: Option<&Plan>, backend: &str, server: &model::Server) -> Option<IpAddr> {
    server.resolution.as_ref()?;
    let model::ServerAddress::Inet {
        host: Host::Name(name),
        ..
    } = &server.address
    else {
        return None;
    };
    let backend = former?.backend(backend)?;
    let mut servers = backend.servers.iter();
    let former = servers.find(|former| former.name == server.name)?;
    let host = former.address.named()?.host();
    former.address.ip().filter(|_| host.as_ref() == Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Bench;
    use lb_core::Uptime;

    const KNOWN: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const OTHER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    fn tried(methods: &[InitAddr], name: &str) -> (Option<IpAddr>, Option<Outcome>) {
        let names = Names {
            lookup: &|name| (name == "known").then_some(KNOWN),
            nameservers: &[],
            kept: None,
            tolerate: false,
        };
        first_address(methods, name, &names, None)
    }

    #[test]
    fn the_first_method_that_works_is_used() {
        assert_eq!(tried(&[], "known"), (Some(KNOWN), None));
        assert_eq!(tried(&[InitAddr::None], "known"), (None, None));
        assert_eq!(tried(&[InitAddr::Ip(OTHER)], "known"), (Some(OTHER), None));
    }

    #[test]
    fn a_failure_of_the_system_is_told() {
        use InitAddr::{Ip, Last, Libc};
        assert_eq!(tried(&[], "no"), (None, Some(Outcome::Fatal)));
        assert_eq!(tried(&[Last], "no"), (None, Some(Outcome::NoMethod)));
        let disabled = (None, Some(Outcome::Disabled));
        assert_eq!(tried(&[Libc, InitAddr::None], "no"), disabled);
        let fell_back = (Some(OTHER), Some(Outcome::FellBack));
        assert_eq!(tried(&[Libc, Ip(OTHER)], "no"), fell_back);
        assert_eq!(tried(&[Ip(OTHER), Libc], "no"), (Some(OTHER), None));
    }

    #[test]
    fn a_reload_goes_back_to_the_address_in_the_file() {
        let bench = Bench::new(crate::testing::LAB);
        let first = |plan: &Plan| plan.backends[0].servers[0].address.ip();
        let in_file = first(&bench.plan);
        bench.plan.backends[0].servers[0]
            .address
            .set_ip(Some(KNOWN));
        assert_eq!(first(&bench.plan), Some(KNOWN));
        assert_eq!(first(&bench.reload(crate::testing::LAB)), in_file);
    }

    #[test]
    fn a_reload_keeps_addresses_that_were_looked_up() {
        let file = |host: &str, more: &str| {
            format!(
                "resolvers lab\n nameserver n 127.0.0.1:53\ndefaults\n mode http\n timeout connect 1s\n \
                 timeout client 1s\n timeout server 1s\nfrontend f\n bind 127.0.0.1:3000\n \
                 default_backend b\nbackend b\n server s1 {host}:80 init-addr none {more}\n"
            )
        };
        let former = Bench::new(&file("site.lab", "resolvers lab"));
        let named = |plan: &Plan| plan.backends[0].servers[0].address.ip();
        assert_eq!(named(&former.plan), None);
        let server = &former.plan.backends[0].servers[0];
        server.address.set_ip(Some(KNOWN));
        former.plan.backends[0]
            .live()
            .resolved(server.index, "site.lab", Uptime::ZERO);
        let again = |host: &str, more: &str| {
            let plan = former.reload(&file(host, more));
            let status = plan.backends[0]
                .live()
                .server(lb_core::server::ServerIndex(0))
                .status();
            (named(&plan), status)
        };
        let kept = (Some(KNOWN), "no check".to_owned());
        assert_eq!(again("site.lab", "resolvers lab"), kept);
        let waiting = (None, "MAINT (resolution)".to_owned());
        assert_eq!(again("other.lab", "resolvers lab"), waiting, "another name");
        assert_eq!(again("site.lab", ""), waiting, "looked up at start only");
    }
}
