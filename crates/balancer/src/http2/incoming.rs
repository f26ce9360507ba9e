//! A body on its way out of a stream.

use super::head::{self, Body};
use crate::h1::chunked;
use bytes::{Buf, Bytes};
use h2::RecvStream;
use std::collections::VecDeque;
use std::io;
use std::task::{Context, Poll, ready};
use tokio::io::ReadBuf;

/// A stream is reset by one side, or goes with its connection.
pub(super) fn broken(error: &h2::Error) -> io::Error {
    match error.is_reset() {
        true => io::ErrorKind::ConnectionReset.into(),
        false => io::ErrorKind::UnexpectedEof.into(),
    }
}

/// Pieces of a message as HTTP/1 says it, to be handed over.
#[derive(Default)]
pub(super) struct Pieces(VecDeque<Bytes>);

impl Pieces {
    pub(super) fn push(&mut self, piece: impl Into<Bytes>) {
        self.0.push_back(piece.into());
    }

    /// False when there is nothing to hand over.
    pub(super) fn hand_over(&mut self, space: &mut ReadBuf<'_>) -> bool {
        let before = space.filled().len();
        while let Some(piece) = self.0.front_mut() {
            let length = piece.len().min(space.remaining());
            space.put_slice(&piece[..length]);
            piece.advance(length);
            if !piece.is_empty() {
                break;
            }
            self.0.pop_front();
        }
        space.filled().len() > before
    }

    /// Reads once from a body; false: it has ended, and its end is among the pieces.
    pub(super) fn poll_take(
        &mut self,
        body: &mut RecvStream,
        form: Body,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<bool>> {
        match ready!(body.poll_data(cx)) {
            Some(Ok(data)) => {
                // One frame at most is held here.
                let released = body.flow_control().release_capacity(data.len());
                debug_assert!(released.is_ok(), "so much has come");
                self.take(data, form);
                return Poll::Ready(Ok(true));
            }
            Some(Err(error)) => return Poll::Ready(Err(broken(&error))),
            None => {}
        }
        if form == Body::Chunked {
            let trailers = ready!(body.poll_trailers(cx)).map_err(|error| broken(&error))?;
            self.push(head::last_chunk(trailers));
        }
        Poll::Ready(Ok(false))
    }

    fn take(&mut self, data: Bytes, form: Body) {
        if data.is_empty() {
            return;
        }
        if form != Body::Chunked {
            return self.push(data);
        }
        let mut size = Vec::new();
        chunked::size_line(data.len(), &mut size);
        self.push(size);
        self.push(data);
        self.push(Bytes::from_static(b"\r\n"));
    }
}
