//! The kernel's answer to "who listens?" by netlink (`sock_diag(7)`): it looks at listeners alone, where `/proc/net/tcp`
//! goes through every connection of the machine, and the whole of its table even where that is empty.

use crate::net_table::Listener;
use rustix::net::netlink::{self, SocketAddrNetlink};
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, sendto, socket_with,
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// `SOCK_DIAG_BY_FAMILY`
const BY_FAMILY: u16 = 20;
/// `NLM_F_REQUEST | NLM_F_DUMP`
const DUMP: u16 = 0x301;
/// `NLMSG_ERROR`
const ERROR: u16 = 2;
/// `NLMSG_DONE`
const DONE: u16 = 3;
/// `IPPROTO_TCP`
const TCP: u8 = 6;
/// The state LISTEN, as a bit.
const LISTEN: u32 = 1 << 10;
/// `struct nlmsghdr`
const HEADER: usize = 16;
/// `struct inet_diag_msg`
const MESSAGE: usize = 72;

/// All listening TCP sockets; `None` where the kernel does not answer so.
pub(crate) fn listeners() -> Option<Vec<Listener>> {
    let mut listeners = ask(AddressFamily::INET)?;
    listeners.extend(ask(AddressFamily::INET6)?);
    Some(listeners)
}

fn ask(family: AddressFamily) -> Option<Vec<Listener>> {
    let protocol = Some(netlink::SOCK_DIAG);
    let socket = socket_with(
        AddressFamily::NETLINK,
        SocketType::DGRAM,
        SocketFlags::CLOEXEC,
        protocol,
    )
    .ok()?;
    sendto(
        &socket,
        &request(family),
        SendFlags::empty(),
        &SocketAddrNetlink::new(0, 0),
    )
    .ok()?;
    let mut listeners = Vec::new();
    let mut buffer = vec![0; 32 * 1024];
    loop {
        let (length, _) = recv(&socket, buffer.as_mut_slice(), RecvFlags::empty()).ok()?;
        match messages(buffer.get(..length)?, &mut listeners) {
            End::More => {}
            End::Done => return Some(listeners),
            End::Refused => return None,
        }
    }
}

/// A header and `struct inet_diag_req_v2`.
fn request(family: AddressFamily) -> Vec<u8> {
    const LENGTH: u32 = 72;
    let mut bytes = Vec::new();
    bytes.extend(LENGTH.to_ne_bytes());
    bytes.extend(BY_FAMILY.to_ne_bytes());
    bytes.extend(DUMP.to_ne_bytes());
    bytes.extend([0; 8]);
    let family = u8::try_from(family.as_raw()).unwrap_or_default();
    bytes.extend([family, TCP, 0, 0]);
    bytes.extend(LISTEN.to_ne_bytes());
    bytes.resize(LENGTH as usize, 0);
    bytes
}

#[derive(Debug, PartialEq, Eq)]
enum End {
    More,
    Done,
    Refused,
}

/// The listeners in one datagram, which holds several messages, each rounded up to four bytes.
fn messages(mut bytes: &[u8], listeners: &mut Vec<Listener>) -> End {
    while let (Some(length), Some(kind)) = (number(bytes, 0), half(bytes, 4)) {
        match kind {
            DONE => return End::Done,
            ERROR => return End::Refused,
            _ => {}
        }
        let length = length as usize;
        let Some(message) = bytes.get(HEADER..length) else {
            return End::Refused;
        };
        listeners.extend(listener(message));
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    End::More
}

/// `struct inet_diag_msg`: family, state, timer, retransmissions; ports and addresses as on the wire; then numbers.
fn listener(message: &[u8]) -> Option<Listener> {
    let message = message.get(..MESSAGE)?;
    let port = u16::from_be_bytes(message.get(4..6)?.try_into().ok()?);
    let address = message.get(8..24)?;
    let ip: IpAddr = match AddressFamily::from_raw(message[0].into()) {
        AddressFamily::INET => Ipv4Addr::from(<[u8; 4]>::try_from(&address[..4]).ok()?).into(),
        AddressFamily::INET6 => Ipv6Addr::from(<[u8; 16]>::try_from(address).ok()?).into(),
        _ => return None,
    };
    Some(Listener {
        address: SocketAddr::new(ip, port),
        uid: number(message, 64)?,
        inode: number(message, 68)?.into(),
    })
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn half(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_ne_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn the_kernel_tells_the_same_both_ways() {
        let v4 = TcpListener::bind("127.0.0.1:0").unwrap();
        let v6 = TcpListener::bind("[::1]:0");
        let mine = [Some(v4), v6.ok()].into_iter().flatten();
        let tables = crate::net_table::from_tables();
        let Some(asked) = listeners() else {
            eprintln!("skipped: the kernel does not answer by netlink here");
            return;
        };
        for socket in mine {
            let address = socket.local_addr().unwrap();
            let find = |all: &[Listener]| all.iter().find(|l| l.address == address).cloned();
            assert!(find(&asked).is_some(), "{address} in {asked:?}");
            assert_eq!(find(&asked), find(&tables));
        }
    }

    #[test]
    fn what_is_cut_short_is_no_answer() {
        let mut all = Vec::new();
        assert_eq!(messages(&[], &mut all), End::More);
        let mut cut = 200_u32.to_ne_bytes().to_vec();
        cut.extend(BY_FAMILY.to_ne_bytes());
        cut.resize(40, 0);
        assert_eq!(messages(&cut, &mut all), End::Refused);
        let mut done = 20_u32.to_ne_bytes().to_vec();
        done.extend(DONE.to_ne_bytes());
        done.resize(20, 0);
        assert_eq!(messages(&done, &mut all), End::Done);
        assert_eq!(all, []);
    }
}
