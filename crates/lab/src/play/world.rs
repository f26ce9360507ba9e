//! A folder, ports and programs of one's own, gone with the value.

use crate::exit::Exit;
use crate::observe::port;
use crate::plan::{server_name, template};
use crate::problem::{Problem, Result};
use crate::supervisor::engine::EngineName;
use crate::work_dir::WorkDir;
use crate::work_dir::registration::Registration;
use crate::work_dir::settings::{self, Settings};
use course::facts::Ports;
use course::model::Start;
use rustix::process::Signal;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Set in the environment of programs that are played: they end with the player, and keep their own journal all the same.
pub(crate) const PLAYED: &str = "LAB_PLAYED";

/// As many servers as a lab may ask for.
const SERVERS: u16 = 10;
/// The balancer, the statistics page, the name server and its three caches.
const OTHERS: u16 = 6;
/// Below the ports that systems give to outgoing connections.
const FIRST: u16 = 10_000;
const ROWS: u16 = 600;
/// A program that is not ready by then will not be.
const READY_WITHIN: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(5);

pub(super) struct World {
    pub(super) work: WorkDir,
    folder: PathBuf,
    pub(super) ports: Ports,
    engine: EngineName,
    lab: PathBuf,
    programs: Vec<Program>,
}

struct Program {
    name: String,
    child: Child,
    frozen: bool,
}

