//! A balancer at work, and what it uses up.

use super::SOON;
use std::fs;
use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;
use testkit::{Client, Origin, Port, Process, Reply, WorkDir, eventually};

pub(crate) struct Balancer {
    pub(crate) process: Process,
    port: Port,
    _files: WorkDir,
    /// The server that answers whoever is to be served meanwhile.
    _good: Origin,
}

/// What a process has used up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// Resident, in bytes.
    pub(crate) memory: u64,
    /// Of all threads, in user and system mode.
    pub(crate) time: Duration,
}

impl Balancer {
    /// `/bad` goes to `server`, everything else to one that answers `good`. `global` and `frontend` are further lines.
    pub(crate) fn start(global: &str, frontend: &str, server: SocketAddr) -> Self {
        let program = env!("CARGO_BIN_EXE_balancer");
        Self::start_with(Command::new(program), global, frontend, server)
    }

    /// The same by another command, which the program's own words are added to.
    pub(crate) fn start_with(
        mut command: Command,
        global: &str,
        frontend: &str,
        server: SocketAddr,
    ) -> Self {
        let (port, files) = (Port::reserve(), WorkDir::new());
        let good = Origin::saying("good");
        let text = format!(
            "global\n    log stdout format raw local0\n    nbthread 1\n{global}\n\
             defaults\n    mode http\n    log global\n    option httplog\n    option dontlognull\n\
             \x20   timeout connect 5s\n    timeout client 20s\n    timeout server 20s\n\
             frontend f\n    bind {}\n{frontend}\n    use_backend bad if {{ path_beg /bad }}\n\
             \x20   default_backend good\n\
             backend bad\n    server s {server}\nbackend good\n    server s {}\n",
            port.address(),
            good.address()
        );
        let file = files.write("haproxy.cfg", text);
        let process = Process::spawn(command.args(["-db", "-f"]).arg(file));
        let balancer = Self {
            process,
            port,
            _files: files,
            _good: good,
        };
        eventually("the balancer serves", SOON, || balancer.try_serve());
        balancer
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.port.address()
    }

    pub(crate) fn connect(&self) -> Client {
        Client::connect(self.address()).with_deadline(SOON)
    }

    /// A client on a connection of its own is served.
    #[track_caller]
    pub(crate) fn serves(&self) {
        let mut client = self.connect();
        client.send(GOOD);
        assert_eq!(client.response().text(), "good");
    }

    fn try_serve(&self) -> bool {
        Client::try_connect(self.address()).is_ok_and(|mut client| {
            client.try_send(GOOD).is_ok() && client.response().text() == "good"
        })
    }

    pub(crate) fn usage(&self) -> Usage {
        let file = |name: &str| fs::read_to_string(format!("/proc/{}/{name}", self.process.pid()));
        let status = file("status").unwrap();
        let resident = status.lines().find_map(|l| l.strip_prefix("VmRSS:"));
        let kilobytes = resident.unwrap().trim().trim_end_matches(" kB");
        let stat = file("stat").unwrap();
        let (_, after_name) = stat.rsplit_once(") ").unwrap();
        let fields: Vec<_> = after_name.split(' ').collect();
        let ticks: u64 = [11, 12]
            .map(|at: usize| fields[at].parse::<u64>().unwrap())
            .iter()
            .sum();
        Usage {
            memory: kilobytes.parse::<u64>().unwrap() * 1024,
            time: Duration::from_millis(ticks * 1000 / rustix::param::clock_ticks_per_second()),
        }
    }

    /// The log lines of requests so far that contain a text.
    pub(crate) fn logged(&self, part: &str) -> usize {
        let log = self.process.stdout();
        log.lines().filter(|line| line.contains(part)).count()
    }
}

const GOOD: &str = "GET /good HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

/// A server that is of no interest.
pub(crate) fn nobody() -> Origin {
    Origin::start(|_| Reply::close())
}
