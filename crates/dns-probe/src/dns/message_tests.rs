use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::text::Style;
use crate::text::message::{Asked, Sections, received, short};

/// An answer with a compressed name, an address, a mail exchanger and an OPT record.
const ANSWER: &[u8] = b"\x12\x34\x85\x80\0\x01\0\x02\0\0\0\x01\
    \x01a\x04test\0\0\x01\0\x01\
    \xc0\x0c\0\x01\0\x01\0\0\x01\x2c\0\x04\xc0\0\x02\x01\
    \xc0\x0c\0\x0f\0\x01\0\0\x01\x2c\0\x09\0\x0a\x04mail\xc0\x0e\
    \0\0\x29\x04\xd0\0\0\x80\0\0\0";

#[test]
fn an_answer_is_taken_apart() {
    let message = Message::parse(ANSWER).unwrap();
    assert_eq!(message.id, 0x1234);
    assert!(message.flags.has(Flags::AA) && message.flags.has(Flags::QR));
    assert_eq!(message.answers.len(), 2);
    assert!(message.additionals.is_empty());
    let edns = message.edns.as_ref().unwrap();
    assert_eq!((edns.udp_size, edns.flags), (1232, 0x8000));
    assert_eq!((message.extra, message.cut_short), (0, false));
    assert_eq!(
        short(&message, &Style::default(), ""),
        "192.0.2.1\n10 mail.test.\n"
    );
}

#[test]
fn of_a_message_cut_short_what_is_whole_is_kept() {
    let message = Message::parse(&ANSWER[..40]).unwrap();
    assert!(message.cut_short);
    assert_eq!(message.answers.len(), 1);
}

#[test]
fn a_pointer_to_itself_is_malformed() {
    let mut bytes = ANSWER.to_vec();
    bytes[25] = 24;
    assert_eq!(Message::parse(&bytes), Err(Malformed::BadPointer));
}

#[test]
fn the_upper_half_of_the_response_code_counts() {
    let mut bytes = ANSWER.to_vec();
    let length = bytes.len();
    bytes[length - 6] = 1;
    assert_eq!(Message::parse(&bytes).unwrap().rcode(), 16);
}

/// Reads and shows, in every way there is.
fn digest(bytes: &[u8]) {
    let Ok(message) = Message::parse(bytes) else {
        return;
    };
    let sections = Sections {
        comments: true,
        question: true,
        answer: true,
        authority: true,
        additional: true,
    };
    let styles = [false, true].map(|multiline| Style {
        multiline,
        rr_comments: multiline,
        ..Style::default()
    });
    for style in styles {
        received(&message, &Asked::default(), sections, &style);
        short(&message, &style, "");
    }
}

proptest! {
    #[test]
    fn no_bytes_bring_it_down(bytes in vec(any::<u8>(), 0..300)) {
        digest(&bytes);
    }

    #[test]
    fn no_damage_to_an_answer_brings_it_down(
        damage in vec((0..ANSWER.len(), any::<u8>()), 1..6),
        length in 0..=ANSWER.len(),
    ) {
        let mut bytes = ANSWER.to_vec();
        for (at, byte) in damage {
            bytes[at] = byte;
        }
        digest(&bytes[..length]);
    }

    #[test]
    fn no_data_of_any_type_brings_it_down(rtype in 0..300_u16, data in vec(any::<u8>(), 0..80)) {
        let length = u16::try_from(data.len()).unwrap();
        let head = [&[0, 1, 0x80, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0], &rtype.to_be_bytes()[..]].concat();
        let bytes = [&head[..], &[0, 1, 0, 0, 0, 1], &length.to_be_bytes(), &data].concat();
        digest(&bytes);
    }
}
