//! The half of a stream that a request goes to.

use super::super::outgoing::{Outgoing, Sent};
use super::super::writer::MOST;
use super::head::Asked;
use crate::h1::head::RequestHead;
use crate::h1::parse;
use bytes::Bytes;
use h2::client::{ResponseFuture, SendRequest};
use std::cell::RefCell;
use std::io::{self, IoSlice};
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

/// Takes the request as HTTP/1 says it.
pub struct RequestWriter(Rc<RefCell<Request>>);

/// A request on its way.
pub(super) struct Request {
    state: State,
    /// As it was written, not yet understood.
    input: Vec<u8>,
    /// What its answer will come by, until the reader has taken it.
    sent: Option<Expected>,
    /// Who waits for that.
    reader: Option<Waker>,
}

/// An answer that may come.
pub(super) struct Expected {
    pub(super) answer: ResponseFuture,
    /// It has no body.
    pub(super) bodiless: bool,
    /// It may leave HTTP.
    pub(super) tunnel: bool,
}

enum State {
    /// Its head has not come.
    Head(SendRequest<Bytes>),
    Body(Outgoing),
    /// All is sent.
    Over,
}

impl RequestWriter {
    pub(super) fn new(request: Rc<RefCell<Request>>) -> Self {
        Self(request)
    }

    pub(in super::super) fn poll_write(
        &self,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut request = self.0.borrow_mut();
        ready!(request.poll_flush(cx))?;
        let mut taken = 0;
        for slice in slices {
            let length = slice.len().min(MOST - taken);
            request.input.extend_from_slice(&slice[..length]);
            taken += length;
        }
        request.digest()?;
        Poll::Ready(Ok(taken))
    }

    pub(in super::super) fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.borrow_mut().poll_flush(cx)
    }

    pub(in super::super) fn poll_finish(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut request = self.0.borrow_mut();
        if let State::Body(body) = &mut request.state {
            body.finish();
        }
        request.poll_flush(cx)
    }
}

impl Drop for RequestWriter {
    fn drop(&mut self) {
        // The library takes a request back whose last part is gone before its end.
        self.0.borrow_mut().state = State::Over;
    }
}

impl Request {
    pub(super) fn new(sender: SendRequest<Bytes>) -> Self {
        Self {
            state: State::Head(sender),
            input: Vec::new(),
            sent: None,
            reader: None,
        }
    }

    /// Ready when it has been sent, or cannot be.
    pub(super) fn poll_sent(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Expected>> {
        match self.sent.take() {
            Some(expected) => Poll::Ready(Ok(expected)),
            None if self.is_over() => Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into())),
            None => {
                self.reader = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }

    /// Understands what has been written.
    fn digest(&mut self) -> io::Result<()> {
        if matches!(self.state, State::Head(_)) {
            let mut head = RequestHead::default();
            match parse::request(&self.input, &mut head) {
                Ok(Some(length)) => drop(self.input.drain(..length)),
                Ok(None) => return Ok(()),
                Err(_) => return Err(io::ErrorKind::InvalidData.into()),
            }
            let begun = self.begin(&head);
            if let Some(reader) = self.reader.take() {
                reader.wake();
            }
            begun.inspect_err(|_| self.state = State::Over)?;
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
    fn begin(&mut self, head: &RequestHead) -> io::Result<()> {
        let State::Head(sender) = &mut self.state else {
            return Ok(());
        };
        let asked = Asked::new(head).ok_or(io::ErrorKind::InvalidData)?;
        let whole = asked.rest.is_nothing();
        let sent = sender.send_request(asked.request, whole);
        let (answer, stream) = sent.map_err(io::Error::other)?;
        self.sent = Some(Expected {
            answer,
            bodiless: asked.bodiless,
            tunnel: asked.tunnel,
        });
        self.state = match whole {
            true => State::Over,
            false => State::Body(Outgoing::new(stream, asked.rest)),
        };
        Ok(())
    }

    /// Hands over as much as the server's window takes.
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
