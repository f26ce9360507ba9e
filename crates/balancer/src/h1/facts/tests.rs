use super::*;
use crate::h1::{parse, write};

fn read(first_line: &str, fields: &str) -> Result<(Facts, String), Invalid> {
    let mut head = RequestHead::default();
    let text = format!("{first_line}\r\n{fields}\r\n");
    parse::request(text.as_bytes(), &mut head)?.expect("a whole head");
    let facts = of_request(&mut head)?;
    let mut out = Vec::new();
    write::request(&head, head.target(), write::Added::default(), &mut out);
    let out = String::from_utf8(out).unwrap();
    let (_, mended) = out.split_once("\r\n").unwrap();
    Ok((facts, mended.trim_end().replace("\r\n", "|")))
}

#[track_caller]
fn check(fields: &str, mended: &str, facts: Facts) {
    let (found, shown) = read("POST / HTTP/1.1", fields).unwrap();
    assert_eq!((shown.as_str(), found), (mended, facts));
}

#[track_caller]
fn refused(fields: &str, why: Invalid) {
    assert_eq!(read("POST / HTTP/1.1", fields), Err(why), "{fields:?}");
}

fn length(length: u64) -> Facts {
    Facts {
        length: Some(length),
        ..Facts::default()
    }
}

#[test]
fn one_length_however_often_it_is_said() {
    check("Content-Length: 3\r\n", "content-length: 3", length(3));
    check(
        "Content-Length: 0003\r\n",
        "content-length: 0003",
        length(3),
    );
    check(
        "Content-Length: 3\r\nContent-Length: 3\r\n",
        "content-length: 3",
        length(3),
    );
    check("Content-Length: 3, 3\r\n", "content-length: 3", length(3));
}

#[test]
fn lengths_that_could_be_read_otherwise_are_refused() {
    for value in [
        "",
        "+3",
        "-1",
        "3 3",
        "3,4",
        "3,",
        "0x3",
        "3.0",
        "18446744073709551616",
    ] {
        refused(
            &format!("Content-Length: {value}\r\n"),
            Invalid::ContentLength,
        );
    }
    refused(
        "Content-Length: 3\r\nContent-Length: 4\r\n",
        Invalid::ContentLength,
    );
}

#[test]
fn transfer_encoding_overrides_the_length_and_ends_the_connection() {
    let chunked = Facts {
        chunked: true,
        ..Facts::default()
    };
    check(
        "Transfer-Encoding: ChuNked\r\n",
        "transfer-encoding: ChuNked",
        chunked,
    );
    check(
        "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
        "transfer-encoding: chunked",
        Facts {
            close: true,
            ..chunked
        },
    );
    check(
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        "transfer-encoding: chunked",
        Facts {
            close: true,
            ..chunked
        },
    );
    let (facts, _) = read("POST / HTTP/1.0", "Transfer-Encoding: chunked\r\n").unwrap();
    assert!(facts.close);
}

#[test]
fn transfer_encodings_that_could_be_read_otherwise_are_refused() {
    for value in [
        "",
        ",",
        "chunked, ,",
        "gzip",
        "identity",
        "chunked, gzip",
        "chunked, chunked",
        "\x0bchunked",
        "xchunked",
        "chunked;q=1",
    ] {
        refused(
            &format!("Transfer-Encoding: {value}\r\n"),
            Invalid::TransferEncoding,
        );
    }
    refused(
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        Invalid::TransferEncoding,
    );
    for value in ["gzip, chunked", ", chunked"] {
        let field = format!("Transfer-Encoding: {value}\r\n");
        refused(&field, Invalid::UnknownCoding);
    }
}

#[test]
fn of_te_only_trailers_go_on() {
    let te = |value: &str| {
        let (_, mended) = read("GET / HTTP/1.1", &format!("TE: {value}\r\n")).unwrap();
        mended
    };
    assert_eq!(te("gzip, trailers"), "te: trailers");
    for value in ["chunked", "Trailers", "trailers;q=0", ""] {
        assert_eq!(te(value), "", "{value}");
    }
}

