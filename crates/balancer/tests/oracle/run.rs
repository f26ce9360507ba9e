//! Runs a scenario and tells what was seen.

use super::checker::Checker;
use super::engine::{Engine, Servers};
use super::http2::{Http2, Order};
use super::looks;
use super::scenario::{Act, Scenario, Step, escape};
use super::secure::Wire;
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
    let server = Server::start(
        scenario.replies.clone(),
        scenario.server_certificate.clone(),
        scenario.server_speech.clone(),
    );
    let checker = Checker::start(scenario.turns.clone(), scenario.checker_certificate.clone());
    let servers = Servers {
        server: server.port(),
        checker: checker.port(),
    };
    if scenario.only_checked {
        return engine.verdict(scenario, servers);
    }
    let mut running = engine.start(scenario, servers);
    let mut clients: Vec<(usize, Client)> = Vec::new();
    let speaks = |act: &Act| matches!(act, Act::Client(1, _));
    if !scenario.without_client && !scenario.script.iter().any(speaks) {
        clients.push((1, Client::connect(running.address)));
    }
    let mut told = String::new();
    let mut stats = looked_for(expected, "stat ");
    let mut answers = looked_for(expected, "api ");
    let mut infos = looked_for(expected, "info ");
    for act in &scenario.script {
        match act {
            Act::Client(number, step) => {
                let mut others = clients.iter_mut();
                let client = match others.find(|(known, _)| known == number) {
                    Some((_, client)) => client,
                    None => {
                        clients.push((*number, Client::connect(running.address)));
                        &mut clients.last_mut().unwrap().1
                    }
                };
                client.take(step);
            }
            Act::Until(count) => {
                let start = Instant::now();
                while server.requests() < *count {
                    if start.elapsed() > PATIENCE {
                        told += &format!("never: server has {count}\n");
                        break;
                    }
                    thread::sleep(Duration::from_millis(2));
                }
            }
            Act::Stat { row, columns } => {
                told += &looks::stat(&running, row, columns, stats.next());
            }
            Act::Info(fields) => told += &looks::info(&running, fields, infos.next()),
            Act::Place(name) => told += &looks::place(&running, name),
            Act::Said => told += &servers.named(&looks::said(&running, expected)),
            Act::ApiAt(socket, command) => {
                let folder = running.folder().display().to_string();
                let answer = running.ask_at(socket, command).replace(&folder, "FOLDER");
                told += &format!("{socket} {}\n", escape(answer.as_bytes()));
            }
            Act::Api(command) => told += &looks::api(&running, command, answers.next()),
        }
    }
    let wanted = expected.map(Wanted::of);
    clients.sort_by_key(|(number, _)| *number);
    let clients = clients.into_iter().map(|(number, client)| {
        let name = client_name(number);
        let text = expected.map(|text| client_text(text, &name));
        let observing = thread::spawn(move || client.observe(text.as_ref()));
        (name, observing)
    });
    let observing: Vec<_> = clients.collect();
    // Nobody leaves before all have seen their end: who is there counts in the log.
    let clients = observing.into_iter();
    let clients: Vec<_> = clients
        .map(|(name, observing)| (name, observing.join().unwrap()))
        .collect();
    for (name, client) in &clients {
        let (bytes, end) = (escape(&client.received), client.end.unwrap_or("open"));
        told += &format!("{name} {bytes}\n{name} is {end}\n");
        for text in &client.missed {
            told += &format!("never: {name} reads {text}\n");
        }
    }
    drop(clients);
    let lines = wanted.as_ref().map_or(0, |wanted| wanted.log_lines);
    let logged = || log(&running.process.stdout());
    let start = Instant::now();
    while logged().len() < lines && start.elapsed() < PATIENCE {
        thread::sleep(Duration::from_millis(5));
    }
    let connections = wanted.as_ref().map_or(0, |wanted| wanted.connections);
    while server.received().len() < connections && start.elapsed() < PATIENCE {
        thread::sleep(Duration::from_millis(5));
    }
    let checked = || servers.named(&checker.told());
    let expected_checks = expected.map(|text| lines_of(text, "check "));
    while expected_checks
        .as_ref()
        .is_some_and(|wanted| checked() != *wanted)
        && start.elapsed() < PATIENCE
    {
        thread::sleep(Duration::from_millis(5));
    }
    thread::sleep(if wanted.is_some() { QUIET / 4 } else { QUIET });
    let checks = checked();
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
    seen += &checks;
    seen += &told;
    for line in log {
        seen += &format!("log {line}\n");
    }
    seen
}

