//! Questions and answers as bytes, judged as HAProxy judges them.

use super::question::Outcome;
use crate::plan::{AddressFamily, Counter};
use hickory_proto::op::{Edns, Message, Query, ResponseCode};
use hickory_proto::rr::{Name, RData, RecordType};
use std::net::IpAddr;

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    NxDomain,
    Refused,
    /// Not a single record.
    Empty,
    /// A chain of names that ends without address, or is broken.
    Chain,
    Truncated,
    /// Another error of the server, or an answer to something else.
    Other,
    /// It cannot be read.
    Invalid,
}

impl Fault {
    pub(super) fn counter(self) -> Counter {
        match self {
            Self::NxDomain => Counter::Nx,
            Self::Refused => Counter::Refused,
            Self::Empty => Counter::AnyError,
            Self::Chain => Counter::CnameError,
            Self::Truncated => Counter::Truncated,
            Self::Other => Counter::Other,
            Self::Invalid => Counter::Invalid,
        }
    }

    pub(super) fn outcome(self) -> Outcome {
        match self {
            Self::NxDomain => Outcome::NxDomain,
            Self::Refused => Outcome::Refused,
            _ => Outcome::Other,
        }
    }
}

/// The question for the addresses of a name; `None`: the name is too long to be asked for.
pub(super) fn question(
    id: u16,
    name: &Name,
    family: AddressFamily,
    payload: u16,
) -> Option<Vec<u8>> {
    let kind = match family {
        AddressFamily::V4 => RecordType::A,
        AddressFamily::V6 => RecordType::AAAA,
    };
    let mut message = Message::query();
    message.metadata.id = id;
    message.metadata.recursion_desired = true;
    message.add_query(Query::query(name.clone(), kind));
    let mut edns = Edns::new();
    edns.set_max_payload(payload);
    message.set_edns(edns);
    message.to_vec().ok()
}

/// The id that an answer begins with.
pub(super) fn id(packet: &[u8]) -> Option<u16> {
    packet.first_chunk().map(|bytes| u16::from_be_bytes(*bytes))
}

/// The addresses in an answer.
pub(super) fn addresses(packet: &[u8], name: &Name) -> Result<Vec<IpAddr>, Fault> {
    let message = Message::from_vec(packet).map_err(|_| Fault::Invalid)?;
    match message.metadata.response_code {
        ResponseCode::NoError => {}
        ResponseCode::NXDomain => return Err(Fault::NxDomain),
        ResponseCode::Refused => return Err(Fault::Refused),
        _ => return Err(Fault::Other),
    }
    let [query] = message.queries.as_slice() else {
        return Err(Fault::Invalid);
    };
    if query.name != *name {
        return Err(Fault::Other);
    }
    if message.answers.is_empty() {
        return Err(Fault::Empty);
    }
    if message.metadata.truncation {
        return Err(Fault::Truncated);
    }
    let mut owner = name;
    let mut addresses = Vec::new();
    for (index, record) in message.answers.iter().enumerate() {
        if record.name != *owner {
            return Err(if index == 0 {
                Fault::Invalid
            } else {
                Fault::Chain
            });
        }
        match &record.data {
            RData::A(ip) => addresses.push(IpAddr::V4(ip.0)),
            RData::AAAA(ip) => addresses.push(IpAddr::V6(ip.0)),
            RData::CNAME(target) => owner = &target.0,
            _ => {}
        }
    }
    match message.answers.last().map(|record| &record.data) {
        Some(RData::CNAME(_)) => Err(Fault::Chain),
        _ => Ok(addresses),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hickory_proto::rr::Record;
    use hickory_proto::rr::rdata::{A, AAAA, CNAME};

    fn name(text: &str) -> Name {
        Name::from_ascii(text).unwrap()
    }

    fn answer(change: impl FnOnce(&mut Message)) -> Vec<u8> {
        let asked = question(7, &name("site.lab."), AddressFamily::V4, 512).unwrap();
        let mut message = Message::from_vec(&asked).unwrap();
        change(&mut message);
        message.to_vec().unwrap()
    }

    fn record(owner: &str, data: RData) -> Record {
        Record::from_rdata(name(owner), 1, data)
    }

    fn read(change: impl FnOnce(&mut Message)) -> Result<Vec<IpAddr>, Fault> {
        addresses(&answer(change), &name("site.lab."))
    }

    #[test]
    fn a_question_asks_as_haproxy_does() {
        let packet = question(7, &name("site.lab."), AddressFamily::V6, 1232).unwrap();
        let expected = b"\0\x07\x01\0\0\x01\0\0\0\0\0\x01\x04site\x03lab\0\0\x1c\0\x01\0\0\x29\x04\xd0\0\0\0\0\0\0";
        assert_eq!(packet, expected);
        assert_eq!(id(&packet), Some(7));
    }

    #[test]
    fn addresses_are_read_along_the_chain() {
        let read = read(|message| {
            let alias = RData::CNAME(CNAME(name("other.lab.")));
            message.add_answer(record("site.lab.", alias));
            message.add_answer(record("other.lab.", RData::A(A::new(127, 0, 0, 2))));
            let six = RData::AAAA(AAAA::new(0, 0, 0, 0, 0, 0, 0, 1));
            message.add_answer(record("OTHER.lab.", six));
        });
        let expected: [IpAddr; 2] = ["127.0.0.2".parse().unwrap(), "::1".parse().unwrap()];
        assert_eq!(read, Ok(expected.to_vec()));
    }

    #[test]
    fn answers_without_address_are_told_apart() {
        let code = |code| read(|message| message.metadata.response_code = code);
        assert_eq!(code(ResponseCode::NXDomain), Err(Fault::NxDomain));
        assert_eq!(code(ResponseCode::Refused), Err(Fault::Refused));
        assert_eq!(code(ResponseCode::ServFail), Err(Fault::Other));
        assert_eq!(read(|_| ()), Err(Fault::Empty));
        let alias = || RData::CNAME(CNAME(name("other.lab.")));
        let dangling = read(|message| {
            message.add_answer(record("site.lab.", alias()));
        });
        assert_eq!(dangling, Err(Fault::Chain));
        let address = || RData::A(A::new(127, 0, 0, 2));
        let truncated = read(|message| {
            message.metadata.truncation = true;
            message.add_answer(record("site.lab.", address()));
        });
        assert_eq!(truncated, Err(Fault::Truncated));
        let foreign = read(|message| {
            message.add_answer(record("other.lab.", address()));
        });
        assert_eq!(foreign, Err(Fault::Invalid));
        assert_eq!(addresses(b"junk", &name("site.lab.")), Err(Fault::Invalid));
        let other = answer(|_| ());
        assert_eq!(addresses(&other, &name("more.lab.")), Err(Fault::Other));
    }
}
