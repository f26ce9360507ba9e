//! Bodies on their way from one side to the other: read a piece, pass it on, never hold more than a buffer.

use super::scratch::Lane;
use crate::cache::Keeper;
use crate::h1::Invalid;
use crate::h1::chunked::{self, Decoder};
use crate::h1::framing::Framing;
use crate::h1::head::Fields;
use crate::h1::onward::{Coding, Onward};
use crate::streams::Stream;
use crate::wire::{Alarm, Fault, Reader, Writer};
use std::cell::Cell;
use std::io::IoSlice;
use std::ops::Range;
use std::time::Duration;
use tokio::time::Instant;

/// Pieces up to this are copied behind the head: cheaper than to have the kernel gather them.
const COPIED: usize = 2_048;

/// A body from its first piece to its end.
#[derive(Debug)]
pub struct Transfer {
    rest: Rest,
    coding: Coding,
    /// It comes in chunks, whose trailers count.
    from_chunks: bool,
    /// What is in the buffer already, taken from the body and not yet passed on.
    piece: Piece,
    /// What was passed on stays in the buffer.
    kept: bool,
    /// A cache that gets it, too.
    copy: Option<Box<Keeper>>,
    /// Its source speaks HTTP/2: HAProxy counts nothing for its end.
    silent_end: bool,
}

/// How much of a body is still to be read.
#[derive(Debug)]
enum Rest {
    Length(u64),
    Chunked(Decoder),
    Close,
    Nothing,
}

/// A piece of body in the buffer it was read into.
#[derive(Debug, Default)]
struct Piece {
    /// Of what is in the buffer.
    payload: Range<usize>,
    /// Bytes of the buffer that are done with, once the payload was used.
    consumed: usize,
}

/// One direction of a request at work.
pub struct Way<'a> {
    pub from: &'a mut Reader,
    pub to: &'a mut Writer,
    pub lane: &'a mut Lane,
    pub alarm: &'a mut Alarm,
    pub limits: Limits,
    pub flow: &'a Flow<'a>,
    /// The other direction.
    pub other: &'a Flow<'a>,
    /// A rule has closed on the source: nothing more comes from it.
    pub is_shut: bool,
}

/// How long each side may take for a step.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    pub read: Option<Duration>,
    pub write: Option<Duration>,
}

/// What a direction tells the other one and the statistics.
pub struct Flow<'a> {
    /// What HAProxy counts for the body: its bytes, its trailers, and one for the end of a chunked one.
    pub counted: Cell<u64>,
    /// How much of it the statistics were told on the way.
    pub told: Cell<u64>,
    /// The last time that bytes went out.
    pub active: Cell<Instant>,
    tell: &'a dyn Fn(u64),
    /// Whoever looks on.
    stream: Option<&'a Stream>,
}

/// The statistics are told of a long body whenever so much of it has gone out, not only at its end.
const TELL_EVERY: u64 = 256 * 1024;

/// Why a body did not get across.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// It ended too early.
    SourceClosed,
    SourceTimeout,
    SourceInvalid,
    /// Its whole body came, and then its sender did not wait for the answer.
    SourceLeft,
    SinkClosed,
    SinkTimeout,
}

impl<'a> Flow<'a> {
    /// `tell` is called with what was counted since its last call.
    pub fn new(now: Instant, tell: &'a dyn Fn(u64), stream: Option<&'a Stream>) -> Self {
        Self {
            counted: Cell::new(0),
            told: Cell::new(0),
            active: Cell::new(now),
            tell,
            stream,
        }
    }

    fn count(&self, bytes: u64) {
        let now = Instant::now();
        self.active.set(now);
        if let Some(stream) = self.stream {
            stream.moved(now);
        }
        self.counted.set(self.counted.get() + bytes);
        let untold = self.counted.get() - self.told.get();
        if untold >= TELL_EVERY {
            (self.tell)(untold);
            self.told.set(self.counted.get());
        }
    }
}

