//! The runtime API: every command and every mistake, answered by both.

use crate::desk::Desk;
use crate::engine::{Lab, Program, tell_both};
use std::time::Duration;
use testkit::eventually;

const SOON: Duration = Duration::from_secs(10);

/// `server01` is checked, `server02` is heavy, `server03` is in maintenance, `server04` is down.
fn desk(program: &Program) -> Desk {
    let mut lab = Lab::new(program);
    lab.kill_server(4);
    let desk = Desk::open(
        lab,
        "global
    stats socket {socket} level admin
    node lab
defaults
    mode http
    timeout connect 1s
    timeout client 5s
    timeout server 5s
frontend web
    bind {frontend}
    default_backend application_nodes
backend application_nodes
    server server01 {server1} check inter 200ms
    server server02 {server2} weight 3
    server server03 {server3} check disabled
    server server04 {server4} check inter 200ms
listen stats
    bind {statistics}
    stats enable
    stats uri /
",
    );
    let is = |server: u32, status: &str| {
        let row = desk.send(&format!("show stat application_nodes 4 {server}\n"));
        row.contains(&format!(",{status},"))
    };
    eventually("both checked servers were looked at", SOON, || {
        is(1, "UP") && is(4, "DOWN")
    });
    desk
}

/// Both answered the same to every one.
#[track_caller]
fn same_answers(commands: &[&str]) {
    let told = tell_both(|program| desk(program).ask_all(commands));
    let Some([haproxy, ours]) = told else { return };
    for (ours, haproxy) in ours.iter().zip(&haproxy) {
        assert_eq!(ours, haproxy, "ours is on the left, HAProxy's on the right");
    }
}

#[test]
fn commands_on_servers_are_answered_alike() {
    same_answers(&[
        "get weight application_nodes/server02",
        "get weight #3/#2",
        "get weight",
        "get weight application_nodes",
        "get weight application_nodes/",
        "get weight no/server01",
        "get weight application_nodes/no",
        "set weight application_nodes/server02 5",
        "get weight application_nodes/server02",
        "set weight application_nodes/server02 50%",
        "get weight application_nodes/server02",
        "set weight application_nodes/server02 30000%",
        "get weight application_nodes/server02",
        "set weight application_nodes/server02 257",
        "set weight application_nodes/server02 -1",
        "set weight application_nodes/server02 -5%",
        "set weight application_nodes/server02 5x",
        "set weight application_nodes/server02 x",
        "set weight application_nodes/server02",
        "set server application_nodes/server02 weight 0",
        "set server application_nodes/server02 state",
        "set server application_nodes/server02 state on",
        "set server application_nodes/server02 health",
        "set server application_nodes/server02 health ill",
        "set server application_nodes/server02 agent up",
        "set server application_nodes/server02 agent-addr 127.0.0.1",
        "set server application_nodes/server02 agent-port 80",
        "set server application_nodes/server02 agent-send x",
        "set server application_nodes/server02 check-port 80",
        "set server application_nodes/server02 check-port",
        "set server application_nodes/server01 check-port x",
        "set server application_nodes/server02 check-addr 127.0.0.1",
        "set server application_nodes/server02 fqdn",
        "set server application_nodes/server02 fqdn web",
        "set server application_nodes/server02 ssl on",
        "set server application_nodes/server02 addr",
        "set server application_nodes/server02 addr nowhere",
        "set server application_nodes/server02 addr 127.0.0.1",
        "set server application_nodes/server02 addr 127.0.0.1 port",
        "set server application_nodes/server02 addr 127.0.0.1 port x",
        "set server application_nodes/server02",
        "set server application_nodes/server02 what",
        "set server",
        "set server no/no state ready",
        "enable server",
        "enable server application_nodes/server03",
        "disable server application_nodes/server02",
        "disable server application_nodes/server02",
        "enable health application_nodes/server02",
        "disable health application_nodes/server01",
        "enable health application_nodes/server01",
        "disable health application_nodes",
    ]);
}

#[test]
fn other_commands_are_answered_alike() {
    same_answers(
        &[
            "show backend",
            "show backend extra",
            "show cli level",
            "show cli sockets",
            "show env NO_SUCH_VARIABLE",
            "show servers state no",
            "show servers conn no",
            "show stat no 1 1",
            "clear counters",
            "clear counters all",
            "clear counters some",
            "set timeout",
            "set timeout what",
            "set timeout cli",
            "set timeout cli 0",
            "set timeout cli 5x",
            "set timeout cli 10s",
            "set timeout cli 500ms",
            "set timeout cli 0ms",
            "set timeout cli 2147483648",
            "get var",
            "get var proc.nobody",
            "get var txn.nobody",
            "user;get var proc.nobody",
            "set severity-output",
            "set severity-output loud",
            "set severity-output number;set weight application_nodes/server01",
            "set severity-output string;get weight no/no;show cli level",
            "set severity-output number;get weight application_nodes/server01",
            "user;show cli level;operator",
            "operator;show cli level;disable server application_nodes/server01",
            "user;clear counters",
            "operator;clear counters;clear counters all",
            "user;show env",
            "user;get weight application_nodes/server01",
            "user;set weight application_nodes/server01 2",
            "user;set server application_nodes/server01 state what",
            "user;enable health application_nodes/server01",
            "user;set timeout cli 3",
            "quit;show backend",
            "show backend;quit;show backend",
            "prompt;show cli level;prompt",
            "prompt\nshow cli level\n\nquit",
        ]
        .map(|command| {
            // The list of all commands is longer with HAProxy.
            command.replace("\n\n", "\n")
        })
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>(),
    );
}

