//! A work folder with ports of its own, and `lab` in it.

use serde_json::Value;
use std::process::Command;
use std::time::Duration;
use testkit::{Port, Process, Said, WorkDir, eventually, program};

/// Longest time after which nothing may be left of a lab that was killed.
pub(crate) const GONE: Duration = Duration::from_secs(2);

/// What `lab up --engine` takes, the usual one first.
const ENGINES: [&str; 2] = ["lab", "haproxy"];

/// As many caches as stand in front of the lab's name server.
const CACHES: u16 = 3;

pub(crate) struct Lab {
    pub(crate) dir: WorkDir,
    /// Of the servers, the balancer, the statistics page, the name server and its caches, in a row.
    ports: Vec<Port>,
    servers: u16,
    engine: &'static str,
}

/// Runs a test with the lab's own balancer, and with HAProxy where it is installed.
pub(crate) fn with_each_engine(servers: u16, test: impl Fn(&Lab)) {
    for engine in ENGINES {
        if engine == "haproxy" && program::find("haproxy").is_none() {
            continue;
        }
        let mut lab = Lab::new(servers);
        lab.engine = engine;
        test(&lab);
    }
}

/// A lab looks at so many ports from that of its first server on: nobody else's programs may be there.
const SEEN: u16 = 20;

impl Lab {
    /// Ports for so many servers. Nothing is started.
    pub(crate) fn new(servers: u16) -> Self {
        let lab = Self {
            dir: WorkDir::new(),
            ports: Port::reserve_row((servers + 2 + 1 + CACHES).max(SEEN)),
            servers,
            engine: ENGINES[0],
        };
        lab.dir.write(
            ".lab/config.toml",
            format!(
                "[ports]\nservers = {}\nbalancer = {}\nstatistics = {}\nnameserver = {}\n",
                lab.server(1),
                lab.balancer(),
                lab.statistics(),
                lab.nameserver()
            ),
        );
        lab
    }

    /// The port of the n-th server, from 1.
    pub(crate) fn server(&self, n: u16) -> u16 {
        self.ports[0].number() + n - 1
    }

    pub(crate) fn balancer(&self) -> u16 {
        self.server(self.servers + 1)
    }

    pub(crate) fn statistics(&self) -> u16 {
        self.server(self.servers + 2)
    }

    /// The port of the name server; those of its caches follow.
    pub(crate) fn nameserver(&self) -> u16 {
        self.server(self.servers + 3)
    }

    /// Writes a file of its `.lab`.
    pub(crate) fn write(&self, path: &str, text: &str) {
        self.dir.write(&format!(".lab/{path}"), text);
    }

    /// The events of its journal.
    pub(crate) fn journal(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.dir.path().join(".lab/journal.jsonl"));
        let text = text.unwrap_or_default();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    pub(crate) fn command(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
        command
            .current_dir(self.dir.path())
            .args(words.split_whitespace());
        for name in ["CI", "NO_COLOR", "LAB_PLAIN", "LAB_LOG", "CODESPACE_NAME"] {
            command.env_remove(name);
        }
        // Servers that other tests script are not asked what they are.
        command.env("LAB_ASK", "here");
        command
    }

    /// The words of `lab up` for this lab.
    pub(crate) fn up_words(&self, more: &str) -> String {
        format!(
            "up --servers {} --engine {} {more}",
            self.servers, self.engine
        )
    }

    #[track_caller]
    pub(crate) fn run(&self, words: &str) -> Said {
        Process::run(&mut self.command(words))
    }

    /// Runs a command that must succeed.
    #[track_caller]
    pub(crate) fn done(&self, words: &str) -> Said {
        let said = self.run(words);
        assert_eq!(said.code, Some(0), "lab {words}: {said:?}");
        said
    }

    #[track_caller]
    pub(crate) fn json(&self, words: &str) -> Value {
        let said = self.run(&format!("{words} --json"));
        serde_json::from_str(&said.stdout)
            .unwrap_or_else(|error| panic!("lab {words}: {error}: {said:?}"))
    }

    #[track_caller]
    pub(crate) fn up_detached(&self) {
        self.done(&self.up_words("--detach"));
    }

    /// In the foreground, once it is ready.
    #[track_caller]
    pub(crate) fn up(&self) -> Process {
        let process = Process::spawn(&mut self.command(&self.up_words("")));
        process.wait_for_line("stop all: Ctrl-C");
        process
    }

    /// The pid of a process of the running lab.
    #[track_caller]
    pub(crate) fn pid(&self, name: &str) -> u32 {
        let record: Value = serde_json::from_str(&self.dir.read(".lab/run/lab.json")).unwrap();
        let children = record["children"].as_array().unwrap();
        let mut known = children.iter().chain([&record["supervisor"]]);
        let found = known
            .find(|process| process["name"] == name)
            .unwrap_or_else(|| panic!("no {name} in {record}"));
        u32::try_from(found["pid"].as_u64().unwrap()).unwrap()
    }

    pub(crate) fn ports_are_free(&self) -> bool {
        self.ports.iter().all(Port::is_free)
    }

    #[track_caller]
    pub(crate) fn wait_until_gone(&self) {
        eventually("all ports are free", GONE, || self.ports_are_free());
    }

    /// The text with the lab's ports, pids and times taken out, so that it can be compared whole.
    pub(crate) fn filtered(&self, text: &str) -> String {
        let names = ["S1", "S2", "S3", "S4"];
        let mut ports: Vec<(u16, &str)> = (1..=self.servers)
            .map(|n| (self.server(n), names[usize::from(n) - 1]))
            .collect();
        ports.extend([
            (self.balancer(), "LB"),
            (self.statistics(), "STATS"),
            (self.nameserver(), "NS"),
        ]);
        let text = testkit::filters::ports(text, &ports);
        durations(&testkit::filters::times(&testkit::filters::pids(&text)))
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.run("down");
    }
}

/// Replaces `31 ms`, `0.4 ms` by `[N] ms`.
fn durations(text: &str) -> String {
    let mut out = String::new();
    for word in text.split_inclusive(' ') {
        out.push_str(word);
        if word.starts_with("ms") {
            let number = out.trim_end_matches(word).trim_end();
            let start = number
                .rfind(|c: char| !c.is_ascii_digit() && c != '.')
                .map_or(0, |at| at + 1);
            let rest = format!(" {word}");
            out.replace_range(start.., "[N]");
            out.push_str(&rest);
        }
    }
    out
}

#[test]
fn only_numbers_before_ms_are_durations() {
    assert_eq!(durations("in 31 ms, after 2 s"), "in [N] ms, after 2 s");
}
