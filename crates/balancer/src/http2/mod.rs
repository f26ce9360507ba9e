//! HTTP/2 to clients. Frames and windows are the `h2` library's; each of its streams is read and written here as a
//! connection of HTTP/1 that carries one request, so that everything behind it knows one protocol only.

mod head;
mod reader;
mod writer;

pub use reader::StreamReader;
pub use writer::StreamWriter;

use crate::wire::{Markings, Reader, Stream, Writer};
use bytes::Bytes;
use h2::RecvStream;
use h2::server::SendResponse;
use http::Request;
use std::cell::RefCell;
use std::rc::Rc;

/// What a client begins with that speaks it (RFC 9113, section 3.4).
pub const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

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
    Stream {
        reader: Reader::Http2(Box::new(StreamReader::new(asked, body, Rc::clone(&answer)))),
        writer: Writer::Http2(StreamWriter::new(answer, markings)),
    }
}
