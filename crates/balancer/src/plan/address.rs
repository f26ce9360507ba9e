//! Where servers are: what the file says, names whose addresses change, and what people set at run time.

use super::ServerPort;
use super::changeable::Changeable;
use crate::process::lock;
use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;

/// A server's address.
#[derive(Debug)]
pub enum ServerAddress {
    Inet(Location),
    Unix(String),
}

/// A machine and a port on it.
#[derive(Debug)]
pub struct Location {
    /// What is looked up for it.
    named: Option<Named>,
    place: Changeable<Place>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// `None`: its name has no address.
    pub ip: Option<IpAddr>,
    pub port: ServerPort,
}

/// The name of a machine, which people may change.
#[derive(Debug)]
pub struct Named(Mutex<HostName>);

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
        let Place { ip, port } = self.place()?;
        let port = match port {
            ServerPort::Fixed(port) => port,
            ServerPort::Client => client_port,
            ServerPort::Offset(offset) => {
                u16::try_from(i32::from(client_port) + offset).unwrap_or(0)
            }
        };
        Some(SocketAddr::new(ip?, port))
    }

    /// `None` for a unix socket.
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::Inet(location) => Some(location.place.get()),
            Self::Unix(_) => None,
        }
    }

    pub fn ip(&self) -> Option<IpAddr> {
        self.place()?.ip
    }

    /// Moves it; a unix socket stays where it is.
    pub fn move_to(&self, place: Place) {
        self.update(|now| *now = place);
    }

    /// Its name has another address now, or none.
    pub fn set_ip(&self, ip: Option<IpAddr>) {
        self.update(|place| place.ip = ip);
    }

    fn update(&self, change: impl FnOnce(&mut Place)) {
        if let Self::Inet(location) = self {
            location.place.update(change);
        }
    }

    pub fn named(&self) -> Option<&Named> {
        match self {
            Self::Inet(location) => location.named.as_ref(),
            Self::Unix(_) => None,
        }
    }

    /// Tells whether a server of the same name in a reloaded file is still the same one.
    pub(super) fn identity(&self) -> String {
        let location = match self {
            Self::Unix(path) => return format!("unix {path}"),
            Self::Inet(location) => location,
        };
        let Place { ip, port } = location.place.get();
        match (&location.named, ip) {
            (Some(named), _) => format!("{:?} {port:?}", named.host()),
            (None, Some(ip)) => format!("{ip} {port:?}"),
            (None, None) => format!("{port:?}"),
        }
    }
}

impl Location {
    pub(super) fn new(named: Option<Named>, ip: Option<IpAddr>, port: ServerPort) -> Self {
        Self {
            named,
            place: Changeable::new(Place { ip, port }),
        }
    }
}

impl Named {
    pub(super) fn new(host: Option<String>) -> Self {
        Self(Mutex::new(HostName {
            name: host,
            renamed: false,
        }))
    }

    /// `None`: no name was given yet.
    pub fn host(&self) -> Option<String> {
        lock(&self.0).name.clone()
    }

    /// Gives another name, on a person's behalf.
    pub fn rename(&self, host: &str) {
        *lock(&self.0) = HostName {
            name: Some(host.to_owned()),
            renamed: true,
        };
    }

    /// A person gave its name while the balancer ran.
    pub fn is_renamed(&self) -> bool {
        lock(&self.0).renamed
    }
}
