//! The targets of `fuzz/`, which is a workspace of its own that nobody builds from day to day: here they compile with the
//! rest, and are given a few inputs and all beginnings of them.

#![expect(
    unused_attributes,
    reason = "`no_main` is for the program that a target is otherwise"
)]

extern crate self as fuzz;
extern crate testkit as libfuzzer_sys;

#[path = "../../../../fuzz/fuzz_targets/client_hello.rs"]
mod client_hello;
#[path = "../../../../fuzz/fuzz_targets/configuration.rs"]
mod configuration;
#[path = "../../../../fuzz/fuzz_targets/http_head.rs"]
mod http_head;
#[path = "../../../../fuzz/fuzz_targets/log_format.rs"]
mod log_format;
#[path = "../../../../fuzz/fuzz_targets/proxy_header.rs"]
mod proxy_header;
#[path = "../../../../fuzz/fuzz_targets/runtime_api.rs"]
mod runtime_api;
#[path = "../../../../fuzz/src/lib.rs"]
mod shared;

pub use shared::{plan, world};
use testkit::fuzz::beginnings;

#[test]
fn heads_of_http() {
    let request = b"POST /a?b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nx: y\r\n\r\n";
    beginnings(http_head::run, request);
    let response =
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: a=b\r\nConnection: close\r\n\r\nok";
    beginnings(http_head::run, response);
    beginnings(http_head::run, b"12;x=y\r\nok\r\n");
}

#[test]
fn proxy_headers() {
    beginnings(
        proxy_header::run,
        b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nGET /",
    );
    let second =
        b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0f\xc0\0\x02\x01\xc0\0\x02\x02\0\x01\0\x02\x03\0\0";
    beginnings(proxy_header::run, second);
}

/// A record with a message of a client, which names `a.test` and `h2`.
const HELLO: &[u8] = b"\x16\x03\x01\0\x52\x01\0\0\x4e\x03\x03\
    ................................\0\0\x02\x13\x01\x01\0\0\x23\
    \0\0\0\x0b\0\x09\0\0\x06a.test\0\x10\0\x05\0\x03\x02h2\0\x0a\0\x04\0\x02\0\x1d\0\x23\0\0";

#[test]
fn first_messages_of_tls() {
    use samples::client_hello::{Found, server_name};
    assert_eq!(server_name(HELLO), Found::Yes(&b"a.test"[..]));
    beginnings(client_hello::run, HELLO);
}

#[test]
fn log_formats_and_conditions() {
    let message =
        "\nGET /p?a=b HTTP/1.1\r\nHost: a.test\r\nCookie: a=b\r\n\r\nHTTP/1.1 200 OK\r\n\r\nok";
    for line in [
        "%ci:%cp %{+Q}r %[req.hdr(host),lower,field(1,:)] %[req.cook(a)] %[res.hdr(x)]",
        "%[rand(7)] %[date,utime(%s)] %[src,ipmask(8)] %[url_param(a),base64] %[int(9),mul(-1),div(0)]",
        "req.hdr(host) -i -m end .test",
        "req.payload(0,4) -m bin 47455420",
    ] {
        log_format::run(format!("{line}{message}").as_bytes());
        log_format::run(format!("{line}\nGET /p?a=").as_bytes());
    }
}

#[test]
fn commands_of_the_runtime_api() {
    for input in [
        "show stat; show info\nshow servers state b\n",
        "prompt\nset server b/s1 weight 50%\nshow table t\n",
        "set server b/s1",
        "add map #0 a b\nshow map #0\nset map",
        "\u{fffd}\n\n;;\n",
    ] {
        runtime_api::run(input.as_bytes());
    }
}

#[test]
fn configurations() {
    let file = "global\n maxconn 5\ndefaults\n mode http\nfrontend f\n bind :80\n use_backend b if { path /a }\nbackend b\n server s 127.0.0.1:1 check\n";
    configuration::run(file.as_bytes());
    configuration::run(&file.as_bytes()[..file.len() / 2]);
    configuration::run(b"frontend \"\n\0\xff");
    configuration::run("backend b\n server \u{1F600} ${X}\n".as_bytes());
}
