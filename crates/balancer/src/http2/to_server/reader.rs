//! The half of a stream that an answer comes from.

use super::super::head::Body;
use super::super::incoming::{Pieces, broken};
use super::head;
use super::writer::{Expected, Request};
use h2::RecvStream;
use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use tokio::io::ReadBuf;

/// Gives the answer as HTTP/1 says it.
pub struct AnswerReader {
    /// To be handed over, in pieces of the head or of one frame.
    pending: Pieces,
    state: State,
    request: Rc<RefCell<Request>>,
    address: Option<SocketAddr>,
}

enum State {
    /// The request is not sent yet.
    Unasked,
    Head(Expected),
    Body(RecvStream, Body),
    /// All has come.
    Over,
}

impl AnswerReader {
    pub(super) fn new(request: Rc<RefCell<Request>>, address: Option<SocketAddr>) -> Self {
        Self {
            pending: Pieces::default(),
            state: State::Unasked,
            request,
            address,
        }
    }

    pub(in super::super) fn local_address(&self) -> Option<SocketAddr> {
        self.address
    }

    pub(in super::super) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        space: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match ready!(self.poll_more(cx, space)) {
            // As HTTP/1 tells it: the connection ends.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Poll::Ready(Ok(())),
            read => Poll::Ready(read),
        }
    }

    fn poll_more(&mut self, cx: &mut Context<'_>, space: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            if self.pending.hand_over(space) {
                return Poll::Ready(Ok(()));
            }
            match &mut self.state {
                State::Unasked => {
                    let expected = ready!(self.request.borrow_mut().poll_sent(cx))?;
                    self.state = State::Head(expected);
                }
                State::Head(_) => ready!(self.poll_head(cx))?,
                State::Body(body, form) => {
                    if !ready!(self.pending.poll_take(body, *form, cx))? {
                        self.state = State::Over;
                    }
                }
                State::Over => return Poll::Ready(Ok(())),
            }
        }
    }

    /// The next head: of an interim answer, or of the one that counts.
    fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let State::Head(expected) = &mut self.state else {
            return Poll::Ready(Ok(()));
        };
        if let Poll::Ready(Some(interim)) = expected.answer.poll_informational(cx) {
            let interim = interim.map_err(|error| broken(&error))?;
            self.pending.push(head::answer(&interim, false, false).1);
            return Poll::Ready(Ok(()));
        }
        let answer = ready!(Pin::new(&mut expected.answer).poll(cx));
        let answer = answer.map_err(|error| broken(&error))?;
        let (chunked, text) = head::answer(&answer, expected.bodiless, expected.tunnel);
        self.pending.push(text);
        let form = match chunked {
            true => Body::Chunked,
            false => Body::Plain,
        };
        self.state = State::Body(answer.into_body(), form);
        Poll::Ready(Ok(()))
    }
}
