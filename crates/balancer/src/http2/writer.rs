//! The half of a stream that an answer goes to.

use super::head::{self, Asked, Upgrade};
use super::outgoing::{Outgoing, Rest, Sent};
use crate::h1::chunked::Decoder;
use crate::h1::head::ResponseHead;
use crate::h1::{facts, parse};
use crate::wire::{Marking, Markings};
use bytes::Bytes;
use h2::Reason;
use h2::server::SendResponse;
use std::cell::RefCell;
use std::io::{self, IoSlice};
use std::rc::Rc;
use std::task::{Context, Poll, ready};

/// Takes the answer as HTTP/1 says it. Dropping it before the answer is whole resets the stream.
pub struct AnswerWriter {
    answer: Rc<RefCell<Answer>>,
    /// What is wanted of the packets of its connection.
    markings: Markings,
}

/// An answer on its way.
pub(super) struct Answer {
    state: State,
    bodiless: bool,
    upgrade: Option<Upgrade>,
    /// As it was written, not yet understood.
    input: Vec<u8>,
}

enum State {
    /// Its head has not come.
    Head(SendResponse<Bytes>),
    Body(Outgoing),
    /// All is sent.
    Over,
}

/// So much is taken at once, and held until the other side takes it.
pub(super) const MOST: usize = 32 * 1024;

impl AnswerWriter {
    pub(super) fn new(answer: Rc<RefCell<Answer>>, markings: Markings) -> Self {
        Self { answer, markings }
    }

    /// Marks what the connection sends from now on.
    pub(super) fn mark(&self, marking: Marking) {
        self.markings.borrow_mut().push(marking);
    }

    pub(super) fn poll_write(
        &self,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut answer = self.answer.borrow_mut();
        ready!(answer.poll_flush(cx))?;
        let mut taken = 0;
        for slice in slices {
            let length = slice.len().min(MOST - taken);
            answer.input.extend_from_slice(&slice[..length]);
            taken += length;
        }
        answer.digest()?;
        Poll::Ready(Ok(taken))
    }

    /// Ready when the client's window has taken all that was written.
    pub(super) fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.answer.borrow_mut().poll_flush(cx)
    }

    /// Says that nothing more will come.
    pub(super) fn poll_finish(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut answer = self.answer.borrow_mut();
        if let State::Body(body) = &mut answer.state {
            body.finish();
        }
        answer.poll_flush(cx)
    }
}

impl Drop for AnswerWriter {
    fn drop(&mut self) {
        let mut answer = self.answer.borrow_mut();
        match &mut answer.state {
            // Nothing of an answer has come: the client may ask again.
            State::Head(respond) => respond.send_reset(Reason::REFUSED_STREAM),
            State::Body(body) => body.stream().send_reset(Reason::CANCEL),
            State::Over => {}
        }
        answer.state = State::Over;
    }
}

impl Answer {
    pub(super) fn new(respond: SendResponse<Bytes>, asked: &Asked) -> Self {
        Self {
            state: State::Head(respond),
            bodiless: asked.bodiless,
            upgrade: asked.upgrade,
            input: Vec::new(),
        }
    }

    /// Ready when nothing more can be said: the answer is whole, or, which is an error, the client does not want it any
    /// more.
    pub(super) fn poll_over(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let gone = match &mut self.state {
            State::Head(respond) => respond.poll_reset(cx).is_ready(),
            State::Body(body) => body.stream().poll_reset(cx).is_ready(),
            State::Over => return Poll::Ready(Ok(())),
        };
        match gone {
            true => Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
            false => Poll::Pending,
        }
    }

    /// The stream has left HTTP.
    pub(super) fn is_tunnel(&self) -> bool {
        self.upgrade.is_some() && matches!(&self.state, State::Body(body) if body.is_tunnel())
    }

    /// Understands what has been written.
    fn digest(&mut self) -> io::Result<()> {
        while matches!(self.state, State::Head(_)) {
            let mut head = ResponseHead::default();
            // What was read was counted; rules may have added to it.
            head.fields.most = usize::MAX;
            match parse::response(&self.input, &mut head) {
                Ok(Some(length)) => drop(self.input.drain(..length)),
                Ok(None) => return Ok(()),
                Err(_) => return Err(io::ErrorKind::InvalidData.into()),
            }
            self.begin(head)?;
        }
        match &mut self.state {
            State::Body(body) => body.digest(&mut self.input),
            _ => {
                self.input.clear();
                Ok(())
            }
        }
    }

    /// Sends a head.
    fn begin(&mut self, mut head: ResponseHead) -> io::Result<()> {
        let State::Head(respond) = &mut self.state else {
            return Ok(());
        };
        let upgraded = self.upgrade == Some(Upgrade::Protocol) && head.status == 101;
        let facts = facts::of_response(&mut head);
        let facts = facts.map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
        let response = head::response(&head, upgraded);
        let response = response.ok_or(io::ErrorKind::InvalidData)?;
        if matches!(head.status, 100..=199) && !upgraded {
            return respond
                .send_informational(response)
                .map_err(io::Error::other);
        }
        let connected = self.upgrade == Some(Upgrade::Tunnel) && head.status / 100 == 2;
        let rest = if upgraded || connected {
            Rest::Close
        } else if self.bodiless || matches!(head.status, 204 | 304) {
            Rest::Nothing
        } else if facts.chunked {
            Rest::Chunked(Decoder::default())
        } else {
            match facts.length {
                Some(0) => Rest::Nothing,
                Some(length) => Rest::Length(length),
                None => Rest::Close,
            }
        };
        let whole = rest.is_nothing();
        let stream = respond.send_response(response, whole);
        let stream = stream.map_err(io::Error::other)?;
        self.state = match whole {
            true => State::Over,
            false => State::Body(Outgoing::new(stream, rest)),
        };
        Ok(())
    }

    /// Hands over as much as the client's window takes.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let State::Body(body) = &mut self.state else {
            return Poll::Ready(Ok(()));
        };
        if ready!(body.poll_flush(cx))? == Sent::All {
            self.state = State::Over;
        }
        Poll::Ready(Ok(()))
    }
}