impl World {
    pub(super) fn new(engine: EngineName) -> Result<Self> {
        static NUMBER: AtomicU16 = AtomicU16::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("lab-play-{}-{number}", std::process::id()));
        let io = |error| Problem::io(&format!("make the folder {}", folder.display()), &error);
        fs::create_dir_all(&folder).map_err(io)?;
        // As the system calls it: programs are known by the folder that they work in.
        let folder = fs::canonicalize(&folder).map_err(io)?;
        let work = WorkDir::at(&folder);
        let lab = std::env::current_exe()
            .map_err(|error| Problem::io("find the program `lab`", &error))?;
        let world = Self {
            ports: free_ports(number)?,
            work,
            folder,
            engine,
            lab,
            programs: Vec::new(),
        };
        world.work.create()?;
        world.settings().save(&world.work.settings())?;
        Ok(world)
    }

    /// All ports of this world.
    pub(super) fn row(&self) -> RangeInclusive<u16> {
        self.ports.servers..=self.ports.servers + SERVERS + OTHERS - 1
    }

    fn settings(&self) -> Settings {
        Settings {
            ports: settings::Ports {
                servers: Some(self.ports.servers),
                balancer: Some(self.ports.balancer),
                statistics: Some(self.ports.statistics),
                nameserver: Some(self.ports.nameserver),
            },
            ..Settings::default()
        }
    }

    /// Makes true what an activity begins with.
    pub(super) fn start(&mut self, start: &Start) -> Result<()> {
        if let Some(fallback) = &start.fallback {
            self.write_file(&template::on_ports(fallback, &self.ports))?;
        }
        for at in 0..start.servers {
            self.serve(&server_name(at.into()), &[])?;
        }
        if start.nameserver {
            self.start_name_server()?;
        }
        if start.balancer {
            self.start_balancer("balancer")?;
        }
        Ok(())
    }

    pub(super) fn file(&self) -> PathBuf {
        self.folder.join(crate::commands::up::USUAL_FILE)
    }

    pub(super) fn read_file(&self) -> Result<String> {
        fs::read_to_string(self.file()).map_err(|error| Problem::io("read the file", &error))
    }

    pub(super) fn write_file(&self, text: &str) -> Result<()> {
        fs::write(self.file(), text).map_err(|error| Problem::io("write the file", &error))
    }

    pub(super) fn remove_file(&self) -> Result<()> {
        fs::remove_file(self.file()).map_err(|error| Problem::io("take the file away", &error))
    }

    /// The port of `server03`; of a number, the number itself.
    pub(super) fn port_of(&self, name: &str) -> Result<u16> {
        let at = |name: &str| {
            name.strip_prefix("server")?
                .parse::<u16>()
                .ok()?
                .checked_sub(1)
        };
        match (name.parse::<u16>(), at(name)) {
            (Ok(port), _) => Ok(template::port_here(port, &self.ports).unwrap_or(port)),
            (_, Some(at)) if at < SERVERS => Ok(self.ports.servers + at),
            _ => Err(failed(format!("there is no `{name}` in this world"))),
        }
    }

    /// The servers that run, by name and port, in order.
    pub(super) fn running_servers(&mut self) -> Vec<(String, u16)> {
        let mut running = Vec::new();
        for at in 0..SERVERS {
            let name = server_name(at.into());
            if self.runs(&name) {
                running.push((name, self.ports.servers + at));
            }
        }
        running
    }

    fn runs(&mut self, name: &str) -> bool {
        let mut mine = self
            .programs
            .iter_mut()
            .filter(|program| program.name == name);
        mine.any(|program| matches!(program.child.try_wait(), Ok(None)))
    }

    /// `lab serve PORT`. On a port that is taken it is refused, which is what a learner sees too.
    pub(super) fn serve(&mut self, name: &str, options: &[&str]) -> Result<()> {
        let port = self.port_of(name)?;
        let name = match name.starts_with("server") {
            true => name.to_owned(),
            false => server_name(usize::from(port.saturating_sub(self.ports.servers))),
        };
        let number = port.to_string();
        let words = [&["serve", &number], options].concat();
        let pid = self.spawn(&name, &words)?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        self.wait_for(pid, || port::is_open(address));
        Ok(())
    }

    pub(super) fn start_name_server(&mut self) -> Result<()> {
        let pid = self.spawn("nameserver", &["nameserver", "--caches", "3"])?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.ports.nameserver));
        self.wait_for(pid, || port::is_open(address));
        Ok(())
    }

    /// The balancer on the file of this folder. One that refuses to start is no failure of the play: it may be the lesson.
    pub(super) fn start_balancer(&mut self, name: &str) -> Result<()> {
        let file = crate::commands::up::USUAL_FILE;
        let words = match self.engine {
            EngineName::Lab => vec!["balancer", "-f", file],
            EngineName::Haproxy => vec!["balancer", "--engine", "haproxy", "-f", file],
        };
        let pid = self.spawn(name, &words)?;
        let work = self.work.clone();
        self.wait_for(pid, || {
            Registration::load(&work).is_some_and(|known| known.process.pid == pid)
        });
        Ok(())
    }

    /// The installed HAProxy, which alone takes its place beside another balancer without a word.
    pub(super) fn start_second_balancer(&mut self) -> Result<()> {
        let haproxy = crate::observe::process::in_path("haproxy")
            .ok_or_else(|| failed("a second balancer needs the installed HAProxy".to_owned()))?;
        let mut command = Command::new(&self.lab);
        command
            .arg("__exec")
            .arg(haproxy)
            .args(["-db", "-f", crate::commands::up::USUAL_FILE]);
        self.run_in_background("second", &mut command)?;
        let begun = Instant::now();
        let port = self.ports.balancer;
        let two = || {
            let at = |listener: &&procs::Listener| listener.address.port() == port;
            let inodes = procs::listeners()
                .iter()
                .filter(at)
                .map(|l| l.inode)
                .collect();
            let pids: std::collections::BTreeSet<u32> =
                procs::holders(&inodes).into_values().flatten().collect();
            pids.len() > 1
        };
        while !two() && begun.elapsed() < READY_WITHIN {
            thread::sleep(PAUSE);
        }
        Ok(())
    }

    /// Ctrl-C where a program runs.
    pub(super) fn kill(&mut self, name: &str) -> Result<()> {
        let at = self.position(name)?;
        let mut program = self.programs.remove(at);
        end(&mut program);
        Ok(())
    }

    pub(super) fn pause(&mut self, name: &str) -> Result<()> {
        let at = self.position(name)?;
        self.programs[at].frozen = true;
        crate::observe::process::send(self.programs[at].child.id(), Signal::STOP);
        Ok(())
    }

    /// What was stopped or frozen runs again; what runs goes on.
    pub(super) fn start_again(&mut self, name: &str) -> Result<()> {
        match self.position(name) {
            Ok(at) => {
                self.programs[at].frozen = false;
                crate::observe::process::send(self.programs[at].child.id(), Signal::CONT);
                Ok(())
            }
            Err(_) => self.serve(name, &[]),
        }
    }

    fn position(&mut self, name: &str) -> Result<usize> {
        let name = match name.parse::<u16>() {
            Ok(_) => {
                let port = self.port_of(name)?;
                server_name(usize::from(port.saturating_sub(self.ports.servers)))
            }
            Err(_) => name.to_owned(),
        };
        let runs = |program: &mut Program| matches!(program.child.try_wait(), Ok(None));
        self.programs
            .iter_mut()
            .position(|program| program.name == name && runs(program))
            .ok_or_else(|| failed(format!("`{name}` does not run")))
    }

    /// A command of the lab, to its end. What it says and whether it succeeds is the learner's affair.
    pub(super) fn command(&self, words: &[String]) -> Result<()> {
        let mut command = Command::new(&self.lab);
        let said = prepared(&mut command, &self.folder)
            .args(words)
            .output()
            .map_err(|error| Problem::io("run a command of the lab", &error))?;
        tracing::debug!(?words, ?said, "played");
        Ok(())
    }

    fn spawn(&mut self, name: &str, words: &[&str]) -> Result<u32> {
        let mut command = Command::new(&self.lab);
        command.args(words);
        self.run_in_background(name, &mut command)
    }

    fn run_in_background(&mut self, name: &str, command: &mut Command) -> Result<u32> {
        let child = prepared(command, &self.folder)
            .env(procs::SUPERVISED, std::process::id().to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| Problem::io(&format!("start {name}"), &error))?;
        let pid = child.id();
        self.programs.push(Program {
            name: name.to_owned(),
            child,
            frozen: false,
        });
        Ok(pid)
    }

    /// Until a program is ready, or has ended.
    fn wait_for(&mut self, pid: u32, ready: impl Fn() -> bool) {
        let begun = Instant::now();
        while begun.elapsed() < READY_WITHIN && !ready() {
            let mut mine = self
                .programs
                .iter_mut()
                .filter(|program| program.child.id() == pid);
            if !mine.any(|program| matches!(program.child.try_wait(), Ok(None))) {
                return;
            }
            thread::sleep(PAUSE);
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // The balancer first: it has nothing to say about servers that go.
        self.programs
            .sort_by_key(|program| program.name.starts_with("server"));
        for program in &mut self.programs {
            end(program);
        }
        // What is left in the temporary folder does no harm.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Asks a program to end as Ctrl-C does, and waits for it.
fn end(program: &mut Program) {
    const GRACE: Duration = Duration::from_secs(3);
    let pid = program.child.id();
    crate::observe::process::send(pid, Signal::INT);
    crate::observe::process::send(pid, Signal::CONT);
    let begun = Instant::now();
    while matches!(program.child.try_wait(), Ok(None)) {
        if begun.elapsed() > GRACE {
            let _ = program.child.kill();
        }
        thread::sleep(PAUSE);
    }
}

/// Works in the world's folder, untouched by what is set around the player.
fn prepared<'a>(command: &'a mut Command, folder: &PathBuf) -> &'a mut Command {
    for name in ["LAB_LANG", "CODESPACES", "GITPOD_WORKSPACE_ID"] {
        command.env_remove(name);
    }
    command
        .current_dir(folder)
        .env(PLAYED, "1")
        .env("LAB_ASK", "here")
}

/// A row of ports on which nobody listens.
fn free_ports(number: u16) -> Result<Ports> {
    let row = SERVERS + OTHERS;
    let begin = u16::try_from(std::process::id() % u32::from(ROWS)).unwrap_or(0);
    let free = |port: u16| {
        [Ipv4Addr::LOCALHOST, Ipv4Addr::UNSPECIFIED]
            .iter()
            .all(|ip| port::test(SocketAddr::from((*ip, port))).is_ok())
    };
    (0..ROWS)
        .map(|step| FIRST + (begin.wrapping_mul(7) + number * 13 + step) % ROWS * row)
        .find(|first| (*first..first + row).all(free))
        .map(|first| Ports {
            servers: first,
            balancer: first + SERVERS,
            statistics: first + SERVERS + 1,
            nameserver: first + SERVERS + 2,
        })
        .ok_or_else(|| failed("there are not enough free ports".to_owned()))
}

fn failed(what: String) -> Problem {
    Problem::new("play", Exit::No, what)
}
