//! A DNS message (RFC 1035, section 4), taken apart without losing a bit that dig would show.

use hickory_proto::rr::Name;
use hickory_proto::serialize::binary::{BinDecodable, BinDecoder, DecodeError};
use thiserror::Error;

use super::edns::Edns;
use super::rdata::Rdata;
use super::record_type::{Class, RecordType};

/// Why bytes cannot be taken apart further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum Malformed {
    /// They end too early, or a length in them is wrong.
    #[error("FORMERR")]
    CutShort,
    /// A compressed name points nowhere.
    #[error("bad compression pointer")]
    BadPointer,
    /// The options of the OPT record run over.
    #[error("malformed OPT option")]
    BadOption,
}

/// A whole message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) id: u16,
    pub(crate) flags: Flags,
    /// As the header counts them; `additional` counts the OPT record too.
    pub(crate) counts: Counts,
    pub(crate) questions: Vec<Question>,
    pub(crate) answers: Vec<Record>,
    pub(crate) authorities: Vec<Record>,
    /// Without the OPT record.
    pub(crate) additionals: Vec<Record>,
    pub(crate) edns: Option<Edns>,
    /// Bytes behind the last record that could be read.
    pub(crate) extra: usize,
    /// Whether it ends before all is there that the header counts.
    pub(crate) cut_short: bool,
    /// Size of the whole message, in bytes.
    pub(crate) size: usize,
}

/// How many entries each section has by the header's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) questions: u16,
    pub(crate) answers: u16,
    pub(crate) authorities: u16,
    pub(crate) additionals: u16,
}

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) name: Name,
    pub(crate) rtype: RecordType,
    pub(crate) class: Class,
}

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) owner: Name,
    pub(crate) rtype: RecordType,
    pub(crate) class: Class,
    /// Seconds for which it may be kept.
    pub(crate) ttl: u32,
    pub(crate) rdata: Rdata,
}

/// The second pair of bytes of the header: bits, operation, and the lower half of the response code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flags(pub(crate) u16);

impl Flags {
    pub(crate) const QR: u16 = 0x8000;
    pub(crate) const AA: u16 = 0x0400;
    pub(crate) const TC: u16 = 0x0200;
    pub(crate) const RD: u16 = 0x0100;
    pub(crate) const RA: u16 = 0x0080;
    /// Must be zero.
    pub(crate) const Z: u16 = 0x0040;
    pub(crate) const AD: u16 = 0x0020;
    pub(crate) const CD: u16 = 0x0010;

    pub(crate) fn has(self, bit: u16) -> bool {
        self.0 & bit != 0
    }

    pub(crate) fn opcode(self) -> usize {
        usize::from(self.0 >> 11 & 0xf)
    }
}

/// Size of the header, in bytes.
pub(crate) const HEADER: usize = 12;

impl Message {
    /// Takes a message apart; of one that is cut short, what can be read.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let header = bytes.first_chunk::<HEADER>().ok_or(Malformed::CutShort)?;
        let field = |i: usize| u16::from_be_bytes([header[2 * i], header[2 * i + 1]]);
        let mut message = Self {
            id: field(0),
            flags: Flags(field(1)),
            counts: Counts {
                questions: field(2),
                answers: field(3),
                authorities: field(4),
                additionals: field(5),
            },
            questions: Vec::new(),
            answers: Vec::new(),
            authorities: Vec::new(),
            additionals: Vec::new(),
            edns: None,
            extra: 0,
            cut_short: false,
            size: bytes.len(),
        };
        let mut read = HEADER;
        match message.read_sections(bytes, &mut read) {
            Err(Malformed::CutShort) => message.cut_short = true,
            whole => whole?,
        }
        message.extra = bytes.len() - read;
        Ok(message)
    }

    /// Reads what follows the header. `read` is how far whole entries go.
    fn read_sections(&mut self, bytes: &[u8], read: &mut usize) -> Result<(), Malformed> {
        let mut decoder = BinDecoder::new(bytes);
        bytes_of(&mut decoder, HEADER)?;
        for _ in 0..self.counts.questions {
            self.questions.push(Question::read(&mut decoder)?);
            *read = decoder.index();
        }
        let sections = [
            (self.counts.answers, &mut self.answers),
            (self.counts.authorities, &mut self.authorities),
            (self.counts.additionals, &mut self.additionals),
        ];
        for (count, records) in sections {
            for _ in 0..count {
                let record = Record::read(&mut decoder, read)?;
                *read = decoder.index();
                if record.rtype == RecordType::OPT {
                    let edns = Edns::from_record(&record).ok_or(Malformed::BadOption)?;
                    self.edns.get_or_insert(edns);
                } else {
                    records.push(record);
                }
            }
        }
        Ok(())
    }

    /// The whole response code, the half in the OPT record included.
    pub(crate) fn rcode(&self) -> u16 {
        let high = self.edns.as_ref().map_or(0, |edns| edns.rcode_high);
        u16::from(high) << 4 | self.flags.0 & 0xf
    }

    /// Whether the server cut it off because it did not fit.
    pub(crate) fn is_truncated(&self) -> bool {
        self.flags.has(Flags::TC)
    }
}

impl Question {
    fn read(decoder: &mut BinDecoder<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            name: name(decoder)?,
            rtype: RecordType(number(decoder)?),
            class: Class(number(decoder)?),
        })
    }

    /// Whether both ask the same: letter case does not count.
    pub(crate) fn matches(&self, other: &Self) -> bool {
        self.name == other.name && self.rtype == other.rtype && self.class == other.class
    }
}

impl Record {
    /// Reads one record; `read` moves on to its data, which is where one that is cut short ends.
    fn read(decoder: &mut BinDecoder<'_>, read: &mut usize) -> Result<Self, Malformed> {
        let owner = name(decoder)?;
        let (rtype, class) = (RecordType(number(decoder)?), Class(number(decoder)?));
        let ttl = u32::from(number(decoder)?) << 16 | u32::from(number(decoder)?);
        let length = usize::from(number(decoder)?);
        *read = decoder.index();
        let rdata = Rdata::read(decoder, length, rtype, class)?;
        Ok(Self {
            owner,
            rtype,
            class,
            ttl,
            rdata,
        })
    }
}

/// A name, which may be compressed.
pub(super) fn name(decoder: &mut BinDecoder<'_>) -> Result<Name, Malformed> {
    Name::read(decoder).map_err(|error| match error {
        DecodeError::InsufficientBytes => Malformed::CutShort,
        _ => Malformed::BadPointer,
    })
}

pub(super) fn bytes_of(decoder: &mut BinDecoder<'_>, length: usize) -> Result<Vec<u8>, Malformed> {
    decoder
        .read_vec(length)
        .map(|bytes| bytes.unverified())
        .map_err(|_| Malformed::CutShort)
}

fn number(decoder: &mut BinDecoder<'_>) -> Result<u16, Malformed> {
    decoder
        .read_u16()
        .map(|n| n.unverified())
        .map_err(|_| Malformed::CutShort)
}

#[cfg(test)]
#[path = "message_tests.rs"]
mod tests;
