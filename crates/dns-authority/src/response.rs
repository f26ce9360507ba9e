//! Writing an answer onto the wire, cut to what the asker can take.

use hickory_proto::op::{Header, HeaderCounts, Metadata, Query as Question, ResponseCode};
use hickory_proto::rr::{DNSClass, Name, RData};
use hickory_proto::serialize::binary::{BinEncodable, BinEncoder};
use hickory_proto::{ProtoError, rr::RecordType};

use crate::label;
use crate::query::{PLAIN_UDP, Query, SUBNET_CODE};
use crate::subnet::Subnet;

/// The largest UDP answer, in bytes: what crosses today's networks in one piece (DNS flag day 2020), and no more
/// than that can be drawn on somebody whose address was forged.
pub const MAX_UDP: u16 = 1232;

/// The code of the option for [`Reason`].
const REASON_CODE: u16 = 15;

/// How a question came, and so how its answer goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Udp,
    Tcp,
}

impl Transport {
    /// `UDP` or `TCP`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
        }
    }
}

/// An answer as values; what it holds is borrowed from the question and from the zone or cache.
#[derive(Debug)]
pub struct Response<'a> {
    pub header: Metadata,
    pub question: Option<&'a Question>,
    pub answers: Vec<Item<'a>>,
    pub authorities: Vec<Item<'a>>,
    pub additionals: Vec<Item<'a>>,
    pub edns: Option<EdnsReply>,
}

/// One record of an answer.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    pub owner: &'a Name,
    /// Seconds.
    pub ttl: u32,
    pub data: &'a RData,
}

/// What the answer's OPT record says.
#[derive(Clone, Debug, Default)]
pub struct EdnsReply {
    pub dnssec_ok: bool,
    /// The asker's network, and for how many bits of it this answer holds.
    pub subnet: Option<(Subnet, u8)>,
    /// The text of [`label::OPTION_CODE`].
    pub label: Option<String>,
    /// Why there is no answer, where the answer's code does not say it all.
    pub reason: Option<Reason>,
}

/// An extended error (RFC 8914), by its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    NotAuthoritative = 20,
    NoReachableAuthority = 22,
}

impl<'a> Response<'a> {
    /// An answer without content to a question: its id, RD and CD bits and OPT record are answered as they came.
    pub fn to(query: &'a Query) -> Self {
        let edns = query.edns.as_ref().map(|edns| EdnsReply {
            dnssec_ok: edns.dnssec_ok,
            subnet: edns.subnet.map(|subnet| (subnet, 0)),
            ..EdnsReply::default()
        });
        Self {
            question: Some(&query.question),
            edns,
            ..Self::error(&query.header, ResponseCode::NoError)
        }
    }

    /// An answer to what could not be read as a question.
    pub fn error(header: &Metadata, code: ResponseCode) -> Self {
        let mut header = Metadata::response_from_request(header);
        header.response_code = code;
        Self {
            header,
            question: None,
            answers: Vec::new(),
            authorities: Vec::new(),
            additionals: Vec::new(),
            edns: None,
        }
    }

    /// Replaces what `packet` holds; true when the answer had to be cut short (TC).
    ///
    /// Whole records are left out from the end on, as BIND does; the OPT record always stays. Additional records may
    /// be missing without further notice (RFC 2181 section 9).
    pub fn write(&self, limit: u16, packet: &mut Vec<u8>) -> bool {
        match self.try_write(limit, packet) {
            Ok(truncated) => truncated,
            // No answer of ours gets here: all names and data were checked when they were read.
            Err(_) => {
                let failed = Self::error(&self.header, ResponseCode::ServFail);
                failed.try_write(limit, packet).expect("a header fits");
                false
            }
        }
    }

