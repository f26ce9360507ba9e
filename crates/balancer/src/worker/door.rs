//! A socket that connections come in on, open or shut.

use crate::listener::{BACKLOG, Socket};
use crate::wire::Stream;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use tokio::net::{TcpListener, UnixListener};

/// A socket that connections come in on.
#[derive(Debug)]
pub(super) enum Door {
    Tcp(TcpListener),
    Unix(UnixListener),
}

/// Stands for the address of a client that has none, on a socket file.
const NO_ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 1);

impl Door {
    pub(super) fn new(socket: Socket) -> io::Result<Self> {
        Ok(match socket {
            Socket::Tcp(listener) => Self::Tcp(TcpListener::from_std(listener)?),
            Socket::Unix(listener) => Self::Unix(UnixListener::from_std(listener)?),
        })
    }

    /// Lets clients in, or has the system refuse them meanwhile. The address stays taken. On a socket file they wait.
    ///
    /// The runtime takes a socket that was shut for one that has ended, so it is shown to it anew.
    pub(super) fn with_gate(self, open: bool) -> io::Result<Self> {
        let Self::Tcp(listener) = self else {
            return Ok(self);
        };
        let listener = listener.into_std()?;
        match open {
            true => rustix::net::listen(&listener, BACKLOG)?,
            false => rustix::net::shutdown(&listener, rustix::net::Shutdown::Read)?,
        }
        TcpListener::from_std(listener).map(Self::Tcp)
    }

    pub(super) fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(listener) => listener.local_addr().ok(),
            Self::Unix(_) => None,
        }
    }

    /// The next connection, the client's address and the one it called.
    pub(super) async fn accept(&self) -> io::Result<(Stream, SocketAddr, SocketAddr)> {
        match self {
            Self::Tcp(listener) => {
                let (stream, peer) = listener.accept().await?;
                stream.set_nodelay(true)?;
                let local = stream.local_addr()?;
                Ok((stream.into(), peer, local))
            }
            Self::Unix(listener) => {
                let (stream, _) = listener.accept().await?;
                Ok((stream.into(), NO_ADDRESS, NO_ADDRESS))
            }
        }
    }
}
