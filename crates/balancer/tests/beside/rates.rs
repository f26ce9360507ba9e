//! Limits of how many connections begin in a second: a burst of clients, how many of them are taken at once, and what is
//! told of the rates.

use crate::desk::Desk;
use crate::engine::{Lab, Program, tell_both};
use crate::secure::{Hello, Wire, folder};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};
use testkit::{Client, SOON, eventually};

/// Where a limit is set, and where it and what came of it are told.
struct Limit {
    global: &'static str,
    frontend: &'static str,
    tls: bool,
    told: Told,
}

enum Told {
    /// Fields of `show info`: the rate now, the limit, the highest rate.
    Info([&'static str; 3]),
    /// The frontend's columns `rate`, `rate_lim` and `rate_max`.
    Statistics,
}

const CONNECTIONS: Limit = Limit {
    global: "maxconnrate",
    frontend: "",
    tls: false,
    told: Told::Info(["ConnRate", "ConnRateLimit", "MaxConnRate"]),
};

const SESSIONS: Limit = Limit {
    global: "maxsessrate",
    frontend: "",
    tls: false,
    told: Told::Info(["SessRate", "SessRateLimit", "MaxSessRate"]),
};

const HANDSHAKES: Limit = Limit {
    global: "maxsslrate",
    frontend: "",
    tls: true,
    told: Told::Info(["SslRate", "SslRateLimit", "MaxSslRate"]),
};

const OF_FRONTEND: Limit = Limit {
    global: "",
    frontend: "rate-limit sessions",
    tls: false,
    told: Told::Statistics,
};

/// What a burst showed.
#[derive(Debug)]
struct Burst {
    /// Clients answered before the first second was over, by the clock of each.
    at_once: usize,
    answered: usize,
    took: Duration,
    limit: u64,
    highest: u64,
}

impl Limit {
    fn play(&self, program: &Program, most: usize, clients: usize) -> Burst {
        let desk = Desk::open(Lab::new(program), &self.config(most));
        eventually("the first clients are forgotten", SOON, || {
            self.rates(&desk)[0] == 0
        });
        let (begun, address) = (Instant::now(), desk.lab.frontend_address());
        let times: Vec<_> = thread::scope(|scope| {
            let client = || {
                ask(address, self.tls);
                begun.elapsed()
            };
            let clients: Vec<_> = (0..clients).map(|_| scope.spawn(client)).collect();
            clients.into_iter().map(|it| it.join().unwrap()).collect()
        });
        let [_, limit, highest] = self.rates(&desk);
        let second = Duration::from_secs(1);
        Burst {
            at_once: times.iter().filter(|&&time| time < second).count(),
            answered: times.len(),
            took: begun.elapsed(),
            limit,
            highest,
        }
    }

    fn config(&self, most: usize) -> String {
        let line = |word: &str| match word {
            "" => String::new(),
            word => format!("    {word} {most}\n"),
        };
        let tls = match self.tls {
            true => format!(" ssl crt {}/first.pem", folder().display()),
            false => String::new(),
        };
        format!(
            "global\n    stats socket {{socket}} level admin\n{}\
             defaults\n    mode http\n    timeout client 20s\n    timeout server 20s\n    timeout connect 5s\n\
             frontend f\n    bind {{frontend}}{tls}\n{}    http-request return status 200\n",
            line(self.global),
            line(self.frontend),
        )
    }

    /// The rate now, the limit, and the highest rate.
    fn rates(&self, desk: &Desk) -> [u64; 3] {
        match self.told {
            Told::Info(names) => {
                let info = desk.send("show info\n");
                names.map(|name| {
                    let mut lines = info.lines().filter_map(|line| line.split_once(": "));
                    let (_, number) = lines.find(|(it, _)| *it == name).unwrap();
                    number.parse().unwrap()
                })
            }
            Told::Statistics => {
                let rows = desk.send("show stat f 1 -1\n");
                let mut lines = rows.lines();
                let names = lines.next().unwrap().trim_start_matches("# ");
                let row: Vec<_> = lines.next().unwrap().split(',').collect();
                ["rate", "rate_lim", "rate_max"].map(|name| {
                    let at = names.split(',').position(|it| it == name).unwrap();
                    row[at].parse().unwrap()
                })
            }
        }
    }
}

/// A client on a connection of its own is answered.
fn ask(address: SocketAddr, tls: bool) {
    if tls {
        let socket = TcpStream::connect(address).unwrap();
        let (_, told) = Wire::Plain(socket).secure(&Hello::default());
        assert_eq!(told, "[first.pem -]");
        return;
    }
    let mut client = Client::connect(address).with_deadline(2 * SOON);
    client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert_eq!(client.response().status, 200);
}

/// Bursts under limits of three sizes, two of them exceeded. Each thread lets a session in by itself and the last second
/// slides, so a few more than allowed come in, in both; without a limit it would be all of them.
#[track_caller]
fn held_alike(limit: &Limit) {
    for (most, clients) in [(5, 20), (10, 40), (50, 40)] {
        let told = tell_both(|program| limit.play(program, most, clients));
        let Some(told) = told else { return };
        for burst in told {
            assert_eq!(burst.answered, clients);
            assert_eq!(burst.limit, most as u64);
            assert!((1..=2 * most as u64).contains(&burst.highest), "{burst:?}");
            if most < clients {
                assert!(burst.at_once <= 2 * most, "{burst:?}");
                assert!(burst.took >= Duration::from_secs(1), "{burst:?}");
            }
        }
    }
}

#[test]
fn new_connections_of_a_second_are_held_alike() {
    held_alike(&CONNECTIONS);
}

#[test]
fn new_sessions_of_a_second_are_held_alike() {
    held_alike(&SESSIONS);
}

#[test]
fn new_connections_of_tls_in_a_second_are_held_alike() {
    held_alike(&HANDSHAKES);
}

#[test]
fn new_sessions_of_a_frontend_in_a_second_are_held_alike() {
    held_alike(&OF_FRONTEND);
}
