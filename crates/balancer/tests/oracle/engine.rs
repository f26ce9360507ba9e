//! A balancer under test: ours or HAProxy.

use super::scenario::Scenario;
use super::secure;
use std::fmt;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use testkit::{Port, Process, WorkDir};

pub(crate) struct Engine {
    name: &'static str,
    program: PathBuf,
}

/// One at work.
pub(crate) struct Running {
    pub(crate) process: Process,
    pub(crate) address: SocketAddr,
    _port: Port,
    files: WorkDir,
}

impl Running {
    /// What the runtime API answers.
    pub(crate) fn ask(&self, command: &str) -> String {
        self.ask_at(SOCKET, command)
    }

    /// What the runtime API answers at another socket of the folder.
    pub(crate) fn ask_at(&self, socket: &str, command: &str) -> String {
        let path = self.folder().join(socket);
        let connect = |error| panic!("{command}: {error}\n{}", self.process.stderr());
        let mut stream = UnixStream::connect(path).unwrap_or_else(connect);
        stream.write_all(format!("{command}\n").as_bytes()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Where its files are.
    pub(crate) fn folder(&self) -> &Path {
        self.files.path()
    }
}

/// Ports of the scripted servers.
#[derive(Clone, Copy)]
pub(crate) struct Servers {
    pub(crate) server: u16,
    pub(crate) checker: u16,
}

impl Servers {
    /// Ports by their names.
    pub(crate) fn named(self, text: &str) -> String {
        text.replace(&self.checker.to_string(), "CHECKER")
            .replace(&self.server.to_string(), "SERVER")
    }
}

const SOCKET: &str = "stats.sock";

impl Engine {
    pub(crate) fn ours() -> Self {
        Self {
            name: "the balancer",
            program: env!("CARGO_BIN_EXE_balancer").into(),
        }
    }

    /// `None` where it is not installed.
    pub(crate) fn haproxy() -> Option<Self> {
        Some(Self {
            name: "HAProxy",
            program: testkit::program::find("haproxy")?,
        })
    }

    /// What `-c` says of the file, a line each, and its exit code.
    pub(crate) fn verdict(&self, scenario: &Scenario, servers: Servers) -> String {
        let (port, files) = (Port::reserve(), WorkDir::new());
        let file = write(scenario, &port, servers, &files);
        let mut command = Command::new(&self.program);
        let said = Process::run(command.args(["-c", "-f"]).arg(file));
        let lines = said.stderr.lines().filter_map(super::looks::words);
        let lines = lines.filter(|line| !line.starts_with("NOTICE"));
        let mut told: String = lines.map(|line| format!("said {line}\n")).collect();
        told = told.replace(&files.path().display().to_string(), "FOLDER");
        told = told.replace(&port.number().to_string(), "FRONT");
        told += &format!("exit {}\n", said.code.unwrap_or(-1));
        servers.named(&told)
    }

    pub(crate) fn start(&self, scenario: &Scenario, servers: Servers) -> Running {
        let (port, files) = (Port::reserve(), WorkDir::new());
        let file = write(scenario, &port, servers, &files);
        let mut command = Command::new(&self.program);
        let process = Process::spawn(command.args(["-db", "-f"]).arg(file));
        let address = port.address();
        testkit::eventually("the balancer to listen", testkit::SOON, || {
            TcpStream::connect(address).is_ok_and(ends)
        });
        Running {
            process,
            address,
            _port: port,
            files,
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Ends a connection that was only made to see whether someone listens, and waits until it is gone on the other side
/// too: it must not count beside the scenario's own.
fn ends(mut stream: TcpStream) -> bool {
    let _ = stream.shutdown(Shutdown::Write);
    stream.set_read_timeout(Some(testkit::SOON)).unwrap();
    let _ = std::io::copy(&mut stream, &mut std::io::sink());
    true
}

/// A port that nobody listens on, whatever else runs on this machine: it takes rights that no test has.
const DEAD: &str = "1";

/// Writes the configuration and the files beside it.
fn write(scenario: &Scenario, port: &Port, servers: Servers, files: &WorkDir) -> PathBuf {
    let socket = scenario.needs_socket().then(|| files.path().join(SOCKET));
    let text = config(scenario, port.number(), servers, socket.as_deref());
    for (name, bytes) in &scenario.files {
        std::fs::write(files.path().join(name), bytes).unwrap();
    }
    let folder = files.path().display().to_string();
    files.write("haproxy.cfg", text.replace("FOLDER", &folder))
}

/// The frame around a scenario's own lines.
fn config(scenario: &Scenario, port: u16, servers: Servers, socket: Option<&Path>) -> String {
    let lines = |lines: &[String]| -> String {
        let indented = lines.iter().map(|line| format!("    {line}\n"));
        indented.collect()
    };
    let socket = socket.map_or_else(String::new, |path| {
        format!("    stats socket {} level admin\n", path.display())
    });
    format!(
        "global\n    log stdout format raw local0\n    nbthread 1\n{socket}{}\
         defaults\n    mode http\n    log global\n    option httplog\n    option dontlognull\n\
         \x20   timeout connect 5s\n    timeout client 5s\n    timeout server 5s\n{}\
         frontend f\n    bind 127.0.0.1:{port} {}\n{}    default_backend b\n\
         backend b\n{}    server s1 127.0.0.1:{}\n{}",
        lines(&scenario.global),
        lines(&scenario.defaults),
        scenario.bind,
        lines(&scenario.frontend),
        lines(&scenario.backend),
        servers.server,
        scenario.sections.join("\n") + "\n",
    )
    .replace("PEM", &secure::folder().display().to_string())
    .replace("DEAD", DEAD)
    .replace("CHECKER", &servers.checker.to_string())
    .replace("SERVER", &servers.server.to_string())
}
