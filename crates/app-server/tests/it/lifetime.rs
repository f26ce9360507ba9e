use std::net::TcpListener;
use std::process::Command;
use std::time::{Duration, Instant};

use testkit::{Port, Process, SOON, Signal, eventually};

use crate::Server;

#[test]
fn a_signal_ends_it_cleanly_with_connections_open() {
    for signal in [Signal::INT, Signal::TERM] {
        let mut server = Server::start(&[]);
        let silent = server.client();
        let mut idle = server.client();
        idle.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        idle.response();
        let mut half = server.client();
        half.send("GET / HTTP/1.1\r\nHo");
        let mut waiting = server.client();
        waiting.send("GET /slow?ms=600000 HTTP/1.1\r\nHost: x\r\n\r\n");
        let start = Instant::now();
        let said = server.process.end_with(signal);
        assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""));
        assert!(
            start.elapsed() < Duration::from_secs(2),
            "{:?}",
            start.elapsed()
        );
        drop(silent);
    }
}

#[test]
fn a_request_in_flight_is_still_answered() {
    let mut server = Server::start(&[]);
    let mut client = server.client();
    client.send("GET /stream?n=2&ms=100 HTTP/1.1\r\nHost: x\r\n\r\n");
    client.read_until("1 of 2");
    server.process.signal(Signal::TERM);
    client.read_until("2 of 2");
    assert_eq!(server.process.wait().code(), Some(0));
}

#[test]
fn it_can_come_back_at_once() {
    let mut server = Server::start(&[]);
    // The server closes first, so it is its port that is left in TIME_WAIT.
    let mut client = server.client();
    client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    client.response();
    client.read_to_close();
    server.process.end_with(Signal::TERM);
    let again = Server::start_on(server.port, &[]);
    assert_eq!(again.get("/").status, 200);
}

#[test]
fn clients_that_misbehave_do_not_end_it() {
    let server = Server::start(&[]);
    for rubbish in [
        "\0\0\0\0",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "POST /echo HTTP/1.1\r\nContent-Length: x\r\n\r\n",
    ] {
        let mut client = server.client();
        client.send(rubbish);
        client.finish_sending();
        client.read_to_close();
    }
    let mut leaver = server.client();
    leaver.send("GET /bytes?n=100000000 HTTP/1.1\r\nHost: x\r\n\r\n");
    leaver.read_until("0000");
    leaver.reset();
    server.client().reset();
    assert_eq!(server.get("/").status, 200);
}

#[test]
fn it_does_not_outlive_its_supervisor() {
    let port = Port::reserve();
    // The shell starts the server under its own pid's name, and is then killed as hard as can be.
    let script = "LAB_SUPERVISED=$$ \"$0\" \"$1\"; exit";
    let program = env!("CARGO_BIN_EXE_app-server");
    let mut supervisor = Process::spawn(
        Command::new("sh")
            .args(["-c", script, program])
            .arg(port.number().to_string()),
    );
    supervisor.wait_for_line("Ctrl-C here stops this server");
    supervisor.signal(Signal::KILL);
    supervisor.wait();
    eventually("the port to be free", SOON, || {
        TcpListener::bind(port.address()).is_ok()
    });
}

#[test]
fn it_does_not_start_under_a_supervisor_that_has_gone() {
    let port = Port::reserve();
    let said = Process::run(
        crate::program()
            .arg(port.number().to_string())
            .env("LAB_SUPERVISED", "1"),
    );
    assert_eq!((said.code, said.stdout.as_str()), (Some(3), ""));
    let expected = "error: this server was to end with its supervisor and cannot\n  \
         why   the supervisor (pid 1, from LAB_SUPERVISED) is not the parent any more\n  \
         next  start it without LAB_SUPERVISED in the environment\n";
    assert_eq!(said.stderr, expected);
}
