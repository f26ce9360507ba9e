//! One who types commands, reads what they say, edits a file and keeps programs running in other terminals.

use super::machine::Machine;
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;
use testkit::{Port, Process, Said, Signal, WorkDir, eventually};

/// The longest that one command takes: a few requests to a server that refuses, or six questions two seconds apart.
const PATIENCE: Duration = Duration::from_secs(60);
/// A step that is not passed by then will not be: longer than checks take to notice.
const PASSED_WITHIN: Duration = Duration::from_secs(30);

const SERVERS: u16 = 4;
/// In the first words of each program that stays.
pub(super) const LISTENS: &str = "listening on";

pub(super) struct Learner {
    pub(super) machine: Machine,
    folder: WorkDir,
    pub(super) ports: Ports,
    /// What is typed to start the balancer.
    balancer: &'static str,
    terminals: BTreeMap<String, Process>,
}

/// Where things listen.
pub(super) struct Ports {
    servers: u16,
    pub(super) balancer: u16,
    pub(super) statistics: u16,
    pub(super) nameserver: u16,
    /// Kept, where others use the machine's ports as well.
    _reserved: Vec<Port>,
}

impl Learner {
    /// Somebody in an empty folder.
    pub(super) fn new(balancer: &'static str) -> Self {
        let machine = Machine::new();
        let usual = machine.is_alone();
        let learner = Self {
            machine,
            folder: WorkDir::new(),
            ports: if usual { Ports::usual() } else { Ports::free() },
            balancer,
            terminals: BTreeMap::new(),
        };
        if !usual {
            learner.choose_ports();
        }
        learner
    }

    fn choose_ports(&self) {
        let ports = &self.ports;
        for (name, port) in [
            ("servers", ports.servers),
            ("balancer", ports.balancer),
            ("statistics", ports.statistics),
            ("nameserver", ports.nameserver),
        ] {
            self.does(&format!("config ports.{name} {port}"));
        }
    }

    /// The port of the n-th server, from 1.
    pub(super) fn server(&self, n: u16) -> u16 {
        self.ports.servers + n - 1
    }

    /// A program, in the learner's folder.
    pub(super) fn program(&self, name: &str) -> Command {
        let mut command = self.machine.command(name);
        command.current_dir(self.folder.path());
        for name in [
            "CI",
            "NO_COLOR",
            "LAB_PLAIN",
            "LAB_LOG",
            "LAB_LANG",
            "CODESPACE_NAME",
        ] {
            command.env_remove(name);
        }
        command.env("LAB_ASK", "here");
        command
    }

    fn lab(&self, words: &str) -> Command {
        let mut command = self.program(env!("CARGO_BIN_EXE_lab"));
        command.arg("--plain").args(words.split_whitespace());
        command
    }

    /// What `lab` answers to these words.
    #[track_caller]
    pub(super) fn types(&self, words: &str) -> Said {
        ended(&mut self.lab(words))
    }

    /// A command that succeeds.
    #[track_caller]
    pub(super) fn does(&self, words: &str) -> Said {
        let said = self.types(words);
        assert_eq!(said.code, Some(0), "lab {words}: {said:?}");
        said
    }

    /// A command that succeeds, and says this.
    #[track_caller]
    pub(super) fn reads(&self, words: &str, part: &str) {
        let said = self.does(words);
        assert!(
            flowing(&said.stdout).contains(part),
            "no {part:?} after lab {words}:\n{}",
            said.stdout
        );
    }

    /// A command whose answer is no, for this reason.
    #[track_caller]
    pub(super) fn is_told_no(&self, words: &str, part: &str) {
        let said = self.types(words);
        let text = flowing(&format!("{}{}", said.stdout, said.stderr));
        assert!(
            matches!(said.code, Some(1 | 3)) && text.contains(part),
            "no {part:?} after lab {words}: {said:?}"
        );
    }

    /// The open step is seen to be done, and the screen says this.
    #[track_caller]
    pub(super) fn passes(&self, part: &str) {
        self.check_says(0, part);
    }

    /// The open step is not done yet, and the screen says this.
    #[track_caller]
    pub(super) fn is_not_there_yet(&self, part: &str) {
        self.check_says(1, part);
    }

    /// Looks again until it says so: what is seen from outside may take a moment to show.
    #[track_caller]
    fn check_says(&self, code: i32, part: &str) {
        let begun = std::time::Instant::now();
        loop {
            let said = self.types("check");
            if said.code == Some(code) && flowing(&said.stdout).contains(part) {
                return;
            }
            assert!(
                begun.elapsed() < PASSED_WITHIN,
                "no {part:?} ({code}) after lab check: {said:?}"
            );
        }
    }

    /// Opens an activity that nothing stands in the way of.
    #[track_caller]
    pub(super) fn opens(&self, id: &str) {
        let said = self.types(&format!("activity {id}"));
        // 1: the step that it opens at is not done yet.
        assert!(
            matches!(said.code, Some(0 | 1)) && said.stdout.contains("step 1 of"),
            "lab activity {id}: {said:?}"
        );
    }

