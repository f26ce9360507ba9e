//! One try over UDP.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use super::{TryFailed, words};

/// Largest datagram there is.
const LARGEST: usize = 65_535;

/// Sends `query` and shows each datagram that comes back to `accept`, until that returns something or time is over.
pub(super) fn attempt<T>(
    server: SocketAddr,
    query: &[u8],
    timeout: Duration,
    mut accept: impl FnMut(&[u8]) -> Option<T>,
) -> Result<T, TryFailed> {
    let failed = |error: io::Error| TryFailed::Communication(words(&error));
    let socket = connect(server).map_err(failed)?;
    socket.send(query).map_err(failed)?;
    let end = Instant::now() + timeout;
    let mut buffer = vec![0; LARGEST];
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(failed(io::ErrorKind::TimedOut.into()));
        }
        socket.set_read_timeout(Some(left)).map_err(failed)?;
        match socket.recv(&mut buffer) {
            Ok(size) => {
                if let Some(accepted) = accept(&buffer[..size]) {
                    return Ok(accepted);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(failed(error)),
        }
    }
}

/// A socket that hears nobody but this server.
fn connect(server: SocketAddr) -> io::Result<UdpSocket> {
    let any: SocketAddr = match server {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(any)?;
    socket.connect(server)?;
    Ok(socket)
}
