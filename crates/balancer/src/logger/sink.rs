//! One log target, opened.

use crate::plan::LogAddress;
use haproxy_config::model::Host;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::sync::mpsc::{SyncSender, sync_channel};

/// Lines that may wait for a slow terminal or pipe before more are dropped.
const WAITING_LINES: usize = 4096;

#[derive(Debug)]
pub(super) enum Sink {
    Udp(UdpSocket, SocketAddr),
    Unix(UnixDatagram, String),
    /// A thread of its own writes: a reader that stalls must not stall the workers.
    Stream(SyncSender<String>),
}

impl Sink {
    pub(super) fn open(address: &LogAddress) -> io::Result<Self> {
        match address {
            LogAddress::Udp(host, port) => udp(host, *port),
            LogAddress::Unix(path) => {
                let socket = UnixDatagram::unbound()?;
                socket.set_nonblocking(true)?;
                Ok(Self::Unix(socket, path.clone()))
            }
            LogAddress::Stdout | LogAddress::Fd(1) => stream(io::stdout()),
            LogAddress::Stderr | LogAddress::Fd(2) => stream(io::stderr()),
            LogAddress::Fd(number) => {
                let path = format!("/dev/fd/{number}");
                stream(std::fs::OpenOptions::new().append(true).open(path)?)
            }
        }
    }

    /// Sends one line.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::WouldBlock`] where there is no room for it now; another one where nobody takes it.
    pub(super) fn send(&self, line: String) -> io::Result<()> {
        match self {
            Self::Udp(socket, to) => socket.send_to(line.as_bytes(), to).map(drop),
            Self::Unix(socket, path) => socket.send_to(line.as_bytes(), path).map(drop),
            // A reader that has gone is as one that does not read: nobody can be told of it there.
            Self::Stream(lines) => lines
                .try_send(line)
                .map_err(|_| io::ErrorKind::WouldBlock.into()),
        }
    }
}

fn udp(host: &Host, port: u16) -> io::Result<Sink> {
    let to = match host {
        Host::Ip(ip) => SocketAddr::new(*ip, port),
        Host::Name(name) => (name.as_str(), port)
            .to_socket_addrs()?
            .next()
            .ok_or_else(|| io::Error::other(format!("`{name}` has no address")))?,
    };
    let any = match to.ip() {
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    let socket = UdpSocket::bind((any, 0))?;
    socket.set_nonblocking(true)?;
    Ok(Sink::Udp(socket, to))
}

fn stream(mut to: impl Write + Send + 'static) -> io::Result<Sink> {
    let (sender, lines) = sync_channel::<String>(WAITING_LINES);
    std::thread::Builder::new()
        .name("log".into())
        .spawn(move || {
            while let Ok(mut line) = lines.recv() {
                // What has gathered meanwhile goes out in one write.
                while let Ok(more) = lines.try_recv() {
                    line.push_str(&more);
                }
                if to
                    .write_all(line.as_bytes())
                    .and_then(|()| to.flush())
                    .is_err()
                {
                    return;
                }
            }
        })?;
    Ok(Sink::Stream(sender))
}
