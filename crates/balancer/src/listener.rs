//! Listening sockets: opened once, shared out to the workers, kept over a reload.

pub mod handed;
mod inherited;

use crate::load::os_text;
use crate::plan::{BindAddress, BindHost, BindProtocol, Frontend, SocketRights};
use crate::tls::Entry;
use crate::unix_socket::{self, BindError};
use handed::Handed;
use haproxy_config::model::Host;
use socket2::{Domain, Protocol, SockAddr, Socket as RawSocket, Type};
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, ToSocketAddrs};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// How many connections the kernel may keep waiting, for each worker.
pub const BACKLOG: i32 = 1024;

/// What is listened on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    Inet(SocketAddr),
    /// A socket file.
    Unix(PathBuf),
    /// A name in Linux's abstract namespace.
    Abstract(String),
    /// A socket that whoever started the process has opened.
    Inherited(i32),
}

/// An open one.
#[derive(Debug)]
pub enum Socket {
    Tcp(TcpListener),
    Unix(UnixListener),
}

/// Why a frontend cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    #[error("cannot bind socket ({}) for [{place}]", os_text(source))]
    Bind {
        place: Place,
        #[source]
        source: io::Error,
    },
    #[error(
        "cannot bind receiver to device '{interface}' ({}) for [{place}]",
        os_text(source)
    )]
    Interface {
        interface: String,
        place: Place,
        #[source]
        source: io::Error,
    },
    #[error("`{0}` has no address")]
    Unresolved(String),
    #[error(transparent)]
    Unix(#[from] BindError),
    #[error(
        "file descriptor {number} is no listening socket ({})",
        os_text(source)
    )]
    Inherited {
        number: i32,
        #[source]
        source: io::Error,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inet(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix@{}", path.display()),
            Self::Abstract(name) => write!(f, "abns@{name}"),
            Self::Inherited(number) => write!(f, "fd@{number}"),
        }
    }
}

/// Where a `bind` listens, its name resolved.
///
/// # Errors
///
/// A name without address.
pub fn place(address: &BindAddress) -> Result<Place, ListenError> {
    let (host, port) = match address {
        BindAddress::Inet { host, port } => (host, *port),
        BindAddress::Unix(path) => return Ok(Place::Unix(path.into())),
        BindAddress::Abstract(name) => return Ok(Place::Abstract(name.clone())),
        BindAddress::Fd(number) => return Ok(Place::Inherited(*number)),
    };
    let ip = match host {
        BindHost::AnyV4 => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        BindHost::AnyV6 => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        BindHost::Host(Host::Ip(ip)) => *ip,
        BindHost::Host(Host::Name(name)) => (name.as_str(), 0)
            .to_socket_addrs()
            .ok()
            .and_then(|mut found| found.next())
            .map(|found| found.ip())
            .ok_or_else(|| ListenError::Unresolved(name.clone()))?,
    };
    Ok(Place::Inet(SocketAddr::new(ip, port)))
}

/// Opens a listener for each worker, or takes what an old process has handed over. `predecessors` are processes whose
/// ports may be shared for a while.
///
/// # Errors
///
/// [`ListenError`] with the system's reason.
pub fn open(
    place: &Place,
    rights: &SocketRights,
    workers: usize,
    predecessors: &[u32],
    handed: &mut Handed,
) -> Result<Vec<Socket>, ListenError> {
    if let Place::Inet(address) = place {
        let taken = handed.take(*address);
        if !taken.is_empty() {
            return spread(taken, workers).map_err(|error| cannot_bind(*address, rights, error));
        }
        let sockets = open_inet(*address, rights, workers, predecessors)?;
        return Ok(sockets.into_iter().map(Socket::Tcp).collect());
    }
    let one = open_one(place, rights)?;
    share(one, workers).map_err(|source| ListenError::Bind {
        place: place.clone(),
        source,
    })
}

/// Opens a listener for a thread of its own.
///
/// # Errors
///
/// [`ListenError`] with the system's reason.
pub fn open_one(place: &Place, rights: &SocketRights) -> Result<Socket, ListenError> {
    Ok(match place {
        Place::Inet(address) => {
            let free = free_address(*address, rights, &[])?;
            Socket::Tcp(listening(free, rights).map_err(|error| cannot_bind(free, rights, error))?)
        }
        Place::Unix(path) => Socket::Unix(unix_socket::bind(path, rights)?),
        Place::Abstract(name) => open_abstract(name).map_err(|source| ListenError::Bind {
            place: place.clone(),
            source,
        })?,
        Place::Inherited(number) => {
            inherited::listener(*number).map_err(|source| ListenError::Inherited {
                number: *number,
                source,
            })?
        }
    })
}

