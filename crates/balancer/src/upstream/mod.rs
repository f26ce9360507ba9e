//! Connections to servers: made, kept, used again.

mod own;
mod pool;

pub use own::Own;
pub use pool::{Pool, Wanted, tend};

use crate::plan::ServerAddress;
use crate::wire::{Alarm, Fault, Stream};
use std::io;
use std::time::Duration;
use tokio::net::{TcpStream, UnixStream};

/// A connection that carries a request to its server.
#[derive(Debug)]
pub struct Link {
    pub stream: Stream,
    /// It carried another request before.
    pub reused: bool,
}

/// Opens a connection. `client_port` stands in for a port that the server's address leaves open.
pub async fn dial(
    address: &ServerAddress,
    client_port: u16,
    alarm: &mut Alarm,
    limit: Option<Duration>,
) -> Result<Stream, Fault> {
    let dialled = alarm.limit(limit, connect(address, client_port)).await;
    match dialled {
        Some(Ok(stream)) => Ok(stream),
        Some(Err(error)) => Err(Fault::Io(error)),
        None => Err(Fault::Timeout),
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
