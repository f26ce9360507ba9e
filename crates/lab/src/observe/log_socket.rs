//! Where the balancer's log comes in.

use socket2::SockRef;
use std::io;
use std::net::{Ipv4Addr, UdpSocket};

/// Asked for; the system gives what it allows. A few hundred lines that come at once must find room until they are read.
const BUFFER: usize = 4 * 1024 * 1024;

/// A socket of this machine's own.
///
/// UDP, because a Unix datagram socket holds no more than 10 lines on most systems (`net.unix.max_dgram_qlen`): a balancer
/// does not wait, so that of twenty requests that end at once half would never be told.
///
/// # Errors
/// The system has no port left.
pub(crate) fn bind() -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    SockRef::from(&socket).set_recv_buffer_size(BUFFER)?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_hundred_lines_at_once_are_kept() {
        let log = bind().unwrap();
        let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
        let line = [b'x'; 300];
        for _ in 0..100 {
            sender.send_to(&line, log.local_addr().unwrap()).unwrap();
        }
        log.set_read_timeout(Some(Duration::from_millis(500)))
            .unwrap();
        let mut buffer = [0; 512];
        let kept = (0..100).filter(|_| log.recv(&mut buffer).is_ok()).count();
        assert_eq!(kept, 100);
    }
}
