//! Connections to servers: made, kept, used again.

mod greeting;
mod own;
mod pool;

pub use greeting::{Client, Greeting};
pub use own::Own;
pub use pool::{Pool, Wanted, tend};

use crate::plan::{Server, ServerAddress};
use crate::wire::{Alarm, Fault, Stream};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpSocket, UnixStream};
use tokio_rustls::TlsStream;

/// A connection that carries a request to its server.
#[derive(Debug)]
pub struct Link {
    pub stream: Stream,
    /// It carried another request before.
    pub reused: bool,
    pub greeting: Greeting,
}

/// Opens a connection and begins it. `client_port` stands in for a port that the server's address leaves open.
///
/// # Errors
///
/// [`Fault`], with an error of kind `InvalidData` where a server's certificate is not for its name.
pub async fn dial(
    server: &Server,
    greeting: &Greeting,
    client_port: u16,
    alarm: &mut Alarm,
    limit: Option<Duration>,
) -> Result<Stream, Fault> {
    let dialled = alarm
        .limit(limit, begin(server, greeting, client_port))
        .await;
    match dialled {
        Some(Ok(stream)) => Ok(stream),
        Some(Err(error)) => Err(Fault::Io(error)),
        None => Err(Fault::Timeout),
    }
}

async fn begin(server: &Server, greeting: &Greeting, client_port: u16) -> io::Result<Stream> {
    let mut stream = connect(server, client_port).await?;
    if !greeting.header.is_empty() {
        stream.writer.send(&greeting.header).await?;
    }
    match server.connector() {
        Some(connector) => {
            let name = greeting.name.as_deref();
            let stream = connector.shake_hands(stream.whole()?, name).await?;
            Ok(TlsStream::Client(stream).into())
        }
        None => Ok(stream),
    }
}

async fn connect(server: &Server, client_port: u16) -> io::Result<Stream> {
    let address = &server.address;
    match (address, address.socket_address(client_port)) {
        (_, Some(address)) => {
            let stream = socket(address, server.source)?.connect(address).await?;
            stream.set_nodelay(true)?;
            Ok(stream.into())
        }
        (ServerAddress::Unix(path), _) => Ok(UnixStream::connect(path).await?.into()),
        (ServerAddress::Inet(_), None) => Err(io::ErrorKind::AddrNotAvailable.into()),
    }
}

/// A socket for a connection to `address`, from `source` where that is told.
///
/// # Errors
///
/// The system has none left, or the source is no address of this machine.
pub fn socket(address: SocketAddr, source: Option<SocketAddr>) -> io::Result<TcpSocket> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    if let Some(source) = source {
        socket.set_reuseaddr(true)?;
        socket.bind(source)?;
    }
    Ok(socket)
}
