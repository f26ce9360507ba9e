//! Runs a scenario and tells what was seen.

use super::engine::Engine;
use super::scenario::{Scenario, Step, escape};
use super::server::Server;
use rustix::process::Signal;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

/// After everything expected has come: how long nothing more may.
const QUIET: Duration = Duration::from_millis(80);

/// Without an expectation: how long nothing comes before that was all.
const QUIET_WHEN_BLESSING: Duration = Duration::from_millis(1500);

/// The longest to wait for what is expected.
const PATIENCE: Duration = Duration::from_secs(8);

/// What was seen, a line each: connections at the server, the client's bytes and its end, the log.
pub(crate) fn run(engine: &Engine, scenario: &Scenario, expected: Option<&str>) -> String {
    let server = Server::start(scenario.replies.clone());
    let mut running = engine.start(scenario, server.port());
    let mut client = Client::connect(running.address);
    for step in &scenario.client {
        client.take(step);
    }
    let wanted = expected.map(Wanted::of);
    let (bytes, end) = client.observe(wanted.as_ref());
    let lines = wanted.as_ref().map_or(0, |wanted| wanted.log_lines);
    let logged = || log(&running.process.stdout());
    let start = Instant::now();
    while logged().len() < lines && start.elapsed() < PATIENCE {
        thread::sleep(Duration::from_millis(5));
    }
    thread::sleep(if wanted.is_some() { QUIET / 4 } else { QUIET });
    let log = logged();
    let received = server.received();
    let said = running.process.end_with(Signal::TERM);
    let mut seen = String::new();
    for line in said.stderr.lines().filter(|line| line.contains("panicked")) {
        seen += &format!("{line}\n");
    }
    for connection in &received {
        seen += &format!("server {}\n", escape(connection));
    }
    seen += &format!("client {}\nclient is {end}\n", escape(&bytes));
    for line in log {
        seen += &format!("log {line}\n");
    }
    seen
}

/// What to wait for.
struct Wanted {
    client_text: String,
    open: bool,
    log_lines: usize,
}

impl Wanted {
    fn of(expected: &str) -> Self {
        let text = |prefix: &str| expected.lines().find_map(|line| line.strip_prefix(prefix));
        let is_end = |line: &&str| line.starts_with("client is ");
        Self {
            client_text: expected
                .lines()
                .filter(|line| !is_end(line))
                .find_map(|line| line.strip_prefix("client "))
                .unwrap_or_default()
                .to_owned(),
            open: text("client is ") == Some("open"),
            log_lines: expected
                .lines()
                .filter(|line| line.starts_with("log "))
                .count(),
        }
    }
}

struct Client {
    stream: TcpStream,
    received: Vec<u8>,
    end: Option<&'static str>,
}

impl Client {
    fn connect(address: std::net::SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            received: Vec::new(),
            end: None,
        }
    }

    fn take(&mut self, step: &Step) {
        match step {
            // The other side may have closed already, which is seen when reading.
            Step::Send(bytes) => drop(self.stream.write_all(bytes)),
            Step::Read(text) => {
                let start = Instant::now();
                let contains = |all: &[u8]| all.windows(text.len()).any(|window| window == text);
                while !contains(&self.received) && start.elapsed() < PATIENCE && self.end.is_none()
                {
                    self.read(QUIET);
                }
            }
            Step::Wait(time) => thread::sleep(*time),
            Step::Finish => drop(self.stream.shutdown(Shutdown::Write)),
            Step::Close => drop(self.stream.shutdown(Shutdown::Both)),
            Step::Reset => {
                let socket = socket2::SockRef::from(&self.stream);
                socket.set_linger(Some(Duration::ZERO)).unwrap();
            }
        }
    }

    /// Reads until all that is wanted has come, or nothing comes any more.
    fn observe(mut self, wanted: Option<&Wanted>) -> (Vec<u8>, &'static str) {
        let start = Instant::now();
        while self.end.is_none() {
            let quiet = match wanted {
                None => QUIET_WHEN_BLESSING,
                Some(_) => QUIET,
            };
            let came = self.read(quiet);
            let satisfied = wanted
                .is_none_or(|wanted| wanted.open && wanted.client_text == escape(&self.received));
            if !came && (satisfied || start.elapsed() > PATIENCE) {
                break;
            }
        }
        (self.received, self.end.unwrap_or("open"))
    }

    /// Whether anything came within a time.
    fn read(&mut self, quiet: Duration) -> bool {
        self.stream.set_read_timeout(Some(quiet)).unwrap();
        let mut chunk = [0; 65_536];
        match self.stream.read(&mut chunk) {
            Ok(0) => self.end = Some("closed"),
            Ok(length) => self.received.extend_from_slice(&chunk[..length]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return false;
            }
            // Whether bytes that nobody read are lost with a close or a reset is the kernel's affair.
            Err(_) => self.end = Some("closed"),
        }
        true
    }
}

/// The log lines of requests, with client, date and times blanked.
fn log(stdout: &str) -> Vec<String> {
    let lines = stdout.lines().filter(|line| line.starts_with("127.0.0.1:"));
    lines.map(blank).collect()
}

fn blank(line: &str) -> String {
    let Some((_, rest)) = line.split_once("] ") else {
        return line.to_owned();
    };
    let words = rest
        .split(' ')
        .enumerate()
        .map(|(index, word)| match index {
            2 => blank_times(word),
            _ => word.to_owned(),
        });
    words.collect::<Vec<_>>().join(" ")
}

/// `0/0/1/-1/+12` to `T/T/T/-1/+T`: the phases that were reached.
fn blank_times(word: &str) -> String {
    let times = word.split('/').map(|time| match time {
        "-1" => "-1",
        early if early.starts_with('+') => "+T",
        _ => "T",
    });
    times.collect::<Vec<_>>().join("/")
}
