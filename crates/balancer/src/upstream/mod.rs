//! Connections to servers: made, kept, used again.

mod greeting;
mod link;
mod own;
mod place;
mod pool;

pub use greeting::{Client, Greeting};
pub use link::{Found, Link};
pub use own::Own;
pub use place::{Carrier, Place};
pub use pool::{Pool, Wanted, tend};

use crate::http2::{Connection, Terms};
use crate::plan::{Backend, Server, ServerAddress, ServerProtocol};
use crate::wire::{Alarm, Fault, Stream};
use lb_core::counters::Http2Part;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpSocket, UnixStream};
use tokio_rustls::TlsStream;

/// Opens a connection and begins it; in TCP mode (`http` is `None`) nothing is known of what goes over it.
///
/// # Errors
///
/// [`Fault`], with an error of kind `InvalidData` where a server's certificate is not for its name.
pub async fn dial(
    place: &Place,
    http: Option<Terms>,
    alarm: &mut Alarm,
    limit: Option<Duration>,
) -> Result<Carrier, Fault> {
    match alarm.limit(limit, begin(place, http)).await {
        Some(Ok(carrier)) => Ok(carrier),
        Some(Err(error)) => Err(Fault::Io(error)),
        None => Err(Fault::Timeout),
    }
}

async fn begin(place: &Place, http: Option<Terms>) -> io::Result<Carrier> {
    let (server, greeting) = (place.server(), &place.greeting);
    let mut stream = connect(server, place.client_port).await?;
    if !greeting.header.is_empty() {
        stream.writer.send(&greeting.header).await?;
    }
    let mut settled = false;
    if let Some(connector) = server.connector() {
        let name = greeting.name.as_deref();
        let secure = connector.shake_hands(stream.whole()?, name).await?;
        settled = secure.get_ref().1.alpn_protocol() == Some(b"h2");
        stream = TlsStream::Client(secure).into();
    }
    let http2 = match server.protocol {
        ServerProtocol::Any => settled,
        ServerProtocol::Http1 => false,
        ServerProtocol::Http2 => true,
    };
    match http.filter(|_| http2) {
        None => Ok(Carrier::Single(stream)),
        Some(terms) => {
            let counted = Counted::begin(&place.backend);
            let begun = Connection::begin(stream, terms, server.max_reuse, counted);
            Box::pin(begun).await.map(Carrier::Shared)
        }
    }
}

/// A connection of HTTP/2, while it lasts.
struct Counted(Arc<Backend>);

impl Counted {
    fn begin(backend: &Arc<Backend>) -> Self {
        backend.live().http2_opened(Http2Part::Connection);
        Self(Arc::clone(backend))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.live().http2_closed(Http2Part::Connection);
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
