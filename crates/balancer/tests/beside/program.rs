//! The program itself: into the background and out of it, one process after another, odd places to listen.

use crate::engine::{Program, tell_both};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use testkit::{Client, Port, Process, WorkDir, eventually};

pub(crate) const SOON: Duration = Duration::from_secs(10);

const CONFIG: &str = "
defaults
    mode http
    timeout client 5s
frontend f
    bind {place}
";

struct Daemon(Pid);

impl Daemon {
    fn start(program: &Program, file: &Path, more: &[&str]) -> Self {
        let pid_file = file.with_extension("pid");
        let _ = std::fs::remove_file(&pid_file);
        let mut command = Command::new(&program.1);
        command
            .arg("-D")
            .arg("-f")
            .arg(file)
            .arg("-p")
            .arg(&pid_file);
        let said = Process::run(command.args(more));
        assert_eq!(said.code, Some(0), "{}: {said:?}", program.0);
        assert_eq!(
            (said.stdout.as_str(), said.stderr.as_str()),
            ("", ""),
            "{}",
            program.0
        );
        let text =
            std::fs::read_to_string(&pid_file).expect("it is written before the starter ends");
        let pid: i32 = text.trim_end().parse().expect("a number");
        Self(Pid::from_raw(pid).expect("not zero"))
    }

    fn runs(&self) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0.as_raw_nonzero()));
        test_kill_process(self.0).is_ok() && stat.is_ok_and(|stat| !stat.contains(") Z "))
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if self.runs() {
            let _ = kill_process(self.0, Signal::KILL);
        }
    }
}

fn write(work: &WorkDir, place: &str) -> std::path::PathBuf {
    work.write("haproxy.cfg", CONFIG.replace("{place}", place))
}

#[test]
fn a_daemon_listens_when_its_starter_is_done_and_takes_the_place_of_another() {
    tell_both(|program| {
        let (work, port) = (WorkDir::new(), Port::reserve());
        let file = write(&work, &port.address().to_string());
        let first = Daemon::start(program, &file, &[]);
        assert!(TcpStream::connect(port.address()).is_ok(), "{}", program.0);
        let old = first.0.as_raw_nonzero().to_string();
        let second = Daemon::start(program, &file, &["-sf", &old]);
        eventually("the first one has finished", SOON, || !first.runs());
        assert!(TcpStream::connect(port.address()).is_ok(), "{}", program.0);
        let old = second.0.as_raw_nonzero().to_string();
        let third = Daemon::start(program, &file, &["-st", &old]);
        eventually("the second one has ended", SOON, || !second.runs());
        kill_process(third.0, Signal::TERM).unwrap();
        eventually("the third one has ended", SOON, || !third.runs());
    });
}

#[test]
fn a_condition_is_told_by_the_exit_code() {
    let codes = tell_both(|program| {
        ["version_atleast(2.4)", "version_before(2.4)", "foo(1)"].map(|text| {
            let said = Process::run(Command::new(&program.1).args(["-cc", text]));
            said.code
        })
    });
    let Some([haproxy, ours]) = codes else { return };
    assert_eq!(haproxy, [Some(0), Some(1), Some(2)]);
    assert_eq!(ours, haproxy);
}

struct Master {
    process: Process,
    socket: std::path::PathBuf,
}

impl Master {
    fn start(program: &Program, work: &WorkDir, file: &Path) -> Self {
        let socket = work.path().join("master.sock");
        let mut command = Command::new(&program.1);
        command.arg("-W").arg("-S").arg(&socket).arg("-f").arg(file);
        let process = Process::spawn(&mut command);
        let master = Self { process, socket };
        eventually("the master answers", SOON, || {
            !master.ask("show proc").is_empty()
        });
        master
    }

    fn ask(&self, command: &str) -> String {
        let Ok(mut stream) = UnixStream::connect(&self.socket) else {
            return String::new();
        };
        let mut answer = String::new();
        let asked = stream
            .write_all(format!("{command}\n").as_bytes())
            .and_then(|()| stream.shutdown(std::net::Shutdown::Write))
            .and_then(|()| stream.read_to_string(&mut answer));
        asked.map(|_| answer).unwrap_or_default()
    }

    /// Kinds and reloads of `show proc`.
    fn rows(&self) -> Vec<String> {
        let table = self.ask("show proc");
        let rows = table.lines().map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words[..] {
                [_, "master", reloads, "[failed:", failed, ..] => {
                    format!("master {reloads} [failed: {failed}")
                }
                [_, "worker", reloads, ..] => format!("worker {reloads}"),
                _ => line.to_owned(),
            }
        });
        rows.collect()
    }

    fn worker(&self) -> String {
        let info = self.ask("@1 show info");
        let pid = info.lines().find_map(|line| line.strip_prefix("Pid: "));
        pid.unwrap_or_default().to_owned()
    }
}

