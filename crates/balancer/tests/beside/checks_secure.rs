//! Health checks over TLS and with PROXY headers: what servers see, and the words for what becomes of it, with both
//! programs.

use crate::checks::{checked_rows, reason_told};
use crate::engine::{Program, tell_both};
use crate::secure::{Wire, folder};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};
use testkit::{Port, Process, WorkDir};

const SOON: Duration = Duration::from_secs(10);

/// A backend's lines, the words of its server, and how that server is.
struct Case(&'static str, &'static str, Is);

#[derive(Clone, Copy, PartialEq)]
enum Is {
    /// It speaks TLS with this certificate.
    Secure(&'static str),
    /// A PROXY header comes before its TLS.
    Behind(&'static str),
    /// It answers in the clear.
    Plain,
    /// It says nothing at all.
    Silent,
    /// It closes once it was spoken to.
    Closing,
}

use Is::{Behind, Closing, Plain, Secure, Silent};

const CASES: &[Case] = &[
    Case("", "ssl verify none", Secure("stranger.pem")),
    Case("", "ssl ca-file PEM/authority.pem", Secure("first.pem")),
    Case("", "ssl ca-file PEM/authority.pem", Secure("stranger.pem")),
    Case(
        "",
        "check-ssl ca-file PEM/authority.pem verifyhost first.test",
        Secure("first.pem"),
    ),
    Case(
        "",
        "check-ssl ca-file PEM/authority.pem verifyhost second.test",
        Secure("first.pem"),
    ),
    Case(
        "",
        "check-ssl ca-file PEM/authority.pem check-sni second.test",
        Secure("first.pem"),
    ),
    Case(
        "",
        "check-ssl ca-file PEM/authority.pem check-sni first.test",
        Secure("first.pem"),
    ),
    Case(
        "",
        "check-ssl ca-file PEM/revoked/ca.pem crl-file PEM/revoked/crl.pem",
        Secure("revoked/taken.pem"),
    ),
    Case(
        "",
        "check-ssl ca-file PEM/revoked/ca.pem",
        Secure("revoked/old.pem"),
    ),
    Case("", "check-ssl verify none", Plain),
    Case("", "check-ssl verify none", Silent),
    Case("", "check-ssl verify none", Closing),
    Case(
        "option httpchk GET /x",
        "ssl ca-file PEM/authority.pem check-sni first.test",
        Secure("first.pem"),
    ),
    Case(
        "option httpchk GET /x",
        "check-ssl ca-file PEM/authority.pem",
        Secure("stranger.pem"),
    ),
    Case("option httpchk GET /x", "ssl verify none", Plain),
    Case("option httpchk GET /x", "ssl verify none", Silent),
    Case(
        "option httpchk GET /x",
        "ssl verify none no-check-ssl",
        Plain,
    ),
    Case(
        "option httpchk GET /x",
        "check-ssl verify none check-alpn http/1.1 check-proto h1",
        Secure("first.pem"),
    ),
    Case(
        "option httpchk GET /x",
        "check-ssl verify none alpn old,http/1.1",
        Secure("first.pem"),
    ),
    Case("option httpchk GET /x", "check-send-proxy", Plain),
    Case(
        "option httpchk GET /x",
        "check-send-proxy send-proxy-v2",
        Plain,
    ),
    Case("option httpchk GET /x", "send-proxy", Plain),
    Case(
        "option httpchk GET /x",
        "send-proxy no-check-send-proxy",
        Plain,
    ),
    Case(
        "option httpchk GET /x",
        "check-send-proxy send-proxy-v2 proxy-v2-options crc32c,ssl,authority,unique-id",
        Plain,
    ),
    Case(
        "option httpchk GET /x",
        "ssl verify none check-send-proxy",
        Behind("first.pem"),
    ),
    Case(
        "option httpchk | http-check connect",
        "ssl verify none check-send-proxy",
        Plain,
    ),
    Case(
        "option httpchk | http-check connect default",
        "ssl verify none check-sni a.test",
        Secure("first.pem"),
    ),
    Case(
        "option httpchk | http-check connect ssl",
        "verify none check-sni a.test",
        Secure("first.pem"),
    ),
    Case(
        "option httpchk | http-check connect ssl sni b.test alpn http/1.1",
        "verify none check-sni a.test",
        Secure("first.pem"),
    ),
    Case(
        "option httpchk | http-check connect default sni b.test alpn old",
        "ssl verify none check-sni a.test",
        Secure("first.pem"),
    ),
    Case(
        "option httpchk | http-check connect ssl sni second.test",
        "ca-file PEM/authority.pem",
        Secure("first.pem"),
    ),
    Case(
        "option httpchk | http-check connect ssl",
        "ca-file PEM/authority.pem",
        Secure("stranger.pem"),
    ),
    Case(
        "option httpchk | http-check connect ssl alpn http/1.1 proto h1 linger",
        "verify none alpn old",
        Secure("first.pem"),
    ),
    Case("option httpchk | http-check connect send-proxy", "", Plain),
    Case(
        "option httpchk | http-check connect send-proxy",
        "send-proxy-v2",
        Plain,
    ),
    Case(
        "option httpchk | http-check connect send-proxy ssl",
        "send-proxy-v2 verify none",
        Behind("first.pem"),
    ),
    Case(
        "option tcp-check | tcp-check connect ssl",
        "verify none",
        Secure("first.pem"),
    ),
    Case(
        "option tcp-check | tcp-check connect ssl comment there",
        "ca-file PEM/authority.pem",
        Secure("stranger.pem"),
    ),
    Case(
        "option tcp-check | tcp-check connect ssl",
        "verify none",
        Silent,
    ),
    Case(
        "option tcp-check | tcp-check connect ssl",
        "verify none",
        Closing,
    ),
    Case("option tcp-check", "ssl verify none", Secure("first.pem")),
    Case(
        "option tcp-check",
        "ssl ca-file PEM/authority.pem",
        Secure("stranger.pem"),
    ),
    Case(
        "option tcp-check | tcp-check send hello | tcp-check expect string 200",
        "ssl verify none",
        Secure("first.pem"),
    ),
    Case(
        "option tcp-check | tcp-check connect ssl proto none | tcp-check send hello | tcp-check expect string 404",
        "verify none",
        Secure("first.pem"),
    ),
    Case(
        "option tcp-check | tcp-check connect send-proxy | tcp-check send hello | tcp-check expect string 200",
        "",
        Plain,
    ),
];

/// What is known of each case.
type Told = BTreeMap<usize, String>;

#[test]
fn both_begin_checks_alike_and_find_the_same_words() {
    let Some([haproxy, ours]) = tell_both(tell) else {
        return;
    };
    let mut differences = String::new();
    for (index, Case(lines, words, _)) in CASES.iter().enumerate() {
        let (haproxy, ours) = (&haproxy[&index], &ours[&index]);
        if haproxy != ours {
            differences +=
                &format!("{index}: {lines} // {words}\n  HAProxy: {haproxy}\n  ours:    {ours}\n");
        }
    }
    assert!(differences.is_empty(), "{differences}");
}

fn tell(program: &Program) -> Told {
    let work = WorkDir::new();
    let (socket, port) = (work.join("s.sock"), Port::reserve());
    let servers: Vec<Server> = CASES.iter().map(|case| Server::start(case.2)).collect();
    let file = work.write("haproxy.cfg", config(&servers, &socket, &port));
    let mut command = Command::new(&program.1);
    let process = Process::spawn(command.args(["-db", "-f"]).arg(file));
    let begin = Instant::now();
    let mut told = Told::new();
    while told.len() < CASES.len() {
        for (index, row) in checked_rows(&socket) {
            told.entry(index).or_insert(row);
        }
        assert!(
            begin.elapsed() < SOON,
            "not all were checked: {told:?}\n{}",
            process.stderr()
        );
        thread::sleep(Duration::from_millis(10));
    }
    let said = process.stderr();
    let told = told.into_iter().map(|(index, row)| {
        let server = &servers[index];
        let asked = server.asked.lock().unwrap().first().cloned();
        // A check that asks nothing may be gone before its server has seen the end of the handshake.
        let asked = asked.filter(|_| !row.contains("L6OK")).unwrap_or_default();
        let port = server.port.to_string();
        let change = reason_told(&said, index);
        let row = without_stale_error(format!("{row} | {change} | {asked}"));
        (index, without_port_of_client(&row.replace(&port, "PORT")))
    });
    told.collect()
}

/// HAProxy adds the name of the last error of any system call, which may have been another connection's.
fn without_stale_error(mut told: String) -> String {
    const FAILURE: &str = "SSL handshake failure";
    let mut from = 0;
    while let Some(at) = told[from..].find(FAILURE) {
        from += at + FAILURE.len();
        let stale = told[from..]
            .strip_prefix(" (")
            .and_then(|rest| rest.find(')'));
        if let Some(length) = stale {
            told.drain(from..from + " ()".len() + length);
        }
    }
    told
}

/// A PROXY header of version 1 tells the port that the check comes from.
fn without_port_of_client(told: &str) -> String {
    let Some((before, after)) = told.split_once("127.0.0.1 127.0.0.1 ") else {
        return told.to_owned();
    };
    let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
    format!("{before}127.0.0.1 127.0.0.1 N{after}")
}

fn config(servers: &[Server], socket: &Path, port: &Port) -> String {
    let mut text = format!(
        "global\n  node lab\n  stats socket {} level admin\ndefaults\n  mode http\n  timeout connect 700ms\n  \
         timeout client 5s\n  timeout server 5s\n  timeout check 700ms\nfrontend f\n  bind {}\n",
        socket.display(),
        port.address()
    );
    for (index, (Case(lines, words, _), server)) in CASES.iter().zip(servers).enumerate() {
        let lines: String = lines
            .split(" | ")
            .map(|line| format!("  {line}\n"))
            .collect();
        let port = server.port;
        text += &format!(
            "backend b{index}\n{lines}  server s 127.0.0.1:{port} check inter 1500ms {words}\n"
        );
    }
    text.replace("PEM", &folder().display().to_string())
}

struct Server {
    port: u16,
    /// What was seen of each connection: the PROXY header, the name told inside TLS and the protocol settled, the request.
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(is: Is) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::default());
        let seen: Arc<Mutex<Vec<String>>> = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let seen = Arc::clone(&seen);
                thread::spawn(move || answer(stream.unwrap(), is, &seen));
            }
        });
        Self { port, asked }
    }
}

