//! The memory that one request at work needs. Idle connections hold none of it.

use crate::h1::head::{Fields, RequestHead, ResponseHead};
use crate::wire::Buffer;
use std::cell::RefCell;

/// Everything a request is read into and written from.
#[derive(Debug, Default)]
pub struct Scratch {
    pub request: RequestHead,
    pub response: ResponseHead,
    /// From the client to the server.
    pub up: Lane,
    /// From the server to the client.
    pub down: Lane,
}

/// One direction.
#[derive(Debug, Default)]
pub struct Lane {
    /// What came and was not yet passed on.
    pub buffer: Buffer,
    /// What goes before and after a piece of body: the head, chunk sizes, trailers.
    pub lines: Vec<u8>,
    pub trailers: Fields,
}

/// Scratches to use again.
#[derive(Debug, Default)]
#[expect(
    clippy::vec_box,
    reason = "a session at work holds a pointer instead of all this, which keeps idle ones small"
)]
pub struct Spares(RefCell<Vec<Box<Scratch>>>);

/// Most that are kept: 4 MiB of buffers a worker.
const MAX_SPARES: usize = 128;

impl Spares {
    pub fn take(&self) -> Box<Scratch> {
        self.0.borrow_mut().pop().unwrap_or_default()
    }

    pub fn give_back(&self, mut scratch: Box<Scratch>) {
        let mut spares = self.0.borrow_mut();
        if spares.len() < MAX_SPARES {
            scratch.up.clear();
            scratch.down.clear();
            spares.push(scratch);
        }
    }
}

impl Lane {
    pub fn clear(&mut self) {
        self.buffer.clear();
        self.lines.clear();
    }
}
