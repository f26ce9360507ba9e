//! A story told to both programs: a configuration, and a script of commands for the stats socket and of things to look at.

use crate::engine::{Program, tell_both};
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::Command;
use testkit::{Client, Origin, Port, Process, Reply, SOON, WorkDir, eventually};

/// Servers that answer with their number, 1 to 4. Number 5 is a port where nobody listens.
const SERVERS: u16 = 4;

/// Plays a script with both programs and compares what each line of it brought.
///
/// In the configuration and the script, `{front}` is where clients come in, `{1}` to `{5}` are ports of servers, `{folder}`
/// is a folder. A line of a script is a command of the runtime API, or
///
/// * `=stat COLUMN...`: these columns of all servers and backends,
/// * `=info NAME...`: these lines of `show info`,
/// * `=until BACKEND/SERVER STATUS`: waits until the server has this status,
/// * `=get COUNT`: so many requests, and who answered,
/// * `=file NAME COMMAND`: what the command answers goes into a file of the folder,
/// * `=line NAME TEXT`: a file of the folder has this line more,
/// * `=restart`: the program ends and starts again.
///
/// At the end comes what the program has said of servers.
#[track_caller]
pub(crate) fn same(config: &str, script: &str) {
    let Some([haproxy, ours]) = tell_both(|program| tell(program, config, script)) else {
        return;
    };
    for (ours, haproxy) in ours.iter().zip(&haproxy) {
        assert_eq!(ours, haproxy, "ours is on the left, HAProxy's on the right");
    }
    assert_eq!(ours.len(), haproxy.len(), "{ours:#?} {haproxy:#?}");
}

fn tell(program: &Program, config: &str, script: &str) -> Vec<String> {
    let mut stage = Stage::new(program, config);
    let script = stage.fill(script);
    let mut told: Vec<String> = script
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| format!("{}\n{}", stage.name_places(line), stage.act(line)))
        .collect();
    told.extend(stage.said());
    told
}

struct Stage {
    program: PathBuf,
    folder: WorkDir,
    front: Port,
    ports: Vec<Port>,
    _servers: Vec<Origin>,
    file: PathBuf,
    running: Option<Process>,
    said: Vec<String>,
}

impl Stage {
    fn new(program: &Program, config: &str) -> Self {
        let ports = Port::reserve_row(SERVERS + 1);
        let servers = ports
            .iter()
            .take(SERVERS.into())
            .zip(1..)
            .map(|(port, number)| {
                let reply = Reply::ok(&number.to_string());
                Origin::listen(port.address(), move |_| reply.clone())
            });
        let mut stage = Self {
            program: program.1.clone(),
            folder: WorkDir::new(),
            front: Port::reserve(),
            _servers: servers.collect(),
            ports,
            file: PathBuf::new(),
            running: None,
            said: Vec::new(),
        };
        let text = stage.fill(&format!(
            "global\n stats socket {{folder}}/s.sock level admin\n{config}"
        ));
        stage.file = stage.folder.write("haproxy.cfg", text);
        stage.start();
        stage
    }

    fn start(&mut self) {
        self.end();
        let mut command = Command::new(&self.program);
        let process = Process::spawn(command.args(["-db", "-f"]).arg(&self.file));
        self.running = Some(process);
        eventually("the stats socket answers", SOON, || {
            UnixStream::connect(self.socket()).is_ok()
        });
        eventually("clients are let in", SOON, || {
            Client::try_connect(self.front.address()).is_ok()
        });
    }

    fn socket(&self) -> PathBuf {
        self.folder.join("s.sock")
    }

    fn fill(&self, text: &str) -> String {
        let text = text
            .replace("{front}", &self.front.address().to_string())
            .replace("{folder}", &self.folder.join("").to_string_lossy());
        self.ports.iter().zip(1..).fold(text, |text, (port, n)| {
            text.replace(&format!("{{{n}}}"), &port.address().port().to_string())
        })
    }

    /// The reverse, for what is compared.
    fn name_places(&self, text: &str) -> String {
        let text = text
            .replace(&*self.folder.join("").to_string_lossy(), "{folder}")
            .replace(&self.front.address().to_string(), "{front}");
        self.ports.iter().zip(1..).fold(text, |text, (port, n)| {
            text.replace(&port.address().port().to_string(), &format!("{{{n}}}"))
        })
    }

