use super::probe::{Probe, Target};
use crate::testing::{Bench, LAB};
use lb_core::check::{CheckResult, CheckStatus};
use socket2::{Domain, Socket, Type};
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

const LONG: Duration = Duration::from_secs(5);
const SHORT: Duration = Duration::from_millis(60);

fn localhost() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind(localhost()).unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

fn tcp(address: SocketAddr, connect: Duration) -> Probe {
    Probe {
        target: Target::Inet(address),
        connect,
        answer: None,
        request: None,
    }
}

fn run(probe: &Probe) -> CheckResult {
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().unwrap();
    runtime.block_on(probe.run())
}

/// A server that reads the request and does what `serve` says with the connection.
fn server(serve: impl FnOnce(TcpStream) + Send + 'static) -> SocketAddr {
    let (listener, address) = listen();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let read = stream.read(&mut [0; 1024]).unwrap();
        assert!(read > 0);
        serve(stream);
    });
    address
}

/// What an HTTP check says of such a server.
fn http(serve: impl FnOnce(TcpStream) + Send + 'static) -> (CheckStatus, Option<u16>, String) {
    let probe = Probe {
        request: Some(b"OPTIONS / HTTP/1.0\r\n\r\n".to_vec()),
        ..tcp(server(serve), LONG)
    };
    let result = run(&probe);
    (result.status, result.code, result.info)
}

#[test]
fn a_plain_check_is_invisible_to_the_application() {
    let (listener, address) = listen();
    listener.set_nonblocking(true).unwrap();
    for _ in 0..20 {
        let result = run(&tcp(address, LONG));
        assert_eq!(result.status, CheckStatus::L4Ok);
        // The reset came in place of the last packet of the handshake, so there is nothing to accept.
        assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    }
    // The listener does see a caller that means it.
    let _caller = TcpStream::connect(address).unwrap();
    listener.set_nonblocking(false).unwrap();
    listener.accept().unwrap();
}

#[test]
fn nobody_there_is_a_connection_problem() {
    let (listener, address) = listen();
    drop(listener);
    let result = run(&tcp(address, LONG));
    assert_eq!(result.status, CheckStatus::L4Connection);
    assert_eq!(result.info, "Connection refused");
}

#[test]
fn a_server_too_busy_to_accept_is_a_timeout() {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&localhost().into()).unwrap();
    socket.listen(0).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    // The one place in the queue is taken: the kernel drops further attempts.
    let _taken = TcpStream::connect(address).unwrap();
    let result = run(&tcp(address, SHORT));
    assert_eq!(result.status, CheckStatus::L4Timeout);
    assert!(result.duration >= SHORT, "{result:?}");
}

#[test]
fn a_missing_unix_socket_is_a_socket_error() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("none");
    let probe = Probe {
        target: Target::Unix(path.to_string_lossy().into_owned()),
        ..tcp(localhost(), LONG)
    };
    let result = run(&probe);
    assert_eq!(result.status, CheckStatus::SocketError);
    assert_eq!(
        result.info,
        "General socket error (No such file or directory)"
    );
}

#[test]
fn answers_are_judged_by_their_status() {
    let passed = http(|mut stream| stream.write_all(b"HTTP/1.1 301 Moved\r\n\r\n").unwrap());
    assert_eq!(passed, (CheckStatus::L7Ok, Some(301), String::new()));
    let failed = http(|mut stream| stream.write_all(b"HTTP/1.1 500 My Own\r\n\r\n").unwrap());
    assert_eq!(failed, (CheckStatus::L7Status, Some(500), "My Own".into()));
}

#[test]
fn a_close_without_an_answer_is_an_invalid_response() {
    assert_eq!(http(drop), (CheckStatus::L7Response, None, String::new()));
}

#[test]
fn a_reset_is_a_socket_error() {
    let result = http(|stream| {
        let linger = socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO));
        linger.unwrap();
    });
    let expected = "Connection reset by peer".into();
    assert_eq!(result, (CheckStatus::SocketError, None, expected));
}

