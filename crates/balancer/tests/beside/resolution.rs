//! Servers whose names are looked up while the balancer runs: the same zone, changing under both.

use crate::engine::{Program, tell_both};
use crate::nameserver::{NameServer, Zone};
use hickory_proto::op::ResponseCode;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};
use testkit::{Client, Origin, Port, Process, Reply, WorkDir, eventually};

const SOON: Duration = Duration::from_secs(10);

/// Servers at 127.0.0.11 to 13, a name server, and a balancer that asks it.
struct Scene {
    name: &'static str,
    nameserver: NameServer,
    socket: PathBuf,
    frontends: [Port; 2],
    servers: Port,
    _origins: Vec<Origin>,
    _folder: WorkDir,
    balancer: Process,
}

/// `plain` without and `filled` with checks; both ask for IPv4 first, so that one lookup serves all.
const CONFIG: &str = "
global
    stats socket {socket} level admin
defaults
    mode http
    timeout connect 1s
    timeout client 5s
    timeout server 5s
    default-server init-addr none resolvers lab resolve-prefer ipv4
resolvers lab
    nameserver dns1 127.0.0.1:{nameserver}
    timeout resolve 100ms
    timeout retry 300ms
    resolve_retries 1
    hold nx 200ms
    hold refused 200ms
    hold timeout 600ms
    hold other 200ms
    hold obsolete 50ms
frontend one
    bind {one}
    default_backend plain
frontend two
    bind {two}
    default_backend filled
backend plain
    server s1 site.lab:{port}
    server s2 site.lab:{port} resolve-opts allow-dup-ip
    server s3 127.0.0.13:{port} disabled
backend filled
    server-template w 3 site.lab:{port} check inter 100ms
";

impl Scene {
    fn new(program: &Program, zone: Zone) -> Self {
        let (folder, servers) = (WorkDir::new(), Port::reserve());
        let frontends = Port::reserve_many::<2>();
        let origins = (11..=13).map(|number| {
            let address: SocketAddr = (Ipv4Addr::new(127, 0, 0, number), servers.number()).into();
            let reply = Reply::ok(&number.to_string());
            Origin::listen(address, move |_| reply.clone())
        });
        let origins = origins.collect();
        let (nameserver, socket) = (NameServer::start(zone), folder.join("lab.sock"));
        let text = CONFIG
            .replace("{socket}", &socket.display().to_string())
            .replace("{nameserver}", &nameserver.port().to_string())
            .replace("{one}", &frontends[0].address().to_string())
            .replace("{two}", &frontends[1].address().to_string())
            .replace("{port}", &servers.number().to_string());
        let file = folder.write("names.cfg", text);
        let mut command = Command::new(&program.1);
        let balancer = Process::spawn(command.args(["-db", "-f"]).arg(file));
        let scene = Self {
            name: program.0,
            nameserver,
            socket,
            frontends,
            servers,
            _origins: origins,
            _folder: folder,
            balancer,
        };
        eventually("the stats socket answers", SOON, || {
            UnixStream::connect(&scene.socket).is_ok()
        });
        scene
    }

    /// Changes the zone, waits until the servers have these addresses, and tells all that can be seen.
    fn turn(&self, zone: Zone, addresses: [&str; 6]) -> Seen {
        self.nameserver.set(zone);
        self.wait_for(addresses);
        eventually("checks have passed", SOON, || self.checked());
        Seen {
            state: self.state(),
            statistics: self.statistics(),
            hits: [0, 1].map(|frontend| (0..4).map(|_| self.hit(frontend)).collect()),
        }
    }