    fn act(&mut self, line: &str) -> String {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "=stat" => self.stat(rest),
            "=info" => {
                let info = self.ask("show info");
                let wanted = |line: &&str| {
                    let name = line.split(':').next().unwrap_or_default();
                    rest.split(' ').any(|wanted| wanted == name)
                };
                let lines = info.lines().filter(wanted);
                lines.map(|line| line.to_owned() + "\n").collect()
            }
            "=until" => {
                let (server, status) = rest.split_once(' ').unwrap();
                eventually(line, SOON, || self.status(server) == status);
                String::new()
            }
            "=get" => (0..rest.parse().unwrap()).map(|_| self.get()).collect(),
            "=file" => {
                let (name, command) = rest.split_once(' ').unwrap();
                let answer = self.ask(command);
                self.folder.write(name, answer);
                String::new()
            }
            "=line" => {
                let (name, line) = rest.split_once(' ').unwrap();
                let before = std::fs::read_to_string(self.folder.join(name));
                let text = before.unwrap_or_default() + line + "\n";
                self.folder.write(name, text);
                String::new()
            }
            "=restart" => {
                self.start();
                String::new()
            }
            _ => {
                let answer = without_time(&self.ask(line));
                self.name_places(&answer)
            }
        }
    }

    /// One request, to its end: a client has its answer a moment before that.
    fn get(&self) -> String {
        let answer = get(self.front.address());
        eventually("the request is over", SOON, || {
            self.rows("scur").iter().all(|row| row[1] == "0")
        });
        answer
    }

    fn ask(&self, command: &str) -> String {
        let mut stream = UnixStream::connect(self.socket()).unwrap();
        stream.set_read_timeout(Some(SOON)).unwrap();
        stream.write_all(format!("{command}\n").as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// The rows of servers and backends: the name, and the columns asked for.
    fn rows(&self, columns: &str) -> Vec<Vec<String>> {
        let csv = self.ask("show stat");
        let mut lines = csv.trim_start_matches("# ").lines();
        let names: Vec<_> = lines.next().unwrap_or_default().split(',').collect();
        let place = |column: &str| names.iter().position(|name| *name == column).unwrap();
        let rows = lines.filter(|line| !line.is_empty() && !line.contains(",FRONTEND,"));
        rows.map(|line| {
            let cells: Vec<_> = line.split(',').collect();
            let cell = |column| self.name_places(cells[place(column)]);
            let name = format!("{}/{}", cell("pxname"), cell("svname"));
            let wanted = columns.split_whitespace().map(cell);
            std::iter::once(name).chain(wanted).collect()
        })
        .collect()
    }

    fn stat(&self, columns: &str) -> String {
        let rows = self.rows(columns);
        rows.iter().map(|row| row.join(" ") + "\n").collect()
    }

    fn status(&self, server: &str) -> String {
        let mut rows = self.rows("status").into_iter();
        let row = rows.find(|row| row[0] == server);
        row.map_or_else(String::new, |row| row[1].clone())
    }

    fn said(mut self) -> Vec<String> {
        // An answer to this one comes after the words on the last command.
        self.ask("show info");
        self.end();
        let said = std::mem::take(&mut self.said);
        said.iter().map(|line| self.name_places(line)).collect()
    }

    fn end(&mut self) {
        if let Some(mut running) = self.running.take() {
            let said = running.end_with(testkit::Signal::TERM);
            self.said.extend(words(&said.stderr));
        }
    }
}

/// One request on a connection of its own: what the server answered, or the status.
fn get(front: SocketAddr) -> String {
    let mut client = Client::connect(front).with_deadline(SOON);
    client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    let response = client.response();
    match response.status {
        200 => response.text(),
        status => format!(" {status} "),
    }
}

/// Lines about servers and backends, without process and duration.
fn words(said: &str) -> Vec<String> {
    let mut told = Vec::new();
    for line in said.lines() {
        let Some((label, line)) = line.split_once(") : ") else {
            continue;
        };
        // Once servers were added, HAProxy says who asked for what follows.
        let line = line.strip_prefix("CLI : ").unwrap_or(line);
        let about = ["Server ", "Backup Server ", "backend '", "[", "b/", "a/"];
        if !about.iter().any(|word| line.starts_with(word)) {
            continue;
        }
        let level = label.split(' ').next().unwrap_or_default();
        let line = match line.split_once("check duration: ") {
            Some((before, after)) => {
                let rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
                format!("{before}check duration: N{rest}")
            }
            None => line.to_owned(),
        };
        told.push(format!("{level} {line}"));
    }
    told
}

/// The lines of `show servers state` without the time since the last change.
fn without_time(answer: &str) -> String {
    const TIME_SINCE_LAST_CHANGE: usize = 9;
    if !answer.starts_with("1\n# be_id") {
        return answer.to_owned();
    }
    let line = |line: &str| {
        let words = line.split(' ').enumerate();
        let words = words.map(|(place, word)| match place {
            TIME_SINCE_LAST_CHANGE => "T",
            _ => word,
        });
        words.collect::<Vec<_>>().join(" ") + "\n"
    };
    answer.lines().map(line).collect()
}
