//! Free ports, for a server that lives as long as one command.

use std::io;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};

/// So many ports in a row, free for UDP and TCP on 127.0.0.1 right now; the first of them.
pub(super) fn row(count: u16) -> io::Result<u16> {
    /// Rows with a taken port among them are rare: the system hands out ports far apart.
    const TRIES: usize = 50;
    for _ in 0..TRIES {
        let first = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = first.local_addr()?.port();
        drop(first);
        let all = (0..count).map(|n| port.checked_add(n));
        if all.into_iter().all(|port| port.is_some_and(is_free)) {
            return Ok(port);
        }
    }
    Err(io::ErrorKind::AddrInUse.into())
}

fn is_free(port: u16) -> bool {
    let address = (Ipv4Addr::LOCALHOST, port);
    UdpSocket::bind(address).is_ok() && TcpListener::bind(address).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_port_of_a_row_can_be_had() {
        let first = row(4).unwrap();
        assert!((first..first + 4).all(is_free));
    }
}
