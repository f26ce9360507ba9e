//! Keywords of `global` about the process: what is refused in which words, and what the others change.

use crate::command_line::told;
use crate::engine::{Program, tell_both};
use crate::story::same;
use std::net::UdpSocket;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use testkit::{Port, Process, SOON, WorkDir, eventually};

const REST: &str = "
defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
frontend f
    bind 127.0.0.1:18100
    default_backend b
backend b
    server s 127.0.0.1:18101
";

/// What `-c` says of lines of `global`, but for notices of our own.
fn checked(lines: &[&str]) {
    let answers = tell_both(|Program(_, program)| {
        let work = WorkDir::new();
        let check = |lines: &&str| {
            let lines = lines.replace(';', "\n    ");
            work.write("x.cfg", format!("global\n    {lines}\n{REST}"));
            let mut command = Command::new(program);
            let said = Process::run(command.current_dir(work.path()).args(["-c", "-f", "x.cfg"]));
            let mut told = told(&said);
            told.retain(|line| !line.starts_with("[NOTICE]"));
            told
        };
        lines.iter().map(check).collect::<Vec<_>>()
    });
    let Some([haproxy, ours]) = answers else {
        return;
    };
    for ((lines, haproxy), ours) in lines.iter().zip(haproxy).zip(ours) {
        assert_eq!(ours, haproxy, "{lines}");
    }
}

#[test]
fn words_about_the_process_are_refused_alike() {
    checked(&[
        "ulimit-n",
        "ulimit-n x",
        "ulimit-n 500 600",
        "ulimit-n 500;ulimit-n 600",
        "fd-hard-limit",
        "fd-hard-limit 2000;fd-hard-limit 3000",
        "log-send-hostname",
        "log-send-hostname a;log-send-hostname b",
        "quiet x",
        "zero-warning x",
        "localpeer",
        "localpeer a b",
        "default-path",
        "default-path foo",
        "default-path origin",
        "default-path current",
        "master-worker x",
        "master-worker no-exit-on-failure",
        "master-worker no-exit-on-failure x",
        "stats maxconn",
        "stats maxconn 0",
        "stats maxconn 5",
    ]);
}

#[test]
fn accounts_are_looked_up() {
    checked(&[
        "user",
        "user root x",
        "user root;user root",
        "group",
        "group root",
        "uid",
        "uid 0 1",
        "gid",
        "gid 0",
        "chroot",
        "chroot /tmp x",
        "chroot /tmp;chroot /var",
        "stats socket /tmp/x.sock user nosuch",
        "stats socket /tmp/x.sock group nosuch",
        "stats socket /tmp/x.sock user",
        "stats socket /tmp/x.sock level",
        "unix-bind",
        "unix-bind foo",
        "unix-bind prefix",
        "unix-bind prefix a prefix b",
        "unix-bind mode 777 user nosuch",
        "unix-bind group nosuch",
        "unix-bind user",
        "unix-bind prefix /tmp mode 600 user root group root uid 0 gid 0",
    ]);
}

#[test]
fn words_that_tune_are_refused_alike() {
    checked(&[
        "busy-polling x",
        "noepoll x",
        "nosplice x",
        "noreuseport",
        "strict-limits x",
        "set-dumpable x",
        "maxpipes",
        "maxpipes 1 2",
        "maxcompcpuusage 101",
        "maxcomprate",
        "profiling.tasks",
        "profiling.tasks x",
        "profiling.tasks auto",
        "tune.bufsize",
        "tune.bufsize x",
        "tune.maxrewrite -1",
        "tune.http.maxhdr 0",
        "tune.http.maxhdr",
        "tune.idle-pool.shared x",
        "tune.idle-pool.shared on",
        "tune.comp.maxlevel 10",
        "tune.ssl.default-dh-param 1",
        "tune.ssl.cachesize x",
        "tune.rcvbuf.client 1 2",
        "ssl-default-bind-options ssl-min-ver TLSv9",
        "ssl-default-server-options ssl-min-ver TLSv9",
    ]);
}

