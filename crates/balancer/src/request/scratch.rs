//! The memory that one request at work needs. Idle connections hold none of it.

use crate::h1::head::{Fields, RequestHead, ResponseHead};
use crate::plan::Sizes;
use crate::wire::Buffer;
use std::cell::{Cell, RefCell};

/// Everything a request is read into and written from.
#[derive(Debug)]
pub struct Scratch {
    pub request: RequestHead,
    pub response: ResponseHead,
    /// From the client to the server.
    pub up: Lane,
    /// From the server to the client.
    pub down: Lane,
}

/// One direction.
#[derive(Debug)]
pub struct Lane {
    /// What came and was not yet passed on.
    pub buffer: Buffer,
    /// What goes before and after a piece of body: the head, chunk sizes, trailers.
    pub lines: Vec<u8>,
    pub trailers: Fields,
}

/// Scratches to use again.
#[derive(Debug)]
pub struct Spares {
    #[expect(
        clippy::vec_box,
        reason = "a session at work holds a pointer instead of all this, which keeps idle ones small"
    )]
    list: RefCell<Vec<Box<Scratch>>>,
    sizes: Cell<Sizes>,
}

/// Most bytes of buffers that are kept in a worker.
const MAX_SPARE: usize = 4 * 1024 * 1024;

impl Spares {
    pub fn new(sizes: Sizes) -> Self {
        Self {
            list: RefCell::default(),
            sizes: Cell::new(sizes),
        }
    }

    /// From now on scratches of these sizes are taken.
    pub fn resize(&self, sizes: Sizes) {
        if self.sizes.replace(sizes) != sizes {
            self.list.borrow_mut().clear();
        }
    }

    pub fn take(&self) -> Box<Scratch> {
        let spare = self.list.borrow_mut().pop();
        spare.unwrap_or_else(|| Box::new(Scratch::new(self.sizes.get())))
    }

    pub fn give_back(&self, mut scratch: Box<Scratch>) {
        let sizes = self.sizes.get();
        let mut spares = self.list.borrow_mut();
        if spares.len() * 2 * sizes.buffer < MAX_SPARE && scratch.is_of(sizes) {
            scratch.up.clear();
            scratch.down.clear();
            spares.push(scratch);
        }
    }
}

impl Scratch {
    pub fn new(sizes: Sizes) -> Self {
        let mut scratch = Self {
            request: RequestHead::default(),
            response: ResponseHead::default(),
            up: Lane::new(sizes),
            down: Lane::new(sizes),
        };
        scratch.request.fields.most = sizes.fields;
        scratch.response.fields.most = sizes.fields;
        scratch
    }

    /// A reload may have brought others since it was made.
    fn is_of(&self, sizes: Sizes) -> bool {
        self.up.buffer.size() == sizes.buffer && self.response.fields.most == sizes.fields
    }
}

impl Lane {
    fn new(sizes: Sizes) -> Self {
        let mut lane = Self {
            buffer: Buffer::new(sizes.buffer),
            lines: Vec::new(),
            trailers: Fields::default(),
        };
        lane.trailers.most = sizes.fields;
        lane
    }

    pub fn clear(&mut self) {
        self.buffer.clear();
        self.lines.clear();
    }
}
