//! What one `lab up` will run: worked out from the flags and the configuration before anything is touched.

pub(crate) mod change;
pub(crate) mod instrument;
pub(crate) mod shares;
pub(crate) mod template;
#[cfg(test)]
mod tests;

use crate::dns::Places;
use crate::exit::Exit;
use crate::problem::{Problem, Result};
use haproxy_config::model::{
    BindAddress, BindHost, Config, Frontend, Host, Mode, Server, ServerAddress, ServerPort,
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Ports and numbers as the user wants them, flags and `.lab/config.toml` together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// `None`: as many as the file names, or [`Wanted::DEFAULT_SERVERS`].
    pub(crate) servers: Option<u16>,
    pub(crate) ports: Ports,
    pub(crate) balancer: u16,
    pub(crate) statistics: u16,
}

/// Where the servers listen when no file says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ports {
    /// One after the other from here.
    From(u16),
    Exactly(Vec<u16>),
}

/// The processes and ports of one `lab up`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) servers: Vec<PlannedServer>,
    pub(crate) binds: Vec<PlannedBind>,
    /// The name server and its caches.
    pub(crate) names: Option<Places>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlannedServer {
    /// Its name here, on the logs and in `lab kill NAME`.
    pub(crate) name: String,
    pub(crate) address: SocketAddr,
    /// Where the configuration names it; empty when no backend does.
    pub(crate) members: Vec<Member>,
}

/// One `server` line: HAProxy's `backend/server`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) backend: String,
    pub(crate) server: String,
    pub(crate) weight: u16,
    pub(crate) checked: bool,
}

/// An address on which the balancer will listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlannedBind {
    pub(crate) frontend: String,
    pub(crate) address: SocketAddr,
    pub(crate) serves: Serves,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Serves {
    Traffic,
    /// Nothing but the statistics page.
    Statistics,
}

impl Ports {
    fn iter(&self) -> Box<dyn Iterator<Item = u16> + '_> {
        match self {
            Self::From(first) => Box::new(*first..=u16::MAX),
            Self::Exactly(ports) => Box::new(ports.iter().copied()),
        }
    }
}

impl Wanted {
    pub(crate) const DEFAULT_SERVERS: u16 = 4;

    /// The ports of the first `count` servers.
    pub(crate) fn server_ports(&self, count: u16) -> Result<Vec<u16>> {
        let ports: Vec<u16> = self.ports.iter().take(count.into()).collect();
        if ports.len() < usize::from(count) {
            return Err(Problem::usage(format!(
                "there are not enough ports for {count} servers (65535 is the last one)"
            ))
            .next("begin lower, for example:  --base-port 8080"));
        }
        Ok(ports)
    }

    /// How many servers there should be at least.
    pub(crate) fn count(&self) -> u16 {
        match &self.ports {
            Ports::Exactly(ports) => u16::try_from(ports.len()).unwrap_or(u16::MAX),
            Ports::From(_) => self.servers.unwrap_or(Self::DEFAULT_SERVERS),
        }
    }
}

/// `server01` for the first.
pub(crate) fn server_name(index: usize) -> String {
    format!("server{:02}", index + 1)
}

/// Servers alone, without a balancer.
pub(crate) fn servers_only(wanted: &Wanted) -> Result<Plan> {
    let ports = wanted.server_ports(wanted.count())?;
    let server = |(at, port)| PlannedServer {
        name: server_name(at),
        address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        members: Vec::new(),
    };
    Ok(Plan {
        servers: ports.into_iter().enumerate().map(server).collect(),
        ..Plan::default()
    })
}

/// A server on each address of `site.lab`, on the port of the first server (or on `usual`), for those who come by name.
pub(crate) fn add_site(plan: &mut Plan, addresses: &[Ipv4Addr], port: u16) {
    for (at, ip) in addresses.iter().enumerate() {
        let address = SocketAddr::from((*ip, port));
        if !plan.servers.iter().any(|server| server.address == address) {
            plan.servers.push(PlannedServer {
                name: format!("site{}", at + 1),
                address,
                members: Vec::new(),
            });
        }
    }
}

/// The servers that a configuration names on this machine, more of them up to the number wanted, and its listeners.
pub(crate) fn from_config(config: &Config, wanted: &Wanted) -> Result<Plan> {
    let binds = binds(config);
    let mut plan = Plan {
        servers: named_servers(config, &binds),
        binds,
        names: None,
    };
    if wanted.servers.is_some() {
        add_servers(&mut plan, wanted)?;
    }
    if plan.binds.is_empty() && plan.servers.is_empty() {
        return Err(Problem::new(
            "nothing-to-run",
            Exit::FileWrong,
            "the file names no listener and no server on this machine",
        )
        .next("write a starting file:  lab eject myhaproxy.cfg"));
    }
    Ok(plan)
}

/// Every address that a configuration listens on.
pub(crate) fn binds(config: &Config) -> Vec<PlannedBind> {
    config
        .frontends
        .iter()
        .filter(|frontend| !frontend.disabled)
        .flat_map(|frontend| planned_binds(config, frontend))
        .collect()
}

/// Backend, server and port of every `server` line that has a port of its own.
pub(crate) fn server_ports_by_name(config: &Config) -> Vec<(String, String, u16)> {
    let port = |server: &Server| match server.address {
        ServerAddress::Inet {
            port: ServerPort::Fixed(port),
            ..
        } => Some(port),
        _ => None,
    };
    config
        .backends
        .iter()
        .flat_map(|backend| backend.servers.iter().map(move |server| (backend, server)))
        .filter_map(|(backend, server)| {
            Some((backend.name.clone(), server.name.clone(), port(server)?))
        })
        .collect()
}

