//! A body on its way into a stream.

use super::head;
use crate::h1::chunked::Decoder;
use crate::h1::head::Fields;
use bytes::{Bytes, BytesMut};
use h2::SendStream;
use http::HeaderMap;
use std::io;
use std::task::{Context, Poll, ready};

/// Taken as HTTP/1 frames it, sent as the window of the other side allows.
pub(super) struct Outgoing {
    stream: SendStream<Bytes>,
    rest: Rest,
    /// Not yet taken by the window.
    output: BytesMut,
    /// Nothing comes behind `output` but these.
    last: Option<HeaderMap>,
}

/// How much of a body is still to come.
pub(super) enum Rest {
    Length(u64),
    Chunked(Decoder),
    /// It ends when nothing more is written.
    Close,
    /// Nothing, or what is of no interest.
    Nothing,
}

impl Rest {
    pub(super) fn is_nothing(&self) -> bool {
        matches!(self, Self::Nothing)
    }
}

/// What has become of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// More may come.
    SoFar,
    All,
}

impl Outgoing {
    pub(super) fn new(stream: SendStream<Bytes>, rest: Rest) -> Self {
        Self {
            stream,
            rest,
            output: BytesMut::new(),
            last: None,
        }
    }

    pub(super) fn stream(&mut self) -> &mut SendStream<Bytes> {
        &mut self.stream
    }

    /// It carries bytes whatever they mean.
    pub(super) fn is_tunnel(&self) -> bool {
        matches!(self.rest, Rest::Close)
    }

    /// Nothing more will be written.
    pub(super) fn finish(&mut self) {
        if self.is_tunnel() {
            self.last = Some(HeaderMap::new());
        }
    }

    /// Understands what has been written, as far as it goes.
    pub(super) fn digest(&mut self, input: &mut Vec<u8>) -> io::Result<()> {
        let mut last = None;
        match &mut self.rest {
            Rest::Nothing => input.clear(),
            Rest::Close => self.output.extend(input.drain(..)),
            Rest::Length(left) => {
                let length =
                    usize::try_from(*left).map_or(input.len(), |left| left.min(input.len()));
                self.output.extend_from_slice(&input[..length]);
                input.clear();
                *left -= length as u64;
                if *left == 0 {
                    last = Some(HeaderMap::new());
                }
            }
            Rest::Chunked(decoder) => {
                let mut trailers = Fields::default();
                let found = decoder.decode(input, &mut trailers);
                let found = found.map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
                self.output.extend_from_slice(&input[found.payload]);
                input.drain(..found.consumed);
                if found.done {
                    last = Some(head::trailers(&trailers));
                }
            }
        }
        if last.is_some() {
            self.rest = Rest::Nothing;
            self.last = last;
        }
        Ok(())
    }

    /// Hands over as much as the window takes; ready when that is all.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Sent>> {
        let stream = &mut self.stream;
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
                return Poll::Ready(Ok(Sent::All));
            }
        }
        let Some(trailers) = self.last.take() else {
            return Poll::Ready(Ok(Sent::SoFar));
        };
        match trailers.is_empty() {
            true => stream.send_data(Bytes::new(), true),
            false => stream.send_trailers(trailers),
        }
        .map_err(io::Error::other)?;
        Poll::Ready(Ok(Sent::All))
    }
}
