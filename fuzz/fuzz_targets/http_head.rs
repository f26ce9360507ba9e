//! Any bytes as a message of HTTP/1: nothing panics, more bytes change no verdict, and the head that goes on to the next
//! hop means there what it means here.

#![no_main]

use balancer::h1::chunked::Decoder;
use balancer::h1::facts::{self, Facts};
use balancer::h1::framing;
use balancer::h1::head::{Fields, RequestHead, ResponseHead};
use balancer::h1::parse;
use balancer::h1::write::{self, Added};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    request(bytes);
    response(bytes);
    body(bytes);
});

fn request(bytes: &[u8]) {
    let mut head = RequestHead::default();
    let read = parse::request(bytes, &mut head);
    let half = parse::request(&bytes[..bytes.len() / 2], &mut RequestHead::default());
    assert!(
        half == Ok(None) || half == read,
        "more bytes change the verdict"
    );
    let Ok(Some(length)) = read else { return };
    assert!(length <= bytes.len());
    let Ok(meant) = facts::of_request(&mut head) else {
        return;
    };
    let mut sent = Vec::new();
    write::request(&head, head.target(), Added::default(), &mut sent);
    let mut next = RequestHead::default();
    let read = parse::request(&sent, &mut next);
    assert_eq!(
        read,
        Ok(Some(sent.len())),
        "one head goes on, and nothing behind it"
    );
    let understood = facts::of_request(&mut next).expect("what goes on is no riddle");
    assert_eq!(
        framing::of_request(&understood),
        framing::of_request(&meant)
    );
    assert_eq!(
        (next.method(), next.target()),
        (head.method(), head.target())
    );
    same_fields(&head.fields, &next.fields);
}

fn response(bytes: &[u8]) {
    let mut head = ResponseHead::default();
    let Ok(Some(length)) = parse::response(bytes, &mut head) else {
        return;
    };
    assert!(length <= bytes.len());
    let Ok(meant) = facts::of_response(&mut head) else {
        return;
    };
    if head.status == 204 {
        return;
    }
    let mut sent = Vec::new();
    write::response(&head, Added::default(), &mut sent);
    let mut next = ResponseHead::default();
    let read = parse::response(&sent, &mut next);
    assert_eq!(
        read,
        Ok(Some(sent.len())),
        "one head goes on, and nothing behind it"
    );
    let understood = facts::of_response(&mut next).expect("what goes on is no riddle");
    assert_eq!(length_of(&understood), length_of(&meant));
    same_fields(&head.fields, &next.fields);
}

fn length_of(facts: &Facts) -> (bool, Option<u64>) {
    (facts.chunked, facts.length)
}

fn same_fields(ours: &Fields, theirs: &Fields) {
    assert!(
        ours.iter().eq(theirs.iter()),
        "the next hop reads other fields"
    );
}

/// In one piece, and byte by byte.
fn body(bytes: &[u8]) {
    let mut whole = bytes.to_vec();
    let mut trailers = Fields::default();
    let at_once = Decoder::default().decode(&mut whole, &mut trailers);
    let mut decoder = Decoder::default();
    let mut pending = Vec::new();
    let mut payload = Vec::new();
    for &byte in bytes {
        pending.push(byte);
        match decoder.decode(&mut pending, &mut trailers) {
            Err(why) => return assert_eq!(at_once, Err(why)),
            Ok(found) => {
                payload.extend_from_slice(&pending[found.payload]);
                pending.drain(..found.consumed);
                if found.done {
                    break;
                }
            }
        }
    }
    let found = at_once.expect("byte by byte it was fine");
    assert_eq!(&whole[found.payload], &payload[..]);
}