    /// Reads through so many screens that ask for nothing.
    #[track_caller]
    pub(super) fn reads_on(&self, screens: usize) {
        for _ in 0..screens {
            self.does("next");
        }
    }

    #[track_caller]
    pub(super) fn json(&self, words: &str) -> Value {
        let said = self.does(&format!("{words} --json"));
        serde_json::from_str(&said.stdout).unwrap()
    }

    /// `curl` with these words.
    #[track_caller]
    pub(super) fn curl(&self, words: &str) -> String {
        let mut command = self.program("curl");
        command.arg("-sS").args(words.split_whitespace());
        let said = ended(&mut command);
        assert_eq!(said.code, Some(0), "curl {words}: {said:?}");
        said.stdout
    }

    /// Any other program, to its end.
    #[track_caller]
    pub(super) fn runs(&self, words: &str) -> Said {
        self.run(words).1
    }

    /// A program that ends and leaves others running, in a terminal that stays open for them.
    #[track_caller]
    pub(super) fn leaves_running(&mut self, terminal: &str, words: &str) -> Said {
        let (process, said) = self.run(words);
        self.terminals.insert(terminal.to_owned(), process);
        said
    }

    #[track_caller]
    fn run(&self, words: &str) -> (Process, Said) {
        let (program, rest) = words.split_once(' ').unwrap();
        let (process, said) = to_its_end(self.program(program).args(rest.split_whitespace()));
        assert_eq!(said.code, Some(0), "{words}: {said:?}");
        (process, said)
    }

    /// Starts a program of the lab in a terminal of its own, which stays open, and waits until it says `ready`.
    #[track_caller]
    pub(super) fn starts(&mut self, terminal: &str, words: &str, ready: &str) {
        let process = Process::spawn(&mut self.lab(words));
        process.wait_for_line(ready);
        self.terminals.insert(terminal.to_owned(), process);
    }

    #[track_caller]
    pub(super) fn serves(&mut self, n: u16) {
        let words = format!("serve {}", self.server(n));
        self.starts(&format!("server0{n}"), &words, LISTENS);
    }

    #[track_caller]
    pub(super) fn starts_the_balancer(&mut self) {
        self.starts("balancer", self.balancer, LISTENS);
    }

    /// Ctrl-C in a terminal.
    #[track_caller]
    pub(super) fn presses_ctrl_c(&mut self, terminal: &str) {
        let mut process = self.terminals.remove(terminal).expect("it was started");
        process.signal(Signal::INT);
        process.wait();
    }

    /// Saves a change of the configuration file.
    #[track_caller]
    pub(super) fn edits(&self, change: impl Fn(&str) -> String) {
        let text = self.folder.read("myhaproxy.cfg");
        let changed = change(&text);
        assert_ne!(changed, text, "nothing changed");
        self.folder.write("myhaproxy.cfg", changed);
    }

    /// Saves a change of the lines of servers.
    #[track_caller]
    pub(super) fn edits_servers(&self, change: impl Fn(&str) -> String) {
        self.edits(|text| {
            let line = |line: &str| match line.trim_start().starts_with("server ") {
                true => change(line),
                false => line.to_owned(),
            };
            let lines: Vec<String> = text.lines().map(line).collect();
            lines.join("\n") + "\n"
        });
    }

    /// Ends everything; nothing may be left.
    #[track_caller]
    pub(super) fn goes(mut self) {
        for terminal in [
            "balancer",
            "server01",
            "server02",
            "server03",
            "server04",
            "nameserver",
        ] {
            if self.terminals.contains_key(terminal) {
                self.presses_ctrl_c(terminal);
            }
        }
        let listeners = || self.json("facts")["listeners"].clone();
        eventually("nobody listens any more", PASSED_WITHIN, || {
            let all = listeners();
            let mine = |port: u16| all.to_string().contains(&format!(":{port}\""));
            !(1..=SERVERS).any(|n| mine(self.server(n))) && !mine(self.ports.balancer)
        });
    }
}

impl Ports {
    fn usual() -> Self {
        Self {
            servers: 8080,
            balancer: 3000,
            statistics: 8404,
            nameserver: 5300,
            _reserved: Vec::new(),
        }
    }

    fn free() -> Self {
        // The statistics, the name server and its caches come after the balancer.
        let reserved = Port::reserve_row(SERVERS + 1 + 1 + 4);
        let first = reserved[0].number();
        Self {
            servers: first,
            balancer: first + SERVERS,
            statistics: first + SERVERS + 1,
            nameserver: first + SERVERS + 2,
            _reserved: reserved,
        }
    }
}

/// The text as one line: where its lines break does not matter.
fn flowing(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn ended(command: &mut Command) -> Said {
    to_its_end(command).1
}

/// With the process, since whatever it left running ends with that.
#[track_caller]
fn to_its_end(command: &mut Command) -> (Process, Said) {
    let mut process = Process::spawn(command);
    process.close_input();
    process.wait_for(PATIENCE);
    let said = process.ended();
    (process, said)
}
