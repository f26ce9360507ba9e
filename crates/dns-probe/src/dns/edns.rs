//! The OPT record (RFC 6891): what a query offers and what an answer says beside its records.

use super::message::Record;
use super::record_type::RecordType;

/// Codes of the options we send or show.
pub(crate) mod code {
    pub(crate) const NSID: u16 = 3;
    pub(crate) const CLIENT_SUBNET: u16 = 8;
    pub(crate) const EXPIRE: u16 = 9;
    pub(crate) const COOKIE: u16 = 10;
    pub(crate) const KEEPALIVE: u16 = 11;
    pub(crate) const PADDING: u16 = 12;
    pub(crate) const EXTENDED_ERROR: u16 = 15;
    /// The lab's own: sent empty, answered with `key=value` pairs (first code for local use, RFC 6891, section 9).
    pub(crate) const LAB_LABEL: u16 = 65280;
}

/// The flag "DNSSEC OK" (RFC 3225).
pub(crate) const DO: u16 = 0x8000;

/// One option: its code and its bytes.
pub(crate) type EdnsOption = (u16, Vec<u8>);

/// An OPT record, taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Edns {
    /// Largest UDP answer its sender takes, in bytes.
    pub(crate) udp_size: u16,
    /// The upper eight bits of the response code.
    pub(crate) rcode_high: u8,
    pub(crate) version: u8,
    /// [`DO`] and the bits that must be zero.
    pub(crate) flags: u16,
    /// In the order sent.
    pub(crate) options: Vec<EdnsOption>,
}

impl Edns {
    /// Reads the parts that an OPT record carries in place of class, TTL and data; `None` when the options run over.
    pub(crate) fn from_record(record: &Record) -> Option<Self> {
        let [rcode_high, version, flags @ ..] = record.ttl.to_be_bytes();
        Some(Self {
            udp_size: record.class.0,
            rcode_high,
            version,
            flags: u16::from_be_bytes(flags),
            options: options(&record.rdata.to_bytes())?,
        })
    }

    /// The whole record as sent.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let data = self.data();
        out.push(0);
        out.extend(RecordType::OPT.0.to_be_bytes());
        out.extend(self.udp_size.to_be_bytes());
        out.extend([self.rcode_high, self.version]);
        out.extend(self.flags.to_be_bytes());
        out.extend(u16::try_from(data.len()).unwrap_or(u16::MAX).to_be_bytes());
        out.extend(data);
    }

    /// The bytes of an option, the first one of its code.
    pub(crate) fn option(&self, code: u16) -> Option<&[u8]> {
        let found = self.options.iter().find(|(c, _)| *c == code);
        found.map(|(_, bytes)| bytes.as_slice())
    }

    fn data(&self) -> Vec<u8> {
        let mut data = Vec::new();
        for (code, bytes) in &self.options {
            data.extend(code.to_be_bytes());
            data.extend(u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes());
            data.extend(bytes);
        }
        data
    }
}

fn options(mut data: &[u8]) -> Option<Vec<EdnsOption>> {
    let mut options = Vec::new();
    while !data.is_empty() {
        let (head, rest) = data.split_first_chunk::<4>()?;
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        let (bytes, rest) = rest.split_at_checked(length)?;
        options.push((u16::from_be_bytes([head[0], head[1]]), bytes.to_vec()));
        data = rest;
    }
    Some(options)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::message::Message;

    #[test]
    fn what_is_written_is_read_again() {
        let edns = Edns {
            udp_size: 1232,
            rcode_high: 1,
            version: 0,
            flags: DO,
            options: vec![(10, vec![1, 2]), (3, vec![])],
        };
        let mut bytes = vec![0; 11];
        bytes.push(1);
        edns.write(&mut bytes);
        let message = Message::parse(&bytes).unwrap();
        assert_eq!(message.edns, Some(edns));
        assert!(message.additionals.is_empty());
    }

    #[test]
    fn options_that_run_over_are_malformed() {
        assert_eq!(options(&[0, 3, 0, 9, 1]), None);
        assert_eq!(options(&[0, 3, 0]), None);
        assert_eq!(options(&[]), Some(vec![]));
    }
}
