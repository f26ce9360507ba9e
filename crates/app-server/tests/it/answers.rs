use std::time::{Duration, Instant};

use crate::Server;

#[test]
fn programs_get_the_sentence_of_the_original_byte_for_byte() {
    let server = Server::start(&["--name", "server01"]);
    let response = server.ask("GET /", &["User-Agent: curl/7.88.1", "Accept: */*"], "");
    assert_eq!(response.status, 200);
    assert_eq!(
        response.text(),
        format!("Hi!! from server {}", server.port.number())
    );
    assert_eq!(
        response.header("content-type").as_deref(),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(response.header("content-length").as_deref(), Some("22"));
    assert_eq!(response.header("x-lab-server").as_deref(), Some("server01"));
}

#[test]
fn a_look_of_the_lab_is_answered_at_once_and_is_no_request() {
    let server = Server::start(&["--latency", "60s"]);
    let look = server.ask("GET /", &["User-Agent: lab-probe/0.1"], "");
    let port = server.port.number();
    assert_eq!(look.text(), format!("Hi!! from server {port}"));
}

#[test]
fn browsers_get_a_page_that_is_never_stored() {
    let server = Server::start(&["--name", "server01"]);
    server.ask("GET /", &["User-Agent: lab-probe/0.1"], "");
    let accept = "Accept: text/html,application/xhtml+xml,*/*;q=0.8";
    let response = server.ask("GET /", &[accept], "");
    let (html, port) = (response.text(), server.port.number());
    assert!(
        html.contains(&format!("<h1>Hi!! from server {port}</h1>")),
        "{html}"
    );
    assert!(html.contains("server01, its 1st request"), "{html}");
    assert_eq!(
        response.header("content-type").as_deref(),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(
        response.header("cache-control").as_deref(),
        Some("no-store")
    );
    assert_eq!(response.header("x-lab-server").as_deref(), Some("server01"));
    assert!(
        server
            .ask("GET /", &[accept], "")
            .text()
            .contains("its 2nd request")
    );
}

#[test]
fn echo_plain_answers_browsers_like_the_original() {
    let server = Server::start(&["--echo", "plain"]);
    let response = server.ask("GET /", &["Accept: text/html"], "");
    assert_eq!(
        response.text(),
        format!("Hi!! from server {}", server.port.number())
    );
}

#[test]
fn head_and_options_answer_as_checks_expect() {
    let server = Server::start(&[]);
    let head = server.ask("HEAD /", &[], "");
    assert_eq!((head.status, head.text().as_str()), (200, ""));
    assert_eq!(head.header("content-length").as_deref(), Some("22"));
    let options = server.ask("OPTIONS /", &[], "");
    assert_eq!(options.status, 200);
    assert_eq!(
        options.header("allow").as_deref(),
        Some("GET, HEAD, OPTIONS")
    );
    let mut check = server.client();
    check.send("OPTIONS / HTTP/1.0\r\n\r\n");
    assert_eq!(check.response().status, 200);
}

#[test]
fn other_paths_and_methods_are_refused_by_name() {
    let server = Server::start(&[]);
    let missing = server.get("/favicon.ico");
    assert_eq!(missing.status, 404);
    let expected = format!(
        "server {} has nothing at /favicon.ico\n",
        server.port.number()
    );
    assert_eq!(missing.text(), expected);
    assert!(missing.header("x-lab-server").is_some());
    assert_eq!(server.ask("POST /", &[], "x").status, 405);
}

#[test]
fn echo_tells_the_request_as_json() {
    let server = Server::start(&["--name", "server01"]);
    let headers = ["X-Forwarded-For: 10.0.0.1", "X-Forwarded-For: 10.0.0.2"];
    let response = server.ask("PUT /echo?x=1", &headers, "a \"body\"");
    assert_eq!(
        response.header("content-type").as_deref(),
        Some("application/json")
    );
    let told: serde_json::Value = serde_json::from_slice(&response.body()).expect("json");
    assert_eq!(told["server"], "server01");
    assert_eq!(told["method"], "PUT");
    assert_eq!(told["target"], "/echo?x=1");
    assert_eq!(told["version"], "HTTP/1.1");
    assert_eq!(told["body"], "a \"body\"");
    assert_eq!(told["length"], 8);
    assert_eq!(
        told["headers"]["x-forwarded-for"],
        serde_json::json!(["10.0.0.1", "10.0.0.2"])
    );
}

#[test]
fn a_body_too_large_to_echo_is_refused() {
    let server = Server::start(&[]);
    let large = "x".repeat(1024 * 1024 + 1);
    assert_eq!(server.ask("POST /echo", &[], &large).status, 413);
    assert_eq!(server.ask("POST /echo", &[], &large[1..]).status, 200);
}

#[test]
fn bytes_sends_so_many() {
    let server = Server::start(&[]);
    for length in [0, 1, 65_536, 1_000_000] {
        let response = server.get(&format!("/bytes?n={length}"));
        assert_eq!(response.raw_body.len(), length);
        assert_eq!(response.header("content-length"), Some(length.to_string()));
    }
    for wrong in ["/bytes", "/bytes?n=x", "/bytes?n=99999999999"] {
        assert_eq!(server.get(wrong).status, 400, "{wrong}");
    }
}

#[test]
fn slow_answers_after_the_time_asked_for() {
    let server = Server::start(&[]);
    let start = Instant::now();
    assert_eq!(server.get("/slow?ms=120").status, 200);
    assert!(start.elapsed() >= Duration::from_millis(120));
    assert_eq!(server.get("/slow?ms=600001").status, 400);
}

#[test]
fn stream_sends_each_line_in_a_chunk_of_its_own() {
    let server = Server::start(&[]);
    let response = server.get("/stream?n=3&ms=1");
    assert_eq!(
        response.header("transfer-encoding").as_deref(),
        Some("chunked")
    );
    let port = server.port.number();
    let line = |n: u32| format!("{n} of 3 from server {port}\n");
    assert_eq!(response.text(), [line(1), line(2), line(3)].concat());
    assert_eq!(
        String::from_utf8_lossy(&response.raw_body)
            .matches(" of 3")
            .count(),
        3
    );
    let first_chunk = format!("{:X}\r\n{}\r\n", line(1).len(), line(1));
    assert!(response.raw_body.starts_with(first_chunk.as_bytes()));
}

#[test]
fn a_websocket_sends_messages_back() {
    let server = Server::start(&["--name", "server01"]);
    let mut client = server.client();
    // The key and its answer are those of RFC 6455 section 1.3.
    client.send(
        "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    let response = client.response();
    assert_eq!(response.status, 101);
    let accept = response.header("sec-websocket-accept");
    assert_eq!(accept.as_deref(), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    assert_eq!(response.header("x-lab-server").as_deref(), Some("server01"));
    // A masked text frame "Hi!!", and the same unmasked in return.
    let mask = [1, 2, 3, 4];
    let masked: Vec<u8> = b"Hi!!"
        .iter()
        .zip(mask)
        .map(|(byte, mask)| byte ^ mask)
        .collect();
    client.send([&[0x81, 0x84][..], &mask, &masked].concat());
    assert_eq!(client.read_until("Hi!!"), b"\x81\x04Hi!!");
    assert_eq!(server.get("/ws").status, 400);
}
