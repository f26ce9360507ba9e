//! One of the two programs, running a configuration on ports of its own.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};
use testkit::{Client, Origin, Port, Process, Reply, WorkDir, eventually, program};

/// Enough for anything here to come up.
const SOON: Duration = Duration::from_secs(10);

/// The programs to compare; `None` (and said) when HAProxy is not installed.
pub(crate) fn both() -> Option<[Program; 2]> {
    let haproxy = program::find("haproxy")?;
    let ours = PathBuf::from(env!("CARGO_BIN_EXE_balancer"));
    Some([Program("haproxy", haproxy), Program("balancer", ours)])
}

/// Runs the same story with both programs at the same time and returns what each told.
pub(crate) fn tell_both<T: Send>(story: impl Fn(&Program) -> T + Sync) -> Option<[T; 2]> {
    let [haproxy, ours] = both()?;
    thread::scope(|scope| {
        let one = scope.spawn(|| story(&haproxy));
        let two = scope.spawn(|| story(&ours));
        let told =
            |thread: thread::ScopedJoinHandle<'_, T>| thread.join().expect("the story is told");
        Some([told(one), told(two)])
    })
}

pub(crate) struct Program(pub(crate) &'static str, pub(crate) PathBuf);

/// Four servers that answer as the activities' do, a balancer before them, and its statistics.
pub(crate) struct Lab {
    ports: Vec<Port>,
    servers: Vec<Option<Origin>>,
    frontend: Port,
    statistics: Port,
    work: WorkDir,
    program: PathBuf,
    name: &'static str,
    balancer: Option<Process>,
}

/// How one request was answered.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Hit {
    /// The server's number from 1, or the status of an error.
    pub(crate) answer: String,
    pub(crate) took: Duration,
}

impl Lab {
    pub(crate) fn new(program: &Program) -> Self {
        let ports = Port::reserve_row(4);
        let mut lab = Self {
            servers: ports.iter().map(|_| None).collect(),
            ports,
            frontend: Port::reserve(),
            statistics: Port::reserve(),
            work: WorkDir::new(),
            program: program.1.clone(),
            name: program.0,
            balancer: None,
        };
        (1..=4).for_each(|number| lab.start_server(number));
        lab
    }

    pub(crate) fn start_server(&mut self, number: usize) {
        let address = self.ports[number - 1].address();
        let reply = Reply::ok(&format!("Hi!! from server {number}"));
        self.servers[number - 1] = Some(Origin::listen(address, move |_| reply.clone()));
    }

    pub(crate) fn kill_server(&mut self, number: usize) {
        self.servers[number - 1] = None;
    }

    /// Where clients come in.
    pub(crate) fn frontend_address(&self) -> SocketAddr {
        self.frontend.address()
    }

    /// Where the statistics are shown.
    pub(crate) fn statistics_address(&self) -> SocketAddr {
        self.statistics.address()
    }

    /// The address of a server's port.
    pub(crate) fn server(&self, number: usize) -> SocketAddr {
        self.ports[number - 1].address()
    }

    /// Writes the configuration and starts the balancer on it, in place of the one before.
    pub(crate) fn run(&mut self, config: &str) {
        self.balancer = None;
        let text = config
            .replace("{frontend}", &self.frontend.address().to_string())
            .replace("{statistics}", &self.statistics.address().to_string());
        let text = (1..=4).fold(text, |text, number| {
            text.replace(
                &format!("{{server{number}}}"),
                &self.server(number).to_string(),
            )
        });
        let file = self.work.write("myhaproxy.cfg", text);
        let mut command = Command::new(&self.program);
        self.balancer = Some(Process::spawn(command.args(["-db", "-f"]).arg(file)));
        let (name, address) = (self.name, self.frontend.address());
        eventually(&format!("{name} listens"), SOON, || {
            Client::try_connect(address).is_ok()
        });
        if config.contains("{statistics}") {
            let address = self.statistics.address();
            eventually(&format!("{name} shows statistics"), SOON, || {
                Client::try_connect(address).is_ok()
            });
        }
    }

    /// `count` requests one after the other, each on a connection of its own.
    pub(crate) fn hit(&self, count: usize) -> Vec<Hit> {
        (0..count).map(|_| self.hit_once()).collect()
    }

    fn hit_once(&self) -> Hit {
        let begin = Instant::now();
        let mut client = Client::connect(self.frontend.address()).with_deadline(SOON);
        client.send("GET / HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n");
        let response = client.response();
        let answer = match response.text().strip_prefix("Hi!! from server ") {
            Some(number) => number.to_string(),
            None => response.status.to_string(),
        };
        Hit {
            answer,
            took: begin.elapsed(),
        }
    }

    /// The statistics as CSV: rows by `proxy/server`, columns by name.
    pub(crate) fn statistics(&self) -> Statistics {
        let response = testkit::get(self.statistics.address(), "/;csv");
        Statistics::parse(&response.text())
    }

    pub(crate) fn status(&self, number: usize) -> String {
        let row = format!("application_nodes/server0{number}");
        self.statistics().rows[&row]["status"].clone()
    }

    /// What the balancer has said of servers so far, without pid.
    pub(crate) fn state_changes(&self) -> Vec<String> {
        let said = self
            .balancer
            .as_ref()
            .map(Process::stderr)
            .unwrap_or_default();
        let about_servers = said
            .lines()
            .filter(|l| l.contains("Server ") || l.contains("has no server"));
        let without_pid = about_servers.filter_map(|line| line.split_once(" : "));
        without_pid
            .map(|(_, text)| without_duration(&testkit::filters::times(text)))
            .collect()
    }
}

/// Leaves out how long a check took.
fn without_duration(line: &str) -> String {
    const BEFORE: &str = "check duration: ";
    match line.split_once(BEFORE) {
        Some((before, after)) => {
            let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
            format!("{before}{BEFORE}[N]{after}")
        }
        None => line.to_owned(),
    }
}

/// A CSV of statistics.
#[derive(Clone, Debug)]
pub(crate) struct Statistics {
    pub(crate) header: String,
    pub(crate) rows: BTreeMap<String, BTreeMap<String, String>>,
}

impl Statistics {
    fn parse(csv: &str) -> Self {
        let mut lines = csv.lines().filter(|line| !line.is_empty());
        let header = lines.next().expect("a header").to_string();
        let names: Vec<_> = header.trim_start_matches("# ").split(',').collect();
        let rows = lines.map(|line| {
            let cells: Vec<_> = line.split(',').collect();
            let row = names
                .iter()
                .zip(&cells)
                .map(|(n, c)| (n.to_string(), c.to_string()));
            (format!("{}/{}", cells[0], cells[1]), row.collect())
        });
        Self {
            rows: rows.collect(),
            header,
        }
    }
}
