//! Both halves of a connection as one thing, for libraries that want it so.

use super::{Marking, Stream};
use std::cell::RefCell;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A connection whose first bytes have been read already.
#[derive(Debug)]
pub struct Joined {
    first: Vec<u8>,
    stream: Stream,
    markings: Markings,
}

/// What somebody who carries a part of the connection wants of its packets from now on.
pub type Markings = Rc<RefCell<Vec<Marking>>>;

impl Joined {
    pub fn new(first: &[u8], stream: Stream, markings: Markings) -> Self {
        Self {
            first: first.to_vec(),
            stream,
            markings,
        }
    }

    fn mark(&self) {
        let mut markings = self.markings.borrow_mut();
        self.stream.writer.mark_all(&mut markings);
    }
}

impl AsyncRead for Joined {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        space: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.first.is_empty() {
            return this.stream.reader.poll_read(cx, space);
        }
        let length = this.first.len().min(space.remaining());
        space.put_slice(&this.first[..length]);
        this.first.drain(..length);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Joined {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.mark();
        self.stream.writer.poll_write(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.mark();
        self.stream.writer.poll_write(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.writer.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.stream.writer.poll_flush(cx))?;
        self.stream.writer.poll_finish(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Writer;
    use socket2::SockRef;
    use std::os::fd::AsRawFd;
    use tokio::io::AsyncWriteExt;
    use tokio::net::{TcpListener, TcpStream};

    #[tokio::test]
    async fn what_a_stream_wants_of_packets_holds_for_what_is_written_after_it() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let ours = TcpStream::connect(listener.local_addr().unwrap()).await;
        let ours = ours.unwrap();
        let number = ours.as_raw_fd();
        let markings = Markings::default();
        let mut joined = Joined::new(b"", Stream::from(ours), Rc::clone(&markings));
        markings.borrow_mut().push(Marking::Tos(0x20));
        joined.write_all(b"x").await.unwrap();
        let Writer::Tcp(half) = &joined.stream.writer else {
            panic!("it is a TCP connection");
        };
        assert_eq!(half.as_ref().as_raw_fd(), number);
        assert_eq!(SockRef::from(half.as_ref()).tos_v4().unwrap(), 0x20);
        assert!(markings.borrow().is_empty());
    }
}
