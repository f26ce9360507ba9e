//! Programs of other people that speak to a balancer: what they see, and what they can do, with both.

use crate::desk::Desk;
use crate::engine::{Lab, Program, tell_both};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use testkit::{WorkDir, eventually, filters, program};

const SOON: Duration = Duration::from_secs(20);

#[test]
fn haproxyadmin_sees_and_does_the_same() {
    same(|desk| python("admin.py", desk.socket.display().to_string()));
}

#[test]
fn haproxystats_reads_the_same() {
    same(|desk| python("stats.py", desk.lab.statistics_address().to_string()));
}

#[test]
fn hatop_shows_and_does_the_same() {
    let (Some(hatop), Some(tmux)) = (program::find("hatop"), program::find("tmux")) else {
        return;
    };
    same(move |desk| {
        // How many were there at once depends on how fast each closes; numbers are compared above.
        forget_numbers(desk);
        let screen = Screen::open(&tmux, &hatop, &desk.socket);
        let mut told = vec![screen.when("the servers are shown", "server03")];
        for (view, heading) in [("2", "LBTOT"), ("3", "5xx"), ("4", "CHECK")] {
            screen.press(&[view]);
            told.push(without_numbers(&screen.when("the view is shown", heading)));
        }
        screen.press(&["1"]);
        told.push(screen.when("the first view is shown", "QCUR"));
        // Down to server01 in the list; weight + 1; into maintenance.
        screen.press(&["Down", "Down", "Down", "Down", "F7"]);
        screen.press(&["F10"]);
        told.push(screen.when("server01 is in maintenance", "MAINT"));
        screen.press(&["F9"]);
        eventually("server01 is back", SOON, || {
            !screen.text().contains("MAINT")
        });
        told.push(screen.text());
        told.join("\n")
    });
}

/// Tells the same story of both balancers and compares line by line.
fn same(story: impl Fn(&Desk) -> String + Sync) {
    let told = tell_both(|program| story(&desk(program)));
    let Some([haproxy, ours]) = told else {
        return;
    };
    let pairs = haproxy.lines().zip(ours.lines());
    let differences: String = pairs
        .filter(|(haproxy, ours)| haproxy != ours)
        .map(|(haproxy, ours)| format!("HAProxy: {haproxy}\nours:    {ours}\n"))
        .collect();
    assert!(differences.is_empty(), "{differences}");
    assert_eq!(haproxy.lines().count(), ours.lines().count(), "{ours}");
}

/// A balancer that has answered four requests.
fn desk(program: &Program) -> Desk {
    let desk = Desk::open(
        Lab::new(program),
        "global
    stats socket {socket} level admin
    node lab
    maxconn 1000
defaults
    mode http
    timeout connect 10s
    timeout client 10s
    timeout server 10s
frontend web
    bind {frontend}
    default_backend application_nodes
backend application_nodes
    server server01 {server1} check inter 1h
    server server02 {server2} weight 3
    server server03 {server3} backup
listen stats
    bind {statistics}
    stats enable
    stats uri /
",
    );
    eventually("server01 was checked", SOON, || {
        desk.lab.statistics().rows["application_nodes/server01"]["check_status"] == "L4OK"
    });
    desk.lab.hit(4);
    desk
}

/// Sets every count to zero, once nobody is being served.
fn forget_numbers(desk: &Desk) {
    // Asked on the socket: a look at the page would be a session of its own.
    eventually("all sessions have ended", SOON, || {
        const SCUR: usize = 4;
        let table = desk.send("show stat\n");
        let mut rows = table.lines().filter(|row| !row.starts_with('#'));
        rows.all(|row| matches!(row.split(',').nth(SCUR), None | Some("" | "0")))
    });
    desk.send("clear counters all\n");
}

/// What a script of `clients/` prints about a balancer.
fn python(script: &str, argument: String) -> String {
    let Some(python) = program::find("python3") else {
        return String::new();
    };
    if !packages().is_dir() {
        program::left_out("haproxyadmin");
        return String::new();
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/beside/clients");
    let output = Command::new(python)
        .arg(here.join(script))
        .arg(&argument)
        .env("PYTHONPATH", packages())
        .output()
        .expect("python3 runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}: {said}");
    String::from_utf8_lossy(&output.stdout).replace(&argument, "[BALANCER]")
}

/// Where `scripts/setup` lays the packages from PyPI.
fn packages() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/python")
}

/// A terminal of 100 columns with hatop in it.
struct Screen<'a> {
    tmux: &'a Path,
    folder: WorkDir,
}

impl<'a> Screen<'a> {
    fn open(tmux: &'a Path, hatop: &Path, socket: &Path) -> Self {
        let screen = Self {
            tmux,
            folder: WorkDir::new(),
        };
        let command = format!("exec {} -s {}", hatop.display(), socket.display());
        screen.tmux(&["new-session", "-d", "-x", "100", "-y", "40", &command]);
        screen
    }

    fn press(&self, keys: &[&str]) {
        self.tmux(&[&["send-keys"], keys].concat());
    }

    /// The screen, once `text` is on it.
    fn when(&self, what: &str, text: &str) -> String {
        eventually(what, SOON, || self.text().contains(text));
        self.text()
    }

    /// Its lines without what differs from one process and one second to the next.
    fn text(&self) -> String {
        let shown = self.tmux(&["capture-pane", "-p"]);
        let lasting = |line: &&str| {
            let passing = ["HATop version", "HAProxy Version", "uptime", "Tasks:"];
            !passing.iter().any(|word| line.contains(word))
        };
        let lines: Vec<_> = shown.lines().filter(lasting).collect();
        filters::times(&lines.join("\n"))
    }

    fn tmux(&self, words: &[&str]) -> String {
        let output = Command::new(self.tmux)
            .args(["-f", "/dev/null", "-S"])
            .arg(self.folder.join("tmux"))
            .args(words)
            .output()
            .expect("tmux runs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

/// The words of each line: rates and times of a moment are nobody's to compare.
fn without_numbers(screen: &str) -> String {
    let is_word = |word: &&str| !word.starts_with(|c: char| c.is_ascii_digit());
    let lines = screen
        .lines()
        .map(|line| line.split_whitespace().filter(is_word).collect::<Vec<_>>());
    lines.map(|words| words.join(" ") + "\n").collect()
}

impl Drop for Screen<'_> {
    fn drop(&mut self) {
        self.tmux(&["kill-server"]);
    }
}
