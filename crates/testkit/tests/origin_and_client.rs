//! The scripted origin and the raw client, one against the other.

use std::io::ErrorKind;
use std::time::Duration;

use testkit::{Client, Origin, Port, Reply, SOON, eventually, get};

#[test]
fn a_request_arrives_byte_for_byte_and_the_answer_too() {
    let origin = Origin::saying("hello");
    let mut client = Client::connect(origin.address());
    let request = "POST /x?y=1 HTTP/1.1\r\nhOsT: a\r\nContent-Length: 3\r\n\r\nabc";
    client.send(request);
    let response = client.response();
    assert_eq!(response.status, 200);
    assert_eq!(response.header("content-length").as_deref(), Some("5"));
    assert_eq!(response.text(), "hello");
    let asked = &origin.asked()[0];
    assert_eq!(asked.text(), request);
    assert_eq!(
        (asked.method().as_str(), asked.target().as_str()),
        ("POST", "/x?y=1")
    );
    assert_eq!(origin.received(), [request.as_bytes()]);
}

#[test]
fn two_requests_on_one_connection_are_told_apart() {
    let origin = Origin::start(|asked| Reply::ok(&format!("{} {}", asked.connection, asked.turn)));
    let mut client = Client::connect(origin.address());
    client.send("GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n");
    assert_eq!(client.response().text(), "0 0");
    assert_eq!(client.response().text(), "0 1");
    assert_eq!(get(origin.address(), "/c").text(), "1 0");
    assert_eq!(origin.wait_for_requests(3)[2].target(), "/c");
    assert_eq!(origin.connections(), 2);
}

#[test]
fn an_answer_can_end_half_way() {
    let half = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf";
    let origin = Origin::start(move |_| Reply::bytes(half).then_close());
    let mut client = Client::connect(origin.address());
    client.send("GET / HTTP/1.1\r\n\r\n");
    assert_eq!(client.read_to_close(), half.as_bytes());
    eventually("the connection to end", SOON, || {
        origin.open_connections() == 0
    });
}

#[test]
fn an_origin_can_reset_and_hang() {
    let origin = Origin::start(|asked| match asked.target().as_str() {
        "/reset" => Reply::reset(),
        _ => Reply::hang(),
    });
    let mut client = Client::connect(origin.address());
    client.send("GET /reset HTTP/1.1\r\n\r\n");
    assert_eq!(client.read_to_close(), b"");
    let mut hanging = Client::connect(origin.address());
    hanging.send("GET /hang HTTP/1.1\r\n\r\n");
    origin.wait_for_requests(2);
    drop(origin);
    assert_eq!(hanging.read_to_close(), b"");
}

#[test]
#[should_panic(expected = "nothing came within 50ms")]
fn a_wait_has_a_deadline() {
    let origin = Origin::start(|_| Reply::hang());
    let mut client = Client::connect(origin.address()).with_deadline(Duration::from_millis(50));
    client.send("GET / HTTP/1.1\r\n\r\n");
    client.response();
}

#[test]
fn an_origin_that_was_dropped_refuses_and_can_come_back() {
    let port = Port::reserve();
    let first = Origin::listen(port.address(), |_| Reply::ok("first"));
    assert_eq!(get(port.address(), "/").text(), "first");
    drop(first);
    let refused = Client::try_connect(port.address())
        .map(|_| ())
        .expect_err("nobody listens");
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    let _second = Origin::listen(port.address(), |_| Reply::ok("second"));
    assert_eq!(get(port.address(), "/").text(), "second");
}

#[test]
fn read_until_keeps_the_rest() {
    let origin = Origin::start(|_| Reply::bytes("one\ntwo\n").then_close());
    let mut client = Client::connect(origin.address());
    client.send("GET / HTTP/1.1\r\n\r\n");
    assert_eq!(client.read_until("\n"), b"one\n");
    assert_eq!(client.read_to_close(), b"two\n");
}
