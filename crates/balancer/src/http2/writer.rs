//! The half of a stream that an answer goes to.

use super::head::{self, Asked, Upgrade};
use crate::h1::chunked::Decoder;
use crate::h1::head::{Fields, ResponseHead};
use crate::h1::{facts, parse};
use crate::wire::{Marking, Markings};
use bytes::{Bytes, BytesMut};
use h2::server::SendResponse;
use h2::{Reason, SendStream};
use http::HeaderMap;
use std::cell::RefCell;
use std::fmt;
use std::io::{self, IoSlice};
use std::rc::Rc;
use std::task::{Context, Poll, ready};

/// Takes the answer as HTTP/1 says it. Dropping it before the answer is whole resets the stream.
pub struct StreamWriter {
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
    /// Of the body, not yet taken by the client's window.
    output: BytesMut,
    /// Nothing comes behind `output` but these.
    last: Option<HeaderMap>,
}

enum State {
    /// Its head has not come.
    Head(SendResponse<Bytes>),
    Body(SendStream<Bytes>, Rest),
    /// All is sent.
    Over,
}

/// How much of the body is still to come.
enum Rest {
    Length(u64),
    Chunked(Decoder),
    /// It ends when nothing more is written.
    Close,
    /// Nothing, or what is of no interest.
    Nothing,
}

/// So much is taken at once, and held until the client takes it.
const MOST: usize = 32 * 1024;

impl StreamWriter {
    pub(super) fn new(answer: Rc<RefCell<Answer>>, markings: Markings) -> Self {
        Self { answer, markings }
    }

    /// Marks what the connection sends from now on.
    pub fn mark(&self, marking: Marking) {
        self.markings.borrow_mut().push(marking);
    }

    pub fn poll_write(
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
    pub fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.answer.borrow_mut().poll_flush(cx)
    }

    /// Says that nothing more will come.
    pub fn poll_finish(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut answer = self.answer.borrow_mut();
        if matches!(answer.state, State::Body(_, Rest::Close)) {
            answer.last = Some(HeaderMap::new());
        }
        answer.poll_flush(cx)
    }
}

impl Drop for StreamWriter {
    fn drop(&mut self) {
        let mut answer = self.answer.borrow_mut();
        match &mut answer.state {
            State::Head(respond) => respond.send_reset(Reason::CANCEL),
            State::Body(stream, _) => stream.send_reset(Reason::CANCEL),
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
            output: BytesMut::new(),
            last: None,
        }
    }

    /// Ready when nothing more can be said: the answer is whole, or, which is an error, the client does not want it any
    /// more.
    pub(super) fn poll_over(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let gone = match &mut self.state {
            State::Head(respond) => respond.poll_reset(cx).is_ready(),
            State::Body(stream, _) => stream.poll_reset(cx).is_ready(),
            State::Over => return Poll::Ready(Ok(())),
        };
        match gone {
            true => Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
            false => Poll::Pending,
        }
    }

    /// The stream has left HTTP.
    pub(super) fn is_tunnel(&self) -> bool {
        self.upgrade.is_some() && matches!(self.state, State::Body(_, Rest::Close))
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
        let State::Body(_, rest) = &mut self.state else {
            self.input.clear();
            return Ok(());
        };
        let mut last = None;
        match rest {
            Rest::Nothing => self.input.clear(),
            Rest::Close => self.output.extend(self.input.drain(..)),
            Rest::Length(left) => {
                let length = usize::try_from(*left)
                    .map_or(self.input.len(), |left| left.min(self.input.len()));
                self.output.extend_from_slice(&self.input[..length]);
                self.input.clear();
                *left -= length as u64;
                if *left == 0 {
                    last = Some(HeaderMap::new());
                }
            }
            Rest::Chunked(decoder) => {
                let mut trailers = Fields::default();
                let found = decoder.decode(&mut self.input, &mut trailers);
                let found = found.map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
                self.output.extend_from_slice(&self.input[found.payload]);
                self.input.drain(..found.consumed);
                if found.done {
                    last = Some(head::trailers(&trailers));
                }
            }
        }
        if last.is_some() {
            *rest = Rest::Nothing;
            self.last = last;
        }
        Ok(())
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
        let whole = matches!(rest, Rest::Nothing);
        let stream = respond.send_response(response, whole);
        let stream = stream.map_err(io::Error::other)?;
        self.state = match whole {
            true => State::Over,
            false => State::Body(stream, rest),
        };
        Ok(())
    }

    /// Hands over as much as the client's window takes.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let State::Body(stream, _) = &mut self.state else {
            return Poll::Ready(Ok(()));
        };
        while !self.output.is_empty() {
            stream.reserve_capacity(self.output.len());
            if stream.capacity() == 0 {
                match ready!(stream.poll_capacity(cx)) {
                    Some(Ok(_)) => {}
                    _ => return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
                }
                continue;
            }
            let length = stream.capacity().min(self.output.len());
            let piece = self.output.split_to(length).freeze();
            let ends =
                self.output.is_empty() && self.last.as_ref().is_some_and(HeaderMap::is_empty);
            stream.send_data(piece, ends).map_err(io::Error::other)?;
            if ends {
                self.state = State::Over;
                return Poll::Ready(Ok(()));
            }
        }
        if let Some(trailers) = self.last.take() {
            match trailers.is_empty() {
                true => stream.send_data(Bytes::new(), true),
                false => stream.send_trailers(trailers),
            }
            .map_err(io::Error::other)?;
            self.state = State::Over;
        }
        Poll::Ready(Ok(()))
    }
}

impl fmt::Debug for StreamWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamWriter").finish_non_exhaustive()
    }
}
