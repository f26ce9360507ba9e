//! Bytes on sockets: what is malformed, what is too much, several questions on one connection.

use std::io::Write;
use std::net::{Shutdown, UdpSocket};
use std::time::Duration;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::RecordType;

use super::{Server, Stream, message, receive, send, values};

/// A server with one thing to ask for after each evil packet.
fn still_answers(server: &Server) {
    assert_eq!(server.values("fixed.lab.").len(), 3);
}

#[test]
fn malformed_packets_are_answered_as_such_or_not_at_all() {
    let server = Server::start(&["--quiet"]);
    let good = message("google.com.", RecordType::A).to_vec().unwrap();
    let code = |packet: &[u8]| {
        let answer = send(server.address(), packet)?;
        Some(u16::from(
            Message::from_vec(&answer).unwrap().metadata.response_code,
        ))
    };
    let cut = &good[..good.len() - 3];
    assert_eq!(code(cut), Some(1), "half a question");
    assert_eq!(
        code(&[&good[..], b"x"].concat()),
        Some(1),
        "more than a question"
    );
    let mut looped = good[..12].to_vec();
    looped.extend([0xc0, 12, 0, 1, 0, 1]);
    assert_eq!(code(&looped), Some(1), "a name that points at itself");
    let mut many = good.clone();
    many[4..6].copy_from_slice(&[0xff, 0xff]);
    assert_eq!(code(&many), Some(1), "65535 questions");
    let mut update = good.clone();
    update[2] = 5 << 3;
    assert_eq!(code(&update), Some(4), "an update");
    still_answers(&server);
}

#[test]
fn answers_and_scraps_are_not_answered() {
    let server = Server::start(&["--quiet"]);
    let mut answer = message("google.com.", RecordType::A).to_vec().unwrap();
    answer[2] |= 0x80;
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(server.address()).unwrap();
    for packet in [&answer[..], b"", b"\0\x07\x01", &[0xff; 11]] {
        socket.send(packet).unwrap();
    }
    // The first thing that comes back is the answer to the one real question behind them.
    let question = message("fixed.lab.", RecordType::A).to_vec().unwrap();
    socket.send(&question).unwrap();
    let first = receive(&socket, testkit::SOON).expect("an answer");
    assert_eq!(values(&Message::from_vec(&first).unwrap()).len(), 3);
}

#[test]
fn no_answer_over_udp_is_longer_than_1232_bytes() {
    let folder = testkit::WorkDir::new();
    let text = format!(
        "[[name]]\nname = \"a.test.\"\nTXT = [{}]\n",
        format!("\"{}\",", "x".repeat(200)).repeat(20)
    );
    let file = folder.write("zone.toml", text);
    let server = Server::start(&["--zone", file.to_str().unwrap()]);
    let mut question = message("a.test.", RecordType::TXT);
    let mut edns = hickory_proto::op::Edns::new();
    edns.set_max_payload(65_535);
    question.set_edns(edns);
    let packet = send(server.address(), &question.to_vec().unwrap()).unwrap();
    assert!(packet.len() <= 1232, "{}", packet.len());
    let answer = Message::from_vec(&packet).unwrap();
    assert!(answer.metadata.truncation && answer.edns.is_some());
    let mut stream = Stream::connect(server.address());
    stream.send(&question.to_vec().unwrap());
    assert_eq!(stream.receive().unwrap().answers.len(), 20);
}

#[test]
fn several_questions_on_one_connection_are_answered_in_order() {
    let server = Server::start(&["--quiet"]);
    let mut stream = Stream::connect(server.address());
    for id in 1..=50 {
        let mut question = message("google.com.", RecordType::A);
        question.metadata.id = id;
        stream.send(&question.to_vec().unwrap());
    }
    let ids: Vec<_> = (0..50)
        .map(|_| stream.receive().unwrap().metadata.id)
        .collect();
    assert_eq!(ids, (1..=50).collect::<Vec<_>>());
}

#[test]
fn a_question_may_come_in_pieces() {
    let server = Server::start(&["--quiet"]);
    let mut stream = Stream::connect(server.address());
    let packet = message("fixed.lab.", RecordType::A).to_vec().unwrap();
    let framed = [
        &u16::try_from(packet.len()).unwrap().to_be_bytes()[..],
        &packet,
    ]
    .concat();
    for byte in framed {
        stream.0.write_all(&[byte]).unwrap();
    }
    assert_eq!(stream.receive().unwrap().answers.len(), 3);
}

#[test]
fn what_is_no_question_ends_a_connection() {
    let server = Server::start(&["--quiet"]);
    let mut stream = Stream::connect(server.address());
    stream.send(b"nonsense");
    assert!(stream.receive().is_none());
    let mut half = Stream::connect(server.address());
    half.0.write_all(&[0, 200, 1, 2, 3]).unwrap();
    half.0.shutdown(Shutdown::Write).unwrap();
    assert!(half.receive().is_none());
    let mut stream = Stream::connect(server.address());
    stream.send(&message("google.com.", RecordType::A).to_vec().unwrap()[..20]);
    assert_eq!(
        stream.receive().unwrap().metadata.response_code,
        ResponseCode::FormErr
    );
    still_answers(&server);
}

#[test]
fn more_connections_than_places_are_closed_and_the_server_goes_on() {
    let server = Server::start(&["--quiet"]);
    let crowd: Vec<_> = (0..256)
        .map(|_| Stream::connect(server.address()))
        .collect();
    let mut one_more = Stream::connect(server.address());
    assert!(one_more.receive().is_none(), "closed at once");
    still_answers(&server);
    drop(crowd);
    let question = message("fixed.lab.", RecordType::A).to_vec().unwrap();
    testkit::eventually("a place that is free again", testkit::SOON, || {
        let mut stream = Stream::connect(server.address());
        let length = u16::try_from(question.len()).unwrap().to_be_bytes();
        let sent = stream.0.write_all(&[&length[..], &question].concat());
        sent.is_ok() && stream.receive().is_some()
    });
}

#[test]
fn too_many_questions_are_cut_short_or_left_unanswered() {
    let server = Server::start(&["--quiet", "--rate", "1"]);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(server.address()).unwrap();
    let question = message("yahoo.com.", RecordType::A).to_vec().unwrap();
    for _ in 0..20 {
        socket.send(&question).unwrap();
    }
    let mut answers = Vec::new();
    while let Some(packet) = receive(&socket, Duration::from_millis(500)) {
        let answer = Message::from_vec(&packet).unwrap();
        assert!(!answer.metadata.truncation || packet.len() == question.len());
        answers.push((answer.metadata.truncation, answer.answers.len()));
    }
    let whole = answers
        .iter()
        .filter(|answer| **answer == (false, 6))
        .count();
    let cut = answers
        .iter()
        .filter(|answer| **answer == (true, 0))
        .count();
    assert!((2..=3).contains(&whole), "{answers:?}");
    assert!((8..=9).contains(&cut), "{answers:?}");
    assert_eq!(whole + cut, answers.len());
    // Who comes over TCP is who he says he is.
    let mut stream = Stream::connect(server.address());
    stream.send(&question);
    assert_eq!(stream.receive().unwrap().answers.len(), 6);
}