#[test]
fn close_and_keep_alive_end_at_this_hop() {
    let said = |close, keep_alive| Facts {
        close,
        keep_alive,
        ..Facts::default()
    };
    check("Connection: close\r\n", "", said(true, false));
    check("Connection: Keep-Alive\r\n", "", said(false, true));
    check(
        "Connection: keep-alive, X-Foo, TE\r\nConnection: close\r\n",
        "connection: X-Foo,TE",
        said(true, true),
    );
    check(
        "Connection: A, B\r\nKeep-Alive: timeout=5\r\n",
        "connection: A, B|keep-alive: timeout=5",
        said(false, false),
    );
}

#[test]
fn an_upgrade_needs_both_fields() {
    let upgrade = |fields| read("GET / HTTP/1.1", fields).unwrap().0.upgrade;
    assert!(upgrade("Connection: upgrade\r\nUpgrade: foo\r\n"));
    assert!(!upgrade("Upgrade: foo\r\n"));
    assert!(!upgrade("Connection: upgrade\r\n"));
}

#[test]
fn a_body_and_an_upgrade_do_not_go_together() {
    let body = "Connection: upgrade\r\nUpgrade: foo\r\nContent-Length: 1\r\n";
    let (facts, mended) = read("POST / HTTP/1.1", body).unwrap();
    assert!(!facts.upgrade);
    assert_eq!(mended, "connection: upgrade|content-length: 1");
    let (facts, _) = read("POST / HTTP/1.1", &body.replace('1', "0")).unwrap();
    assert!(facts.upgrade);
}

#[test]
fn a_websocket_needs_its_key() {
    let with_key = |key: &str| {
        let fields = format!("Connection: Upgrade\r\nUpgrade: WebSocket\r\n{key}");
        read("GET / HTTP/1.1", &fields).map(|(facts, _)| facts.upgrade)
    };
    assert_eq!(
        with_key("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"),
        Ok(true)
    );
    assert_eq!(
        with_key("Sec-WebSocket-Key: short\r\n"),
        Err(Invalid::WebsocketKey)
    );
    assert_eq!(with_key(""), Err(Invalid::WebsocketKey));
}

#[test]
fn an_absolute_target_has_a_host_and_one_port_at_most() {
    let whole = |target: &str| read(&format!("GET {target} HTTP/1.1"), "").map(drop);
    for target in [
        "http://a/",
        "http://a:80/",
        "http://[::1]:80/",
        "http://u:p@a:80/",
    ] {
        assert_eq!(whole(target), Ok(()), "{target}");
    }
    for target in [
        "http:///",
        "http://:80/",
        "http://u@/",
        "http://a:80:80/",
        "http://::1/",
    ] {
        assert_eq!(whole(target), Err(Invalid::StartLine), "{target}");
    }
}

#[test]
fn hosts_must_agree() {
    check("Host: a\r\nHost: A\r\n", "host: a", Facts::default());
    refused("Host: a\r\nHost: b\r\n", Invalid::Host);
    let absolute = |target: &str, host: &str| {
        let fields = format!("Host: {host}\r\n");
        read(&format!("GET {target} HTTP/1.1"), &fields).map(drop)
    };
    assert_eq!(absolute("http://a/x", "a"), Ok(()));
    assert_eq!(absolute("HTTP://A/x", "a:80"), Ok(()));
    assert_eq!(absolute("http://u@a:81?x", "a:81"), Ok(()));
    assert_eq!(absolute("http://a/x", "b"), Err(Invalid::Host));
    assert_eq!(absolute("http://a:81/x", "a"), Err(Invalid::Host));
    let connect = |host: &str| read("CONNECT a:1 HTTP/1.1", &format!("Host: {host}\r\n")).map(drop);
    assert_eq!(connect("a:1"), Ok(()));
    assert_eq!(connect("b:1"), Err(Invalid::Host));
    assert_eq!(
        read("GET foo HTTP/1.1", "").map(drop),
        Err(Invalid::StartLine)
    );
    assert_eq!(read("OPTIONS * HTTP/1.1", "").map(drop), Ok(()));
}

#[test]
fn the_default_port_of_an_absolute_target_goes() {
    let mut head = RequestHead::default();
    parse::request(b"GET http://a:80/x?y HTTP/1.1\r\n\r\n", &mut head)
        .unwrap()
        .unwrap();
    of_request(&mut head).unwrap();
    assert_eq!(head.target(), b"http://a/x?y");
    assert_eq!(head.path_and_query(), b"/x?y");
}
