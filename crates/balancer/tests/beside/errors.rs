//! `show errors`: what was refused last, and where it was wrong.

use crate::desk::Desk;
use crate::engine::{Lab, Program, tell_both};
use testkit::{Asked, Client, Origin, Reply, SOON, eventually};

const REQUESTS: &[&[u8]] = &[
    b"GET /echo HTTP/1.1\r\nHost: a\r\nBad Header: x\r\n\r\n",
    b"GET /echo bad HTTP/1.1\r\n\r\n",
    b"\x16\x03\x01\x02hello\r\n\r\n",
    b"G@T / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET\r\n\r\n",
    b"GET /x\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.\r\nHost: a\r\n\r\n",
    b"GET / HTTP/3x\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.1\r\n: a\r\n\r\n",
    b"GET / HTTP/1.1\r\n a\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nX: y\rz\r\n\r\n",
    b"GET / HTTP/1.1\r\nX: a\xff\x8f\\b\t\x1b[0m\r\nQ q: \r\n\r\n",
    b"GET / HTTP/1.0\r\nA b: c\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"GET http://x/ HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET a HTTP/1.1\r\nHost: b\r\n\r\n",
    b"CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    b"POST / HTTP/1.1\r\nContent-Length: 5, 6\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\nhello",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: foo\r\n\r\nzz\r\nhello",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked, foo\r\n\r\n",
    b"GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
];

const ANSWERS: &[&str] = &[
    "FOO 200 OK\r\n\r\n",
    "HTTP/1.1 200 OK\r\nBad Header: x\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n",
    "HTTP/1.1 2x0 OK\r\n\r\n",
    "HTTP/1.1\r\n\r\n",
    "HTTP/1 200 OK\r\n\r\n",
];

#[test]
fn invalid_requests_are_shown_alike() {
    let long = [b"GET / HTTP/1.1\r\nA", &[b'b'; 160][..], b"\x01: x\r\n\r\n"].concat();
    let huge = [b"GET /", &[b'a'; 17_000][..], b" HTTP/1.1\r\n\r\n"].concat();
    let many: String = (0..120).map(|number| format!("a{number}: b\r\n")).collect();
    let many = format!("GET / HTTP/1.1\r\n{many}\r\n");
    let odd = [&long, &huge, many.as_bytes()];
    alike(|desk| {
        let all = REQUESTS.iter().copied().chain(odd);
        let shown = all.map(|request| {
            assert_eq!(status(desk, request), "400");
            desk.send("show errors\n")
        });
        shown.collect()
    });
}

#[test]
fn invalid_answers_are_shown_alike() {
    alike(|desk| {
        let shown = (0..ANSWERS.len()).map(|number| {
            let request = format!("GET /{number} HTTP/1.1\r\nHost: a\r\n\r\n");
            assert_eq!(status(desk, request.as_bytes()), "502");
            desk.send("show errors app\n")
        });
        shown.collect()
    });
}

#[test]
fn errors_are_chosen_by_proxy_and_kind_alike() {
    alike(|desk| {
        status(desk, REQUESTS[0]);
        status(desk, b"GET /0 HTTP/1.1\r\nHost: a\r\n\r\n");
        desk.ask_all(&[
            "show errors",
            "show errors app",
            "show errors web",
            "show errors web request",
            "show errors web response",
            "show errors app request",
            "show errors app nonsense",
            "show errors 2 request",
            "show errors -1",
            "show errors 99",
            "show errors 0",
            "show errors nobody",
            "show errors request",
            "user;show errors",
        ])
    });
}

/// Whatever is asked of both is the same, but for dates, ports and numbers.
#[track_caller]
fn alike(story: impl Fn(&Desk) -> Vec<String> + Sync) {
    let told = tell_both(|program| {
        let server = Origin::start(|asked: &Asked| {
            let number: Option<usize> = asked.target()[1..].parse().ok();
            let answer = number.and_then(|number| ANSWERS.get(number));
            Reply::bytes(*answer.unwrap_or(&"HTTP/1.1 204 No\r\n\r\n")).then_hang()
        });
        story(&desk(program, &server))
    });
    let Some([haproxy, ours]) = told else { return };
    for (ours, haproxy) in ours.iter().zip(&haproxy) {
        assert_eq!(lasting(ours), lasting(haproxy), "HAProxy's is on the right");
    }
}

fn desk(program: &Program, server: &Origin) -> Desk {
    let config = CONFIG.replace("{server}", &server.address().to_string());
    let desk = Desk::open(Lab::new(program), &config);
    // Whoever tried whether somebody listens has gone.
    eventually("nobody is served", SOON, || {
        desk.send("show stat web 1 -1\n")
            .contains("\nweb,FRONTEND,,,0,")
    });
    desk
}

fn status(desk: &Desk, request: &[u8]) -> String {
    let mut client = Client::connect(desk.lab.frontend_address()).with_deadline(SOON);
    client.send(request);
    client.response().status.to_string()
}

/// Without dates, ports, numbers of events, and where HAProxy's buffer begins anew.
fn lasting(shown: &str) -> String {
    let line = |line: &str| {
        let line = match line.split_once("] ") {
            Some((date, rest)) if line.contains('[') => {
                let before = date.split('[').next().unwrap_or("");
                format!("{before}{}", rest.split(" : ").next().unwrap_or(""))
            }
            _ => line.to_owned(),
        };
        let line = line.split(", event #").next().unwrap_or("").to_owned();
        match line.split_once(", wraps at ") {
            Some((before, after)) => {
                let (_, position) = after.split_once(", ").unwrap_or_default();
                format!("{before}, {position}\n")
            }
            None => line + "\n",
        }
    };
    shown.lines().map(line).collect()
}

const CONFIG: &str = "global
    stats socket {socket} level admin
defaults
    mode http
    timeout connect 1s
    timeout client 5s
    timeout server 5s
frontend web
    bind {frontend}
    default_backend app
backend app
    server one {server}
";
