//! `server-state-file`: servers begin in the states that `show servers state` of an earlier process told.

use crate::command_line::told;
use crate::engine::{Program, tell_both};
use crate::story::same;
use std::process::Command;
use testkit::{Process, WorkDir};

const DEFAULTS: &str = "
defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
";

/// Only the first server of all is checked while a test runs.
fn all_backends(servers: &str) -> String {
    format!(
        " server-state-base {{folder}}\n server-state-file states\n{DEFAULTS}
        frontend f
            bind {{front}}
            default_backend b
        backend a
            server s0 127.0.0.1:{{1}} check inter 1h
        backend b
            load-server-state-from-file global
            default-server inter 1h
{servers}
"
    )
}

const LOOK: &str = "show servers state b\n=stat status weight act bck chkdown tracked addr\n";

/// What the first program kept is what the second one begins with.
fn kept(servers: &str, before: &str) {
    let script = format!(
        "=until a/s0 UP\n{before}\n{LOOK}=file states show servers state\n=restart\n\
         =until a/s0 UP\n{LOOK}=get 6"
    );
    same(&all_backends(servers), &script);
}

#[test]
fn orders_of_people_outlast_a_restart() {
    kept(
        "            server s1 127.0.0.1:{1} check rise 3 fall 5
            server s2 127.0.0.1:{2} check weight 10
            server s3 127.0.0.1:{3}
            server s4 127.0.0.1:{4} disabled",
        "set server b/s1 weight 7
        set server b/s2 state drain
        set server b/s3 state maint
        set server b/s4 state ready",
    );
}

#[test]
fn health_outlasts_a_restart() {
    kept(
        "            server s1 127.0.0.1:{5} check rise 3 fall 5
            server s2 127.0.0.1:{2} check rise 3 fall 5
            server s3 127.0.0.1:{3} check rise 3 fall 5
            server s4 127.0.0.1:{4}",
        "set server b/s1 health down
        set server b/s2 health stopping
        set server b/s3 health down
        set server b/s4 health down",
    );
}

#[test]
fn places_of_checks_and_ports_outlast_a_restart() {
    kept(
        "            server s1 127.0.0.1:{1} check rise 3 fall 5
            server s2 127.0.0.1:{2} check agent-check agent-port {5} agent-inter 1h
            server s3 127.0.0.1:{3} check",
        "set server b/s1 addr 127.0.0.1 port {4}
        set server b/s2 check-addr 127.0.0.2
        set server b/s2 check-port {3}
        set server b/s2 agent-addr 127.0.0.3
        disable health b/s3
        disable agent b/s3",
    );
}

#[test]
fn those_that_track_follow_what_was_kept() {
    kept(
        "            server s1 127.0.0.1:{1} check rise 3 fall 5
            server s2 127.0.0.1:{2} check rise 3 fall 5
            server s3 127.0.0.1:{3} track b/s2
            server s4 127.0.0.1:{4} track b/s2 backup",
        "set server b/s2 health down
        set server b/s3 state maint",
    );
}

/// Another weight, or `disabled`, in the new file is newer than what was kept.
#[test]
fn the_file_counts_for_more_than_what_was_kept() {
    let line = |server: &str, states: &str| {
        format!("=line states 3 b 1 {server} 127.0.0.9 {states} 0 0 0 - 1 - 0 0 - - 0\n")
    };
    let lines = [
        line("s1", "2 0 9 3 100 6 3 7 6"),
        line("s2", "2 8 1 0 100 6 3 7 6"),
        line("s3", "2 4 1 1 100 1 0 2 0"),
        line("s4", "2 0 1 1 100 1 0 2 0"),
    ];
    let script = format!(
        "=line states 1\n{}=restart\n=until a/s0 UP\n{LOOK}",
        lines.concat()
    );
    let servers = "            server s1 127.0.0.1:{5} check weight 4
            server s2 127.0.0.1:{2} check weight 4
            server s3 localhost:{3}
            server s4 127.0.0.1:{4} disabled";
    same(&all_backends(servers), &script);
}