#[test]
fn quiet_and_zero_warning_act_as_on_the_command_line() {
    checked(&[
        "quiet",
        "quiet;server-state-file nosuch",
        "zero-warning",
        "zero-warning;server-state-file nosuch",
    ]);
}

/// Socket files begin with the prefix, and have the mode of all unless they say otherwise.
#[test]
fn socket_files_have_in_common_what_unix_bind_says() {
    let answers = tell_both(|Program(_, program)| {
        let work = WorkDir::new();
        let prefix = work.join("p-").to_string_lossy().into_owned();
        let config = format!(
            "global\n unix-bind prefix {prefix} mode 640\n\
             defaults\n mode http\n timeout connect 5s\n timeout client 5s\n timeout server 5s\n\
             frontend f\n bind unix@one\n bind unix@two mode 600\n"
        );
        let file = work.write("x.cfg", config);
        let process = Process::spawn(Command::new(program).args(["-db", "-f"]).arg(file));
        let mode = |name: &str| {
            let meta = std::fs::metadata(work.join(&format!("p-{name}")));
            meta.map(|meta| meta.permissions().mode() & 0o777)
        };
        eventually("all sockets are there", SOON, || {
            ["one", "two"].iter().all(|name| mode(name).is_ok())
        });
        let modes = ["one", "two"].map(|name| mode(name).ok());
        drop(process);
        modes
    });
    if let Some([haproxy, ours]) = answers {
        assert_eq!(haproxy, [Some(0o640), Some(0o600)]);
        assert_eq!(ours, haproxy);
    }
}

/// The header of a line, without time and pid.
fn header(program: &Program, global: &str, format: &str) -> String {
    let log = UdpSocket::bind("127.0.0.1:0").expect("a port is free");
    log.set_read_timeout(Some(SOON)).expect("it is no zero");
    let to = log.local_addr().expect("it is bound");
    let (work, front) = (WorkDir::new(), Port::reserve());
    let config = format!(
        "global\n log {to} {format} local0\n{global}defaults\n mode http\n log global\n timeout connect 5s\n \
         timeout client 5s\n timeout server 5s\nfrontend f\n bind {}\nbackend b\n server s 127.0.0.1:1 check inter 1h fall 1\n",
        front.address()
    );
    let file = work.write("x.cfg", config);
    let _process = Process::spawn(Command::new(&program.1).args(["-db", "-f"]).arg(file));
    let mut line = [0; 2000];
    let length = log.recv(&mut line).expect("the server is told to be down");
    let line = String::from_utf8_lossy(&line[..length]).into_owned();
    let head = line.split("Server ").next().unwrap_or_default();
    let digits = |c: char| if c.is_ascii_digit() { '0' } else { c };
    let head: String = head.chars().map(digits).collect();
    let words = head
        .split_whitespace()
        .filter(|word| !word.contains(':') || word.contains('['));
    let words: Vec<_> = words
        .map(|word| word.trim_matches('0').to_owned())
        .collect();
    words.join(" ")
}

#[test]
fn log_lines_tell_the_host_that_is_asked_for() {
    let formats = [
        "",
        "format local",
        "format rfc3164",
        "format rfc5424",
        "format iso",
    ];
    for global in ["", " log-send-hostname\n", " log-send-hostname proxy.lab\n"] {
        let answers = tell_both(|program| formats.map(|format| header(program, global, format)));
        if let Some([haproxy, ours]) = answers {
            let without_pid = |text: &String| text.replace(['0', '[', ']'], "");
            assert_eq!(
                ours.each_ref().map(without_pid),
                haproxy.each_ref().map(without_pid),
                "{global}"
            );
        }
    }
}

/// A limit on files is one on connections.
#[test]
fn a_limit_on_open_files_limits_connections() {
    let config = " fd-hard-limit 5000\n
defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
frontend f
    bind {front}
";
    same(config, "=info Ulimit-n Maxsock Maxconn Hard_maxconn");
}
