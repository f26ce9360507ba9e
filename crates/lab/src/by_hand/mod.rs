//! Programs that a learner starts in a terminal of their own. In a work folder they tell its journal what happens to them;
//! elsewhere nothing is written, and under a lab that watches them itself nothing is different.

mod balancer;
mod diary;
mod haproxy;
mod log_reader;

use crate::observe::port::{self, Taken};
use crate::play::PLAYED;
use crate::problem::Problem;
use crate::typed;
use crate::ui::{Surroundings, Ui};
use crate::work_dir::WorkDir;
use diary::Diary;
use rustix::process::Signal;
use std::ffi::OsString;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

pub(crate) use balancer::run as balancer;

/// `lab serve`: `words` begin with the program's name.
pub(crate) fn serve(words: impl Iterator<Item = OsString>) -> ExitCode {
    let words: Vec<OsString> = words.collect();
    let (Some(work), Some(address)) = (watched_folder(), address(&words)) else {
        return app_server::run(words);
    };
    let (diary, port) = (Arc::new(Diary::of(&work)), address.port());
    let begin = |diary: &Arc<Diary>| {
        let diary = Arc::clone(diary);
        move || {
            if listens(port) {
                diary.started(port, std::process::id());
            }
        }
    };
    // The server ends itself at the first two; of the others it would die unheard.
    let signals = diary.hear(
        &[Signal::INT, Signal::TERM],
        &[Signal::HUP, Signal::QUIT],
        begin(&diary),
        || {},
    );
    let listening = {
        let diary = Arc::clone(&diary);
        thread::spawn(move || wait_for_listener(&diary, port))
    };
    let code = app_server::run(words);
    diary.over();
    let _ = listening.join();
    // One that was stopped the moment it began has served all the same.
    if code == ExitCode::SUCCESS {
        diary.started(port, std::process::id());
    }
    match diary.began() {
        true => diary.ended(&signals.last_words(code)),
        false if is_taken(address) => diary.refused(port),
        false => {}
    }
    code
}

/// This folder, unless somebody else keeps its journal for us. It may become a work folder later, while the program runs.
fn watched_folder() -> Option<WorkDir> {
    let is_set = |name| std::env::var_os(name).is_some();
    if is_set(procs::SUPERVISED) && !is_set(PLAYED) {
        return None;
    }
    Some(WorkDir::at(&std::env::current_dir().ok()?))
}

/// Where a server with these words would listen; `None` where they name no port.
fn address(words: &[OsString]) -> Option<SocketAddr> {
    const WITH_VALUE: [&str; 5] = ["--bind", "--name", "--echo", "--latency", "--error-rate"];
    let (mut ip, mut port) = (IpAddr::from(Ipv4Addr::LOCALHOST), None);
    let mut words = words.iter().skip(1).filter_map(|word| word.to_str());
    while let Some(word) = words.next() {
        if let Some(value) = word.strip_prefix("--bind=") {
            ip = value.parse().ok()?;
        } else if WITH_VALUE.contains(&word) {
            let value = words.next()?;
            if word == "--bind" {
                ip = value.parse().ok()?;
            }
        } else if word == "-h" || word == "--help" {
            return None;
        } else if !word.starts_with('-') {
            port = word.parse().ok();
        }
    }
    Some(SocketAddr::new(ip, port?))
}

/// Tells of the start once this process listens; gives up when it is over before.
fn wait_for_listener(diary: &Diary, port: u16) {
    const FIRST_PAUSE: Duration = Duration::from_millis(5);
    const LONGEST_PAUSE: Duration = Duration::from_millis(80);
    const PATIENCE: Duration = Duration::from_secs(10);
    let (begun, mut pause) = (Instant::now(), FIRST_PAUSE);
    while !diary.is_over() && begun.elapsed() < PATIENCE {
        if listens(port) {
            return diary.started(port, std::process::id());
        }
        thread::sleep(pause);
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// This process listens on the port.
fn listens(port: u16) -> bool {
    let here = procs::listeners().into_iter();
    let inodes = here
        .filter(|listener| listener.address.port() == port)
        .map(|listener| listener.inode)
        .collect();
    procs::holds(std::process::id(), &inodes)
}

/// Tells a problem, as every command does.
fn failed(problem: &Problem) -> ExitCode {
    let ui = Ui::new(&typed::globals(&[]), Surroundings::read());
    ui.problem(problem);
    problem.exit().into()
}

/// A terminal that has gone is no reason to fail.
fn say(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

fn is_taken(address: SocketAddr) -> bool {
    matches!(port::test(address), Err(Taken::InUse))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_server_will_listen_shows_in_its_words() {
        let check = |line: &str, expected: Option<&str>| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let expected = expected.map(|text| text.parse().unwrap());
            assert_eq!(address(&words), expected, "{line}");
        };
        check("lab 8080", Some("127.0.0.1:8080"));
        check("lab --name 9 8080 -q", Some("127.0.0.1:8080"));
        check("lab 8081 --bind 127.0.0.2", Some("127.0.0.2:8081"));
        check("lab --bind=0.0.0.0 8081", Some("0.0.0.0:8081"));
        check("lab --help", None);
        check("lab 8080 --help", None);
        check("lab many", None);
    }
}
