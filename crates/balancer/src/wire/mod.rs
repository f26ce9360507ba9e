//! Sockets as the data plane uses them: two halves that one task can use at the same time, every wait under
//! an alarm, no byte copied that need not be.

mod alarm;
mod buffer;
mod joined;
mod marking;
mod tls;

pub use alarm::Alarm;
pub use buffer::Buffer;
pub use joined::{Joined, Markings};
pub use marking::Marking;
pub use tls::{TlsReader, TlsWriter, Whole};

use crate::http2::{StreamReader, StreamWriter};
use rustix::net::{RecvFlags, recv, sockopt};
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, Interest, ReadBuf};
use tokio::net::{TcpStream, UnixStream, tcp, unix};
use tokio_rustls::TlsStream;

/// A connection, to a client or to a server.
#[derive(Debug)]
pub struct Stream {
    pub reader: Reader,
    pub writer: Writer,
}

/// The half that bytes come from.
#[derive(Debug)]
pub enum Reader {
    Tcp(tcp::OwnedReadHalf),
    Unix(unix::OwnedReadHalf),
    Tls(TlsReader),
    /// One request of many on a connection.
    Http2(Box<StreamReader>),
}

/// The half that bytes go to. Dropping it says that nothing more will come.
#[derive(Debug)]
pub enum Writer {
    Tcp(tcp::OwnedWriteHalf),
    Unix(unix::OwnedWriteHalf),
    Tls(TlsWriter),
    Http2(StreamWriter),
}

/// Why bytes did not flow.
#[derive(Debug)]
pub enum Fault {
    Timeout,
    Io(io::Error),
}

impl From<TcpStream> for Stream {
    fn from(stream: TcpStream) -> Self {
        let (reader, writer) = stream.into_split();
        Self {
            reader: Reader::Tcp(reader),
            writer: Writer::Tcp(writer),
        }
    }
}

impl From<UnixStream> for Stream {
    fn from(stream: UnixStream) -> Self {
        let (reader, writer) = stream.into_split();
        Self {
            reader: Reader::Unix(reader),
            writer: Writer::Unix(writer),
        }
    }
}

impl From<Whole> for Stream {
    fn from(stream: Whole) -> Self {
        match stream {
            Whole::Tcp(stream) => stream.into(),
            Whole::Unix(stream) => stream.into(),
        }
    }
}

impl From<TlsStream<Whole>> for Stream {
    fn from(stream: TlsStream<Whole>) -> Self {
        let (reader, writer) = tls::split(stream);
        Self {
            reader: Reader::Tls(reader),
            writer: Writer::Tls(writer),
        }
    }
}

