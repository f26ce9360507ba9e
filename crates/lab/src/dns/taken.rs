//! Whether a name server can have its ports, and who stands in the way.

use super::Places;
use crate::exit::Exit;
use crate::observe::port::{self, Taken};
use crate::problem::{Problem, Result};
use crate::supervisor::{NAME_SERVER, stop_words};
use std::io;
use std::net::{Ipv6Addr, SocketAddr, UdpSocket};

/// A port that cannot be had.
pub(crate) struct Busy {
    pub(crate) address: SocketAddr,
    /// `udp` or `tcp`.
    pub(crate) transport: &'static str,
    pub(crate) taken: Taken,
}

/// Tries all ports of a name server and its caches.
///
/// # Errors
/// The first one that is taken, and by whom.
pub(crate) fn test(places: &Places) -> Result<()> {
    first_busy(places).map_or(Ok(()), |busy| Err(busy.problem()))
}

/// The first port that cannot be had, over UDP or TCP.
pub(crate) fn first_busy(places: &Places) -> Option<Busy> {
    places.all().find_map(|address| {
        // Where the machine has it, the server listens there too.
        let also = SocketAddr::from((Ipv6Addr::LOCALHOST, address.port()));
        on(address).or_else(|| on(also).filter(Busy::is_in_use))
    })
}

fn on(address: SocketAddr) -> Option<Busy> {
    let udp = udp(address).err().map(|taken| ("udp", taken));
    let (transport, taken) = udp.or_else(|| Some(("tcp", port::test(address).err()?)))?;
    Some(Busy {
        address,
        transport,
        taken,
    })
}

fn udp(address: SocketAddr) -> std::result::Result<(), Taken> {
    match UdpSocket::bind(address) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(Taken::InUse),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Err(Taken::Privileged),
        Err(error) => Err(Taken::Other(error)),
    }
}

impl Busy {
    fn is_in_use(&self) -> bool {
        matches!(self.taken, Taken::InUse)
    }

    /// `` port 5300 (udp) is taken by `dnsmasq` (pid 7) ``
    pub(crate) fn words(&self) -> String {
        let (port, transport) = (self.address.port(), self.transport);
        match &self.taken {
            Taken::InUse => {
                // Who holds a port is looked up among listeners over TCP: a name server has both.
                let holder = port::holder(self.address);
                let who = holder.map_or_else(
                    || "another program".to_owned(),
                    |holder| format!("{}{}", holder.command, holder.details),
                );
                format!("port {port} ({transport}) is taken by {who}")
            }
            Taken::Privileged => {
                format!("port {port} ({transport}) belongs to the administrator: it is below 1024")
            }
            Taken::Other(error) => format!("port {port} ({transport}): {error}"),
        }
    }

    /// `lab nameserver`, which somebody runs in another terminal or folder.
    pub(crate) fn is_a_name_server_of_ours(&self) -> bool {
        port::holder(self.address).is_some_and(|holder| {
            ["lab nameserver", "lab ns"]
                .iter()
                .any(|words| holder.command.contains(words))
        })
    }

    /// A port with room after it for the caches.
    pub(crate) fn other_port(&self) -> u16 {
        /// Past the server and all its caches, in round numbers.
        const STEP: u16 = 10;
        (self.address.port() / STEP)
            .saturating_mul(STEP)
            .saturating_add(STEP)
    }

    fn stop_words(&self) -> String {
        let holder = port::holder(self.address).unwrap_or_default();
        match holder.pid {
            Some(pid) => stop_words(pid, holder.terminal.as_deref()),
            None => "ss -lntup shows who it is".to_owned(),
        }
    }

    fn problem(&self) -> Problem {
        Problem::new("port-busy", Exit::NotReady, "the name server cannot start")
            .fact("port", self.address.port())
            .fact("unit", NAME_SERVER)
            .why(self.words())
            .next(format!(
                "stop that program:           {}",
                self.stop_words()
            ))
            .next(format!(
                "or use other ports:          lab config ports.nameserver {}",
                self.other_port()
            ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::free;

    #[test]
    fn a_port_taken_over_udp_alone_is_busy() {
        let places = Places::on(free::row(4).unwrap());
        let held = UdpSocket::bind(places.caches[1]).unwrap();
        let busy = first_busy(&places).unwrap();
        assert_eq!((busy.address, busy.transport), (places.caches[1], "udp"));
        drop(held);
        assert!(first_busy(&places).is_none());
        assert!(busy.other_port() > busy.address.port());
    }
}