/// What is to be seen with one kind of look, one after the other.
fn looked_for<'a>(expected: Option<&'a str>, kind: &str) -> impl Iterator<Item = &'a str> {
    let lines = expected.into_iter().flat_map(str::lines);
    lines.filter(move |line| line.starts_with(kind))
}

fn lines_of(text: &str, start: &str) -> String {
    let lines = text.lines().filter(|line| line.starts_with(start));
    lines.map(|line| format!("{line}\n")).collect()
}

/// `client`, `client2` ...
fn client_name(number: usize) -> String {
    match number {
        1 => "client".to_owned(),
        number => format!("client{number}"),
    }
}

/// What a client is to see, and whether it is left open.
fn client_text(expected: &str, name: &str) -> ClientText {
    let said = |line: &str| {
        let rest = line.strip_prefix(name)?.strip_prefix(' ')?;
        Some(rest.to_owned())
    };
    let mut lines = expected.lines().filter_map(said);
    ClientText {
        bytes: lines.next().unwrap_or_default(),
        open: lines.next().as_deref() == Some("is open"),
    }
}

struct ClientText {
    bytes: String,
    open: bool,
}

/// What to wait for.
struct Wanted {
    log_lines: usize,
    /// Those that said something at the server.
    connections: usize,
}

impl Wanted {
    fn of(expected: &str) -> Self {
        let count = |start: &str| {
            expected
                .lines()
                .filter(|line| line.starts_with(start))
                .count()
        };
        Self {
            log_lines: count("log "),
            connections: count("server "),
        }
    }
}

struct Client {
    /// `None` while TLS begins, and once it is HTTP/2's.
    stream: Option<Wire>,
    http2: Option<Http2>,
    received: Vec<u8>,
    /// How much of it `reads` has come past.
    read: usize,
    /// What it has waited for in vain.
    missed: Vec<String>,
    end: Option<&'static str>,
}