#[test]
fn server_states_have_the_same_lines() {
    const CHANGES: [&str; 9] = [
        "set server application_nodes/server02 state drain",
        "set server application_nodes/server03 state ready",
        "set server application_nodes/server04 state maint",
        "set server application_nodes/server01 weight 20%",
        "set server application_nodes/server02 state maint",
        "set server application_nodes/server02 state drain",
        "set server application_nodes/server02 state ready",
        "set server application_nodes/server01 state maint",
        "set server application_nodes/server01 state drain",
    ];
    let told = tell_both(|program| {
        let desk = desk(program);
        let states = CHANGES.map(|change| {
            assert_eq!(desk.send(&format!("{change}\n")), "\n");
            let states = desk.send("show servers state application_nodes\n");
            format!("{change}\n{}", without_check_progress(&states))
        });
        eventually("the last words were said", SOON, || {
            let last = "server01 remains in forced drain mode.";
            let said = desk.lab.state_changes();
            said.iter().any(|line| line.ends_with(last))
        });
        let changes = desk.lab.state_changes();
        (states, changes)
    });
    let Some([haproxy, ours]) = told else { return };
    for (ours, haproxy) in ours.0.iter().zip(&haproxy.0) {
        assert_eq!(ours, haproxy, "ours is on the left, HAProxy's on the right");
    }
    // What checks find meanwhile may come before or after.
    let by_people = |changes: &[String]| {
        let told = changes.iter().filter(|line| !line.contains(", reason: "));
        told.cloned().collect::<Vec<_>>()
    };
    assert_eq!(by_people(&ours.1), by_people(&haproxy.1));
}

/// Leaves out the time of the last change, what a check that has just run may have altered, and the counter of a
/// server without checks (which HAProxy leaves at 0 once it was in maintenance).
fn without_check_progress(states: &str) -> String {
    const OP_STATE: usize = 5;
    const TIME_SINCE_LAST_CHANGE: usize = 9;
    const CHECK: std::ops::RangeInclusive<usize> = 10..=13;
    let line = |line: &str| {
        let checked = !line.contains("server02");
        let words = line
            .split(' ')
            .enumerate()
            .map(|(place, word)| match place {
                TIME_SINCE_LAST_CHANGE => "T",
                OP_STATE if checked => "C",
                place if CHECK.contains(&place) => "C",
                _ => word,
            });
        words.collect::<Vec<_>>().join(" ")
    };
    states.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn statistics_have_the_same_columns_on_the_socket() {
    let told = tell_both(|program| {
        let desk = desk(program);
        desk.lab.hit(8);
        eventually("all eight are counted", SOON, || {
            let backend = desk.send("show stat application_nodes 2 -1\n");
            pick(&backend, &["req_tot"]) == ["8"]
        });
        let shown = [
            "show stat",
            "show stat up",
            "show stat application_nodes 4 2",
        ];
        shown.map(|command| {
            let text = desk.send(&format!("{command}\n"));
            pick(
                &text,
                &[
                    "pxname", "svname", "status", "stot", "bin", "bout", "addr", "algo", "weight",
                    "uweight", "act", "bck", "mode", "cookie", "qlimit", "type", "sid",
                ],
            )
        })
    });
    let Some([haproxy, ours]) = told else { return };
    assert_eq!(ours[1..], haproxy[1..]);
    assert_eq!(ours[0], haproxy[0]);
}

/// Some columns of a CSV.
fn pick(csv: &str, columns: &[&str]) -> Vec<String> {
    let mut lines = csv.lines().filter(|line| !line.is_empty());
    let header: Vec<_> = lines.next().unwrap_or_default().split(',').collect();
    let places = columns.iter().map(|column| {
        let is = |name: &&str| name.trim_start_matches("# ") == *column;
        header.iter().position(is).expect("a column of HAProxy's")
    });
    let places: Vec<_> = places.collect();
    let row = |line: &str| {
        let cells: Vec<_> = line.split(',').collect();
        let cells = places.iter().map(|&place| cells[place]);
        cells.collect::<Vec<_>>().join(",")
    };
    // Connections that only tried whether somebody listens differ.
    let rows = lines.filter(|line| !line.starts_with("web,"));
    rows.map(row).collect()
}

#[test]
fn info_has_the_same_names_in_the_same_places() {
    let told = tell_both(|program| {
        let desk = desk(program);
        let names = |command: &str| {
            let text = desk.send(&format!("{command}\n"));
            let names = text.lines().filter_map(|line| line.split_once(':'));
            names.map(|(name, _)| name.to_owned()).collect::<Vec<_>>()
        };
        [names("show info"), names("show info typed")]
    });
    let Some([haproxy, ours]) = told else { return };
    for (ours, haproxy) in ours.iter().zip(&haproxy) {
        let (same, own) = ours.split_at(haproxy.len());
        assert_eq!(same, haproxy);
        assert_eq!(own.len(), 2, "the hash and the time of the configuration");
    }
}

#[test]
fn help_tells_haproxys_lines() {
    let told = tell_both(|program| {
        let desk = desk(program);
        ["help", "help set weight", "no such thing", "show cli"]
            .map(|command| desk.send(&format!("{command}\n")))
    });
    let Some([haproxy, ours]) = told else { return };
    for line in ours[0].lines() {
        assert!(haproxy[0].lines().any(|theirs| theirs == line), "{line}");
    }
    assert_eq!(ours[1], haproxy[1]);
    assert_eq!(ours[2].lines().next(), haproxy[2].lines().next());
    assert_eq!(ours[3], haproxy[3]);
}
