use std::fs::{self, File, OpenOptions};
use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};
use std::{env, process, thread};

/// Reserved ports come from here: below what Linux, macOS and the BSDs hand out for port 0 and for outgoing
/// connections, so that no socket of another test can slip in between the reservation and the program's own bind.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

/// A loopback port that is free and that no other test will reserve while this value lives, in whatever process.
///
/// The port itself stays unbound, so a program under test can bind it, stop, and bind it again.
pub struct Port {
    number: u16,
    /// Locked while the reservation lasts; the system unlocks it even after a crash.
    _lock: File,
}

impl Port {
    /// Reserves a port on which nobody listens.
    pub fn reserve() -> Self {
        static NEXT: AtomicU16 = AtomicU16::new(0);
        let start = (process::id() as u16).wrapping_mul(97);
        (0..COUNT)
            .map(|_| NEXT.fetch_add(1, Ordering::Relaxed).wrapping_add(start) % COUNT + FIRST)
            .find_map(|number| {
                Some(Self {
                    number,
                    _lock: lock(number)?,
                })
                .filter(Self::is_free)
            })
            .expect("one port in twelve thousand is free")
    }

    /// Reserves `N` ports.
    pub fn reserve_many<const N: usize>() -> [Self; N] {
        std::array::from_fn(|_| Self::reserve())
    }

    /// Reserves `count` ports in a row and returns the reservations, lowest first.
    pub fn reserve_row(count: u16) -> Vec<Self> {
        let row = |first: u16| {
            (first..first + count)
                .map(|number| {
                    Some(Self {
                        number,
                        _lock: lock(number)?,
                    })
                    .filter(Self::is_free)
                })
                .collect::<Option<Vec<_>>>()
        };
        (0..COUNT)
            .map(|_| Self::reserve().number)
            .filter(|first| first + count <= FIRST + COUNT)
            .find_map(row)
            .expect("some ports in a row are free")
    }

    /// The number.
    pub fn number(&self) -> u16 {
        self.number
    }

    /// The address on 127.0.0.1.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.number).into()
    }

    /// Occupies it: a listener that accepts nothing by itself, until dropped.
    pub fn hold(&self) -> TcpListener {
        listen(self.address())
    }

    /// Whether a program could listen on it now, on every address of this machine, TCP and UDP.
    pub fn is_free(&self) -> bool {
        let free = |address: SocketAddr| {
            // A machine without IPv6 has nobody there either.
            let free = |e: std::io::Error| e.kind() != ErrorKind::AddrInUse;
            TcpListener::bind(address).map_or_else(free, |_| true)
                && UdpSocket::bind(address).map_or_else(free, |_| true)
        };
        free((Ipv4Addr::UNSPECIFIED, self.number).into())
            && free((Ipv6Addr::UNSPECIFIED, self.number).into())
    }
}

/// Listens on a port that is reserved.
///
/// Whoever starts a program meanwhile, in another thread, has it inherit all sockets until it becomes that program: a
/// listener that was closed just now, as those of [`Port::is_free`] are, lives a moment longer there.
#[track_caller]
pub(crate) fn listen(address: SocketAddr) -> TcpListener {
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        match TcpListener::bind(address) {
            Ok(listener) => return listener,
            Err(e) if e.kind() == ErrorKind::AddrInUse && Instant::now() < deadline => {
                thread::sleep(Duration::from_millis(5));
            }
            Err(e) => panic!("cannot listen on {address}: {e}"),
        }
    }
}

/// The lock file of a port, locked; `None` when another test has it.
fn lock(number: u16) -> Option<File> {
    let folder = lock_folder();
    fs::create_dir_all(&folder).expect("the folder of port locks can be made");
    let path = folder.join(number.to_string());
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path);
    let file = file.expect("a port's lock file can be opened");
    file.try_lock().ok()?;
    Some(file)
}

/// One folder for each user, since another user's files cannot be opened.
fn lock_folder() -> PathBuf {
    let user = env::var("USER").unwrap_or_else(|_| "anyone".into());
    env::temp_dir().join(format!("lab-test-ports-{user}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_reservations_share_a_port() {
        let ports = Port::reserve_many::<8>();
        let mut numbers: Vec<u16> = ports.iter().map(Port::number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 8);
    }

    #[test]
    fn a_held_port_is_not_free_until_released() {
        let port = Port::reserve();
        let held = port.hold();
        assert!(!port.is_free());
        drop(held);
        assert!(port.is_free());
    }

    #[test]
    fn a_row_counts_up_by_one() {
        let row = Port::reserve_row(4);
        let numbers: Vec<u16> = row.iter().map(Port::number).collect();
        let first = numbers[0];
        assert_eq!(numbers, [first, first + 1, first + 2, first + 3]);
    }
}