#[test]
fn timeout_check_bounds_the_answer() {
    let (sender, receiver) = std::sync::mpsc::channel::<()>();
    let silent = server(move |_stream| {
        let _ = receiver.recv();
    });
    let probe = Probe {
        request: Some(b"GET / HTTP/1.0\r\n\r\n".to_vec()),
        answer: Some(SHORT),
        ..tcp(silent, LONG)
    };
    let result = run(&probe);
    drop(sender);
    assert_eq!(result.status, CheckStatus::L7Timeout);
    assert!(
        result.duration >= SHORT && result.duration < LONG,
        "{result:?}"
    );
}

#[test]
fn an_answer_in_pieces_is_put_together() {
    let result = http(|mut stream| {
        stream.set_nodelay(true).unwrap();
        for piece in ["HTTP/1.0 2", "00 OK\r\nserv", "er: x\r\n\r\n"] {
            stream.write_all(piece.as_bytes()).unwrap();
            stream.flush().unwrap();
        }
    });
    assert_eq!(result, (CheckStatus::L7Ok, Some(200), String::new()));
}

/// The lab with `s1` checked very often at this address, and the rest unchecked.
fn bench(address: SocketAddr) -> Bench {
    let servers = format!("    server s1 {address} check inter 10ms rise 2 fall 3\n");
    let text = LAB.replace("    server s1 127.0.0.1:8080 check\n", &servers);
    Bench::new(&text.replace("8081 check", "8081"))
}

/// Runs the checks of a bench until a column of `s1` reads so.
async fn until(bench: &Bench, what: &str, holds: impl Fn(&lb_core::server::Server) -> bool) {
    let app = bench.plan.backend("app").unwrap();
    let reached = async {
        while !holds(&app.live().servers()[0]) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let in_time = tokio::time::timeout(LONG, reached).await;
    in_time.unwrap_or_else(|_| panic!("{what}: {:?}", app.live().servers()[0]));
}

#[tokio::test]
async fn a_server_falls_and_rises_with_its_checks() {
    let (listener, address) = listen();
    drop(listener);
    let bench = bench(address);
    let (process, logger) = (Arc::clone(&bench.process), Arc::clone(&bench.logger));
    let local = tokio::task::LocalSet::new();
    let story = async {
        let checks = super::start(&bench.plan, &process, &logger);
        until(&bench, "nobody answers", |s| s.status() == "DOWN").await;
        let listener = TcpListener::bind(address).unwrap();
        until(&bench, "it answers", |s| s.status() == "UP").await;
        drop(checks);
        drop(listener);
        // Nobody looks any more: the last word stays.
        tokio::task::yield_now().await;
        let due = |s: &lb_core::server::Server| s.check().unwrap().due().unwrap();
        until(&bench, "the next check is overdue", |s| {
            process.now() > due(s) + Duration::from_millis(30)
        })
        .await;
        let app = bench.plan.backend("app").unwrap();
        assert_eq!(app.live().servers()[0].status(), "UP");
    };
    local.run_until(story).await;
}

#[tokio::test]
async fn a_server_in_maintenance_is_left_alone() {
    let (listener, address) = listen();
    drop(listener);
    let bench = bench(address);
    let app = bench.plan.backend("app").unwrap();
    let maint = lb_core::backend::AdminChange::Maint;
    let first = lb_core::server::ServerIndex(0);
    app.live().set_admin(first, maint, Duration::ZERO);
    let (process, logger) = (Arc::clone(&bench.process), Arc::clone(&bench.logger));
    let story = async {
        let _checks = super::start(&bench.plan, &process, &logger);
        until(&bench, "its turn came", |s| {
            s.check().unwrap().due().is_some()
        })
        .await;
        let live = app.live();
        let server = &live.servers()[0];
        assert_eq!(
            server.check().unwrap().last().status,
            CheckStatus::Initializing
        );
        assert_eq!(server.counters().chkfail, 0);
    };
    tokio::task::LocalSet::new().run_until(story).await;
}
