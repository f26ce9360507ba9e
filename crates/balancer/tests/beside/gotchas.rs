//! What surprises people about the program as a whole (docs/gotchas.md); what single requests show is among the
//! scenarios of the oracle.

use crate::engine::{Program, tell_both};
use rustix::process::Signal;
use socket2::{Domain, Socket, Type};
use std::net::SocketAddr;
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

/// A server whose queue of connections is full, so that the kernel leaves further ones without an answer.
fn silent_server() -> (Socket, Vec<Socket>, SocketAddr) {
    let socket = || Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    let server = socket();
    let any: SocketAddr = ([127, 0, 0, 1], 0).into();
    server.bind(&any.into()).expect("bind");
    server.listen(0).expect("listen");
    let address = server.local_addr().expect("an address");
    let waiting = [(); 3].map(|()| {
        let client = socket();
        client.set_nonblocking(true).expect("not blocking");
        let _ = client.connect(&address);
        client
    });
    let address = address.as_socket().expect("an address of IPv4");
    (server, waiting.into(), address)
}

#[test]
fn nobody_who_answers_the_knock_is_a_503_too() {
    let (_server, _waiting, address) = silent_server();
    let lines = format!(
        "    log stdout format raw local0\n    option httplog\n    default_backend b\n\
         backend b\n    retries 1\n    server s {address}\n"
    );
    let told = tell_both(|program| {
        let running = Running::start(program, &lines);
        let begin = Instant::now();
        let status = running.ask().response().status;
        // Two attempts of 200 ms, and no pause between them.
        let took = begin.elapsed().as_millis();
        assert!((390..3_000).contains(&took), "{took} ms");
        let line = running.process.wait_for_line("GET /");
        (status, line.contains(" 503 ") && line.contains(" sC-- "))
    });
    same(told, &(503, true));
}

#[test]
fn a_log_that_nobody_takes_is_an_alert_once() {
    let told = tell_both(|program| {
        let nobody = WorkDir::new();
        let path = nobody.path().join("log");
        let lines = format!(
            "    log {} local0\n    option httplog\n    http-request return status 200\n",
            path.display()
        );
        let mut running = Running::start(program, &lines);
        for _ in 0..3 {
            assert_eq!(running.ask().response().status, 200);
        }
        running.process.end_with(Signal::TERM).stderr
    });
    let alerts = |stderr: &str| -> Vec<String> {
        let lines = stderr.lines().filter(|line| line.contains("logger #"));
        let words = lines.filter_map(|line| line.split_once(") : "));
        words.map(|(_, words)| words.to_owned()).collect()
    };
    let words = "sendmsg()/writev() failed in logger #1: No such file or directory (errno=2)";
    same(
        told.map(|both| both.map(|stderr| alerts(&stderr))),
        &vec![words.to_owned()],
    );
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