/// Each worker gets a queue of its own as far as there are so many; they share the others.
fn spread(listeners: Vec<TcpListener>, workers: usize) -> io::Result<Vec<Socket>> {
    let shared: io::Result<Vec<_>> = (listeners.len()..workers)
        .map(|worker| listeners[worker % listeners.len()].try_clone())
        .collect();
    let all = listeners.into_iter().chain(shared?).take(workers);
    Ok(all.map(Socket::Tcp).collect())
}

impl AsRawFd for Socket {
    fn as_raw_fd(&self) -> RawFd {
        match self {
            Self::Tcp(listener) => listener.as_raw_fd(),
            Self::Unix(listener) => listener.as_raw_fd(),
        }
    }
}

/// The workers take connections from one queue in turns.
fn share(one: Socket, workers: usize) -> io::Result<Vec<Socket>> {
    let mut all = Vec::with_capacity(workers);
    for _ in 1..workers {
        all.push(match &one {
            Socket::Tcp(listener) => Socket::Tcp(listener.try_clone()?),
            Socket::Unix(listener) => Socket::Unix(listener.try_clone()?),
        });
    }
    all.push(one);
    Ok(all)
}

fn open_abstract(name: &str) -> io::Result<Socket> {
    let socket = RawSocket::new(Domain::UNIX, Type::STREAM, None)?;
    let path = format!("\0{name}");
    socket.bind(&SockAddr::unix(path)?)?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(Socket::Unix(socket.into()))
}

/// One listener for each worker on the same address; the kernel spreads connections over them.
///
/// HAProxy would share the port with a second process without a word, and the two would answer in turns. Here a
/// port that somebody listens on is refused: the first try is made without `SO_REUSEPORT`. Only with a process whose
/// place is taken (`-sf`, `-st`) a port is shared, until that one closes it.
fn open_inet(
    address: SocketAddr,
    rights: &SocketRights,
    workers: usize,
    predecessors: &[u32],
) -> Result<Vec<TcpListener>, ListenError> {
    let free = free_address(address, rights, predecessors)?;
    (0..workers)
        .map(|_| listening(free, rights).map_err(|error| cannot_bind(free, rights, error)))
        .collect()
}

/// The address, with a port that the kernel has chosen where it has none, once it is known that nobody listens there.
fn free_address(
    address: SocketAddr,
    rights: &SocketRights,
    predecessors: &[u32],
) -> Result<SocketAddr, ListenError> {
    let bound = socket(address, rights, false).and_then(|alone| alone.local_addr());
    match bound {
        Ok(bound) => Ok(bound.as_socket().unwrap_or(address)),
        Err(error) if is_held_by(address, predecessors) => {
            tracing::debug!(%error, %address, "shared with the process whose place is taken");
            Ok(address)
        }
        Err(error) => Err(cannot_bind(address, rights, error)),
    }
}

