use super::*;
use lb_core::termination::{Cause, Phase};
use std::time::Duration;

fn entry() -> Entry<'static> {
    Entry {
        cookies: [None, None],
        client: "127.0.0.1:34206".parse().unwrap(),
        date: SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_329_139_696),
        frontend: "f",
        backend: "ck",
        server: "s1",
        timers: Timers {
            request: Some(0),
            queue: Some(0),
            connect: Some(1),
            response: Some(2),
            total: 3,
        },
        status: Some(200),
        bytes: 90,
        termination: Termination::NORMAL,
        cookie_flags: ['-', '-'],
        connections: Connections {
            process: 1,
            frontend: 1,
            backend: 0,
            server: 0,
        },
        queue: Positions {
            server: 1,
            backend: 0,
        },
        retries: 0,
        redispatched: false,
        request_captures: &[],
        response_captures: &[],
        request: "GET /ck HTTP/1.1",
        early: false,
    }
}

/// The line without its date, which depends on where the test runs.
#[track_caller]
fn check(format: LogFormat, entry: &Entry<'_>, expected: &str) {
    let line = line(format, entry).unwrap();
    let (before, rest) = line.split_once('[').unwrap();
    let (date, after) = rest.split_once(']').unwrap();
    assert!(
        date.ends_with(".696") && date.contains("/Nov/2026:"),
        "{date}"
    );
    assert_eq!(format!("{before}[]{after}"), expected);
}

#[test]
fn a_request_that_went_well() {
    check(
        LogFormat::Http,
        &entry(),
        "127.0.0.1:34206 [] f ck/s1 0/0/1/2/3 200 90 - - ---- 1/1/0/0/0 1/0 \"GET /ck HTTP/1.1\"",
    );
    check(
        LogFormat::Tcp,
        &entry(),
        "127.0.0.1:34206 [] f ck/s1 0/1/3 90 -- 1/1/0/0/0 1/0",
    );
}

#[test]
fn captures_retries_and_a_line_before_the_end() {
    let (asked, answered) = (["h".to_owned(), "curl/7".into()], ["s20901".to_owned()]);
    let entry = Entry {
        request_captures: &asked,
        response_captures: &answered,
        retries: 1,
        redispatched: true,
        early: true,
        ..entry()
    };
    check(
        LogFormat::Http,
        &entry,
        "127.0.0.1:34206 [] f ck/s1 0/0/1/2/+3 200 +90 - - ---- 1/1/0/0/+1 1/0 {h|curl/7} {s20901} \"GET /ck HTTP/1.1\"",
    );
}

#[test]
fn no_request_at_all() {
    let entry = Entry {
        backend: "f",
        server: "<NOSRV>",
        timers: Timers {
            total: 1001,
            ..Timers::default()
        },
        status: None,
        bytes: 0,
        termination: Termination::new(Cause::ClientTimeout, Phase::Request),
        request: "<BADREQ>",
        ..entry()
    };
    check(
        LogFormat::Http,
        &entry,
        "127.0.0.1:34206 [] f f/<NOSRV> -1/-1/-1/-1/1001 -1 0 - - cR-- 1/1/0/0/0 1/0 \"<BADREQ>\"",
    );
}

#[test]
fn without_a_format() {
    let line = connect(
        "127.0.0.1:43714".parse().unwrap(),
        "127.0.0.1:20002".parse().unwrap(),
        "f3",
        "HTTP",
    );
    assert_eq!(
        line,
        "Connect from 127.0.0.1:43714 to 127.0.0.1:20002 (f3/HTTP)"
    );
}
