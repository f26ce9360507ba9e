//! The kernel's tables of TCP sockets, `/proc/net/tcp` and `/proc/net/tcp6`.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The number of the state LISTEN in these tables.
const LISTEN: &str = "0A";

/// A listening TCP socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// Where it listens.
    pub address: SocketAddr,
    /// Whose it is.
    pub uid: u32,
    /// Its number in the kernel; several processes may hold the same socket.
    pub inode: u64,
}

impl Listener {
    /// Whether nobody can bind `address` beside this listener.
    pub fn excludes(&self, address: SocketAddr) -> bool {
        let (mine, other) = (
            self.address.ip().to_canonical(),
            address.ip().to_canonical(),
        );
        let same_place = mine == other || mine.is_unspecified() || other.is_unspecified();
        self.address.port() == address.port() && same_place
    }
}

/// All listening TCP sockets of this machine; none where the system does not tell (outside Linux).
pub fn listeners() -> Vec<Listener> {
    #[cfg(target_os = "linux")]
    if let Some(listeners) = crate::sock_diag::listeners() {
        return listeners;
    }
    from_tables()
}

/// The same from the kernel's tables, which costs milliseconds.
pub(crate) fn from_tables() -> Vec<Listener> {
    let table = |path| fs::read_to_string(path).unwrap_or_default();
    [table("/proc/net/tcp"), table("/proc/net/tcp6")]
        .iter()
        .flat_map(|table| table.lines().filter_map(parse_row))
        .collect()
}

/// One row: number, local address, remote address, state, queues, timer, retransmits, uid, timeout, inode ...
fn parse_row(row: &str) -> Option<Listener> {
    let columns: Vec<&str> = row.split_whitespace().collect();
    if columns.get(3) != Some(&LISTEN) {
        return None;
    }
    let (ip, port) = columns[1].split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    Some(Listener {
        address: SocketAddr::new(parse_ip(ip)?, port),
        uid: columns.get(7)?.parse().ok()?,
        inode: columns.get(9)?.parse().ok()?,
    })
}

/// Addresses stand there as 32-bit words in the machine's own byte order.
fn parse_ip(hex: &str) -> Option<IpAddr> {
    let word = |at: usize| {
        let digits = hex.get(at * 8..at * 8 + 8)?;
        Some(u32::from_str_radix(digits, 16).ok()?.to_ne_bytes())
    };
    match hex.len() {
        8 => Some(Ipv4Addr::from(word(0)?).into()),
        32 => {
            let words = [word(0)?, word(1)?, word(2)?, word(3)?];
            let bytes: [u8; 16] = words.concat().try_into().ok()?;
            Some(Ipv6Addr::from(bytes).into())
        }
        _ => None,
    }
}

#[cfg(all(test, target_endian = "little"))]
mod tests {
    use super::*;

    const V4: &str = "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4242 1 0 100 0 0 10 0";
    const V6: &str = "   1: 00000000000000000000000001000000:0BB8 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 77 1 0 100 0 0 10 0";

    fn address(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn rows_of_both_tables_are_read() {
        let listener = parse_row(V4).expect("a listener");
        assert_eq!(
            listener,
            Listener {
                address: address("127.0.0.1:8080"),
                uid: 1000,
                inode: 4242
            }
        );
        assert_eq!(
            parse_row(V6).map(|l| l.address),
            Some(address("[::1]:3000"))
        );
    }

    #[test]
    fn the_heading_and_connections_are_no_listeners() {
        assert_eq!(
            parse_row("  sl  local_address rem_address   st tx_queue"),
            None
        );
        assert_eq!(parse_row(&V4.replace(" 0A ", " 01 ")), None);
    }

    #[test]
    fn a_listener_excludes_its_address_and_all_addresses() {
        let check = |mine: &str, other: &str| {
            Listener {
                address: address(mine),
                uid: 0,
                inode: 0,
            }
            .excludes(address(other))
        };
        assert!(check("127.0.0.1:80", "127.0.0.1:80"));
        assert!(check("0.0.0.0:80", "127.0.0.1:80"));
        assert!(check("[::]:80", "127.0.0.1:80"));
        assert!(check("127.0.0.1:80", "0.0.0.0:80"));
        assert!(!check("127.0.0.1:80", "127.0.0.2:80"));
        assert!(!check("127.0.0.1:80", "127.0.0.1:81"));
    }
}