fn listening(address: SocketAddr, rights: &SocketRights) -> io::Result<TcpListener> {
    let socket = socket(address, rights, true)?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn cannot_bind(address: SocketAddr, rights: &SocketRights, source: io::Error) -> ListenError {
    let place = Place::Inet(address);
    let no_device = Some(rustix::io::Errno::NODEV) == rustix::io::Errno::from_io_error(&source);
    match &rights.interface {
        Some(interface) if no_device => ListenError::Interface {
            interface: interface.clone(),
            place,
            source,
        },
        _ => ListenError::Bind { place, source },
    }
}

fn is_held_by(address: SocketAddr, pids: &[u32]) -> bool {
    let owner = || procs::port_owner(address)?.process;
    !pids.is_empty() && owner().is_some_and(|process| pids.contains(&process.pid))
}

fn socket(address: SocketAddr, rights: &SocketRights, shared: bool) -> io::Result<RawSocket> {
    let socket = RawSocket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    // A restart must not wait for connections of the former process in TIME_WAIT.
    socket.set_reuse_address(true)?;
    #[cfg(unix)]
    socket.set_reuse_port(shared)?;
    if address.is_ipv6() {
        socket.set_only_v6(rights.only_v6)?;
    }
    #[cfg(target_os = "linux")]
    if let Some(interface) = &rights.interface {
        socket.bind_device(Some(interface.as_bytes()))?;
    }
    socket.set_nonblocking(true)?;
    socket.set_tcp_nodelay(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

/// What becomes of the connections that come in somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entrance {
    pub frontend: String,
    /// The listener's name in logs: its own, or its number in the frontend.
    pub name: String,
    /// Its number in the frontend.
    pub number: u32,
    /// Its own limit of connections.
    pub room: Room,
    /// Connections begin with a PROXY header.
    pub accept_proxy: bool,
    /// Clients speak TLS.
    pub tls: Option<Arc<Entry>>,
    pub protocol: BindProtocol,
}

/// How many connections a listener may have, for all workers together.
#[derive(Clone, Debug)]
pub struct Room {
    /// 0: any number.
    most: u32,
    taken: Arc<AtomicU32>,
}

/// Two are the same when they have the same limit: how many are there changes all the time.
impl PartialEq for Room {
    fn eq(&self, other: &Self) -> bool {
        self.most == other.most
    }
}

impl Eq for Room {}

impl Room {
    pub fn new(most: u32) -> Self {
        Self {
            most,
            taken: Arc::default(),
        }
    }

    /// Takes a place, unless all are taken. It is given back by [`Room::give_back`].
    pub fn take(&self) -> bool {
        let next = |taken: u32| (self.most == 0 || taken < self.most).then_some(taken + 1);
        let (before, after) = (Ordering::Relaxed, Ordering::Relaxed);
        self.taken.fetch_update(before, after, next).is_ok()
    }

    pub fn give_back(&self) {
        self.taken.fetch_sub(1, Ordering::Relaxed);
    }

    /// Those who are there stay when the limit changes.
    pub fn succeed(&mut self, former: &Self) {
        self.taken = Arc::clone(&former.taken);
    }
}

/// One `bind` of a plan, ready to be opened.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub entrance: Entrance,
    pub place: Place,
    pub rights: SocketRights,
    pub span: diagnostics::Span,
}

/// All addresses a frontend wants, each once: the same `bind` twice is fine.
///
/// # Errors
///
/// The first address whose name does not resolve, with its place in the file.
pub fn wanted(frontend: &Frontend) -> Result<Vec<Wanted>, (ListenError, diagnostics::Span)> {
    let mut wanted: Vec<Wanted> = Vec::new();
    let entries = frontend.binds.iter().zip(&frontend.entries);
    for (number, (bind, entry)) in (1..).zip(entries) {
        let place = place(&bind.address).map_err(|error| (error, bind.span))?;
        if wanted.iter().all(|w| w.place != place) {
            wanted.push(Wanted {
                entrance: Entrance {
                    frontend: frontend.name.clone(),
                    name: bind.name.clone().unwrap_or_else(|| format!("{number}")),
                    number,
                    room: Room::new(bind.maxconn),
                    accept_proxy: bind.accept_proxy,
                    tls: entry.clone(),
                    protocol: bind.protocol,
                },
                place,
                rights: bind.rights.clone(),
                span: bind.span,
            });
        }
    }
    Ok(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANYBODY: SocketRights = SocketRights {
        mode: None,
        user: None,
        group: None,
        interface: None,
        only_v6: false,
    };

    fn loopback() -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], 0))
    }

    #[test]
    fn every_worker_gets_a_listener_on_the_same_port() {
        let listeners = open_inet(loopback(), &ANYBODY, 3, &[]).unwrap();
        let ports: Vec<_> = listeners
            .iter()
            .map(|l| l.local_addr().unwrap().port())
            .collect();
        assert_eq!(ports.len(), 3);
        assert!(ports.iter().all(|&port| port == ports[0] && port != 0));
    }

    #[test]
    fn a_listener_has_so_many_places() {
        let room = Room::new(2);
        assert!(room.take() && room.take() && !room.take());
        room.give_back();
        assert!(room.take() && !room.take());
        let mut wider = Room::new(3);
        wider.succeed(&room);
        assert!(wider.take() && !wider.take());
        let endless = Room::new(0);
        assert!((0..100).all(|_| endless.take()));
    }

    #[test]
    fn a_port_where_somebody_listens_is_refused_even_if_they_would_share() {
        let first = open_inet(loopback(), &ANYBODY, 2, &[]).unwrap();
        let address = first[0].local_addr().unwrap();
        let error = open_inet(address, &ANYBODY, 2, &[]).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("cannot bind socket (Address already in use) for [{address}]")
        );
        drop(first);
        open_inet(address, &ANYBODY, 2, &[]).expect("free again at once");
    }

    #[test]
    fn a_port_is_shared_with_the_process_whose_place_is_taken() {
        let first = open_inet(loopback(), &ANYBODY, 1, &[]).unwrap();
        let address = first[0].local_addr().unwrap();
        assert!(open_inet(address, &ANYBODY, 1, &[1]).is_err());
        open_inet(address, &ANYBODY, 1, &[std::process::id()]).expect("this process holds it");
    }

    #[test]
    fn an_inherited_socket_is_taken_as_it_is() {
        use std::os::fd::AsRawFd;
        let mother = TcpListener::bind("127.0.0.1:0").unwrap();
        let place = Place::Inherited(mother.as_raw_fd());
        let sockets = open(
            &place,
            &SocketRights::default(),
            2,
            &[],
            &mut Handed::default(),
        )
        .unwrap();
        for socket in sockets {
            let Socket::Tcp(listener) = socket else {
                panic!("a TCP socket")
            };
            assert_eq!(listener.local_addr().unwrap(), mother.local_addr().unwrap());
        }
        let nobody = open_one(&Place::Inherited(9999), &SocketRights::default()).unwrap_err();
        assert_eq!(
            nobody.to_string(),
            "file descriptor 9999 is no listening socket (Bad file descriptor)"
        );
    }
}
