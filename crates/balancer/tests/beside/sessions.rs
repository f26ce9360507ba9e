//! `show sess` and `shutdown session`: what is at work, how it is shown, and how it ends.

use crate::desk::Desk;
use crate::engine::{Lab, Program, tell_both};
use std::net::UdpSocket;
use testkit::{Asked, Client, Origin, Port, Reply, SOON, eventually};

/// What a client does, and what it has got once its request is as far as it comes.
struct Case {
    entrance: Entrance,
    sends: &'static [u8],
    gets: &'static str,
    /// What its line shows then.
    until: &'static str,
}

#[derive(Clone, Copy)]
enum Entrance {
    Http,
    Tcp,
    Http2,
}

/// Preface, empty settings, and the head of `GET /wait` with nothing behind it.
const REQUEST_OF_HTTP2: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\
    \0\0\0\x04\0\0\0\0\0\
    \0\0\x0c\x01\x05\0\0\0\x01\x82\x86\x04\x05/wait\x41\x01x";

const CASES: &[Case] = &[
    Case {
        entrance: Entrance::Http,
        sends: b"GET /wait HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        gets: "",
        until: " scb=[8,",
    },
    Case {
        entrance: Entrance::Http,
        sends: b"GET /begun HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        gets: "abc",
        until: " scb=[8,",
    },
    Case {
        entrance: Entrance::Http,
        sends:
            b"POST /wait HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 9\r\n\r\nabc",
        gets: "",
        until: " scb=[8,",
    },
    Case {
        entrance: Entrance::Http,
        sends: b"GET /tarpit HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        gets: "",
        until: " be=<NONE> ",
    },
    Case {
        entrance: Entrance::Http,
        sends: b"GET /queue HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        gets: "",
        until: " scb=[2,",
    },
    Case {
        entrance: Entrance::Tcp,
        sends: b"hello",
        gets: "",
        until: " scb=[8,",
    },
    Case {
        entrance: Entrance::Tcp,
        sends: b"",
        gets: "",
        until: " scb=[8,",
    },
];

#[test]
fn sessions_are_shown_and_ended_alike() {
    let told = tell_both(|program| {
        let scene = Scene::new(program);
        let holder = scene.hold_the_only_slot();
        let told: Vec<_> = CASES.iter().map(|case| scene.play(case)).collect();
        drop(holder);
        told
    });
    let Some([haproxy, ours]) = told else { return };
    for (ours, haproxy) in ours.iter().zip(&haproxy) {
        assert_eq!(ours, haproxy, "ours is on the left, HAProxy's on the right");
    }
}

#[test]
fn requests_of_http2_are_shown_alike() {
    let told = tell_both(|program| {
        let scene = Scene::new(program);
        let mut client = scene.client(Entrance::Http2);
        client.send(REQUEST_OF_HTTP2);
        let address = scene.address_of(&client);
        let line = shown(&scene.line_of(&client));
        let answer = scene.desk.send(&format!("shutdown session {address}\n"));
        // HAProxy's goes on to wait for its server.
        if program.0 == "balancer" {
            assert!(scene.log_line().contains(" KH "));
        }
        (line, answer)
    });
    let Some([haproxy, ours]) = told else { return };
    assert_eq!(ours, haproxy);
}

#[test]
fn sessions_are_asked_for_alike() {
    let told = tell_both(|program| {
        let scene = Scene::new(program);
        let commands = [
            "shutdown session",
            "shutdown session nonsense",
            "shutdown session 0x123",
            "show sess 0x123",
            "shutdown",
            "shutdown sessions",
            "user;show sess",
            "operator;shutdown session",
            "help show sess",
            "help shutdown",
        ];
        let mut told = scene.desk.ask_all(&commands);
        // The only one is who asks.
        for command in ["show sess", "show sess 0", "show sess nonsense"] {
            told.push(shown(&scene.desk.send(&format!("{command}\n"))));
        }
        told
    });
    let Some([haproxy, ours]) = told else { return };
    for (ours, haproxy) in ours.iter().zip(&haproxy) {
        assert_eq!(ours, haproxy, "ours is on the left, HAProxy's on the right");
    }
}

#[test]
fn one_session_is_told_in_full() {
    const BEGINNINGS: [&str; 6] = ["frontend=", "backend=", "server=", "task=", "scf=", "scb="];
    let told = tell_both(|program| {
        let scene = Scene::new(program);
        let mut client = scene.client(Entrance::Http);
        client.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
        let address = scene.address_of(&client);
        let full = scene.desk.send(&format!("show sess {address}\n"));
        let all = scene.desk.send("show sess all\n");
        assert!(all.contains(&format!("{address}: [")), "{all}");
        assert!(full.starts_with(&format!("{address}: [")), "{full}");
        let lines = full.lines().map(str::trim_start);
        let lines = lines.filter(|line| BEGINNINGS.iter().any(|word| line.starts_with(word)));
        let known = lines.map(|line| {
            let words = line.split([' ', '(', ')', ',']).filter(|word| {
                let lasting = [
                    "frontend=",
                    "backend=",
                    "server=",
                    "id=",
                    "mode=",
                    "listener=",
                    "state=",
                ];
                lasting.iter().any(|name| word.starts_with(name))
            });
            words.collect::<Vec<_>>().join(" ")
        });
        known.collect::<Vec<_>>()
    });
    let Some([haproxy, ours]) = told else { return };
    assert_eq!(ours, haproxy);
}