impl Transfer {
    /// Takes what is in the buffer already.
    ///
    /// # Errors
    ///
    /// The body is malformed from its start.
    pub fn begin(framing: Framing, lane: &mut Lane) -> Result<Self, Invalid> {
        let rest = match framing {
            // A tunnel is no body.
            Framing::Length(0) | Framing::Tunnel => Rest::Nothing,
            Framing::Length(length) => Rest::Length(length),
            Framing::Chunked => Rest::Chunked(Decoder::default()),
            Framing::Close => Rest::Close,
        };
        let mut transfer = Self {
            rest,
            coding: match framing {
                Framing::Chunked => Coding::Chunked,
                _ => Coding::Plain,
            },
            from_chunks: framing == Framing::Chunked,
            piece: Piece::default(),
            kept: false,
            copy: None,
            silent_end: false,
        };
        transfer.piece = transfer.rest.take(lane, 0)?;
        Ok(transfer)
    }

    /// Sets the form it goes on in, which is the one it comes in otherwise.
    pub fn goes_as(&mut self, onward: &Onward) {
        self.coding = onward.coding;
    }

    /// Whether its source speaks HTTP/2, where HAProxy counts nothing for the end of a body but its trailers.
    pub fn end_is_no_byte(&mut self, silent: bool) {
        self.silent_end = silent;
    }

    /// Lets a cache have it, too.
    pub fn copy_to(&mut self, keeper: Box<Keeper>) {
        self.copy = Some(keeper);
    }

    /// All of it was passed on.
    pub fn is_copied(&mut self, framing: Framing, trailers: &Fields) {
        if let Some(mut keeper) = self.copy.take() {
            keeper.finish(framing, trailers);
        }
    }

    /// All of it is in the buffer.
    pub fn is_whole(&self) -> bool {
        matches!(self.rest, Rest::Nothing)
    }

    /// What is in the buffer of the body and was not yet passed on.
    pub fn payload<'a>(&self, lane: &'a Lane) -> &'a [u8] {
        &lane.buffer.filled()[self.piece.payload.clone()]
    }

    /// Drops what is in the buffer of it.
    pub fn discard(&mut self, lane: &mut Lane) {
        lane.buffer
            .consume(std::mem::take(&mut self.piece).consumed);
    }

    /// Takes what has come since.
    ///
    /// # Errors
    ///
    /// The body is malformed.
    pub fn advance(&mut self, lane: &mut Lane) -> Result<(), Invalid> {
        self.piece = self.rest.take(lane, 0)?;
        Ok(())
    }

    /// Takes what has come since beside what is there already.
    ///
    /// # Errors
    ///
    /// The body is malformed.
    pub fn gather(&mut self, lane: &mut Lane) -> Result<(), Invalid> {
        let more = self.rest.take(lane, self.piece.consumed)?;
        let end = self.piece.payload.end;
        lane.buffer
            .filled_mut()
            .copy_within(more.payload.clone(), end);
        self.piece.payload.end += more.payload.len();
        self.piece.consumed = more.consumed;
        Ok(())
    }

    /// Lets all of it stay in the buffer until it is discarded, so that it can be sent more than once; false where it is
    /// not all there.
    pub fn keep(&mut self) -> bool {
        self.kept = self.is_whole();
        self.kept
    }

    /// There is nothing to pass on.
    pub fn is_empty(&self) -> bool {
        self.is_whole() && self.piece.consumed == 0
    }
}

