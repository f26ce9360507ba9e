//! Listening sockets: opened once, shared out to the workers, kept over a reload.

use crate::load::os_text;
use crate::plan::{BindAddress, BindHost, Frontend};
use haproxy_config::model::Host;
use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, ToSocketAddrs};

/// How many connections the kernel may keep waiting, for each worker.
const BACKLOG: i32 = 1024;

/// Why a frontend cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    #[error("cannot bind socket ({}) for [{address}]", os_text(source))]
    Bind {
        address: SocketAddr,
        #[source]
        source: io::Error,
    },
    #[error("`{0}` has no address")]
    Unresolved(String),
    #[error("this kind of address is not supported yet")]
    Unsupported,
}

/// The address of one `bind`, resolved.
///
/// # Errors
///
/// A name without address, or a kind of address that is not listened on yet.
pub fn socket_address(address: &BindAddress) -> Result<SocketAddr, ListenError> {
    let BindAddress::Inet { host, port } = address else {
        return Err(ListenError::Unsupported);
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
    Ok(SocketAddr::new(ip, *port))
}

/// Opens one listener for each worker on the same address; the kernel spreads connections over them.
///
/// HAProxy would share the port with a second process without a word, and the two would answer in turns. Here a
/// port that somebody listens on is refused: the first try is made without `SO_REUSEPORT`.
///
/// # Errors
///
/// [`ListenError::Bind`] with the system's reason.
pub fn open(address: SocketAddr, workers: usize) -> Result<Vec<TcpListener>, ListenError> {
    let fail = |source| ListenError::Bind { address, source };
    let exclusive = socket(address, false).map_err(fail)?;
    if workers == 1 {
        exclusive.listen(BACKLOG).map_err(fail)?;
        return Ok(vec![exclusive.into()]);
    }
    // With port 0 the kernel has chosen by now.
    let chosen = exclusive.local_addr().map_err(fail)?;
    let chosen = chosen.as_socket().unwrap_or(address);
    drop(exclusive);
    (0..workers)
        .map(|_| {
            let socket = socket(chosen, true).map_err(fail)?;
            socket.listen(BACKLOG).map_err(fail)?;
            Ok(socket.into())
        })
        .collect()
}

fn socket(address: SocketAddr, shared: bool) -> io::Result<Socket> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    // A restart must not wait for connections of the former process in TIME_WAIT.
    socket.set_reuse_address(true)?;
    #[cfg(unix)]
    socket.set_reuse_port(shared)?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    socket.set_nonblocking(true)?;
    socket.set_tcp_nodelay(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

/// One `bind` of a plan, ready to be opened.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub frontend: String,
    pub address: SocketAddr,
    pub span: diagnostics::Span,
}

/// All addresses a frontend wants, each once: the same `bind` twice is fine.
///
/// # Errors
///
/// The first address that cannot be listened on by its kind or name, with its place.
pub fn wanted(frontend: &Frontend) -> Result<Vec<Wanted>, (ListenError, diagnostics::Span)> {
    let mut wanted: Vec<Wanted> = Vec::new();
    for bind in &frontend.binds {
        let address = socket_address(&bind.address).map_err(|error| (error, bind.span))?;
        if wanted.iter().all(|w| w.address != address) {
            wanted.push(Wanted {
                frontend: frontend.name.clone(),
                address,
                span: bind.span,
            });
        }
    }
    Ok(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loopback() -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], 0))
    }

    #[test]
    fn every_worker_gets_a_listener_on_the_same_port() {
        let listeners = open(loopback(), 3).unwrap();
        let ports: Vec<_> = listeners
            .iter()
            .map(|l| l.local_addr().unwrap().port())
            .collect();
        assert_eq!(ports.len(), 3);
        assert!(ports.iter().all(|&port| port == ports[0] && port != 0));
    }

    #[test]
    fn a_port_where_somebody_listens_is_refused_even_if_they_would_share() {
        let first = open(loopback(), 2).unwrap();
        let address = first[0].local_addr().unwrap();
        let error = open(address, 2).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("cannot bind socket (Address already in use) for [{address}]")
        );
        drop(first);
        open(address, 2).expect("free again at once");
    }
}