    fn try_write(&self, limit: u16, packet: &mut Vec<u8>) -> Result<bool, ProtoError> {
        packet.clear();
        let opt = self
            .edns
            .as_ref()
            .map(|edns| edns.write(self.header.response_code));
        let opt_length = opt
            .as_ref()
            .map_or(0, |opt| u16::try_from(opt.len()).unwrap_or(limit));
        let mut encoder = BinEncoder::new(packet);
        encoder.set_max_size(limit.saturating_sub(opt_length));
        let place = encoder.place::<Header>()?;
        if let Some(question) = self.question {
            question.emit(&mut encoder)?;
        }
        let mut truncated = self.header.truncation;
        let mut counts = HeaderCounts {
            queries: u16::from(self.question.is_some()),
            ..HeaderCounts::default()
        };
        let sections = [
            (&self.answers, &mut counts.answers, true),
            (&self.authorities, &mut counts.authorities, true),
            (&self.additionals, &mut counts.additionals, false),
        ];
        for (items, count, needed) in sections {
            if truncated {
                break;
            }
            let (written, whole) = section(items, &mut encoder)?;
            *count = written;
            truncated = needed && !whole;
        }
        encoder.set_max_size(limit);
        if let Some(opt) = opt {
            encoder.emit_vec(&opt)?;
            counts.additionals += 1;
        }
        let mut metadata = self.header;
        metadata.truncation = truncated;
        place.replace(&mut encoder, Header { metadata, counts })?;
        Ok(truncated)
    }
}

/// How many records were written, and whether that is all of them.
fn section(items: &[Item<'_>], encoder: &mut BinEncoder<'_>) -> Result<(u16, bool), ProtoError> {
    let (count, whole) = match encoder.emit_all(items.iter()) {
        Ok(count) => (count, true),
        Err(ProtoError::NotAllRecordsWritten { count, .. }) => (count, false),
        Err(error) => return Err(error),
    };
    // What the record that found no room had written so far.
    encoder.trim();
    Ok((u16::try_from(count).unwrap_or(u16::MAX), whole))
}

impl BinEncodable for Item<'_> {
    fn emit(&self, encoder: &mut BinEncoder<'_>) -> Result<(), ProtoError> {
        self.owner.emit(encoder)?;
        self.data.record_type().emit(encoder)?;
        DNSClass::IN.emit(encoder)?;
        encoder.emit_u32(self.ttl)?;
        let place = encoder.place::<u16>()?;
        self.data.emit(encoder)?;
        let length = encoder.len_since_place(&place);
        place.replace(encoder, u16::try_from(length).unwrap_or(u16::MAX))
    }
}

impl EdnsReply {
    /// The OPT record (RFC 6891 section 6.1.2), with the part of the answer's code that the header has no room for.
    fn write(&self, code: ResponseCode) -> Vec<u8> {
        let mut options = Vec::new();
        if let Some((subnet, scope)) = &self.subnet {
            option(&mut options, SUBNET_CODE, &subnet.write(*scope));
        }
        if let Some(text) = &self.label {
            option(&mut options, label::OPTION_CODE, text.as_bytes());
        }
        if let Some(reason) = self.reason {
            option(&mut options, REASON_CODE, &(reason as u16).to_be_bytes());
        }
        let mut record = vec![0];
        record.extend(u16::from(RecordType::OPT).to_be_bytes());
        record.extend(MAX_UDP.to_be_bytes());
        record.extend([code.high(), 0, if self.dnssec_ok { 0x80 } else { 0 }, 0]);
        record.extend(u16::try_from(options.len()).unwrap_or(0).to_be_bytes());
        record.extend(options);
        record
    }
}

fn option(options: &mut Vec<u8>, code: u16, data: &[u8]) {
    options.extend(code.to_be_bytes());
    options.extend(u16::try_from(data.len()).unwrap_or(0).to_be_bytes());
    options.extend(data);
}

/// How many bytes an answer may have.
pub fn limit(query: &Query, transport: Transport) -> u16 {
    match (transport, &query.edns) {
        (Transport::Tcp, _) => u16::MAX,
        (Transport::Udp, Some(edns)) => edns.udp_size.clamp(PLAIN_UDP, MAX_UDP),
        (Transport::Udp, None) => PLAIN_UDP,
    }
}

#[cfg(test)]
mod tests;