impl Way<'_> {
    /// Passes a body on until its end. What stands in `lane.lines`, the head, goes first.
    pub async fn carry(&mut self, transfer: &mut Transfer) -> Result<(), Broken> {
        // Some of it may have come while the way to the server was sought.
        let nothing_yet = transfer.piece.consumed == 0 && !transfer.is_whole();
        if nothing_yet && !self.lane.buffer.is_empty() {
            let taken = transfer.advance(self.lane);
            taken.map_err(|_| Broken::SourceInvalid)?;
        }
        loop {
            self.send(transfer).await?;
            if transfer.kept {
                return Ok(());
            }
            let consumed = transfer.piece.consumed;
            transfer.discard(self.lane);
            if transfer.is_whole() {
                return Ok(());
            }
            // More may have come while nobody was ready for it.
            let stuck = self.lane.buffer.is_empty() || consumed == 0;
            if stuck && !self.read(matches!(transfer.rest, Rest::Close)).await? {
                transfer.rest = Rest::Nothing;
                return self.send(transfer).await;
            }
            transfer
                .advance(self.lane)
                .map_err(|_| Broken::SourceInvalid)?;
        }
    }

    /// Sends the lines and a piece in one go.
    async fn send(&mut self, transfer: &mut Transfer) -> Result<(), Broken> {
        let Lane {
            buffer,
            lines,
            trailers,
        } = &mut *self.lane;
        let mut payload = &buffer.filled()[transfer.piece.payload.clone()];
        let mut counted = payload.len() as u64;
        if let Some(keeper) = &mut transfer.copy {
            keeper.take(payload);
        }
        let silent_end = transfer.silent_end && trailers.is_empty();
        if transfer.from_chunks && transfer.is_whole() && !silent_end {
            counted += trailers.weight();
        }
        let chunked = transfer.coding == Coding::Chunked;
        if transfer.coding == Coding::Left {
            payload = &[];
        }
        if chunked && !payload.is_empty() {
            chunked::size_line(payload.len(), lines);
        }
        let copied = payload.len() <= COPIED;
        if copied {
            lines.extend_from_slice(payload);
        }
        let before = lines.len();
        if chunked {
            if !payload.is_empty() {
                lines.extend_from_slice(b"\r\n");
            }
            if transfer.is_whole() {
                chunked::last_chunk(trailers, lines);
            }
        }
        if lines.is_empty() && payload.is_empty() {
            if counted > 0 {
                self.flow.count(counted);
            }
            return Ok(());
        }
        let sent = if copied {
            let mut whole = [IoSlice::new(lines)];
            let sent = self.to.write_all(&mut whole, self.alarm, self.limits.write);
            sent.await
        } else {
            let (before, after) = lines.split_at(before);
            let mut slices = [before, payload, after].map(IoSlice::new);
            let sent = self
                .to
                .write_all(&mut slices, self.alarm, self.limits.write);
            sent.await
        };
        sent.map_err(|fault| match fault {
            Fault::Timeout => Broken::SinkTimeout,
            Fault::Io(_) => Broken::SinkClosed,
        })?;
        lines.clear();
        self.flow.count(counted);
        Ok(())
    }

    /// Waits for more; false when the stream has ended as it should.
    async fn read(&mut self, until_close: bool) -> Result<bool, Broken> {
        match self.fill().await {
            Ok(0) if until_close => Ok(false),
            Ok(0) | Err(Fault::Io(_)) => Err(Broken::SourceClosed),
            Ok(_) => Ok(true),
            Err(Fault::Timeout) => Err(Broken::SourceTimeout),
        }
    }

    /// Reads once. Its timeout is one of the connection, not of this direction: what the other direction sends to the
    /// source puts it off.
    pub async fn fill(&mut self) -> Result<usize, Fault> {
        if self.is_shut {
            return Ok(0);
        }
        let mut limit = self.limits.read;
        loop {
            let read = self.from.fill(&mut self.lane.buffer, self.alarm, limit);
            match read.await {
                Err(Fault::Timeout) => {}
                ended => return ended,
            }
            let since_sent = self.other.active.get().elapsed();
            limit = self
                .limits
                .read
                .map(|limit| limit.saturating_sub(since_sent));
            if limit.is_none_or(|left| left.is_zero()) {
                return Err(Fault::Timeout);
            }
        }
    }
}

impl Rest {
    /// Finds out what in the buffer, from `from` on, belongs to the body. Each byte is told of once: use the piece before
    /// the next call.
    fn take(&mut self, lane: &mut Lane, from: usize) -> Result<Piece, Invalid> {
        let available = lane.buffer.len() - from;
        let plain = |length| Piece {
            payload: from..from + length,
            consumed: from + length,
        };
        match self {
            Self::Nothing => Ok(plain(0)),
            Self::Close => Ok(plain(available)),
            Self::Length(left) => {
                let length = usize::try_from(*left).map_or(available, |left| left.min(available));
                *left -= length as u64;
                if *left == 0 {
                    *self = Self::Nothing;
                }
                Ok(plain(length))
            }
            Self::Chunked(decoder) => {
                let found =
                    decoder.decode(&mut lane.buffer.filled_mut()[from..], &mut lane.trailers)?;
                if found.done {
                    *self = Self::Nothing;
                } else if from + found.consumed == 0 && lane.buffer.is_full() {
                    return Err(Invalid::TooLarge);
                }
                Ok(Piece {
                    payload: from + found.payload.start..from + found.payload.end,
                    consumed: from + found.consumed,
                })
            }
        }
    }
}
