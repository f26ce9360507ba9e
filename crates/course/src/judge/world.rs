//! The facts by name: which port is meant, who listens there, what is listed.

use crate::facts::{Config, Event, Facts, Happened, Listener, Server};
use crate::model::{Count, Place, Role};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// A server or role, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    /// `server02`, `balancer`; a port's number where it has no name.
    pub(super) name: String,
    pub(super) port: u16,
}

impl Facts {
    /// The configuration that says which servers there are: what runs, or else the file.
    pub(super) fn configured(&self) -> Option<&Config> {
        let running = self.balancer.as_ref().and_then(|b| b.config.as_ref());
        running.or(self.file.config.as_ref())
    }

    /// Where a server is: as what runs, or the file, says; by its number otherwise.
    pub(super) fn server_port(&self, name: &str) -> Option<u16> {
        let running = self.balancer.as_ref().and_then(|b| b.config.as_ref());
        let configs = [running, self.file.config.as_ref()];
        let listed = configs
            .iter()
            .flatten()
            .find_map(|config| config.servers.iter().find(|server| server.name == name));
        match listed {
            Some(server) => Some(server.port),
            None => self.usual_port(name),
        }
    }

    /// `server02` is on the second port of the servers.
    fn usual_port(&self, name: &str) -> Option<u16> {
        let number: u16 = name.strip_prefix("server")?.parse().ok()?;
        self.ports.servers.checked_add(number.checked_sub(1)?)
    }

    /// The name of the server on a port: the configuration's, or the usual one, or the number.
    pub(super) fn server_name(&self, port: u16) -> String {
        const USUAL: u16 = 16;
        let listed = self
            .configured()
            .and_then(|config| config.servers.iter().find(|server| server.port == port));
        match listed {
            Some(server) => server.name.clone(),
            None => match port.checked_sub(self.ports.servers) {
                Some(at @ 0..USUAL) => format!("server{:02}", at + 1),
                _ => port.to_string(),
            },
        }
    }

    /// All servers: the configured ones, or else whatever echoes or has echoed.
    pub(super) fn servers(&self) -> Vec<Spot> {
        let ports: Vec<u16> = match self.configured() {
            Some(config) => config.servers.iter().map(|server| server.port).collect(),
            None => {
                let ended = self.events.iter().filter_map(|event| match event.what {
                    Happened::Ended { port, .. } if self.role_of(port).is_none() => Some(port),
                    _ => None,
                });
                self.echo_ports()
                    .into_iter()
                    .chain(ended)
                    .collect::<BTreeSet<_>>()
                    .into_iter()
                    .collect()
            }
        };
        let mut spots: Vec<Spot> = Vec::new();
        for port in ports {
            if spots.iter().all(|spot| spot.port != port) {
                spots.push(Spot {
                    name: self.server_name(port),
                    port,
                });
            }
        }
        spots
    }

    pub(super) fn role_port(&self, role: Role) -> u16 {
        match role {
            Role::Balancer => self.ports.balancer,
            Role::Statistics => self.ports.statistics,
            Role::NameServer => self.ports.nameserver,
        }
    }

    fn role_of(&self, port: u16) -> Option<Role> {
        [Role::Balancer, Role::Statistics, Role::NameServer]
            .into_iter()
            .find(|role| self.role_port(*role) == port)
    }

    /// What a place stands for.
    pub(super) fn spots(&self, place: &Place) -> Vec<Spot> {
        let one = |name: &str, port| {
            vec![Spot {
                name: name.to_owned(),
                port,
            }]
        };
        match place {
            Place::Server(name) => match self.server_port(name) {
                Some(port) => one(name, port),
                None => Vec::new(),
            },
            Place::AllBut(name) => {
                let but = self.server_port(name);
                let mut all = self.servers();
                all.retain(|spot| Some(spot.port) != but);
                all
            }
            Place::Each => self.servers(),
            Place::AnyEcho => self
                .echo_ports()
                .into_iter()
                .map(|port| Spot {
                    name: self.server_name(port),
                    port,
                })
                .collect(),
            Place::Role(role) => {
                let name = match role {
                    Role::Balancer => "balancer",
                    Role::Statistics => "statistics",
                    Role::NameServer => "nameserver",
                };
                one(name, self.role_port(*role))
            }
            Place::Number(port) => one(&self.server_name(*port), *port),
        }
    }

    /// Servers of a configuration at a place.
    pub(super) fn listed<'c>(&self, config: &'c Config, place: &Place) -> Vec<&'c Server> {
        let is = |server: &Server, name: &str| {
            let by_name = config.servers.iter().any(|server| server.name == name);
            match by_name {
                true => server.name == name,
                false => Some(server.port) == self.usual_port(name),
            }
        };
        let meant = |server: &&Server| match place {
            Place::Server(name) => is(server, name),
            Place::AllBut(name) => !is(server, name),
            Place::Each | Place::AnyEcho => true,
            Place::Number(port) => server.port == *port,
            Place::Role(_) => false,
        };
        config.servers.iter().filter(meant).collect()
    }

    pub(super) fn listener(&self, port: u16) -> Option<&Listener> {
        self.listeners
            .iter()
            .find(|listener| listener.address.port() == port)
    }

    pub(super) fn is_open(&self, port: u16) -> bool {
        self.listener(port).is_some()
    }

    /// Ports that answer as an echo server does, in order.
    pub(super) fn echo_ports(&self) -> BTreeSet<u16> {
        let echoes = |listener: &&Listener| listener.echoes();
        let ports = self.listeners.iter().filter(echoes);
        ports.map(|listener| listener.address.port()).collect()
    }

    /// Events from a moment on, oldest first.
    pub(super) fn after(&self, moment: Timestamp) -> impl DoubleEndedIterator<Item = &Event> {
        self.events.iter().filter(move |event| event.time >= moment)
    }

    /// Endings at these spots from a moment on, oldest first.
    pub(super) fn endings(&self, spots: &[Spot], moment: Timestamp) -> Vec<Ending<'_>> {
        let of = |event: &'_ Event| match &event.what {
            Happened::Ended { port, .. } => spots.iter().any(|spot| spot.port == *port),
            _ => false,
        };
        let ended = self.after(moment).filter(|event| of(event));
        ended.filter_map(Ending::of).collect()
    }
}

impl Listener {
    /// It answers what an echo server on this port answers.
    pub(super) fn echoes(&self) -> bool {
        let expected = format!("Hi!! from server {}", self.address.port());
        self.answer
            .as_deref()
            .is_some_and(|answer| answer.trim() == expected)
    }
}

/// A process that ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ending<'a> {
    pub(super) time: Timestamp,
    pub(super) port: u16,
    pub(super) how: Option<&'a str>,
    pub(super) terminal: Option<&'a str>,
}

impl<'a> Ending<'a> {
    fn of(event: &'a Event) -> Option<Self> {
        match &event.what {
            Happened::Ended {
                port,
                how,
                terminal,
                ..
            } => Some(Self {
                time: event.time,
                port: *port,
                how: how.as_deref(),
                terminal: terminal.as_deref(),
            }),
            _ => None,
        }
    }
}

impl Count {
    pub(super) fn fits(self, n: usize) -> bool {
        let n = u32::try_from(n).unwrap_or(u32::MAX);
        match self {
            Self::Exactly(count) => n == count,
            Self::AtLeast(count) => n >= count,
            Self::AtMost(count) => n <= count,
        }
    }

    /// The number in it.
    pub(super) const fn number(self) -> u32 {
        match self {
            Self::Exactly(n) | Self::AtLeast(n) | Self::AtMost(n) => n,
        }
    }
}
