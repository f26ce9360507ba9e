//! The files for cloud editors start what `lab` knows, on the ports that `lab` uses.

use std::process::Command;

use testkit::{Process, Said, WorkDir};
use workspace_checks::{EditorFile, devcontainer, gitpod};

/// Runs `lab` in an empty folder of its own.
fn lab(words: &[&str]) -> Said {
    let dir = WorkDir::new();
    Process::run(
        Command::new(env!("CARGO_BIN_EXE_lab"))
            .args(words)
            .current_dir(dir.path()),
    )
}

fn files() -> [EditorFile; 2] {
    [gitpod(), devcontainer()]
}

#[test]
fn their_command_is_one_that_lab_knows() {
    for file in files() {
        let words: Vec<&str> = file.command.split_whitespace().collect();
        assert_eq!(words[0], "lab");
        // Help is given only once every word before it was understood, and nothing starts.
        let said = lab(&[&words[1..], &["--help"]].concat());
        assert_eq!(said.code, Some(0), "{}: {}", file.command, said.stderr);
    }
    let unknown = lab(&["up", "--no-such-option", "--help"]);
    assert_eq!(unknown.code, Some(2), "else the check above sees nothing");
}

#[test]
fn their_ports_are_those_that_lab_uses() {
    let usual = |key: &str| {
        let said = lab(&["config", key]);
        let port = said.stdout.trim().parse::<u16>();
        port.unwrap_or_else(|e| panic!("{key}: {e}: {said:?}"))
    };
    let first = usual("ports.servers");
    for file in files() {
        assert_eq!(file.ports[&usual("ports.balancer")], "balancer");
        assert_eq!(file.ports[&usual("ports.statistics")], "statistics");
        for port in first..first + 4 {
            assert!(file.ports[&port].starts_with("server"), "{port}");
        }
    }
}
