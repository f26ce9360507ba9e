//! Bytes of a client to a request.

use super::Session;
use crate::h1::{Invalid, facts, fault, framing, parse};
use crate::request::Request;
use crate::request::body::Transfer;
use crate::request::room;
use crate::request::scratch::Scratch;
use crate::snapshots::{Side, Snapshot};
use std::future::poll_fn;
use tokio::time::Instant;

/// Why there is no request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// The client left before the end of the head.
    Closed { any_byte: bool },
    /// The head was not there in time.
    TooSlow { any_byte: bool },
    /// What came is no request.
    Invalid { status: u16 },
}

impl From<Invalid> for Unread {
    fn from(invalid: Invalid) -> Self {
        let status = match invalid {
            Invalid::UnknownCoding => 422,
            _ => 400,
        };
        Self::Invalid { status }
    }
}

impl Session {
    /// Reads the head of a request, of which some bytes are in the buffer, and what has come of its body.
    pub(super) async fn read_request(&mut self, scratch: &mut Scratch) -> Result<Request, Unread> {
        let begun = Instant::now();
        (self.begun, self.since) = (begun, begun);
        let deadline = self.request_limit().map(|limit| self.since + limit);
        let length = loop {
            let buffer = &mut scratch.up.buffer;
            match parse::request(buffer.filled(), &mut scratch.request) {
                Ok(Some(length)) => break length,
                Ok(None) if buffer.is_full() => {
                    return Err(self.invalid(scratch, Invalid::TooLarge));
                }
                Ok(None) => {}
                Err(invalid) => return Err(self.invalid(scratch, invalid)),
            }
            let read = poll_fn(|cx| self.client.reader.poll_fill(cx, buffer));
            match self.alarm.until(deadline, read).await {
                None => return Err(Unread::TooSlow { any_byte: true }),
                Some(Ok(0) | Err(_)) => return Err(Unread::Closed { any_byte: true }),
                Some(Ok(_)) => {}
            }
        };
        let head = &mut scratch.request;
        let sizes = self.worker.plan().global.sizes;
        let facts = match facts::of_request(head) {
            Ok(_) if !room::for_head(head.weight(), &head.fields, sizes) => {
                return Err(self.invalid(scratch, Invalid::TooLarge));
            }
            Ok(facts) => facts,
            Err(invalid) => return Err(self.invalid(scratch, invalid)),
        };
        scratch.up.buffer.consume(length);
        let head = &mut scratch.request;
        head.normalized = self.http_major > 1;
        if head.normalized {
            // HTTP/2 knows no chunks; servers are told when they are sent some.
            head.fields.retain(|name, _| name != b"transfer-encoding");
        }
        let mut upload = Transfer::begin(framing::of_request(&facts), &mut scratch.up)?;
        upload.end_is_no_byte(self.http_major > 1);
        Ok(Request {
            upload,
            facts,
            cut: false,
            begun,
        })
    }
}

impl Session {
    /// Keeps a head that is none for whoever wants to see why.
    fn invalid(&self, scratch: &Scratch, invalid: Invalid) -> Unread {
        if self.http_major == 1 {
            let bytes = scratch.up.buffer.filled();
            let fault = fault::of_request(bytes, invalid, scratch.request.fields.most);
            let snapshot = Snapshot {
                is_later: self.has_served,
                too_large: invalid == Invalid::TooLarge,
                ..Snapshot::now(self.accepted.peer, bytes, scratch.up.buffer.size(), fault)
            };
            let snapshots = &self.worker.process.snapshots;
            snapshots.take(Side::Request, &self.frontend.name, snapshot);
        }
        invalid.into()
    }
}
