//! What is said to a balancer: shell lines, and what must be in their output.

use crate::stage::Stage;
use std::fmt;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// Longer than any check takes to see what happened.
const SOON: Duration = Duration::from_secs(15);

pub(crate) struct Line {
    act: Act,
    /// All of these are in the output.
    expected: Vec<String>,
}

enum Act {
    /// `$ COMMAND`
    Run(String),
    /// `$$ COMMAND`: again and again, until what is expected is there.
    Await(String),
    /// `kill SERVER`
    Kill(String),
}

/// The lines of a file.
pub(crate) fn read(path: &Path) -> Vec<Line> {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut lines: Vec<Line> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let act = match line.split_once(' ') {
            Some((">", expected)) => {
                let last = lines.last_mut().expect("a command stands above");
                last.expected.push(expected.to_owned());
                continue;
            }
            Some(("#", _)) => continue,
            Some(("$", command)) => Act::Run(command.to_owned()),
            Some(("$$", command)) => Act::Await(command.to_owned()),
            Some(("kill", server)) => Act::Kill(server.to_owned()),
            _ => panic!("{}: what is `{line}`?", path.display()),
        };
        lines.push(Line {
            act,
            expected: Vec::new(),
        });
    }
    lines
}

impl Line {
    /// Does it, and tells what came of it.
    pub(crate) fn say(&self, stage: &Stage) -> Result<String, String> {
        match &self.act {
            Act::Run(command) => self.judge(run(stage, command)),
            Act::Await(command) => {
                let begin = Instant::now();
                loop {
                    match self.judge(run(stage, command)) {
                        // How it looked on the way is a matter of time.
                        Ok(_) => return Ok(String::new()),
                        Err(problem) if begin.elapsed() > SOON => return Err(problem),
                        Err(_) => thread::sleep(Duration::from_millis(50)),
                    }
                }
            }
            Act::Kill(server) => {
                stage.kill(server);
                Ok(String::new())
            }
        }
    }

    fn judge(&self, output: String) -> Result<String, String> {
        match self.expected.iter().find(|text| !output.contains(*text)) {
            Some(lacks) => Err(format!("{self}: `{lacks}` is not in\n{output}")),
            None => Ok(output),
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.act {
            Act::Run(command) | Act::Await(command) => write!(f, "$ {command}"),
            Act::Kill(server) => write!(f, "kill {server}"),
        }
    }
}

fn run(stage: &Stage, command: &str) -> String {
    let output = Command::new("bash")
        .args(["-c", &stage.fill(command)])
        .output()
        .expect("bash runs");
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    let lines = stage.blank(&said);
    let lasting = lines
        .lines()
        .filter(|line| !line.to_ascii_lowercase().starts_with("date:"));
    lasting.collect::<Vec<_>>().join("\n")
}