/// Errors are those of a checker that has seen enough.
fn answer(mut stream: TcpStream, is: Is, seen: &Mutex<Vec<String>>) {
    let mut bytes = vec![0; 4096];
    let mut told = String::new();
    let mut wire = match is {
        Closing => {
            let _ = stream.read(&mut bytes);
            return;
        }
        Silent => {
            while stream.read(&mut bytes).is_ok_and(|length| length > 0) {}
            return;
        }
        Plain => Wire::Plain(stream),
        Secure(certificate) | Behind(certificate) => {
            if is == Behind(certificate) {
                told += &header(&mut stream);
            }
            let (wire, name) = Wire::Plain(stream).accept(certificate);
            told += &name;
            wire
        }
    };
    if let Wire::Server(stream) = &wire {
        let alpn = stream.conn.alpn_protocol().unwrap_or(b"-");
        told += &format!("[alpn {}]", alpn.escape_ascii());
    }
    told += &spoken(&mut wire);
    seen.lock().unwrap().push(told);
    let _ = wire.write_all(b"HTTP/1.0 200 Fine\r\nContent-Length: 0\r\n\r\n");
}

/// What a check says: a request, the word `hello`, or the beginning of TLS.
fn spoken(wire: &mut Wire) -> String {
    const TLS: u8 = 0x16;
    let mut said = Vec::new();
    let mut bytes = [0; 4096];
    while let Ok(length @ 1..) = wire.read(&mut bytes) {
        said.extend(&bytes[..length]);
        if said[0] == TLS {
            return "TLS".to_owned();
        }
        if said.ends_with(b"hello") || (said.len() > 16 && said.ends_with(b"\r\n\r\n")) {
            break;
        }
    }
    said.escape_ascii().to_string()
}

/// Takes a PROXY header off the connection, of version 1 or of version 2 without addresses.
fn header(stream: &mut TcpStream) -> String {
    let mut header = Vec::new();
    let mut byte = [0];
    while stream.read(&mut byte).is_ok_and(|length| length > 0) {
        header.push(byte[0]);
        let whole = match header.starts_with(b"PROXY") {
            true => header.ends_with(b"\r\n"),
            false => header.len() == 16,
        };
        if whole {
            break;
        }
    }
    header.escape_ascii().to_string()
}
