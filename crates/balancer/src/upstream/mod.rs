//! Connections to servers: made, kept, used again.

mod greeting;
mod own;
mod pool;

pub use greeting::Greeting;
pub use own::Own;
pub use pool::{Pool, Wanted, tend};

use crate::plan::{Server, ServerAddress};
use crate::wire::{Alarm, Fault, Stream};
use std::io;
use std::time::Duration;
use tokio::net::{TcpStream, UnixStream};
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
    let mut stream = connect(&server.address, client_port).await?;
    if !greeting.header.is_empty() {
        stream.writer.send(&greeting.header).await?;
    }
    match &server.tls.requests {
        Some(connector) => {
            let name = greeting.name.as_deref();
            let stream = connector.shake_hands(stream.whole()?, name).await?;
            Ok(TlsStream::Client(stream).into())
        }
        None => Ok(stream),
    }
}

async fn connect(address: &ServerAddress, client_port: u16) -> io::Result<Stream> {
    match (address, address.socket_address(client_port)) {
        (_, Some(address)) => {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            Ok(stream.into())
        }
        (ServerAddress::Unix(path), _) => Ok(UnixStream::connect(path).await?.into()),
        (ServerAddress::Inet { .. }, None) => Err(io::ErrorKind::AddrNotAvailable.into()),
    }
}
