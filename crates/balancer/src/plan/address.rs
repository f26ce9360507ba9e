//! Where servers are: fixed addresses, and names whose addresses change while the balancer runs.

use super::ServerPort;
use crate::process::lock;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError, RwLock};

/// A server's address.
#[derive(Debug)]
pub enum ServerAddress {
    Inet { machine: Machine, port: ServerPort },
    Unix(String),
}

/// The machine of a server.
#[derive(Debug)]
pub enum Machine {
    Ip(IpAddr),
    Named(Named),
}

/// A name and the address it has now.
#[derive(Debug)]
pub struct Named {
    host: Mutex<HostName>,
    ip: RwLock<Option<IpAddr>>,
}

#[derive(Debug)]
struct HostName {
    /// `None`: none was given yet.
    name: Option<String>,
    /// A person gave it while the balancer ran.
    renamed: bool,
}

impl ServerAddress {
    /// The socket address for a client that came in on `client_port`; `None` for a unix socket, and for a name that
    /// has no address.
    pub fn socket_address(&self, client_port: u16) -> Option<SocketAddr> {
        let Self::Inet { machine, port } = self else {
            return None;
        };
        let port = match *port {
            ServerPort::Fixed(port) => port,
            ServerPort::Client => client_port,
            ServerPort::Offset(offset) => {
                u16::try_from(i32::from(client_port) + offset).unwrap_or(0)
            }
        };
        Some(SocketAddr::new(machine.ip()?, port))
    }

    pub fn named(&self) -> Option<&Named> {
        match self {
            Self::Inet {
                machine: Machine::Named(named),
                ..
            } => Some(named),
            _ => None,
        }
    }

    /// Tells whether a server of the same name in a reloaded file is still the same one.
    pub(super) fn identity(&self) -> String {
        let (machine, port) = match self {
            Self::Unix(path) => return format!("unix {path}"),
            Self::Inet { machine, port } => (machine, port),
        };
        match machine {
            Machine::Ip(ip) => format!("{ip} {port:?}"),
            Machine::Named(named) => format!("{:?} {port:?}", named.host()),
        }
    }
}

impl Machine {
    /// `None`: its name has no address.
    pub fn ip(&self) -> Option<IpAddr> {
        match self {
            Self::Ip(ip) => Some(*ip),
            Self::Named(named) => named.ip(),
        }
    }
}

impl Named {
    pub(super) fn new(host: Option<String>, ip: Option<IpAddr>) -> Self {
        Self {
            host: Mutex::new(HostName {
                name: host,
                renamed: false,
            }),
            ip: RwLock::new(ip),
        }
    }

    /// `None`: no name was given yet.
    pub fn host(&self) -> Option<String> {
        lock(&self.host).name.clone()
    }

    /// Gives another name, on a person's behalf.
    pub fn rename(&self, host: &str) {
        *lock(&self.host) = HostName {
            name: Some(host.to_owned()),
            renamed: true,
        };
    }

    /// A person gave its name while the balancer ran.
    pub fn is_renamed(&self) -> bool {
        lock(&self.host).renamed
    }

    pub fn ip(&self) -> Option<IpAddr> {
        *self.ip.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn set_ip(&self, ip: Option<IpAddr>) {
        *self.ip.write().unwrap_or_else(PoisonError::into_inner) = ip;
    }
}
