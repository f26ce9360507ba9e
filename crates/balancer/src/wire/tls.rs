//! A connection inside TLS. Its two halves share one state, which no wait ever holds.

use crate::proxy_protocol::Ends;
use std::cell::RefCell;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::TlsStream;

/// A connection in one piece.
#[derive(Debug)]
pub enum Whole {
    Tcp(TcpStream),
    Unix(UnixStream),
}

/// The half that bytes come from.
#[derive(Debug)]
pub struct TlsReader(Shared);

/// The half that bytes go to. Dropping it tells the other side that nothing more will come.
#[derive(Debug)]
pub struct TlsWriter(Shared);

type Shared = Rc<RefCell<TlsStream<Whole>>>;

/// Both halves.
pub(super) fn split(stream: TlsStream<Whole>) -> (TlsReader, TlsWriter) {
    let shared = Rc::new(RefCell::new(stream));
    (TlsReader(Rc::clone(&shared)), TlsWriter(shared))
}

impl TlsReader {
    /// Reads once; nothing at the end of the stream.
    pub(super) fn poll_read(
        &self,
        cx: &mut Context<'_>,
        space: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut stream = self.0.borrow_mut();
        match ready!(Pin::new(&mut *stream).poll_read(cx, space)) {
            // The end of the connection, without a word: as good as one with it.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Poll::Ready(Ok(())),
            read => Poll::Ready(read),
        }
    }

    /// The address at this end; a socket file has none.
    pub(super) fn local_address(&self) -> Option<SocketAddr> {
        let stream = self.0.borrow();
        let ends = match &*stream {
            TlsStream::Client(stream) => stream.get_ref().0.ends(),
            TlsStream::Server(stream) => stream.get_ref().0.ends(),
        };
        ends.map(|ends| ends.source)
    }

    /// Does something to the socket below, unless it is a file's.
    pub(super) fn with_socket(&self, act: impl FnOnce(&TcpStream)) {
        with_socket(&self.0, act);
    }

    /// The number of the socket below.
    pub(super) fn number(&self) -> Option<i32> {
        Some(match self.0.borrow().get_ref().0 {
            Whole::Tcp(socket) => socket.as_raw_fd(),
            Whole::Unix(socket) => socket.as_raw_fd(),
        })
    }

    /// Nothing has come, not even the end. What TLS has to say for itself is taken.
    pub(super) fn is_silent(&self) -> bool {
        let mut byte = [0];
        let mut space = ReadBuf::new(&mut byte);
        let mut now = Context::from_waker(Waker::noop());
        self.poll_read(&mut now, &mut space).is_pending()
    }

    /// Waits until there may be something to read.
    pub(super) fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut stream = self.0.borrow_mut();
        let (socket, connection) = match &mut *stream {
            TlsStream::Client(stream) => {
                let (socket, connection) = stream.get_mut();
                (socket, connection.process_new_packets())
            }
            TlsStream::Server(stream) => {
                let (socket, connection) = stream.get_mut();
                (socket, connection.process_new_packets())
            }
        };
        match connection {
            Ok(state) if state.plaintext_bytes_to_read() == 0 && !state.peer_has_closed() => {
                socket.poll_readable(cx)
            }
            // There is something, or it is broken, which whoever reads is told.
            _ => Poll::Ready(Ok(())),
        }
    }
}

fn with_socket(shared: &Shared, act: impl FnOnce(&TcpStream)) {
    if let Whole::Tcp(socket) = shared.borrow().get_ref().0 {
        act(socket);
    }
}

impl TlsWriter {
    /// Does something to the socket below, unless it is a file's.
    pub(super) fn with_socket(&self, act: impl FnOnce(&TcpStream)) {
        with_socket(&self.0, act);
    }

    pub(super) fn poll_write(
        &self,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_write_vectored(cx, slices)
    }

    /// Ready when the kernel has taken all that was written.
    pub(super) fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_flush(cx)
    }

    /// Says that nothing more will come.
    pub(super) fn poll_finish(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_shutdown(cx)
    }
}

impl Drop for TlsWriter {
    fn drop(&mut self) {
        // As far as it goes without waiting.
        let mut now = Context::from_waker(Waker::noop());
        let _ = self.poll_finish(&mut now);
    }
}

impl Whole {
    /// Its own ends; `None`: it has none.
    pub fn ends(&self) -> Option<Ends> {
        match self {
            Self::Tcp(stream) => Some(Ends {
                source: stream.local_addr().ok()?,
                destination: stream.peer_addr().ok()?,
            }),
            Self::Unix(_) => None,
        }
    }

    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(stream) => stream.poll_read_ready(cx),
            Self::Unix(stream) => stream.poll_read_ready(cx),
        }
    }
}

impl AsyncRead for Whole {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        space: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_read(cx, space),
            Self::Unix(stream) => Pin::new(stream).poll_read(cx, space),
        }
    }
}

impl AsyncWrite for Whole {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Unix(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
            Self::Unix(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Unix(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