    fn wait_for(&self, addresses: [&str; 6]) {
        let start = Instant::now();
        while self.addresses() != addresses {
            let seen = self.addresses();
            assert!(
                start.elapsed() < SOON,
                "{} has {seen:?}, not {addresses:?}",
                self.name
            );
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn ask(&self, command: &str) -> String {
        let mut stream = UnixStream::connect(&self.socket).expect("the socket is there");
        stream.set_read_timeout(Some(SOON)).expect("a time above 0");
        writeln!(stream, "{command}").expect("it is read");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer.replace(&self.servers.number().to_string(), "PORT")
    }

    /// `show servers state`, without times and results of checks.
    fn state(&self) -> Vec<String> {
        let text = self.ask("show servers state");
        let rows = text.lines().skip(2).filter(|line| !line.is_empty());
        let rows = rows.map(|row| {
            let columns = row.split(' ').enumerate();
            let kept = columns.filter(|(column, _)| !matches!(column, 9..=13));
            let kept = kept.map(|(column, text)| match column {
                6 => without_renamed(text),
                _ => text.to_owned(),
            });
            kept.collect::<Vec<_>>().join(" ")
        });
        rows.collect()
    }

    fn addresses(&self) -> Vec<String> {
        let column = |row: &String| row.split(' ').nth(4).map(str::to_owned);
        self.state().iter().filter_map(column).collect()
    }

    /// No server of `filled` with an address is still new.
    fn checked(&self) -> bool {
        let rows = self.statistics();
        rows.iter().all(|row| !row.contains(" UP 1/3"))
    }

    /// Proxy, server, status and address of each row.
    fn statistics(&self) -> Vec<String> {
        let text = self.ask("show stat");
        let rows = text.lines().skip(1).filter(|line| !line.is_empty());
        let rows = rows.map(|row| {
            let cells: Vec<_> = row.split(',').collect();
            [0, 1, 17, 73].map(|cell| cells[cell]).join(" ")
        });
        rows.collect()
    }

    fn hit(&self, frontend: usize) -> String {
        let address = self.frontends[frontend].address();
        let mut client = Client::connect(address).with_deadline(SOON);
        client.send("GET / HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n");
        let response = client.response();
        match response.status {
            200 => response.text(),
            status => status.to_string(),
        }
    }

    /// What was said of servers, without pid.
    fn said(&self) -> Vec<String> {
        let said = self.balancer.stderr();
        let lines = said.lines().filter_map(|line| line.split_once(") : "));
        let of_servers = lines.filter(|(_, text)| {
            ["Server ", "changed its IP", "has no server"]
                .iter()
                .any(|part| text.contains(part))
        });
        of_servers.map(|(_, text)| text.to_owned()).collect()
    }
}

/// `srv_admin_state` without the bit of a name from the runtime API: we show it at once, as the manual has it, HAProxy
/// with the next change of the server's state.
fn without_renamed(bits: &str) -> String {
    const RENAMED: u8 = 64;
    let bits: u8 = bits.parse().expect("bits are a number");
    (bits & !RENAMED).to_string()
}

/// What one turn of the zone has led to.
#[derive(Debug, PartialEq)]
struct Seen {
    state: Vec<String>,
    statistics: Vec<String>,
    hits: [Vec<String>; 2],
}

fn at(numbers: &[u8]) -> Zone {
    let addresses = numbers
        .iter()
        .map(|number| Ipv4Addr::new(127, 0, 0, *number));
    Zone::Addresses(addresses.collect())
}

const A: &str = "127.0.0.11";
const B: &str = "127.0.0.12";
const C: &str = "127.0.0.13";
const NONE: &str = "-";

#[test]
fn servers_follow_their_names() {
    let told = tell_both(|program| {
        let scene = Scene::new(program, Zone::Silence);
        let nobody = [NONE, NONE, C, NONE, NONE, NONE];
        let turns = vec![
            scene.turn(Zone::Silence, nobody),
            scene.turn(at(&[11, 12]), [B, A, C, B, A, NONE]),
            scene.turn(at(&[13]), [C, C, C, C, NONE, NONE]),
            scene.turn(Zone::Error(ResponseCode::NXDomain), nobody),
            scene.turn(at(&[11, 12, 13]), [C, B, C, C, B, A]),
            scene.turn(Zone::Silence, nobody),
            scene.turn(at(&[12]), [B, B, C, B, NONE, NONE]),
            scene.turn(Zone::Error(ResponseCode::Refused), nobody),
            scene.turn(at(&[11]), [A, A, C, A, NONE, NONE]),
            scene.turn(Zone::Error(ResponseCode::ServFail), nobody),
        ];
        let last = "backend 'filled' has no server available!";
        eventually("the last is said", SOON, || {
            scene.said().last().is_some_and(|line| line == last)
        });
        (turns, scene.said())
    });
    let Some([haproxy, ours]) = told else { return };
    for (number, (theirs, ours)) in haproxy.0.iter().zip(&ours.0).enumerate() {
        assert_eq!(ours, theirs, "turn {number}");
    }
    assert_eq!(ours.1, haproxy.1);
    let said = ours.1.join("\n");
    for cause in [
        "(No IP for server )",
        "(DNS NX status)",
        "(DNS timeout status)",
        "(DNS refused status)",
        "(unspecified DNS error)",
        "changed its IP from 127.0.0.12 to 127.0.0.13 by lab/dns1.",
    ] {
        assert!(said.contains(cause), "nobody said {cause}:\n{said}");
    }
}

#[test]
fn people_and_name_servers_may_both_keep_a_server_out() {
    let told = tell_both(|program| {
        let scene = Scene::new(program, Zone::Silence);
        let mut answers = Vec::new();
        let mut say = |command: &str| {
            let answer = scene.ask(command);
            let row = |row: &String| row.split(' ').take(8).collect::<Vec<_>>().join(" ");
            let state: Vec<_> = scene.state().iter().map(row).collect();
            answers.push(format!(
                "{command}: {answer}{}\n{}",
                scene.statistics().join("\n"),
                state.join("\n")
            ));
        };
        for command in [
            "set server plain/s1 state maint",
            "set server plain/s1 state ready",
            "set server plain/s1 state drain",
            "set server plain/s1 health up",
            "set server plain/s1 state ready",
            "set server plain/s2 state maint",
            "set server plain/s1 fqdn",
            "set server plain/s1 fqdn no!name",
            "set server plain/s1 fqdn SITE.lab",
            "set server plain/s3 fqdn other.lab",
            "set server plain/s1 fqdn other.lab",
            "show resolvers nope",
        ] {
            say(command);
        }
        scene.nameserver.set(at(&[11]));
        let resolved = [NONE, A, A, A, NONE, NONE];
        scene.wait_for(resolved);
        eventually("s2 is told of", SOON, || {
            scene
                .said()
                .iter()
                .any(|line| line.contains("plain/s2 ('site.lab')"))
        });
        eventually("checks have passed", SOON, || scene.checked());
        say("set server plain/s2 state ready");
        eventually("s2 is told of once more", SOON, || {
            let said = scene.said();
            said.contains(&"Server plain/s2 is UP/READY (leaving forced maintenance).".to_owned())
        });
        // two lookups: either may be answered first
        let mut said = scene.said();
        said.sort();
        (answers, said)
    });
    let Some([haproxy, ours]) = told else { return };
    for (theirs, ours) in haproxy.0.iter().zip(&ours.0) {
        assert_eq!(ours, theirs);
    }
    assert_eq!(ours.1, haproxy.1);
}

#[test]
fn counters_of_name_servers_have_haproxys_form() {
    let told = tell_both(|program| {
        let scene = Scene::new(program, at(&[11]));
        eventually("the names resolve", SOON, || scene.addresses()[0] == A);
        let text = scene.ask("show resolvers");
        let counts = |name: &str| {
            let line = text
                .lines()
                .find(|line| line.trim_start().starts_with(name));
            line.is_some_and(|line| !line.ends_with(" 0"))
        };
        let counted = ["sent", "valid:", "update", "any_err"].map(counts);
        let form: String = text.chars().filter(|c| !c.is_ascii_digit()).collect();
        (form, counted)
    });
    let Some([haproxy, ours]) = told else { return };
    assert_eq!(ours, haproxy);
    assert_eq!(ours.1, [true, true, true, false]);
}
