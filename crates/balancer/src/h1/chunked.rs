//! `transfer-encoding: chunked` (RFC 9112 section 7.1): an incremental decoder, and the lines of the encoder.
//!
//! Boundaries and extensions of chunks end at this hop, as with HAProxy: what is in the buffer goes on as
//! one chunk. Trailers go on.

use super::Invalid;
use super::head::Fields;
use super::parse;
use std::ops::Range;

/// Reads a chunked body piece by piece.
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    state: State,
}

/// What a call of [`Decoder::decode`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// Bytes of the input that are done with, once the payload was used.
    pub consumed: usize,
    /// Where the payload lies now: whole chunks were moved together, in place.
    pub payload: Range<usize>,
    /// The last chunk and the trailers have come.
    pub done: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Before the first digit of a size.
    #[default]
    Start,
    Size(u64),
    /// Blanks after the size.
    Blank(u64),
    /// After a semicolon: anything up to the line end, this long so far.
    Extension(u64, u16),
    /// A carriage return came after size and extension.
    SizeLf(u64),
    Data(u64),
    DataEnd,
    DataLf,
    Trailers,
    Done,
}

/// Sizes from 2^60 on would overflow with one more digit.
const LARGEST_SIZE: u64 = (1 << 60) - 1;

/// Of the extension of a chunk, which nobody reads: HAProxy gives up when the line does not fit into its buffer.
const LONGEST_EXTENSION: u16 = 16_384;

impl Decoder {
    /// Reads as far as `input` goes. Call again with what was not consumed and more behind it.
    /// `trailers` holds the trailers once it is done.
    ///
    /// # Errors
    ///
    /// The chunk is malformed, or its trailers are.
    pub fn decode(&mut self, input: &mut [u8], trailers: &mut Fields) -> Result<Decoded, Invalid> {
        let mut found = Decoded::default();
        while self.state != State::Done {
            if let State::Data(left) = self.state {
                if !self.take_data(left, input, &mut found) {
                    break;
                }
                continue;
            }
            if self.state == State::Trailers {
                match parse::trailers(&input[found.consumed..], trailers)? {
                    Some(length) => found.consumed += length,
                    None => break,
                }
                self.state = State::Done;
                continue;
            }
            let Some(&byte) = input.get(found.consumed) else {
                break;
            };
            self.state = self.state.after(byte)?;
            found.consumed += 1;
        }
        found.done = self.state == State::Done;
        Ok(found)
    }

    /// False when the input ends.
    fn take_data(&mut self, left: u64, input: &mut [u8], found: &mut Decoded) -> bool {
        let available = input.len() - found.consumed;
        let taken = usize::try_from(left).map_or(available, |left| left.min(available));
        if taken == 0 {
            return false;
        }
        let source = found.consumed..found.consumed + taken;
        if found.payload.is_empty() {
            found.payload = source;
        } else {
            input.copy_within(source, found.payload.end);
            found.payload.end += taken;
        }
        found.consumed += taken;
        self.state = match left - taken as u64 {
            0 => State::DataEnd,
            left => State::Data(left),
        };
        true
    }
}

impl State {
    /// The state after one byte outside of data and trailers.
    fn after(self, byte: u8) -> Result<Self, Invalid> {
        let next = match (self, byte) {
            (Self::Start, _) => Self::Size(hex(byte)?),
            (Self::Size(size) | Self::Blank(size) | Self::Extension(size, _), b'\r') => {
                Self::SizeLf(size)
            }
            (
                Self::Size(size)
                | Self::Blank(size)
                | Self::Extension(size, _)
                | Self::SizeLf(size),
                b'\n',
            ) => Self::after_size(size),
            (Self::Size(size) | Self::Blank(size), b';') => Self::Extension(size, 0),
            (Self::Extension(size, length), _) if length < LONGEST_EXTENSION => {
                Self::Extension(size, length + 1)
            }
            (Self::Size(size) | Self::Blank(size), b' ' | b'\t') => Self::Blank(size),
            (Self::Size(size), _) => {
                let digit = hex(byte)?;
                if size > LARGEST_SIZE >> 4 {
                    return Err(Invalid::Chunk);
                }
                Self::Size(size << 4 | digit)
            }
            (Self::DataEnd, b'\r') => Self::DataLf,
            (Self::DataEnd | Self::DataLf, b'\n') => Self::Start,
            _ => return Err(Invalid::Chunk),
        };
        Ok(next)
    }

    fn after_size(size: u64) -> Self {
        match size {
            0 => Self::Trailers,
            size => Self::Data(size),
        }
    }
}

fn hex(byte: u8) -> Result<u64, Invalid> {
    let digit = char::from(byte).to_digit(16).ok_or(Invalid::Chunk)?;
    Ok(u64::from(digit))
}

/// The line before the data of a chunk: upper-case digits, as HAProxy writes them.
pub fn size_line(size: usize, out: &mut Vec<u8>) {
    let digits = (usize::BITS - size.leading_zeros()).div_ceil(4).max(1);
    for position in (0..digits).rev() {
        let digit = size >> (4 * position) & 0xF;
        out.push(b"0123456789ABCDEF"[digit]);
    }
    out.extend_from_slice(b"\r\n");
}

/// The last chunk, its trailers, and the end.
pub fn last_chunk(trailers: &Fields, out: &mut Vec<u8>) {
    out.extend_from_slice(b"0\r\n");
    super::write::fields(trailers, out);
}

#[cfg(test)]
mod tests;
