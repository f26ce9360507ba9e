//! Names without an address, looked up at start: what `-c` says of them.

use crate::engine::tell_both;
use std::process::Command;
use testkit::{Process, WorkDir};

/// What `-c` says of a file with these `server` lines, without pids, and its exit code.
#[track_caller]
fn check(servers: &str, expected: (&str, i32)) {
    let told = tell_both(|program| {
        let folder = WorkDir::new();
        folder.write(
            "u.cfg",
            format!(
                "defaults\n    mode http\n    timeout connect 1s\n    timeout client 1s\n    timeout server 1s\n\
                 frontend f\n    bind 127.0.0.1:18099\n    default_backend b\nbackend b\n{servers}"
            ),
        );
        let mut command = Command::new(&program.1);
        let said = Process::run(
            command
                .args(["-c", "-f", "u.cfg"])
                .current_dir(folder.path()),
        );
        let lines = said
            .stderr
            .lines()
            .filter(|line| !line.starts_with("[NOTICE]"));
        let words = lines.map(|line| line.split_once(") : ").map_or(line, |(_, words)| words));
        (words.collect::<Vec<_>>().join("\n"), said.code)
    });
    if let Some([haproxy, ours]) = told {
        assert_eq!(ours, haproxy, "{servers}");
        assert_eq!((ours.0.as_str(), ours.1), (expected.0, Some(expected.1)));
    }
}

#[test]
fn a_server_without_an_address_ends_the_start() {
    check(
        "    server s1 nobody.invalid:80\n    server s2 127.0.0.1:81\n    server s3 none.invalid:80\n",
        (
            "config : [u.cfg:10] : 'server b/s1' : could not resolve address 'nobody.invalid'.\n\
             config : [u.cfg:12] : 'server b/s3' : could not resolve address 'none.invalid'.\n\
             config : Failed to initialize server(s) addr.",
            1,
        ),
    );
    check(
        "    server s1 nobody.invalid:80 init-addr last\n",
        (
            "config : [u.cfg:10] : 'server b/s1' : no method found to resolve address 'nobody.invalid'.\n\
             config : Failed to initialize server(s) addr.",
            1,
        ),
    );
}

#[test]
fn a_server_that_may_wait_for_one_is_disabled() {
    check(
        "    server s1 nobody.invalid:80 init-addr libc,none\n",
        (
            "config : [u.cfg:10] : 'server b/s1' : could not resolve address 'nobody.invalid', disabling server.",
            0,
        ),
    );
}
