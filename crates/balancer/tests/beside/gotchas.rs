//! What surprises people about the program as a whole (docs/gotchas.md); what single requests show is among the
//! scenarios of the oracle.

use crate::engine::{Program, tell_both};
use rustix::process::Signal;
use std::process::Command;
use std::time::{Duration, Instant};
use testkit::{Client, Origin, Port, Process, Reply, WorkDir, eventually};

const SOON: Duration = Duration::from_secs(10);

#[track_caller]
fn same<T: PartialEq + std::fmt::Debug>(told: Option<[T; 2]>, expected: &T) {
    let Some([haproxy, ours]) = told else { return };
    assert_eq!((&haproxy, &ours), (expected, expected), "HAProxy, ours");
}

#[test]
fn a_file_without_a_listener_is_valid_and_ends_with_two() {
    let codes = tell_both(|program| {
        [
            "backend b\n    mode http\n    timeout connect 1s\n    timeout server 1s\n",
            "",
        ]
        .map(|text| {
            let work = WorkDir::new();
            let file = work.write("haproxy.cfg", text);
            Process::run(Command::new(&program.1).args(["-c", "-f"]).arg(file)).code
        })
    });
    same(codes, &[Some(2), Some(2)]);
}

/// A frontend, perhaps with a backend of one server, at work.
struct Running {
    process: Process,
    port: Port,
    _work: WorkDir,
}

impl Running {
    fn start(program: &Program, lines: &str) -> Self {
        let (work, port) = (WorkDir::new(), Port::reserve());
        let text = format!(
            "defaults\n    mode http\n    timeout client 5s\n    timeout server 5s\n    timeout connect 200ms\n\
             frontend f\n    bind {}\n{lines}",
            port.address()
        );
        let file = work.write("haproxy.cfg", text);
        let process = Process::spawn(Command::new(&program.1).args(["-db", "-f"]).arg(file));
        eventually("it listens", SOON, || {
            Client::try_connect(port.address()).is_ok()
        });
        Self {
            process,
            port,
            _work: work,
        }
    }

    fn ask(&self) -> Client {
        let mut client = Client::connect(self.port.address()).with_deadline(SOON);
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        client
    }
}

#[test]
fn who_is_sent_nowhere_is_answered_503() {
    let told = tell_both(|program| Running::start(program, "").ask().response().status);
    same(told, &503);
}

#[test]
fn attempts_are_a_second_apart_or_as_little_as_timeout_connect() {
    let dead = Port::reserve();
    let lines = format!(
        "    default_backend b\nbackend b\n    server s {}\n",
        dead.address()
    );
    let told = tell_both(|program| {
        let running = Running::start(program, &lines);
        let begin = Instant::now();
        assert_eq!(running.ask().response().status, 503);
        begin.elapsed()
    });
    for took in told.into_iter().flatten() {
        // Three pauses of 200 ms, shortened by half of the first at most.
        assert!((400..1_200).contains(&took.as_millis()), "{took:?}");
    }
}

#[test]
fn sigterm_cuts_off_and_sigusr1_lets_finish() {
    let told = tell_both(|program| {
        [Signal::TERM, Signal::USR1].map(|signal| {
            let pause = Duration::from_millis(500);
            let late = Reply::bytes("").then_pause(pause);
            let late = late.then_send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            let server = Origin::start(move |_| late.clone());
            let address = server.address();
            let lines = format!("    default_backend b\nbackend b\n    server s {address}\n");
            let mut running = Running::start(program, &lines);
            let mut client = running.ask();
            server.wait_for_requests(1);
            running.process.signal(signal);
            let answered = client.read_to_close().ends_with(b"ok");
            (answered, running.process.wait_for(SOON).code())
        })
    });
    same(told, &[(false, None), (true, Some(0))]);
}