/// What `-c` says of a configuration, with files of states beside it.
fn check(config: &str, files: &[(&str, &str)]) {
    let answers = tell_both(|Program(_, program)| {
        let work = WorkDir::new();
        for (name, text) in files {
            work.write(name, text);
        }
        work.write("x.cfg", config);
        let mut command = Command::new(program);
        told(&Process::run(
            command.current_dir(work.path()).args(["-c", "-f", "x.cfg"]),
        ))
    });
    if let Some([haproxy, ours]) = answers {
        assert_eq!(ours, haproxy);
    }
}

const TAIL: &str = "0 0 0 - 18101 - 0 0 - - 0";

fn backends(sources: &str) -> String {
    format!(
        "global\n server-state-file states\n server-state-base .\n{DEFAULTS}
backend b
    load-server-state-from-file global
    server s1 127.0.0.1:18101 check
    server s2 127.0.0.1:18102
    server s3 127.0.0.1:18103 backup disabled
backend l
    load-server-state-from-file local
{sources}    server s1 127.0.0.1:18101 check
"
    )
}

#[test]
fn files_that_tell_nothing_are_told_of() {
    for (global, local) in [
        ("", "x\n"),
        ("2\n", "1\n# x\nb\n"),
        ("1\n3 b 1 s1\n", "1\n2 l 1 s1 127.0.0.1 2"),
        ("1", "1\n\n# nothing\n"),
    ] {
        check(&backends(""), &[("states", global), ("l", local)]);
        check(
            &backends("    server-state-file-name own\n"),
            &[("states", global), ("own", local)],
        );
    }
    check(
        &backends("    server-state-file-name use-backend-name\n"),
        &[],
    );
    check(&backends("    server-state-file-name /nosuch/file\n"), &[]);
}

#[test]
fn states_are_told_of_when_a_file_is_checked() {
    let states = [
        format!("3 b 1 s1 127.0.0.1 0 0 1 1 100 6 3 7 6 {TAIL}"),
        format!("3 b 2 s2 127.0.0.1 3 8 1 1 100 6 3 7 6 {TAIL}"),
        format!("3 b 3 s3 127.0.0.1 2 4 1 1 100 6 3 7 6 {TAIL}"),
        format!("3 c 1 s1 127.0.0.1 0 0 1 1 100 6 3 7 6 {TAIL}"),
    ];
    let local = [
        format!("9 l 1 s1 127.0.0.1 2 1 1 1 100 6 3 7 6 {TAIL}"),
        format!("2 m 1 s1 127.0.0.1 2 8 1 1 100 6 3 7 6 {TAIL}"),
        format!("2 l 1 s9 127.0.0.1 2 8 1 1 100 6 3 7 6 {TAIL}"),
    ];
    let file = |lines: &[String]| format!("1\n# x\n{}\n", lines.join("\n"));
    check(
        &backends(""),
        &[("states", &file(&states)), ("l", &file(&local))],
    );
}

#[test]
fn values_that_cannot_be_are_told_of() {
    for states in [
        "x y z 1 a b c d e f 0 0 0 - 70000 - 0 0 - - 0",
        "4 9 257 -1 1 21 5 1 32 32 x y - 1 - 0 0 - - 0",
        "2 0 1 1 1 6 3 1 6 0 0 0 - 1 - 0 70000 x y z",
        "2 0 1 1 1 6 3 1 6 0 0 0 - 1 - 0 x - - 7",
        "2x 0 1 1 1 6 3 1 6 0 0 0 - 1 - 0 0 - - 7",
    ] {
        let text = format!("1\n3 b 1 s1 - {states}\n3 b 1 s2 - {states}\n");
        check(&backends(""), &[("states", &text), ("l", "1\n")]);
    }
}

#[test]
fn words_in_the_configuration_are_refused_alike() {
    for (global, backend) in [
        ("server-state-file", ""),
        ("server-state-file a\n server-state-file b", ""),
        ("server-state-base", ""),
        ("server-state-base a b\n server-state-base b", ""),
        ("", "load-server-state-from-file"),
        ("", "load-server-state-from-file bla"),
        ("", "load-server-state-from-file global more"),
        ("", "load-server-state-from-file none"),
        ("", "server-state-file-name a b"),
        ("", "disabled\n load-server-state-from-file local"),
    ] {
        let config = format!(
            "global\n {global}\n{DEFAULTS} load-server-state-from-file local\n server-state-file-name x\n\
             backend b\n {backend}\n server s 127.0.0.1:1\n"
        );
        check(&config, &[]);
    }
}
