//! The half of a stream that a request comes from.

use super::head::{self, Asked, Body};
use super::writer::Answer;
use crate::h1::chunked;
use bytes::{Buf, Bytes};
use h2::RecvStream;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use tokio::io::ReadBuf;

/// Gives the request as HTTP/1 says it; its end once the answer is given, or the client has left.
pub struct StreamReader {
    /// To be handed over, in pieces of the head or of one frame.
    pending: VecDeque<Bytes>,
    body: RecvStream,
    form: Body,
    /// The stream carries bytes whatever they mean, from the moment it is answered so.
    tunnel: bool,
    ended: bool,
    answer: Rc<RefCell<Answer>>,
}

impl StreamReader {
    pub(super) fn new(asked: Asked, body: RecvStream, answer: Rc<RefCell<Answer>>) -> Self {
        Self {
            pending: VecDeque::from([asked.text.into()]),
            body,
            form: asked.body,
            tunnel: asked.upgrade.is_some(),
            ended: asked.body == Body::None && asked.upgrade.is_none(),
            answer,
        }
    }

    /// Reads once; nothing at the end.
    pub fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        space: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            if self.hand_over(space) {
                return Poll::Ready(Ok(()));
            }
            if let Poll::Ready(over) = self.answer.borrow_mut().poll_over(cx) {
                return Poll::Ready(over);
            }
            if self.ended || (self.tunnel && !self.answer.borrow().is_tunnel()) {
                return Poll::Pending;
            }
            match ready!(self.body.poll_data(cx)) {
                Some(Ok(data)) => self.take(data),
                // The client has taken it back.
                Some(Err(_)) => return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
                None if self.tunnel => return Poll::Ready(Ok(())),
                None => {
                    let trailers = ready!(self.body.poll_trailers(cx));
                    let trailers = trailers.map_err(io::Error::other)?;
                    self.ended = true;
                    if self.form == Body::Chunked {
                        self.pending.push_back(head::last_chunk(trailers).into());
                    }
                }
            }
        }
    }

    fn take(&mut self, data: Bytes) {
        // One frame at most is held here.
        let released = self.body.flow_control().release_capacity(data.len());
        debug_assert!(released.is_ok(), "so much has come");
        if data.is_empty() {
            return;
        }
        let framed = self.form == Body::Chunked;
        if framed {
            let mut size = Vec::new();
            chunked::size_line(data.len(), &mut size);
            self.pending.push_back(size.into());
        }
        self.pending.push_back(data);
        if framed {
            self.pending.push_back(Bytes::from_static(b"\r\n"));
        }
    }

    /// False when there is nothing to hand over.
    fn hand_over(&mut self, space: &mut ReadBuf<'_>) -> bool {
        let before = space.filled().len();
        while let Some(piece) = self.pending.front_mut() {
            let length = piece.len().min(space.remaining());
            space.put_slice(&piece[..length]);
            piece.advance(length);
            if !piece.is_empty() {
                break;
            }
            self.pending.pop_front();
        }
        space.filled().len() > before
    }
}

impl fmt::Debug for StreamReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamReader").finish_non_exhaustive()
    }
}
