//! `lab validate --play`: labs played as their authors say.

use crate::support::Lab;
use serde_json::Value;
use std::process::Stdio;
use std::time::Duration;
use testkit::{Process, Signal, eventually, program};

/// A lab of one step: stop server01.
const LAB: &str = r#"+++
format  = 1
id      = "x"
title   = "X"
minutes = 1

[start]
servers = 1

[[step]]
id     = "stop"
kind   = "do"
settle = "1s"
check  = [{ id = "gone", what = "port", server = "server01", open = false, say = "server01 is stopped" }]

[[step.mistake]]
id   = "frozen"
if   = [{ what = "port", server = "server01", frozen = true }]
say  = "it is frozen."
next = ["lab start server01"]

[[solve]]
step = "stop"
do   = ["kill server01"]

[[trial]]
step    = "stop"
do      = ["pause server01"]
mistake = "frozen"
+++

## stop

Stop it.

### hint

    lab kill server01
"#;

/// What came of each part, by its name.
#[track_caller]
fn parts(lab: &Lab, text: &str, code: i32) -> Vec<(String, bool, String)> {
    lab.dir.write("mine/x.md", text);
    let said = lab.command("validate mine --play --json").output().unwrap();
    assert_eq!(said.status.code(), Some(code), "{said:?}");
    let json: Value = serde_json::from_slice(&said.stdout).unwrap();
    let parts = json["labs"][0]["parts"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    parts
        .iter()
        .map(|part| {
            let ok = part["ok"].as_bool().unwrap();
            (text(&part["part"]), ok, text(&part["said"]))
        })
        .collect()
}

#[test]
fn a_right_lab_fails_fresh_passes_solved_and_names_its_mistake() {
    let lab = Lab::new(1);
    lab.dir.write("mine/x.md", LAB);
    let said = lab.done("validate mine --play");
    let lines: Vec<&str> = said.stdout.lines().collect();
    assert_eq!(
        lines[0],
        "x  fresh start: `stop` not passed   as it must be"
    );
    assert!(
        lines[1].starts_with("x  solved: 1 of 1 steps passed in "),
        "{said:?}"
    );
    assert!(
        lines[2].starts_with("x  trial frozen: said \"it is frozen.\" in "),
        "{said:?}"
    );
    assert_eq!(lines[3], "1 lab: 1 ok, 0 failed; 1 of 1 trials");
}

#[test]
fn a_step_that_asks_for_nothing_new_is_found() {
    let lab = Lab::new(1);
    let parts = parts(&lab, &LAB.replace("open = false", "open = true"), 1);
    assert!(
        !parts[0].1 && parts[0].2.contains("though nothing was done"),
        "{parts:?}"
    );
}

#[test]
fn a_solution_that_does_not_solve_and_a_trial_that_does_are_found() {
    let lab = Lab::new(1);
    let text = LAB
        .replace(
            r#"do      = ["pause server01"]"#,
            r#"do = ["kill server01"]"#,
        )
        .replace(r#"do   = ["kill server01"]"#, r#"do = ["wait 0"]"#);
    let parts = parts(&lab, &text, 1);
    assert!(
        !parts[1].1 && parts[1].2.contains("[ ] server01 is stopped"),
        "{parts:?}"
    );
    assert!(
        !parts[2].1 && parts[2].2.contains("but the step passed"),
        "{parts:?}"
    );
}

#[test]
fn a_lab_that_is_not_there_is_a_mistake_of_the_command() {
    let lab = Lab::new(1);
    let said = lab.run("validate --play nosuch");
    assert_eq!(said.code, Some(2));
    assert!(
        said.stderr.contains("there is no file or lab `nosuch`"),
        "{said:?}"
    );
}

#[test]
fn a_player_that_is_killed_leaves_nothing_running() {
    let lab = Lab::new(1);
    lab.dir
        .write("mine/x.md", LAB.replace("pause server01\"]", "wait 60\"]"));
    let player = Process::spawn(&mut lab.command("validate mine --play"));
    let servers = || children_named(player.pid(), "serve");
    eventually("a server runs", Duration::from_secs(20), || {
        !servers().is_empty()
    });
    let running = servers();
    player.signal(Signal::KILL);
    let alive = |pid: &u32| std::path::Path::new(&format!("/proc/{pid}/fd/0")).exists();
    eventually("they have ended", Duration::from_secs(5), || {
        !running.iter().any(alive)
    });
}

/// Children of a process whose command line holds a word.
fn children_named(parent: u32, word: &str) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid: &u32| {
        procs::Process::read(*pid).is_some_and(|process| process.parent == parent)
            && procs::Process::arguments(*pid)
                .iter()
                .any(|argument| argument == word)
    })
    .collect()
}

/// Labs of the course, with our balancer and with HAProxy at the same time, since most of it is waiting: nothing is passed
/// fresh, the solution passes, each mistake is named.
#[track_caller]
fn plays(ids: &str) {
    let lab = Lab::new(1);
    let engines = ["lab", "haproxy"];
    let wanted = |engine: &&str| *engine == "lab" || program::find("haproxy").is_some();
    let played: Vec<(&str, std::process::Child)> = engines
        .into_iter()
        .filter(wanted)
        .map(|engine| {
            let words = format!("validate --play --engine {engine} {ids}");
            let child = lab.command(&words).stdout(Stdio::piped()).spawn();
            (engine, child.unwrap())
        })
        .collect();
    for (engine, child) in played {
        let said = child.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&said.stdout);
        let failed: Vec<&str> = text
            .lines()
            .filter(|line| line.contains("FAILED"))
            .collect();
        assert_eq!(
            (said.status.code(), failed.as_slice()),
            (Some(0), &[][..]),
            "{engine}: {said:?}"
        );
    }
}

#[test]
fn the_dns_labs_play() {
    plays("intro 1 sites end links");
}

#[test]
fn the_servers_lab_plays() {
    plays("2 where-weights-help real-machines");
}

#[test]
fn the_round_robin_lab_plays() {
    plays("3.1");
}

#[test]
fn the_weights_lab_plays() {
    plays("3.2");
}

#[test]
fn the_kill_lab_plays() {
    plays("3.3");
}

#[test]
fn the_health_lab_plays() {
    plays("3.4");
}

#[test]
fn the_statistics_lab_plays() {
    plays("4");
}

#[test]
fn the_slow_server_lab_plays() {
    plays("slow-server");
}

#[test]
fn the_sticky_lab_plays() {
    plays("sticky-sessions");
}

#[test]
fn the_places_lab_plays() {
    plays("visitors-by-place");
}

#[test]
fn the_overload_lab_plays() {
    plays("overload");
}