impl Plan {
    /// The listener that a browser or `lab hit` should ask.
    pub(crate) fn traffic(&self) -> Option<&PlannedBind> {
        self.binds
            .iter()
            .find(|bind| bind.serves == Serves::Traffic)
    }

    pub(crate) fn statistics(&self) -> Option<&PlannedBind> {
        self.binds
            .iter()
            .find(|bind| bind.serves == Serves::Statistics)
    }
}

impl PlannedBind {
    /// The address to type on this machine: a listener on all addresses is asked on the loopback one.
    pub(crate) fn reachable(&self) -> SocketAddr {
        let ip = match self.address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        SocketAddr::new(ip, self.address.port())
    }

    /// Others on the network can reach it.
    pub(crate) fn is_open_to_others(&self) -> bool {
        !self.address.ip().is_loopback()
    }
}

fn planned_binds(config: &Config, frontend: &Frontend) -> Vec<PlannedBind> {
    let has_servers = frontend
        .default_backend
        .and_then(|index| config.backends.get(index))
        .is_some_and(|backend| !backend.servers.is_empty());
    let serves = match (&frontend.stats, has_servers) {
        (Some(_), false) => Serves::Statistics,
        _ if frontend.mode == Mode::Http
            && frontend.listen
            && !has_servers
            && page_of(config, frontend) =>
        {
            Serves::Statistics
        }
        _ => Serves::Traffic,
    };
    let planned = |address| PlannedBind {
        frontend: frontend.name.clone(),
        address,
        serves,
    };
    frontend
        .binds
        .iter()
        .filter_map(|bind| inet(&bind.address))
        .map(planned)
        .collect()
}

/// `stats enable` in a `listen` may be kept with its backend half.
fn page_of(config: &Config, frontend: &Frontend) -> bool {
    config
        .backends
        .iter()
        .any(|backend| backend.listen && backend.name == frontend.name && backend.stats.is_some())
}

fn inet(address: &BindAddress) -> Option<SocketAddr> {
    let BindAddress::Inet { host, port } = address else {
        return None;
    };
    let ip = match host {
        BindHost::AnyV4 => Ipv4Addr::UNSPECIFIED.into(),
        BindHost::AnyV6 => Ipv6Addr::UNSPECIFIED.into(),
        BindHost::Host(host) => local_ip(host)?,
    };
    Some(SocketAddr::new(ip, *port))
}

/// The address a host stands for, without asking a name server.
fn local_ip(host: &Host) -> Option<IpAddr> {
    match host {
        Host::Ip(ip) => Some(*ip),
        Host::Name(name) if name == "localhost" => Some(Ipv4Addr::LOCALHOST.into()),
        Host::Name(_) => None,
    }
}

/// One server for each loopback address that some `server` line names, the balancer's own listeners left out.
fn named_servers(config: &Config, binds: &[PlannedBind]) -> Vec<PlannedServer> {
    let mut servers: Vec<PlannedServer> = Vec::new();
    for backend in config.backends.iter().filter(|backend| !backend.disabled) {
        for server in &backend.servers {
            let Some(address) = loopback(server).filter(|at| !is_ours(*at, binds)) else {
                continue;
            };
            let member = Member {
                backend: backend.name.clone(),
                server: server.name.clone(),
                weight: server.weight,
                checked: server.check.is_some(),
            };
            match servers.iter_mut().find(|known| known.address == address) {
                Some(known) => known.members.push(member),
                None => servers.push(PlannedServer {
                    name: server.name.clone(),
                    address,
                    members: vec![member],
                }),
            }
        }
    }
    tell_apart(&mut servers);
    servers
}

fn loopback(server: &Server) -> Option<SocketAddr> {
    match &server.address {
        ServerAddress::Inet {
            host,
            port: ServerPort::Fixed(port),
        } => local_ip(host)
            .filter(IpAddr::is_loopback)
            .map(|ip| SocketAddr::new(ip, *port)),
        _ => None,
    }
}

fn is_ours(address: SocketAddr, binds: &[PlannedBind]) -> bool {
    binds.iter().any(|bind| {
        bind.address.port() == address.port()
            && (bind.address.ip().is_unspecified() || bind.address.ip() == address.ip())
    })
}

/// The same name in two backends becomes `backend/name`.
fn tell_apart(servers: &mut [PlannedServer]) {
    let names: Vec<String> = servers.iter().map(|server| server.name.clone()).collect();
    for server in servers {
        if names.iter().filter(|name| **name == server.name).count() > 1 {
            let member = &server.members[0];
            server.name = format!("{}/{}", member.backend, member.server);
        }
    }
}

/// Servers that no line names yet, until there are as many as wanted.
pub(crate) fn add_servers(plan: &mut Plan, wanted: &Wanted) -> Result<()> {
    let mut ports = wanted.ports.iter();
    while plan.servers.len() < usize::from(wanted.count()) {
        let free = |port: &u16| {
            let taken = plan
                .servers
                .iter()
                .any(|server| server.address.port() == *port);
            !taken && !plan.binds.iter().any(|bind| bind.address.port() == *port)
        };
        let port = ports
            .find(free)
            .ok_or_else(|| Problem::usage("there are not enough ports for so many servers"))?;
        let used = |name: &String| plan.servers.iter().any(|server| server.name == *name);
        let name = (0..)
            .map(server_name)
            .find(|name| !used(name))
            .expect("names do not end");
        plan.servers.push(PlannedServer {
            name,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            members: Vec::new(),
        });
    }
    Ok(())
}
