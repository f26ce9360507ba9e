//! ACLs and maps, looked at and changed through the runtime API.

use crate::engine::{Lab, Program, tell_both};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;
use testkit::{WorkDir, eventually};

const SOON: Duration = Duration::from_secs(10);

const COMMANDS: &[&str] = &[
    "show acl",
    "show map",
    "show acl #0",
    "show acl #2",
    "show acl DIR/networks.lst",
    "show map DIR/names.map",
    "show map #0",
    "show map #99",
    "show acl nope",
    "get map DIR/names.map a",
    "get map DIR/names.map nobody",
    "get acl DIR/networks.lst 10.1.1.1",
    "get acl #2 /x",
    "get acl #2 /no",
    "get acl #3 /zZ",
    "get map",
    "get acl DIR/networks.lst",
    "add acl #2 /new",
    "get acl #2 /new",
    "show acl #2",
    "add acl #2",
    "add acl",
    "add acl nope x",
    "add acl DIR/networks.lst no-address",
    "del acl #2 /new",
    "del acl #2 /new",
    "del acl #2",
    "add map DIR/names.map c 3",
    "add map DIR/names.map c",
    "set map DIR/names.map a 9",
    "set map DIR/names.map nobody 9",
    "set map DIR/names.map a",
    "show map DIR/names.map",
    "add map DIR/names.map <<\nd 4\ne \t5 6\n",
    "add map DIR/names.map <<\nno-value\n",
    "add map nope <<\nd 4\n",
    "show map DIR/names.map",
    "add map @1 DIR/names.map x 1",
    "prepare map",
    "prepare map nope",
    "prepare map DIR/names.map",
    "add map @1 DIR/names.map x 1",
    "add map @1 DIR/names.map <<\ny 2\nz 3\n",
    "add map @2 DIR/names.map x 1",
    "show map @1 DIR/names.map",
    "show map @7 DIR/names.map",
    "get map DIR/names.map x",
    "show map",
    "commit map",
    "commit map DIR/names.map",
    "commit map @7 DIR/names.map",
    "commit map @1 nope",
    "commit map @1 DIR/names.map",
    "commit map @1 DIR/names.map",
    "get map DIR/names.map x",
    "get map DIR/names.map a",
    "show map DIR/names.map",
    "show map",
    "add map DIR/names.map a 1",
    "prepare acl #2",
    "add acl @1 #2 /second",
    "commit acl @1 #2",
    "show acl #2",
    "clear acl @1 #2",
    "clear acl @9 #2",
    "show acl #2",
    "del map DIR/names.map a",
    "del map DIR/names.map a",
    "clear map DIR/names.map",
    "show map DIR/names.map",
    "clear acl",
    "clear map nope",
];

/// What somebody who may only look is told.
const COMMANDS_OF_USERS: &[&str] = &[
    "show acl #2",
    "show map DIR/names.map",
    "get map DIR/names.map a",
    "get acl #2 /x",
];

#[test]
fn lists_are_shown_and_changed_as_with_haproxy() {
    let Some([haproxy, ours]) = tell_both(story) else {
        println!("skipped: no HAProxy here to compare with");
        return;
    };
    let differing = haproxy
        .iter()
        .zip(&ours)
        .filter(|(theirs, ours)| theirs != ours);
    let told: Vec<String> = differing
        .map(|(theirs, ours)| format!("HAProxy: {theirs}ours: {ours}"))
        .collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
}

/// Each command with its answer.
fn story(program: &Program) -> Vec<String> {
    let folder = WorkDir::new();
    folder.write("names.map", "a 1\n# nobody\n\nb two words \n");
    folder.write("networks.lst", "10.0.0.0/8\n# no one\n 127.0.0.1\n");
    let path = folder.path().display().to_string();
    let mut lab = Lab::new(program);
    lab.run(&config().replace("DIR", &path));
    let socket = |name: &str| folder.path().join(name);
    eventually("the sockets answer", SOON, || {
        UnixStream::connect(socket("user.sock")).is_ok()
    });
    let ask = |name: &str, command: &&str| {
        let answer = send(&socket(name), &command.replace("DIR", &path));
        format!("{command}\n{}", filter(&answer.replace(&path, "DIR")))
    };
    let of_users = COMMANDS_OF_USERS.iter().map(|it| ask("user.sock", it));
    let of_admins = COMMANDS.iter().map(|it| ask("admin.sock", it));
    of_users.chain(of_admins).collect()
}

fn config() -> String {
    "global
    stats socket DIR/admin.sock level admin
    stats socket DIR/user.sock level user
defaults
    mode http
    timeout connect 1s
    timeout client 5s
    timeout server 5s
frontend web
    bind {frontend}
    acl near src -f DIR/networks.lst
    acl some path /x /y
    acl some path_beg -i /Z
    acl long path_len gt 5
    http-request set-header x %[path,map(DIR/names.map,none)]
    use_backend app if { src -f DIR/networks.lst }
    default_backend app
backend app
    server server01 {server1}
listen stats
    bind {statistics}
    stats enable
"
    .to_owned()
}

fn send(socket: &Path, command: &str) -> String {
    let mut stream = UnixStream::connect(socket).expect("the socket is there");
    stream.set_read_timeout(Some(SOON)).expect("a time above 0");
    let line = format!("{command}\n");
    stream.write_all(line.as_bytes()).expect("it is read");
    let mut answer = String::new();
    stream
        .read_to_string(&mut answer)
        .expect("an answer, and an end");
    answer
}

/// Without the numbers of entries, HAProxy's lists for its own use, and the name of the file.
fn filter(answer: &str) -> String {
    let lines = answer.split_inclusive('\n');
    let own = |line: &&str| !line.contains("file 'httpclient'");
    lines
        .filter(own)
        .map(|line| match line.split_once(' ') {
            Some((number, rest)) if number.starts_with("0x") => format!("0x {rest}"),
            _ => without_file(line),
        })
        .collect()
}

/// `file 'haproxy.cfg' line 3`, wherever that file is.
fn without_file(line: &str) -> String {
    let mut pieces = line.split("file '");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (path, rest) = piece.split_once('\'').unwrap_or((piece, ""));
        let name = path.rsplit('/').next().unwrap_or(path);
        out += &format!("file '{name}'{rest}");
    }
    out
}