/// What the master said, without pids.
fn without_pids(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| line.starts_with('['));
    let blank = |line: &str| {
        let words = line.split(' ').map(|word| {
            let number = word.trim_matches(['(', ')']);
            match number.parse::<u32>() {
                Ok(n) if n > 300 => word.replace(number, "PID"),
                _ => word.to_owned(),
            }
        });
        words.collect::<Vec<_>>().join(" ")
    };
    // Whether the former worker is gone before the master is told to end is a matter of moments.
    lines
        .map(blank)
        .filter(|line| !line.contains("Former worker") && !line.contains("Proxy "))
        .collect()
}

#[test]
fn a_master_replaces_its_worker_and_survives_a_wrong_file() {
    let told = tell_both(|program| {
        let (work, port) = (WorkDir::new(), Port::reserve());
        let file = write(&work, &port.address().to_string());
        let mut master = Master::start(program, &work, &file);
        let mut told = vec![
            master.rows().join("|"),
            master.ask("@1 show version").lines().count().to_string(),
        ];
        let first = master.worker();
        master.process.signal(Signal::USR2);
        eventually("another worker", SOON, || {
            let now = master.worker();
            !now.is_empty() && now != first
        });
        assert!(TcpStream::connect(port.address()).is_ok(), "{}", program.0);
        let second = master.worker();
        std::fs::write(&file, "nonsense\n").expect("it is ours");
        master.process.signal(Signal::USR2);
        eventually("a failed reload", SOON, || {
            master.process.stderr().contains("Loading failure!")
        });
        eventually("the former worker serves", SOON, || {
            let info = master.ask(&format!("@!{second} show info"));
            info.contains(&format!("Pid: {second}"))
        });
        assert!(TcpStream::connect(port.address()).is_ok(), "{}", program.0);
        told.push(master.ask("@!1 show version"));
        told.push(
            master
                .ask("prompt\n@1\nbogus-no-more\nquit")
                .split('>')
                .next()
                .unwrap_or_default()
                .to_owned(),
        );
        let said = master.process.end_with(Signal::TERM);
        told.push(format!("{:?}", said.code));
        let lines = without_pids(&said.stderr);
        told.extend(lines.into_iter().filter(|line| {
            !line.contains("config : ")
                && !line.contains("haproxy version")
                && !line.contains("path to exec")
        }));
        told
    });
    let Some([haproxy, ours]) = told else { return };
    assert_eq!(ours, haproxy);
}

/// Answers of a frontend without a backend.
fn status(mut client: impl std::io::Read + std::io::Write) -> String {
    client
        .write_all(b"GET / HTTP/1.0\r\n\r\n")
        .expect("it takes a request");
    let mut answer = String::new();
    client.read_to_string(&mut answer).expect("it answers");
    answer.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn clients_come_in_by_socket_files_and_inherited_sockets() {
    tell_both(|program| {
        let work = WorkDir::new();
        let path = work.path().join("in.sock");
        let file = write(&work, &format!("{} mode 600", path.display()));
        let _balancer = Process::spawn(Command::new(&program.1).args(["-db", "-f"]).arg(file));
        eventually("the socket file is there", SOON, || {
            UnixStream::connect(&path).is_ok()
        });
        let answer = status(UnixStream::connect(&path).unwrap());
        assert_eq!(answer, "HTTP/1.1 503 Service Unavailable", "{}", program.0);
        let mode = std::fs::metadata(&path).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::mode(&mode.permissions()) & 0o777;
        assert_eq!(mode, 0o600, "{}", program.0);

        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        // Whoever starts it hands over a socket that is not closed on the way.
        let inherited = rustix::io::fcntl_dupfd_cloexec(listener.as_fd(), 50).unwrap();
        rustix::io::fcntl_setfd(&inherited, rustix::io::FdFlags::empty()).unwrap();
        let number = std::os::fd::AsRawFd::as_raw_fd(&inherited);
        let file = write(&work, "\"fd@${NAME}\"");
        let mut command = Command::new(&program.1);
        command
            .env("NAME", number.to_string())
            .args(["-db", "-f"])
            .arg(file);
        let _balancer = Process::spawn(&mut command);
        drop((inherited, listener));
        eventually("it accepts", SOON, || Client::try_connect(address).is_ok());
        let answer = status(TcpStream::connect(address).unwrap());
        assert_eq!(answer, "HTTP/1.1 503 Service Unavailable", "{}", program.0);
    });
}
