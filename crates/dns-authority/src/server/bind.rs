//! The listening sockets, and what to say when they cannot be had.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};

use procs::port_owner;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, UdpSocket};

use crate::failure::Failure;
use crate::options::Listen;

/// Connections that may wait to be accepted.
const BACKLOG: i32 = 128;
/// Bytes of questions the system may keep while one is being answered; it grants what it likes.
const RECEIVE_BUFFER: usize = 1 << 20;

/// Both transports of one address.
#[derive(Debug)]
pub(crate) struct Sockets {
    pub(crate) address: SocketAddr,
    pub(crate) udp: UdpSocket,
    pub(crate) tcp: TcpListener,
}

/// Listens on every address that is asked for. Must be called within the runtime.
///
/// `again` is the command line up to the port's number, with which the user can try another one.
pub(crate) fn listen(again: &str, listen: &Listen) -> Result<Vec<Sockets>, Failure> {
    let mut all = Vec::new();
    for ip in &listen.needed {
        all.push(open(*ip, listen.port).map_err(|error| explain(again, &error))?);
    }
    if let Some(ip) = listen.wanted {
        match open(ip, listen.port) {
            Ok(sockets) => all.push(sockets),
            Err(error) if error.is_no_such_address() => {}
            Err(error) => return Err(explain(again, &error)),
        }
    }
    Ok(all)
}

/// Which of the two sockets could not be had, and why.
#[derive(Debug)]
struct Refused {
    address: SocketAddr,
    transport: &'static str,
    error: io::Error,
}

impl Refused {
    /// The machine has no such address, or no addresses of its family at all.
    fn is_no_such_address(&self) -> bool {
        const EAFNOSUPPORT: i32 = 97;
        self.error.kind() == ErrorKind::AddrNotAvailable
            || (cfg!(target_os = "linux") && self.error.raw_os_error() == Some(EAFNOSUPPORT))
    }
}

fn open(ip: IpAddr, port: u16) -> Result<Sockets, Refused> {
    let address = SocketAddr::new(ip, port);
    let refused = |transport| {
        move |error| Refused {
            address,
            transport,
            error,
        }
    };
    Ok(Sockets {
        address,
        udp: udp(address).map_err(refused("udp"))?,
        tcp: tcp(address).map_err(refused("tcp"))?,
    })
}

fn udp(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = socket(address, Type::DGRAM, Protocol::UDP)?;
    // Less room is no reason not to serve.
    let _ = socket.set_recv_buffer_size(RECEIVE_BUFFER);
    socket.bind(&address.into())?;
    UdpSocket::from_std(socket.into())
}

fn tcp(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = socket(address, Type::STREAM, Protocol::TCP)?;
    // Lets a server come back at once where its predecessor's closed connections still linger in TIME_WAIT.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

fn socket(address: SocketAddr, kind: Type, protocol: Protocol) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), kind, Some(protocol))?;
    socket.set_nonblocking(true)?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    Ok(socket)
}

fn explain(again: &str, refused: &Refused) -> Failure {
    let Refused {
        address,
        transport,
        error,
    } = refused;
    let (ip, port) = (address.ip(), address.port());
    match error.kind() {
        ErrorKind::AddrInUse => in_use(again, *address, transport),
        ErrorKind::PermissionDenied => Failure::not_ready(
            "port-privileged",
            format!("port {port} is not for everybody"),
        )
        .why("ports below 1024 belong to the administrator (root); the system refused (EACCES)")
        .next(format!("{again} 5300")),
        ErrorKind::AddrNotAvailable => Failure::not_ready(
            "not-my-address",
            format!("{ip} is not an address of this machine"),
        )
        .why("a server can listen only where the machine itself is (EADDRNOTAVAIL)")
        .next("--bind 127.0.0.1"),
        _ => Failure::not_ready(
            "cannot-listen",
            format!("cannot listen on {ip} port {port} ({transport})"),
        )
        .why(error.to_string())
        .next("--bind 127.0.0.1"),
    }
}

fn in_use(again: &str, address: SocketAddr, transport: &str) -> Failure {
    let (ip, port) = (address.ip(), address.port());
    let what = format!(
        "port {port} of {ip} is already in use ({transport}; EADDRINUSE, \"Address already in use\")"
    );
    let why = match port_owner(address) {
        Some(owner) => format!("{} listens there{}", owner.name(), owner.details()),
        None => "some program listens there".to_owned(),
    };
    let free = (port.saturating_add(10)..u16::MAX).find(|port| is_free(SocketAddr::new(ip, *port)));
    let failure = Failure::not_ready("port-busy", what).why(why);
    let failure = match free {
        Some(free) => failure.next(format!("choose a free one:   {again} {free}")),
        None => failure.next("stop that program first"),
    };
    failure.next(format!("or see who has it:   ss -lntup 'sport = :{port}'"))
}

fn is_free(address: SocketAddr) -> bool {
    std::net::UdpSocket::bind(address).is_ok() && std::net::TcpListener::bind(address).is_ok()
}
