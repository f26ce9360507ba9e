//! HTTP/2 to clients and to servers. Frames and windows are the `h2` library's; each of its streams is read and written
//! here as a connection of HTTP/1 that carries one request, so that everything between knows one protocol only.

mod head;
mod incoming;
mod outgoing;
mod reader;
mod to_server;
mod writer;

pub use to_server::Connection;

use crate::plan::{Global, Http2};
use crate::wire::{Marking, Markings, Reader, Stream, Writer};
use bytes::Bytes;
use h2::RecvStream;
use h2::server::SendResponse;
use http::Request;
use reader::RequestReader;
use std::cell::RefCell;
use std::fmt;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::rc::Rc;
use std::task::{Context, Poll};
use to_server::{AnswerReader, RequestWriter};
use tokio::io::ReadBuf;
use writer::AnswerWriter;

/// What a client begins with that speaks it (RFC 9113, section 3.4).
pub const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What is told of this side.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    pub http2: Http2,
    /// Largest head of a message, by HTTP/2's count: HAProxy's buffer.
    pub largest_head: u32,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            http2: Http2::default(),
            largest_head: 16_384,
        }
    }
}

impl Terms {
    pub fn of(global: &Global) -> Self {
        Self {
            http2: global.http2,
            largest_head: u32::try_from(global.sizes.buffer).unwrap_or(u32::MAX),
        }
    }
}

/// How much is held for a side that does not read, for each of its streams.
pub const MAX_HELD: usize = 64 * 1024;

/// The half of a stream that bytes come from.
pub enum StreamReader {
    OfClient(RequestReader),
    OfServer(AnswerReader),
}

/// The half that bytes go to. Dropping it before all is said resets the stream.
pub enum StreamWriter {
    ToClient(AnswerWriter),
    ToServer(RequestWriter),
}

/// One request and its answer.
///
/// `markings`: those of its connection.
pub fn stream(
    request: Request<RecvStream>,
    respond: SendResponse<Bytes>,
    markings: Markings,
) -> Stream {
    let (parts, body) = request.into_parts();
    let asked = head::Asked::new(&parts, body.is_end_stream());
    let answer = writer::Answer::new(respond, &asked);
    let answer = Rc::new(RefCell::new(answer));
    let reader = RequestReader::new(asked, body, Rc::clone(&answer));
    let writer = AnswerWriter::new(answer, markings);
    Stream {
        reader: Reader::Http2(Box::new(StreamReader::OfClient(reader))),
        writer: Writer::Http2(StreamWriter::ToClient(writer)),
    }
}

impl StreamReader {
    /// Reads once; nothing at the end.
    pub fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        space: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self {
            Self::OfClient(half) => half.poll_read(cx, space),
            Self::OfServer(half) => half.poll_read(cx, space),
        }
    }

    /// The address at this end of the connection; that of a client's is known otherwise.
    pub fn local_address(&self) -> Option<SocketAddr> {
        match self {
            Self::OfClient(_) => None,
            Self::OfServer(half) => half.local_address(),
        }
    }
}

impl StreamWriter {
    /// Marks what the connection of a client sends from now on.
    pub fn mark(&self, marking: Marking) {
        match self {
            Self::ToClient(half) => half.mark(marking),
            // Only rules on clients want it.
            Self::ToServer(_) => {}
        }
    }

    pub fn poll_write(
        &self,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self {
            Self::ToClient(half) => half.poll_write(cx, slices),
            Self::ToServer(half) => half.poll_write(cx, slices),
        }
    }

    /// Ready when the window of the other side has taken all that was written.
    pub fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::ToClient(half) => half.poll_flush(cx),
            Self::ToServer(half) => half.poll_flush(cx),
        }
    }

    /// Says that nothing more will come.
    pub fn poll_finish(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::ToClient(half) => half.poll_finish(cx),
            Self::ToServer(half) => half.poll_finish(cx),
        }
    }
}

impl fmt::Debug for StreamReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamReader").finish_non_exhaustive()
    }
}

impl fmt::Debug for StreamWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamWriter").finish_non_exhaustive()
    }
}
