//! Reading a question off the wire. Whatever comes in, nothing here panics.

use hickory_proto::op::{Header, MessageType, Metadata, OpCode, Query as Question};
use hickory_proto::rr::Name;
use hickory_proto::serialize::binary::{BinDecodable, BinDecoder, DecodeError};

use crate::label::{self, AskedBy};
use crate::subnet::Subnet;

/// The type number of the OPT record (RFC 6891).
const OPT: u16 = 41;
/// The code of EDNS client subnet (RFC 7871).
pub(crate) const SUBNET_CODE: u16 = 8;
/// No UDP answer is promised less (RFC 1035 section 4.2.1).
pub(crate) const PLAIN_UDP: u16 = 512;

/// What came in.
#[derive(Debug)]
pub enum Incoming {
    /// A question to answer.
    Query(Query),
    /// To be refused as malformed (FORMERR); the header could be read, perhaps the question too.
    Malformed(Metadata, Option<Question>),
    /// Another operation than a query: zone transfer notices, updates (NOTIMP).
    OtherOperation(Metadata),
    /// An answer, or too short for a header: nobody is to be told anything.
    Noise,
}

/// A question with all that bears on its answer.
#[derive(Debug)]
pub struct Query {
    pub header: Metadata,
    pub question: Question,
    pub edns: Option<Edns>,
}

/// What the question's OPT record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edns {
    pub version: u8,
    /// Bytes of the largest UDP answer the asker takes.
    pub udp_size: u16,
    pub dnssec_ok: bool,
    pub subnet: Option<Subnet>,
    /// Whether the lab's own option is there, asking for an answer's origin.
    pub wants_label: bool,
    /// On whose behalf, by what that option says.
    pub asked_by: AskedBy,
}

impl Incoming {
    pub fn read(packet: &[u8]) -> Self {
        let mut decoder = BinDecoder::new(packet);
        let Ok(header) = Header::read(&mut decoder) else {
            return Self::Noise;
        };
        let (metadata, counts) = (header.metadata, header.counts);
        if metadata.message_type == MessageType::Response {
            return Self::Noise;
        }
        if metadata.op_code != OpCode::Query {
            return Self::OtherOperation(metadata);
        }
        if counts.queries != 1 {
            return Self::Malformed(metadata, None);
        }
        let Ok(question) = Question::read(&mut decoder) else {
            return Self::Malformed(metadata, None);
        };
        let records = usize::from(counts.answers) + usize::from(counts.authorities);
        match read_rest(&mut decoder, records, usize::from(counts.additionals)) {
            Ok(edns) => Self::Query(Query {
                header: metadata,
                question,
                edns,
            }),
            Err(Malformed) => Self::Malformed(metadata, Some(question)),
        }
    }
}

/// A message whose parts contradict each other.
struct Malformed;

impl From<DecodeError> for Malformed {
    fn from(_: DecodeError) -> Self {
        Self
    }
}

/// Passes over the records of a question and keeps the one OPT that may be among the last of them.
fn read_rest(
    decoder: &mut BinDecoder<'_>,
    skip: usize,
    additionals: usize,
) -> Result<Option<Edns>, Malformed> {
    for _ in 0..skip {
        Record::read(decoder)?;
    }
    let mut edns = None;
    for _ in 0..additionals {
        let record = Record::read(decoder)?;
        if record.kind == OPT && edns.replace(record.edns()?).is_some() {
            return Err(Malformed);
        }
    }
    if decoder.is_empty() {
        Ok(edns)
    } else {
        Err(Malformed)
    }
}

/// A record of which only the frame is understood.
struct Record<'p> {
    root: bool,
    kind: u16,
    class: u16,
    ttl: u32,
    data: &'p [u8],
}

impl<'p> Record<'p> {
    fn read(decoder: &mut BinDecoder<'p>) -> Result<Self, Malformed> {
        let root = Name::read(decoder)?.is_root();
        let kind = decoder.read_u16()?.unverified();
        let class = decoder.read_u16()?.unverified();
        let ttl = decoder.read_u32()?.unverified();
        let length = decoder.read_u16()?.unverified();
        let data = decoder.read_slice(usize::from(length))?.unverified();
        Ok(Self {
            root,
            kind,
            class,
            ttl,
            data,
        })
    }

    /// The record as OPT: class and TTL mean other things there (RFC 6891 section 6.1.3).
    fn edns(&self) -> Result<Edns, Malformed> {
        if !self.root {
            return Err(Malformed);
        }
        let [_, version, flags, _] = self.ttl.to_be_bytes();
        let mut edns = Edns {
            version,
            udp_size: self.class.max(PLAIN_UDP),
            dnssec_ok: flags & 0x80 != 0,
            subnet: None,
            wants_label: false,
            asked_by: AskedBy::Client,
        };
        // What another version puts into its options is not for us to judge: it is told which one we speak.
        if version != 0 {
            return Ok(edns);
        }
        let mut options = BinDecoder::new(self.data);
        while !options.is_empty() {
            let code = options.read_u16()?.unverified();
            let length = options.read_u16()?.unverified();
            let data = options.read_slice(usize::from(length))?.unverified();
            match code {
                SUBNET_CODE => edns.subnet = Some(Subnet::read(data).ok_or(Malformed)?),
                label::OPTION_CODE => {
                    let asked_by = AskedBy::read(data);
                    edns.wants_label = asked_by.is_some();
                    edns.asked_by = asked_by.unwrap_or(AskedBy::Client);
                }
                _ => {}
            }
        }
        Ok(edns)
    }
}

#[cfg(test)]
mod tests;
