//! Start, reload, end.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use hickory_proto::rr::RecordType;
use testkit::{SOON, Signal, WorkDir, eventually, filters};

use super::{Server, ask, message, program, values};

const ZONE: &str = "[[name]]\nname = \"a.test.\"\nA = \"192.0.2.1\"\n";

#[test]
fn it_says_where_it_listens_and_what_it_was_asked() {
    let mut server = Server::start(&[]);
    server.values("google.com.");
    server.ask("nope.google.com.", RecordType::AAAA);
    server.process.wait_for_line("NXDOMAIN");
    let said = server.process.end_with(Signal::TERM);
    assert_eq!(said.code, Some(0));
    assert_eq!(said.stderr, "");
    let lines: Vec<_> = said.stdout.lines().collect();
    assert!(
        lines[0].starts_with("name server: listening on 127.0.0.1#"),
        "{}",
        lines[0]
    );
    assert!(
        lines[0].ends_with("names of the lab's zone"),
        "{}",
        lines[0]
    );
    let questions: Vec<_> = lines[1..].iter().map(|line| filters::times(line)).collect();
    assert_eq!(
        questions,
        [
            "[TIME]  google.com A -> 216.58.203.174  (127.0.0.1, UDP)",
            "[TIME]  nope.google.com AAAA -> NXDOMAIN  (127.0.0.1, UDP)",
        ]
    );
}

#[test]
fn quiet_means_no_line_for_a_question() {
    let mut server = Server::start(&["--quiet"]);
    server.values("google.com.");
    assert_eq!(
        server.process.end_with(Signal::INT).stdout.lines().count(),
        1
    );
}

#[test]
fn a_changed_zone_is_taken_over_at_a_signal() {
    for signal in [Signal::HUP, Signal::USR2] {
        let folder = WorkDir::new();
        let file = folder.write("zone.toml", ZONE);
        let server = Server::start(&["--zone", file.to_str().unwrap()]);
        assert_eq!(server.values("a.test."), ["192.0.2.1"]);
        folder.write("zone.toml", ZONE.replace("192.0.2.1", "192.0.2.2"));
        server.process.signal(signal);
        server.process.wait_for_line("is loaded: 1 names");
        assert_eq!(server.values("a.test."), ["192.0.2.2"]);
    }
}

#[test]
fn a_wrong_zone_never_stops_the_running_one() {
    let folder = WorkDir::new();
    let file = folder.write("zone.toml", ZONE);
    let server = Server::start(&["--zone", file.to_str().unwrap()]);
    folder.write("zone.toml", ZONE.replace("a.test.", "a.test"));
    server.process.signal(Signal::HUP);
    server
        .process
        .wait_for_line("the server goes on with the zone it had");
    assert!(
        server
            .process
            .stderr()
            .contains("`a.test` lacks its final dot")
    );
    assert_eq!(server.values("a.test."), ["192.0.2.1"]);
    folder.write("zone.toml", ZONE.replace("192.0.2.1", "192.0.2.3"));
    server.process.signal(Signal::HUP);
    eventually("the repaired zone", SOON, || {
        server.values("a.test.") == ["192.0.2.3"]
    });
}

#[test]
fn one_time_to_live_for_all() {
    let server = Server::start(&["--ttl", "10"]);
    assert_eq!(server.ask("google.com.", RecordType::A).answers[0].ttl, 10);
    assert_eq!(
        server.ask("nope.google.com.", RecordType::A).authorities[0].ttl,
        10
    );
}

#[test]
fn it_answers_on_ipv6_where_there_is_one() {
    let server = Server::start(&[]);
    if server.process.stdout().contains(" and ::1#") {
        let address = (std::net::Ipv6Addr::LOCALHOST, server.port.number()).into();
        let answer = ask(address, &message("google.com.", RecordType::A));
        assert_eq!(values(&answer).len(), 1);
    }
}

/// A child that does not outlive its test.
struct Kept(Child);

impl Drop for Kept {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_terminal_that_stands_still_keeps_nobody_waiting() {
    let port = testkit::Port::reserve();
    let mut command = program();
    command
        .args(["--port", &port.number().to_string()])
        .stdout(Stdio::piped());
    let mut server = Kept(command.spawn().unwrap());
    // One line is read, and then nothing more: the pipe fills up, and the queue behind it.
    let mut stdout = BufReader::with_capacity(256, server.0.stdout.take().unwrap());
    stdout.read_line(&mut String::new()).unwrap();
    let question = message("yahoo.com.", RecordType::A);
    for _ in 0..6000 {
        assert_eq!(ask(port.address(), &question).answers.len(), 6);
    }
    let pid = rustix::process::Pid::from_child(&server.0);
    rustix::process::kill_process(pid, Signal::TERM).unwrap();
    eventually("the end", SOON, || server.0.try_wait().unwrap().is_some());
    assert!(server.0.wait().unwrap().success());
}
