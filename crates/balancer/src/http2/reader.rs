//! The half of a stream that a request comes from.

use super::head::{Asked, Body};
use super::incoming::Pieces;
use super::writer::Answer;
use h2::RecvStream;
use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use tokio::io::ReadBuf;

/// Gives the request as HTTP/1 says it; its end once the answer is given, or the client has left.
pub struct RequestReader {
    /// To be handed over, in pieces of the head or of one frame.
    pending: Pieces,
    body: RecvStream,
    form: Body,
    /// The stream carries bytes whatever they mean, from the moment it is answered so.
    tunnel: bool,
    ended: bool,
    answer: Rc<RefCell<Answer>>,
}

impl RequestReader {
    pub(super) fn new(asked: Asked, body: RecvStream, answer: Rc<RefCell<Answer>>) -> Self {
        let mut pending = Pieces::default();
        pending.push(asked.text);
        Self {
            pending,
            body,
            form: asked.body,
            tunnel: asked.upgrade.is_some(),
            ended: asked.body == Body::None && asked.upgrade.is_none(),
            answer,
        }
    }

    /// Reads once; nothing at the end.
    pub(super) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        space: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            if self.pending.hand_over(space) {
                return Poll::Ready(Ok(()));
            }
            if let Poll::Ready(over) = self.answer.borrow_mut().poll_over(cx) {
                return Poll::Ready(over);
            }
            if self.ended || (self.tunnel && !self.answer.borrow().is_tunnel()) {
                return Poll::Pending;
            }
            let more = self.pending.poll_take(&mut self.body, self.form, cx);
            if !ready!(more)? {
                if self.tunnel {
                    return Poll::Ready(Ok(()));
                }
                self.ended = true;
            }
        }
    }
}