impl Stream {
    /// Its halves together again.
    ///
    /// # Errors
    ///
    /// It is inside TLS already.
    pub fn whole(self) -> io::Result<Whole> {
        match (self.reader, self.writer) {
            (Reader::Tcp(reader), Writer::Tcp(writer)) => reader
                .reunite(writer)
                .map(Whole::Tcp)
                .map_err(io::Error::other),
            (Reader::Unix(reader), Writer::Unix(writer)) => reader
                .reunite(writer)
                .map(Whole::Unix)
                .map_err(io::Error::other),
            _ => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// The address at this end; a socket file has none.
    pub fn local_address(&self) -> Option<SocketAddr> {
        match &self.reader {
            Reader::Tcp(half) => half.local_addr().ok(),
            Reader::Tls(half) => half.local_address(),
            Reader::Http2(half) => half.local_address(),
            Reader::Unix(_) => None,
        }
    }

    /// The number of its socket; a request of many on a connection has none of its own.
    pub fn number(&self) -> Option<i32> {
        match &self.reader {
            Reader::Tcp(half) => Some(half.as_ref().as_raw_fd()),
            Reader::Unix(half) => Some(half.as_ref().as_raw_fd()),
            Reader::Tls(half) => half.number(),
            Reader::Http2(_) => None,
        }
    }

    /// Nothing has come on this connection, not even its end: an idle one may be used again.
    pub fn is_silent(&self) -> bool {
        let mut byte = [0];
        let read = match &self.reader {
            Reader::Tcp(half) => half.try_read(&mut byte),
            Reader::Unix(half) => half.try_read(&mut byte),
            Reader::Tls(half) => return half.is_silent(),
            // It carries one request alone, and another one than before.
            Reader::Http2(_) => return false,
        };
        matches!(read, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
    }
}

impl Stream {
    /// When it is closed, the other end learns of it at once and not in good order.
    pub fn reset(&self) {
        // Whether it works, the connection ends.
        self.with_socket(|socket| {
            let _ = sockopt::set_socket_linger(socket, Some(Duration::ZERO));
        });
    }

    /// When it is closed, nobody beyond the next router learns of it.
    pub fn leave_in_the_dark(&self) {
        // On a connection of the other family one of them fails.
        self.with_socket(|socket| {
            let _ = sockopt::set_ip_ttl(socket, 1);
            let _ = sockopt::set_ipv6_unicast_hops(socket, Some(1));
        });
        self.reset();
    }

    /// Marks what is sent from now on, where the system allows it.
    pub fn mark_all(&self, markings: &mut Vec<Marking>) {
        self.writer.mark_all(markings);
    }

    fn with_socket(&self, act: impl FnOnce(&TcpStream)) {
        match &self.reader {
            Reader::Tcp(half) => act(half.as_ref()),
            Reader::Tls(half) => half.with_socket(act),
            // The connection of others is not to be touched for one request.
            Reader::Unix(_) | Reader::Http2(_) => {}
        }
    }
}

impl Reader {
    /// Reads once into what is free of the buffer; 0 at the end of the stream.
    pub async fn fill(
        &mut self,
        buffer: &mut Buffer,
        alarm: &mut Alarm,
        limit: Option<Duration>,
    ) -> Result<usize, Fault> {
        let read = poll_fn(|cx| self.poll_fill(cx, buffer));
        match alarm.limit(limit, read).await {
            Some(Ok(length)) => Ok(length),
            Some(Err(error)) => Err(Fault::Io(error)),
            None => Err(Fault::Timeout),
        }
    }

    /// Reads once into what is free of the buffer, which must not be full; 0 at the end of the stream.
    pub fn poll_fill(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut Buffer,
    ) -> Poll<io::Result<usize>> {
        let mut space = ReadBuf::new(buffer.space());
        ready!(self.poll_read(cx, &mut space))?;
        let length = space.filled().len();
        buffer.filled_by(length);
        Poll::Ready(Ok(length))
    }

    /// Reads once; nothing at the end of the stream.
    pub fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        space: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(half) => Pin::new(half).poll_read(cx, space),
            Self::Unix(half) => Pin::new(half).poll_read(cx, space),
            Self::Tls(half) => half.poll_read(cx, space),
            Self::Http2(half) => half.poll_read(cx, space),
        }
    }

    /// Looks at what has come, without taking it; 0 at the end of the stream.
    pub async fn peek(&self, bytes: &mut [u8]) -> io::Result<usize> {
        fn look(socket: impl AsFd, bytes: &mut [u8]) -> io::Result<usize> {
            let (_, length) = recv(socket, bytes, RecvFlags::PEEK)?;
            Ok(length)
        }
        match self {
            Self::Tcp(half) => {
                let stream = half.as_ref();
                let look = || look(stream, bytes);
                stream.async_io(Interest::READABLE, look).await
            }
            Self::Unix(half) => {
                let stream = half.as_ref();
                let look = || look(stream, bytes);
                stream.async_io(Interest::READABLE, look).await
            }
            // Who looks ahead does so before TLS begins.
            Self::Tls(_) | Self::Http2(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// Takes so many bytes.
    pub async fn read_exact(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        match self {
            Self::Tcp(half) => half.read_exact(bytes).await?,
            Self::Unix(half) => half.read_exact(bytes).await?,
            Self::Tls(_) | Self::Http2(_) => return Err(io::ErrorKind::Unsupported.into()),
        };
        Ok(())
    }

    /// Waits until there may be something to read, without holding a buffer meanwhile.
    pub fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(half) => half.as_ref().poll_read_ready(cx),
            Self::Unix(half) => half.as_ref().poll_read_ready(cx),
            Self::Tls(half) => half.poll_readable(cx),
            Self::Http2(_) => Poll::Ready(Ok(())),
        }
    }
}

impl Writer {
    /// Marks what is sent from now on, where the system allows it.
    pub fn mark_all(&self, markings: &mut Vec<Marking>) {
        for marking in markings.drain(..) {
            match self {
                Self::Tcp(half) => marking.apply(half.as_ref()),
                Self::Tls(half) => half.with_socket(|socket| marking.apply(socket)),
                Self::Http2(half) => half.mark(marking),
                Self::Unix(_) => {}
            }
        }
    }

    /// Writes all slices. The limit is for each step forward, not for the whole.
    pub async fn write_all(
        &mut self,
        mut slices: &mut [IoSlice<'_>],
        alarm: &mut Alarm,
        limit: Option<Duration>,
    ) -> Result<(), Fault> {
        IoSlice::advance_slices(&mut slices, 0);
        while !slices.is_empty() {
            let write = poll_fn(|cx| self.poll_write(cx, slices));
            match alarm.limit(limit, write).await {
                Some(Ok(0)) => return Err(Fault::Io(io::ErrorKind::WriteZero.into())),
                Some(Ok(length)) => IoSlice::advance_slices(&mut slices, length),
                Some(Err(error)) => return Err(Fault::Io(error)),
                None => return Err(Fault::Timeout),
            }
        }
        if matches!(self, Self::Tcp(_) | Self::Unix(_)) {
            return Ok(());
        }
        // What TLS or HTTP/2 has taken may not be on its way yet.
        match alarm.limit(limit, poll_fn(|cx| self.poll_flush(cx))).await {
            Some(flushed) => flushed.map_err(Fault::Io),
            None => Err(Fault::Timeout),
        }
    }

    /// Writes all, however long it takes.
    pub async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut slices = [IoSlice::new(bytes)];
        match self
            .write_all(&mut slices, &mut Alarm::default(), None)
            .await
        {
            Ok(()) => Ok(()),
            Err(Fault::Io(error)) => Err(error),
            Err(Fault::Timeout) => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    /// Says that nothing more will come, and leaves the other direction open.
    pub async fn finish(&mut self) {
        // An error means that the other end has gone, which whoever reads from it finds out.
        let _ = poll_fn(|cx| self.poll_finish(cx)).await;
    }

    pub(super) fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(half) => Pin::new(half).poll_shutdown(cx),
            Self::Unix(half) => Pin::new(half).poll_shutdown(cx),
            Self::Tls(half) => half.poll_finish(cx),
            Self::Http2(half) => half.poll_finish(cx),
        }
    }

    /// Ready when all that was written is on its way.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(_) | Self::Unix(_) => Poll::Ready(Ok(())),
            Self::Tls(half) => half.poll_flush(cx),
            Self::Http2(half) => half.poll_flush(cx),
        }
    }

    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let [slice] = slices {
            return match self {
                Self::Tcp(half) => Pin::new(half).poll_write(cx, slice),
                Self::Unix(half) => Pin::new(half).poll_write(cx, slice),
                Self::Tls(half) => half.poll_write(cx, slices),
                Self::Http2(half) => half.poll_write(cx, slices),
            };
        }
        match self {
            Self::Tcp(half) => Pin::new(half).poll_write_vectored(cx, slices),
            Self::Unix(half) => Pin::new(half).poll_write_vectored(cx, slices),
            Self::Tls(half) => half.poll_write(cx, slices),
            Self::Http2(half) => half.poll_write(cx, slices),
        }
    }
}
