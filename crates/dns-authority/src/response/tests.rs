use super::*;

use hickory_proto::op::{Message, MessageType, OpCode};
use hickory_proto::rr::rdata::{A, TXT};

use crate::query::Incoming;

fn name(text: &str) -> Name {
    Name::from_ascii(text).unwrap()
}

fn query(options: Option<&[u8]>) -> Query {
    let mut packet = vec![0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, u8::from(options.is_some())];
    packet.extend(b"\x01a\x04test\0\0\x10\0\x01");
    if let Some(options) = options {
        packet.extend([0, 0, 41, 0x10, 0, 0, 0, 0x80, 0, 0]);
        packet.push(u8::try_from(options.len()).unwrap());
        packet.extend(options);
    }
    match Incoming::read(&packet) {
        Incoming::Query(query) => query,
        other => panic!("{other:?}"),
    }
}

/// An answer of so many records of 100 bytes of text, written within a limit.
fn write(query: &Query, records: usize, limit: u16) -> (Vec<u8>, Message, bool) {
    let owner = name("a.test.");
    let text = RData::TXT(TXT::new(vec!["x".repeat(100)]));
    let mut response = Response::to(query);
    response.answers = vec![
        Item {
            owner: &owner,
            ttl: 60,
            data: &text
        };
        records
    ];
    let mut packet = b"what was there before".to_vec();
    let truncated = response.write(limit, &mut packet);
    let message = Message::from_vec(&packet).unwrap();
    (packet, message, truncated)
}

#[test]
fn what_fits_is_whole() {
    let (packet, message, truncated) = write(&query(None), 4, 512);
    assert!(!truncated && !message.metadata.truncation);
    assert_eq!(message.answers.len(), 4);
    // Header 12, question 12, and four times pointer 2, type, class, TTL, length 10, text 101.
    assert_eq!(packet.len(), 24 + 4 * 113);
    assert_eq!(
        (message.metadata.id, message.metadata.message_type),
        (7, MessageType::Response)
    );
}

#[test]
fn whole_records_are_left_out_from_the_end() {
    let (packet, message, truncated) = write(&query(None), 5, 512);
    assert!(truncated && message.metadata.truncation);
    assert_eq!((message.answers.len(), packet.len()), (4, 24 + 4 * 113));
}

#[test]
fn the_opt_record_always_stays() {
    let (packet, message, truncated) = write(&query(Some(&[])), 5, 24 + 4 * 113);
    assert!(truncated);
    assert_eq!(
        (message.answers.len(), packet.len()),
        (3, 24 + 3 * 113 + 11)
    );
    let edns = message.edns.unwrap();
    assert_eq!((edns.max_payload(), edns.version()), (MAX_UDP, 0));
    assert!(edns.flags().dnssec_ok);
}

#[test]
fn missing_additional_records_are_no_truncation() {
    let (query, owner) = (query(None), name("a.test."));
    let text = RData::TXT(TXT::new(vec!["x".repeat(100)]));
    let item = Item {
        owner: &owner,
        ttl: 60,
        data: &text,
    };
    let mut response = Response::to(&query);
    response.answers = vec![item; 3];
    response.additionals = vec![item; 3];
    let mut packet = Vec::new();
    assert!(!response.write(512, &mut packet));
    let message = Message::from_vec(&packet).unwrap();
    assert_eq!((message.answers.len(), message.additionals.len()), (3, 1));
}

#[test]
fn an_asker_gets_what_it_can_take_and_never_more_than_1232() {
    let size = |options: Option<u16>, transport| {
        let mut query = query(options.map(|_| &[][..]));
        if let (Some(edns), Some(size)) = (&mut query.edns, options) {
            edns.udp_size = size;
        }
        limit(&query, transport)
    };
    assert_eq!(size(None, Transport::Udp), 512);
    assert_eq!(size(Some(700), Transport::Udp), 700);
    assert_eq!(size(Some(4096), Transport::Udp), 1232);
    assert_eq!(size(None, Transport::Tcp), 65_535);
}

#[test]
fn a_code_beyond_four_bits_is_split() {
    let query = query(Some(&[]));
    let mut response = Response::to(&query);
    response.header.response_code = ResponseCode::BADVERS;
    let mut packet = Vec::new();
    response.write(512, &mut packet);
    assert_eq!(packet[3] & 15, 0);
    let message = Message::from_vec(&packet).unwrap();
    assert_eq!(u16::from(message.metadata.response_code), 16);
}

#[test]
fn names_are_compressed() {
    let query = query(None);
    let (one, two) = (name("a.test."), name("b.a.test."));
    let data = RData::A(A::new(192, 0, 2, 1));
    let mut response = Response::to(&query);
    response.answers = [&one, &two]
        .map(|owner| Item {
            owner,
            ttl: 1,
            data: &data,
        })
        .to_vec();
    let mut packet = Vec::new();
    response.write(512, &mut packet);
    assert_eq!(packet.len(), 24 + 16 + 18);
}

#[test]
fn an_error_without_a_question_is_a_header() {
    let header = Metadata::new(9, MessageType::Query, OpCode::Query);
    let mut packet = Vec::new();
    Response::error(&header, ResponseCode::FormErr).write(512, &mut packet);
    assert_eq!(packet, [0, 9, 0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
}
