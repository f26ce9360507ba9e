//! HTTP/1 on the wire, as HAProxy 2.6 reads and writes it: pure functions over bytes.
//!
//! Owned here rather than given to a library, because what a learner compares byte by byte is decided
//! here: the case and order of fields, which odd requests pass, when a connection stays open. No socket
//! and no clock; any split of the input gives the same result.

pub mod chunked;
pub mod facts;
pub mod fault;
pub mod framing;
pub mod head;
pub mod onward;
pub mod parse;
pub mod write;

use thiserror::Error;

/// Why bytes are no HTTP/1 message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Invalid {
    #[error("the first line is no HTTP/1 start line")]
    StartLine,
    #[error("a field name is empty or holds a character that no token may hold")]
    FieldName,
    #[error("a carriage return stands alone")]
    BareCr,
    #[error("there are more header fields than `tune.http.maxhdr` allows")]
    TooManyFields,
    #[error("the head is larger than the buffer")]
    TooLarge,
    #[error("content-length is no number, or has two values")]
    ContentLength,
    #[error("transfer-encoding does not end in one `chunked`")]
    TransferEncoding,
    #[error("transfer-encoding holds a coding besides `chunked`")]
    UnknownCoding,
    #[error("the host fields disagree, with each other or with the target")]
    Host,
    #[error("a websocket request lacks its key of 24 characters")]
    WebsocketKey,
    #[error(
        "a chunk size is no hexadecimal number below 2^60, or a chunk does not end where it says"
    )]
    Chunk,
}
