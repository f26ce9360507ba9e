//! What may be typed behind the program's name: the same exit codes and, where it is no usage text, the same words.

use crate::engine::{Program, tell_both};
use std::net::TcpStream;
use std::process::Command;
use testkit::{Port, Process, Said, WorkDir, eventually};

const GOOD: &str = "
defaults
    mode http
    timeout client 5s
    timeout server 5s
    timeout connect 5s
frontend f
    bind 127.0.0.1:{port}
";

const NO_TIMEOUTS: &str = "
defaults
    mode http
frontend f
    bind 127.0.0.1:{port}
";

/// A folder with files of all kinds, which is where the program runs.
fn place(port: &Port) -> WorkDir {
    let work = WorkDir::new();
    let number = port.address().port().to_string();
    let good = GOOD.replace("{port}", &number);
    work.write("good.cfg", good.clone());
    work.write("warn.cfg", NO_TIMEOUTS.replace("{port}", &number));
    work.write("bad.cfg", format!("{good}    nonsense\n"));
    let name = "    default_backend b\nbackend b\n    server s nosuch.invalid:80\n";
    work.write("name.cfg", format!("{good}{name}"));
    work.write("nothing.cfg", "global\n    maxconn 10\n");
    work.write(
        "peer.cfg",
        format!("global\n.notice \"I am ${{HAPROXY_LOCALPEER}}\"\n{good}"),
    );
    for folder in ["empty", "folder"] {
        std::fs::create_dir(work.path().join(folder)).expect("it is ours");
    }
    work.write("folder/a.cfg", good);
    work
}

fn run(program: &Program, work: &WorkDir, line: &[&str]) -> Said {
    Process::run(Command::new(&program.1).current_dir(work.path()).args(line))
}

/// Without the lines that tell version and path, without pids.
pub(crate) fn told(said: &Said) -> Vec<String> {
    let introduces =
        |line: &&str| line.contains("version is") || line.contains("path to executable is");
    let lines = said.stdout.lines().chain(said.stderr.lines());
    let without_pid = |line: &str| match line.split_once('(').zip(line.split_once(") :")) {
        Some(((label, _), (_, words))) if line.starts_with('[') => format!("{label}:{words}"),
        _ => line.to_owned(),
    };
    let code = format!("exit code {:?}", said.code);
    let lines = lines.filter(|line| !introduces(line)).map(without_pid);
    std::iter::once(code).chain(lines).collect()
}

/// Runs both on the same lines and compares what `tell` makes of each.
fn compare(lines: &[&[&str]], tell: impl Fn(&Said) -> Vec<String> + Sync) {
    let port = Port::reserve();
    let answers = tell_both(|program| {
        let work = place(&port);
        let run = |line: &&[&str]| tell(&run(program, &work, line));
        lines.iter().map(run).collect::<Vec<_>>()
    });
    let Some([haproxy, ours]) = answers else {
        return;
    };
    for ((line, haproxy), ours) in lines.iter().zip(haproxy).zip(ours) {
        assert_eq!(ours, haproxy, "{line:?}");
    }
}

#[test]
fn files_are_checked_in_the_same_words() {
    compare(
        &[
            &["-c", "-f", "good.cfg"],
            &["-c", "-V", "-f", "good.cfg"],
            &["-c", "-q", "-f", "good.cfg"],
            &["-c", "-f", "bad.cfg"],
            &["-c", "-q", "-f", "bad.cfg"],
            &["-c", "-f", "warn.cfg"],
            &["-c", "-q", "-f", "warn.cfg"],
            &["-c", "-dW", "-f", "warn.cfg"],
            &["-c", "-dW", "-f", "good.cfg"],
            &["-c", "-f", "nothing.cfg"],
            &["-c", "-q", "-f", "nothing.cfg"],
            &["-c", "-f", "name.cfg"],
            &["-c", "-dr", "-f", "name.cfg"],
            &["-c", "-L", "me", "-f", "peer.cfg"],
            &["-c", "-n", "0", "-N", "50", "-m", "0", "-f", "good.cfg"],
        ],
        told,
    );
}

#[test]
fn files_are_found_in_the_same_places() {
    compare(
        &[
            &["-c", "-C", "folder", "-f", "a.cfg"],
            &["-c", "-C", "folder", "-f", "good.cfg"],
            &["-c", "-C", "missing", "-f", "a.cfg"],
            &["-c", "-f", "missing.cfg"],
            &["-c", "-f", "missing/"],
            &["-f", "missing.cfg"],
            &["-c", "-f", "folder"],
            &["-c", "--", "good.cfg", "warn.cfg"],
            &["-c", "-f", "folder", "--", "missing.cfg"],
            &["-c", "-f", "good.cfg", "-sf"],
            &["-c", "-f", "good.cfg", "-sf", "999999"],
        ],
        told,
    );
}

#[test]
fn conditions_are_answered_in_the_same_words() {
    compare(
        &[
            &["-cc", "version_atleast(2.4)"],
            &["-cc", "!version_atleast(2.4)"],
            &["-cc", "foo(1)"],
            &["-cc", "streq(a"],
            &["-cc", "streq(a,b"],
            &["-cc", "streq(a,b,c)"],
            &["-cc", "defined(X"],
            &["-cc", "defined(X,"],
            &["-cc", "1 2"],
            &["-cc", ""],
        ],
        told,
    );
}

/// The exit code, and which lines come first and where: what they say of themselves differs.
fn shape(said: &Said) -> Vec<String> {
    let heads = said.stdout.lines().take(4).map(|line| {
        let words: Vec<_> = line.split(' ').take(2).collect();
        words.join(" ").replace("differences:", "bugs:")
    });
    let usage = said.stderr.contains("Usage : ");
    let heads = heads
        .collect::<Vec<_>>()
        .join("|")
        .replace("Status: part", "Status: long-term");
    vec![format!("{:?} {usage} {heads}", said.code)]
}

#[test]
fn versions_and_usage_have_the_same_shape() {
    compare(
        &[
            &["-v"],
            &["-vv"],
            &[],
            &["-h"],
            &["-f", "good.cfg", "--bogus"],
            &["-f", "good.cfg", "-bogus"],
            &["-c"],
            &["-c", "--"],
            &["-cc"],
            &["good.cfg"],
            &["-c", "good.cfg"],
        ],
        shape,
    );
}

#[test]
fn what_is_worded_otherwise_ends_with_the_same_code() {
    compare(
        &[
            &["-f"],
            &["-c", "-L"],
            &["-c", "-f", "good.cfg", "-p"],
            &["-c", "-f", "good.cfg", "-x"],
            &["-c", "-f", "good.cfg", "-sf", "x"],
            &["-c", "-f", "empty"],
            &["-f", "bad.cfg"],
            &["-q", "-f", "bad.cfg"],
            &["-dW", "-f", "warn.cfg"],
            &["-f", "nothing.cfg"],
        ],
        |said| vec![format!("{:?}", said.code)],
    );
}

#[test]
fn quiet_says_nothing_while_it_serves() {
    let told = tell_both(|program| {
        let port = Port::reserve();
        let work = place(&port);
        let mut command = Command::new(&program.1);
        command.current_dir(work.path());
        let mut process = Process::spawn(command.args(["-q", "-db", "-f", "warn.cfg"]));
        eventually("it listens", crate::program::SOON, || {
            TcpStream::connect(port.address()).is_ok()
        });
        let said = process.end_with(rustix::process::Signal::INT);
        (said.code, said.stdout, said.stderr)
    });
    let Some([haproxy, ours]) = told else { return };
    assert_eq!(ours, haproxy);
}
