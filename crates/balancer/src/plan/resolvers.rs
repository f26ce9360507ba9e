//! `resolvers` sections, alive: name servers with their counters.

use super::Plan;
use super::initial::{Names, Outcome, Unresolved};
use haproxy_config::model::{self, Hold, Host, ResolveTimeouts};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Notify;

/// One section.
#[derive(Debug)]
pub struct Resolvers {
    pub name: String,
    /// Somebody wrote it: it is not the one that every file has.
    written: bool,
    pub nameservers: Vec<Nameserver>,
    /// The longest answer in bytes.
    pub accepted_payload_size: u16,
    /// Questions before giving up; 0: it never does.
    pub retries: u32,
    pub timeout: ResolveTimeouts,
    pub hold: Hold,
    /// Told when a server has got another name.
    pub renamed: Notify,
}

/// One name server.
#[derive(Debug)]
pub struct Nameserver {
    pub name: String,
    pub address: SocketAddr,
    /// Shared with the same one in the plan before.
    pub counters: Arc<Counters>,
}

/// What became of the questions to one name server, as `show resolvers` tells.
#[derive(Debug, Default)]
pub struct Counters([AtomicU64; COUNTERS.len()]);

/// One of the counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counter {
    Sent,
    SendError,
    Valid,
    Update,
    Cname,
    CnameError,
    AnyError,
    Nx,
    Timeout,
    Refused,
    Other,
    Invalid,
    TooBig,
    Truncated,
    Outdated,
}

/// HAProxy's names, in the order of [`Counter`].
const COUNTERS: [&str; 15] = [
    "sent",
    "snd_error",
    "valid",
    "update",
    "cname",
    "cname_error",
    "any_err",
    "nx",
    "timeout",
    "refused",
    "other",
    "invalid",
    "too_big",
    "truncated",
    "outdated",
];

impl Resolvers {
    /// HAProxy does not make the section of the system where the system names no name server.
    pub fn is_shown(&self) -> bool {
        self.written || !self.nameservers.is_empty()
    }
}

impl Counters {
    pub fn count(&self, counter: Counter) {
        self.0[counter as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Every counter with its name.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        let values = self.0.iter().map(|value| value.load(Ordering::Relaxed));
        COUNTERS.into_iter().zip(values)
    }
}

/// The port of name servers that are the system's.
const DNS_PORT: u16 = 53;

pub(super) fn build(
    section: &model::Resolvers,
    names: &Names<'_>,
    former: Option<&Plan>,
    problems: &mut Vec<Unresolved>,
) -> Resolvers {
    let mut nameservers: Vec<Nameserver> = Vec::new();
    for nameserver in &section.nameservers {
        let found = match nameserver {
            model::Nameserver::System => {
                let system = names.nameservers.iter();
                system
                    .map(|ip| (ip.to_string(), SocketAddr::new(*ip, DNS_PORT)))
                    .collect()
            }
            model::Nameserver::Given {
                name,
                span,
                host,
                port,
            } => match lookup(host, names) {
                Some(ip) => vec![(name.clone(), SocketAddr::new(ip, *port))],
                None => {
                    problems.push(Unresolved {
                        backend: section.name.clone(),
                        server: name.clone(),
                        host: host_and_port(host, *port),
                        span: *span,
                        outcome: Outcome::Nameserver,
                    });
                    Vec::new()
                }
            },
        };
        let known = |name: &str, all: &[Nameserver]| all.iter().any(|n| n.name == name);
        for (name, address) in found {
            if !known(&name, &nameservers) {
                let counters = counters(former, &section.name, &name, address);
                nameservers.push(Nameserver {
                    name,
                    address,
                    counters,
                });
            }
        }
    }
    Resolvers {
        name: section.name.clone(),
        written: section.span.is_some(),
        nameservers,
        accepted_payload_size: section.accepted_payload_size,
        retries: section.retries,
        timeout: section.timeout.clone(),
        hold: section.hold.clone(),
        renamed: Notify::new(),
    }
}

fn lookup(host: &Host, names: &Names<'_>) -> Option<IpAddr> {
    match host {
        Host::Ip(ip) => Some(*ip),
        Host::Name(name) => (names.lookup)(name),
    }
}

fn host_and_port(host: &Host, port: u16) -> String {
    match host {
        Host::Ip(ip) => SocketAddr::new(*ip, port).to_string(),
        Host::Name(name) => format!("{name}:{port}"),
    }
}

fn counters(
    former: Option<&Plan>,
    section: &str,
    name: &str,
    address: SocketAddr,
) -> Arc<Counters> {
    let sections = former.map_or(&[][..], |former| &former.resolvers);
    let same = sections
        .iter()
        .filter(|former| former.name == section)
        .flat_map(|former| &former.nameservers)
        .find(|former| former.name == name && former.address == address);
    same.map_or_else(Arc::default, |same| Arc::clone(&same.counters))
}
