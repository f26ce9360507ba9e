use super::*;
use crate::h1::parse;

fn request(text: &str) -> RequestHead {
    let mut head = RequestHead::default();
    let text = format!("{text} /x HTTP/1.1\r\n\r\n");
    parse::request(text.as_bytes(), &mut head).unwrap().unwrap();
    head
}

fn to_client(method: &str, response: &str, source: Framing) -> Onward {
    let mut head = ResponseHead::default();
    let text = format!("{response}\r\n\r\n");
    parse::response(text.as_bytes(), &mut head)
        .unwrap()
        .unwrap();
    Onward::to_client(&request(method), &head, source)
}

#[test]
fn a_body_goes_on_as_its_head_says() {
    let check = |response: &str, source, coding| {
        let onward = to_client("GET", response, source);
        assert_eq!(
            onward,
            Onward {
                coding,
                ..Onward::PLAIN
            },
            "{response}"
        );
    };
    check(
        "HTTP/1.1 200 OK\r\nContent-Length: 5",
        Framing::Length(5),
        Coding::Plain,
    );
    check(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked",
        Framing::Chunked,
        Coding::Chunked,
    );
    check("HTTP/1.1 200 OK", Framing::Close, Coding::Plain);
    check("HTTP/1.1 101 Go", Framing::Tunnel, Coding::Plain);
    check("HTTP/1.1 204 No", Framing::NONE, Coding::Left);
    check(
        "HTTP/1.1 304 No\r\nContent-Length: 5",
        Framing::NONE,
        Coding::Left,
    );
}

#[test]
fn who_asked_for_a_head_gets_no_body_whatever_a_server_was_asked() {
    let mut head = request("HEAD");
    head.set_method(b"GET");
    let mut response = ResponseHead::default();
    let text = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
    parse::response(text, &mut response).unwrap().unwrap();
    let onward = Onward::to_client(&head, &response, Framing::Length(5));
    assert_eq!(onward.coding, Coding::Left);
}

#[test]
fn a_head_that_says_nothing_of_its_body_is_given_chunks_where_the_version_knows_them() {
    let chunked = Onward {
        coding: Coding::Chunked,
        chunks_unsaid: true,
        ..Onward::PLAIN
    };
    assert_eq!(
        to_client("GET", "HTTP/1.1 200 OK", Framing::Length(5)),
        chunked
    );
    assert_eq!(
        to_client("GET", "HTTP/1.1 200 OK", Framing::Chunked),
        chunked
    );
    assert_eq!(to_client("GET", "HTTP/1.1 200 OK", Framing::NONE), chunked);
    assert_eq!(
        to_client("GET", "HTTP/1.0 200 OK", Framing::NONE),
        Onward::PLAIN
    );
    let mut post = request("POST");
    assert_eq!(Onward::to_server(&post, Framing::Length(5)), chunked);
    assert_eq!(Onward::to_server(&post, Framing::NONE), Onward::PLAIN);
    post.version = Version::Http10;
    assert_eq!(Onward::to_server(&post, Framing::Length(5)), Onward::PLAIN);
}

#[test]
fn two_ends_of_one_body_are_made_one_and_a_promise_that_cannot_be_kept_is_told() {
    let both = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked";
    for source in [Framing::Length(5), Framing::Chunked, Framing::Close] {
        let onward = to_client("GET", both, source);
        assert_eq!(
            (onward.coding, onward.drops_length),
            (Coding::Chunked, true)
        );
    }
    assert!(to_client("GET", "HTTP/1.1 200 OK\r\nContent-Length: 5", Framing::NONE).unmet);
    assert!(!to_client("GET", "HTTP/1.1 200 OK\r\nContent-Length: 0", Framing::NONE).unmet);
}
