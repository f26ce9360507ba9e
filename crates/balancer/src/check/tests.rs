use super::probe::{Probe, Target};
use super::sight::Around;
use super::testing::bench_of;
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

/// A check with the steps of configuration lines; none: a connection is enough.
fn check(lines: &str, address: SocketAddr, connect: Duration) -> CheckResult {
    let bench = bench_of(lines);
    run(&probe(&bench, Target::Inet(address), connect))
}

fn probe(bench: &Bench, target: Target, connect: Duration) -> Probe<'_> {
    let backend = bench.plan.backend("b").unwrap();
    let script = &backend.check;
    Probe {
        around: Around {
            process: &bench.process,
            backend,
            server: backend.servers.iter().next().unwrap(),
        },
        target,
        connect,
        answer: None,
        script,
        state: None,
        source: None,
        header: None,
        secure: None,
        step_header: crate::plan::ProxyHeader::V1,
        step_connector: None,
        stopping: false,
    }
}

fn run(probe: &Probe<'_>) -> CheckResult {
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
    let result = check("option httpchk", server(serve), LONG);
    (result.status, result.code, result.info)
}

#[test]
fn a_plain_check_is_invisible_to_the_application() {
    let (listener, address) = listen();
    listener.set_nonblocking(true).unwrap();
    for _ in 0..20 {
        let result = check("", address, LONG);
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
    let result = check("", address, LONG);
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
    let result = check("", address, SHORT);
    assert_eq!(result.status, CheckStatus::L4Timeout);
    assert!(result.duration >= SHORT, "{result:?}");
}

#[test]
fn a_missing_unix_socket_is_a_socket_error() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("none");
    let path = Target::Unix(path.to_string_lossy().into_owned());
    let bench = bench_of("");
    let result = run(&probe(&bench, path, LONG));
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

/// What a `tcp-check` says of a server that answers with its own words.
fn talk(lines: &str) -> (CheckStatus, Option<u16>, String) {
    let address = server(|mut stream| {
        stream.write_all(b"hello").unwrap();
        let mut more = [0; 9];
        let length = stream.read(&mut more).unwrap_or(0);
        let _ = stream.write_all(&more[..length]);
        let _ = stream.read(&mut more);
    });
    let lines = format!("option tcp-check\n {lines}");
    let result = check(&lines, address, 4 * SHORT);
    (result.status, result.code, result.info)
}

#[test]
fn a_conversation_is_gone_through_step_by_step() {
    let passed =
        talk("tcp-check send a\n tcp-check expect string ello\n tcp-check expect rstring ^h");
    let words = "(tcp-check)".to_owned();
    assert_eq!(passed, (CheckStatus::L7Ok, Some(0), words.clone()));
    let echoed = "tcp-check send a\n tcp-check expect string hello\n tcp-check send-binary 7879\n tcp-check expect string xy";
    assert_eq!(talk(echoed), (CheckStatus::L7Ok, Some(0), words.clone()));
    // What came before something is sent is forgotten
    let forgotten = "tcp-check send a\n tcp-check expect string hello\n tcp-check send b\n tcp-check expect string o comment end";
    let info = " at step 4 of tcp-check (expect string 'o') comment: 'end'".to_owned();
    assert_eq!(talk(forgotten), (CheckStatus::L7Timeout, None, info));
    assert_eq!(
        talk("tcp-check send a"),
        (CheckStatus::L7Ok, Some(0), words.clone())
    );
}

#[test]
fn words_and_results_can_be_chosen() {
    let told =
        talk("tcp-check send a\n tcp-check expect string hello ok-status L6OK on-success fine");
    assert_eq!(told, (CheckStatus::L6Ok, None, "fine".into()));
    let told = talk("tcp-check send a\n tcp-check expect ! string ell comment odd on-error bad");
    assert_eq!(
        told,
        (CheckStatus::L7Response, None, "bad comment: odd".into())
    );
    let told = talk("tcp-check send a\n tcp-check expect min-recv 99 string x tout-status L4TOUT");
    assert_eq!(told.0, CheckStatus::L4Timeout);
}

#[test]
fn a_step_may_connect_elsewhere() {
    let (listener, address) = listen();
    drop(listener);
    let port = address.port();
    let result = talk(&format!("tcp-check connect port {port} comment there"));
    let info =
        format!("Connection refused at step 1 of tcp-check (connect port {port}) comment: 'there'");
    assert_eq!(result, (CheckStatus::L4Connection, None, info));
    let (_listener, address) = listen();
    let lines = "option tcp-check\n tcp-check connect\n tcp-check send a\n tcp-check connect";
    let second = check(lines, address, LONG);
    assert_eq!(
        (second.status, second.info.as_str()),
        (CheckStatus::L4Ok, "(tcp-check)")
    );
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
    let bench = bench_of("option httpchk");
    let probe = Probe {
        answer: Some(SHORT),
        ..probe(&bench, Target::Inet(silent), LONG)
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
fn timeout_check_does_not_shorten_the_connect() {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&localhost().into()).unwrap();
    socket.listen(0).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    let _taken = TcpStream::connect(address).unwrap();
    let bench = bench_of("option httpchk");
    let probe = Probe {
        answer: Some(SHORT / 10),
        ..probe(&bench, Target::Inet(address), SHORT)
    };
    let result = run(&probe);
    assert_eq!(result.status, CheckStatus::L4Timeout);
    assert!(result.duration >= SHORT, "{result:?}");
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
        while !holds(app.live().server(lb_core::server::ServerIndex(0))) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let in_time = tokio::time::timeout(LONG, reached).await;
    in_time.unwrap_or_else(|_| {
        panic!(
            "{what}: {:?}",
            app.live().server(lb_core::server::ServerIndex(0))
        )
    });
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
        assert_eq!(
            app.live().server(lb_core::server::ServerIndex(0)).status(),
            "UP"
        );
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
        let server = live.server(lb_core::server::ServerIndex(0));
        assert_eq!(
            server.check().unwrap().last().status,
            CheckStatus::Initializing
        );
        assert_eq!(server.counters().chkfail, 0);
    };
    tokio::task::LocalSet::new().run_until(story).await;
}