impl Client {
    fn connect(address: std::net::SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream: Some(Wire::Plain(stream)),
            http2: None,
            received: Vec::new(),
            read: 0,
            missed: Vec::new(),
            end: None,
        }
    }

    fn wire(&mut self) -> &mut Wire {
        self.stream.as_mut().expect("no step is under way")
    }

    fn take(&mut self, step: &Step) {
        match step {
            // The other side may have closed already, which is seen when reading.
            Step::Send(bytes) => drop(self.wire().write_all(bytes)),
            Step::Ask(ask) => {
                let stream = &mut self.stream;
                let begin = || Http2::begin(stream.take().expect("no step is under way"));
                let http2 = self.http2.get_or_insert_with(begin);
                http2.order(Order::Ask(ask.clone()));
            }
            Step::TakeBack => {
                if let Some(http2) = &self.http2 {
                    http2.order(Order::Reset);
                }
            }
            Step::Answer(_) | Step::Refuse(_) | Step::Leave => panic!("a client answers nobody"),
            Step::Secure(hello) => {
                let stream = self.stream.take().expect("no step is under way");
                stream.socket().set_read_timeout(Some(PATIENCE)).unwrap();
                let (stream, told) = stream.secure(hello);
                self.stream = Some(stream);
                self.received.extend_from_slice(told.as_bytes());
            }
            Step::Read(text) => self.read_past(text),
            Step::SeeEnd => self.see_end(),
            Step::Wait(time) => thread::sleep(*time),
            Step::Finish => drop(self.wire().finish()),
            Step::Close => drop(self.wire().socket().shutdown(Shutdown::Both)),
            Step::Reset => {
                let socket = socket2::SockRef::from(self.wire().socket());
                socket.set_linger(Some(Duration::ZERO)).unwrap();
            }
        }
    }

    /// Reads until a text has come that no earlier step has read.
    fn read_past(&mut self, text: &[u8]) {
        let start = Instant::now();
        loop {
            let fresh = &self.received[self.read..];
            let at = fresh.windows(text.len()).position(|window| window == text);
            if let Some(at) = at {
                self.read += at + text.len();
                return;
            }
            if self.end.is_some() || start.elapsed() > PATIENCE {
                self.missed.push(escape(text));
                return;
            }
            self.come(QUIET);
        }
    }

    /// Reads until the other side has ended it.
    fn see_end(&mut self) {
        let start = Instant::now();
        while self.end.is_none() {
            if start.elapsed() > PATIENCE {
                self.missed.push("its end".to_owned());
                return;
            }
            self.come(QUIET);
        }
    }

    /// Reads until all that is wanted has come, or nothing comes any more.
    fn observe(mut self, wanted: Option<&ClientText>) -> Self {
        let start = Instant::now();
        while self.end.is_none() {
            let quiet = match wanted {
                None => QUIET_WHEN_BLESSING,
                Some(_) => QUIET,
            };
            let came = self.come(quiet);
            let satisfied =
                wanted.is_none_or(|wanted| wanted.open && wanted.bytes == escape(&self.received));
            if !came && (satisfied || start.elapsed() > PATIENCE) {
                break;
            }
        }
        self
    }

    /// Whether anything came within a time.
    fn come(&mut self, quiet: Duration) -> bool {
        if let Some(http2) = &mut self.http2 {
            let start = Instant::now();
            loop {
                let ended = http2.has_ended();
                let news = http2.news();
                self.received.extend_from_slice(&news);
                if ended {
                    self.end = Some("closed");
                }
                if ended || !news.is_empty() {
                    return true;
                }
                if start.elapsed() > quiet {
                    return false;
                }
                thread::sleep(Duration::from_millis(2));
            }
        }
        self.wire().socket().set_read_timeout(Some(quiet)).unwrap();
        let mut chunk = [0; 65_536];
        match self.wire().read(&mut chunk) {
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
    let of_clients = ["127.0.0.1:", "192.0.2.", "2001:db8:"];
    let lines = stdout
        .lines()
        .filter(|line| of_clients.iter().any(|start| line.starts_with(start)));
    lines.map(blank).collect()
}

fn blank(line: &str) -> String {
    let Some((client, rest)) = line.split_once("] ") else {
        return line.to_owned();
    };
    // A client that another one stands for has an address worth comparing.
    let client = match client.split_once(" [") {
        Some((client, _)) if !client.starts_with("127.0.0.1:") => format!("{client} "),
        _ => String::new(),
    };
    let words = rest
        .split(' ')
        .enumerate()
        .map(|(index, word)| match index {
            2 if word.contains('/') => blank_times(word),
            _ => blank_named(word),
        });
    client + &words.collect::<Vec<_>>().join(" ")
}

/// In a format of one's own: `T...=N` is a time, `P...=N` a number that is another one each time.
fn blank_named(word: &str) -> String {
    let Some((name, value)) = word.split_once('=') else {
        return word.to_owned();
    };
    let number = value.trim_start_matches('+');
    let plus = &value[..value.len() - number.len()];
    match (name.chars().next(), number.parse::<u64>()) {
        (Some('T'), Ok(time)) if time < LONG => format!("{name}={plus}short"),
        (Some('T'), Ok(_)) => format!("{name}={plus}long"),
        (Some('P'), Ok(1..)) => format!("{name}=N"),
        _ => word.to_owned(),
    }
}

/// Milliseconds that no step takes by itself, however busy the machine is: half of what scenarios wait.
const LONG: u64 = 250;

/// `0/0/1/-1/+12` to `T/T/T/-1/+T`: the phases that were reached.
fn blank_times(word: &str) -> String {
    let times = word.split('/').map(|time| match time {
        "-1" => "-1",
        early if early.starts_with('+') => "+T",
        _ => "T",
    });
    times.collect::<Vec<_>>().join("/")
}
