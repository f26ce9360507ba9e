//! Clients that begin TLS and never finish: how long they are waited for, and what is logged of them.

use crate::engine::{Program, tell_both};
use crate::secure::folder;
use std::process::Command;
use std::time::{Duration, Instant};
use testkit::{Client, Port, Process, SOON, WorkDir, eventually};

/// The first bytes of a client's hello that announces far more.
const PART_OF_A_HELLO: &[u8] = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03aaaaaaaaaaaaaaaa";

/// What is logged of a client that sends this much and then of one without TLS, and how long the first is waited for.
fn played(program: &Program, lines: &str, sends: &[u8]) -> (Vec<String>, Duration) {
    let (work, port) = (WorkDir::new(), Port::reserve());
    let text = format!(
        "global\n    log stdout format raw local0\n\
         defaults\n    mode http\n    log global\n    option httplog\n\
         frontend f\n    bind {} ssl crt {}/first.pem\n{lines}    http-request return status 200\n",
        port.address(),
        folder().display()
    );
    let file = work.write("haproxy.cfg", text);
    let process = Process::spawn(Command::new(&program.1).args(["-db", "-f"]).arg(file));
    let mut client = None;
    eventually("it listens", SOON, || {
        client = Client::try_connect(port.address()).ok();
        client.is_some()
    });
    let mut client = client.expect("it is connected").with_deadline(SOON);
    let begun = Instant::now();
    client.send(sends);
    assert_eq!(client.read_to_close(), b"");
    let took = begun.elapsed();
    let mut last = Client::connect(port.address()).with_deadline(SOON);
    last.send("GET / HTTP/1.1\r\n\r\n");
    last.read_to_close();
    let logged = || -> Vec<String> {
        let log = process.stdout();
        let lines = log.lines().filter_map(|line| line.split_once("] "));
        lines.map(|(_, told)| told.to_owned()).collect()
    };
    eventually("both are logged", SOON, || logged().len() == 2);
    let mut told = logged();
    // Different threads may have written them.
    told.sort();
    (told, took)
}

#[track_caller]
fn alike(lines: &str, within: std::ops::Range<u64>, expected: &[&str]) {
    for sends in [&b""[..], PART_OF_A_HELLO] {
        let told = tell_both(|program| played(program, lines, sends));
        let Some(told) = told else { return };
        for (logged, took) in told {
            assert_eq!(logged, expected);
            let took = took.as_millis();
            assert!(
                (within.start.into()..within.end.into()).contains(&took),
                "{took} ms"
            );
        }
    }
}

const TIMEOUT: &str = "f/1: Timeout during SSL handshake";
const FAILURE: &str = "f/1: SSL handshake failure";

#[test]
fn a_hello_never_finished_ends_by_the_timeout_of_clients() {
    alike("    timeout client 500ms\n", 400..8000, &[FAILURE, TIMEOUT]);
}

#[test]
fn the_timeout_of_requests_does_not_count_before_tls_is_settled() {
    let shorter = "    timeout client 1500ms\n    timeout http-request 200ms\n";
    alike(shorter, 1400..8000, &[FAILURE, TIMEOUT]);
    let longer = "    timeout client 300ms\n    timeout http-request 10s\n";
    alike(longer, 200..8000, &[FAILURE, TIMEOUT]);
}
