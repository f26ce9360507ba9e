//! `-x`: a new process takes the listening sockets over from the old one, whichever of the two programs each is.

use crate::engine::{Program, both, tell_both};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use testkit::{Client, Port, Process, SOON, WorkDir, eventually};

/// What one process after another runs.
struct Place {
    folder: WorkDir,
    port: Port,
    socket: PathBuf,
}

impl Place {
    fn new() -> Self {
        let folder = WorkDir::new();
        let socket = folder.join("stats.sock");
        let port = Port::reserve();
        Self {
            folder,
            port,
            socket,
        }
    }

    /// A file whose frontend answers with a word.
    fn config(&self, word: &str, threads: u32, exposed: &str) -> PathBuf {
        let (socket, address) = (self.socket.display(), self.port.address());
        let text = format!(
            "global
    nbthread {threads}
    stats socket {socket} level admin {exposed}
defaults
    mode http
    timeout client 5s
frontend web
    bind {address}
    http-request return status 200 content-type text/plain string {word}
"
        );
        self.folder.write(&format!("{word}.cfg"), text)
    }

    fn start(&self, program: &Program, file: &Path, more: &[&str]) -> Process {
        let mut command = Command::new(&program.1);
        command.arg("-db").arg("-f").arg(file);
        Process::spawn(command.args(more))
    }

    /// A request on a connection of its own.
    fn ask(&self) -> String {
        let mut client = Client::connect(self.port.address()).with_deadline(SOON);
        client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        client.response().text()
    }

    fn runs(&self) -> bool {
        Client::try_connect(self.port.address()).is_ok()
            && UnixStream::connect(&self.socket).is_ok()
    }
}

/// Requests that the new process answers in a row until nobody waits for the old one any more.
const IN_A_ROW: usize = 50;

#[test]
fn no_connection_is_lost_whoever_takes_over_from_whom() {
    let Some(programs) = both() else { return };
    for old in &programs {
        for new in &programs {
            take_over(old, new);
        }
    }
}

#[track_caller]
fn take_over(old: &Program, new: &Program) {
    let place = Place::new();
    // HAProxy takes one socket of each address; ours has one for each thread.
    let threads = if new.0 == "haproxy" { 1 } else { 2 };
    let exposed = "expose-fd listeners";
    let mut first = place.start(old, &place.config("old", threads, exposed), &[]);
    eventually("the old process listens", SOON, || place.runs());
    assert_eq!(place.ask(), "old");
    let socket = place.socket.display().to_string();
    let words = ["-x", &socket, "-sf", &first.pid().to_string()];
    let second = place.start(new, &place.config("new", threads, exposed), &words);
    let mut in_a_row = 0;
    eventually("the new process answers alone", SOON, || {
        let answer = place.ask();
        assert!(answer == "old" || answer == "new", "{answer}");
        in_a_row = if answer == "new" { in_a_row + 1 } else { 0 };
        in_a_row == IN_A_ROW
    });
    assert_eq!(first.wait().code(), Some(0), "{} -> {}", old.0, new.0);
    drop(second);
}

#[test]
fn an_old_process_that_hands_nothing_over_is_told_alike() {
    let told = tell_both(|program| {
        let place = Place::new();
        let nobody = place.folder.join("nobody");
        let words = ["-x", &nobody.display().to_string()];
        let mut told = vec![failure(&place, program, &words)];
        let old = place.start(program, &place.config("old", 1, ""), &[]);
        eventually("the old process listens", SOON, || place.runs());
        let socket = place.socket.display().to_string();
        told.push(failure(&place, program, &["-x", &socket]));
        drop(old);
        told
    });
    let Some([haproxy, ours]) = told else { return };
    assert_eq!(ours, haproxy);
}

/// What a program that cannot start says of it, without pid and paths.
fn failure(place: &Place, program: &Program, words: &[&str]) -> (Option<i32>, Vec<String>) {
    let file = place.config("new", 1, "");
    let said = place.start(program, &file, words).ended();
    let folder = place.folder.path().display().to_string();
    let lines = said
        .stderr
        .lines()
        .filter(|line| !line.starts_with("[NOTICE]"));
    let words = lines.filter_map(|line| line.split_once(" : "));
    let words = words.map(|(_, words)| words.replace(&folder, "FOLDER"));
    (said.code, words.collect())
}

#[test]
fn wrong_words_of_the_stats_socket_are_told_alike() {
    let told = tell_both(|program| {
        let place = Place::new();
        ["expose-fd", "expose-fd sockets", "expose-fd listeners"].map(|exposed| {
            let file = place.config("new", 1, exposed);
            let said = Process::run(Command::new(&program.1).args(["-c", "-f"]).arg(&file));
            let alerts = said
                .stderr
                .lines()
                .filter(|line| line.starts_with("[ALERT]"));
            let words = alerts.filter_map(|line| line.split_once("] : "));
            (
                said.code,
                words.map(|(_, words)| words.to_owned()).collect::<Vec<_>>(),
            )
        })
    });
    let Some([haproxy, ours]) = told else { return };
    assert_eq!(ours, haproxy);
}