/// A balancer before servers that let their clients wait, and its log.
struct Scene {
    desk: Desk,
    log: UdpSocket,
    tcp: Port,
    http2: Port,
    _server: Origin,
}

impl Scene {
    fn new(program: &Program) -> Self {
        let log = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        log.set_read_timeout(Some(SOON)).expect("a time above 0");
        let server = Origin::start(|asked: &Asked| match asked.target().as_str() {
            "/begun" => {
                Reply::bytes("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nabc").then_hang()
            }
            _ => Reply::hang(),
        });
        let (tcp, http2) = (Port::reserve(), Port::reserve());
        let config = CONFIG
            .replace("{log}", &log.local_addr().expect("it is bound").to_string())
            .replace("{tcp}", &tcp.address().to_string())
            .replace("{http2}", &http2.address().to_string())
            .replace("{server}", &server.address().to_string());
        Self {
            desk: Desk::open(Lab::new(program), &config),
            log,
            tcp,
            http2,
            _server: server,
        }
    }

    fn client(&self, entrance: Entrance) -> Client {
        let address = match entrance {
            Entrance::Http => self.desk.lab.frontend_address(),
            Entrance::Tcp => self.tcp.address(),
            Entrance::Http2 => self.http2.address(),
        };
        Client::connect(address).with_deadline(SOON)
    }

    /// Nobody else gets past the queue.
    fn hold_the_only_slot(&self) -> Client {
        let mut client = self.client(Entrance::Http);
        client.send("GET /queue HTTP/1.1\r\nHost: x\r\n\r\n");
        eventually("it has its server", SOON, || {
            self.line_of(&client).contains(" srv=one ")
        });
        client
    }

    /// How one client is shown, what it gets when it is ended, and what the log says of it.
    fn play(&self, case: &Case) -> [String; 4] {
        let mut client = self.client(case.entrance);
        client.send(case.sends);
        if !case.gets.is_empty() {
            client.read_until(case.gets);
        }
        let mut line = String::new();
        eventually("it is as far as it comes", SOON, || {
            line = self.line_of(&client);
            line.contains(case.until)
        });
        let address = line.split(": ").next().expect("a line begins with it");
        let answer = self.desk.send(&format!("shutdown session {address}\n"));
        let gone = client.read_to_close();
        let log = self.log_line();
        [
            shown(&line),
            answer,
            String::from_utf8_lossy(&gone).into_owned(),
            log,
        ]
    }

    fn address_of(&self, client: &Client) -> String {
        let mut line = String::new();
        eventually("it has a server", SOON, || {
            line = self.line_of(client);
            line.contains(" scb=[8,")
        });
        line.split(": ")
            .next()
            .expect("a line begins with it")
            .to_owned()
    }

    fn line_of(&self, client: &Client) -> String {
        let source = format!(" src={} ", client.local_address());
        let all = self.desk.send("show sess\n");
        let line = all.lines().find(|line| line.contains(&source));
        line.unwrap_or_default().to_owned()
    }

    /// Frontend and server, status and termination state of the next request that is logged.
    fn log_line(&self) -> String {
        loop {
            let mut line = [0; 2048];
            let length = self.log.recv(&mut line).expect("a line is logged");
            let line = String::from_utf8_lossy(&line[..length]);
            let (_, told) = line.trim_end().split_once("]: ").expect("a pid");
            // Whoever tried whether somebody listens sent none.
            if !told.contains("<BADREQ>") {
                return told.to_owned();
            }
        }
    }
}

/// Names and states of each line; addresses in memory, ports, numbers of sockets, times, and whether HAProxy's scheduler has
/// just taken it up (`ts`) are left out.
fn shown(lines: &str) -> String {
    let kept = ["proto", "fe", "be", "srv", "cpu", "lat", "rc"];
    let line = |line: &str| -> String {
        let words = line
            .split(' ')
            .filter_map(|word| match word.split_once('=') {
                Some(("scf" | "scb", state)) => Some(state[..2].to_owned()),
                Some(("src", source)) => Some(source.split(':').next()?.to_owned()),
                Some((name, _)) if kept.contains(&name) => Some(word.to_owned()),
                _ => None,
            });
        words.collect::<Vec<_>>().join(" ") + "\n"
    };
    lines.lines().map(line).collect()
}

const CONFIG: &str = "global
    stats socket {socket} level admin
    log {log} local0
defaults
    mode http
    log global
    log-format \"%ft %b/%s %ST %B %ts %{+Q}r\"
    timeout connect 1s
    timeout client 20s
    timeout server 20s
    timeout queue 500ms
    timeout tarpit 500ms
frontend web
    bind {frontend} name door
    http-request tarpit if { path /tarpit }
    use_backend narrow if { path /queue }
    default_backend wide
backend wide
    server any {server}
backend narrow
    server one {server} maxconn 1
frontend modern
    bind {http2} proto h2
    default_backend wide
listen plain
    mode tcp
    log-format \"%ft %b/%s - - %ts\"
    bind {tcp}
    server any {server}
";
