//! `lab kill`, `lab stop`, `lab pause`: one signal to one process.

use crate::exit::Exit;
use crate::observe::{outside, process};
use crate::problem::{Problem, Result};
use crate::supervisor::control::{Client, nothing_running};
use crate::supervisor::protocol::{Outcome, Reply, Request, SignalKind, Signalled};
use crate::supervisor::snapshot::{Process, Snapshot};
use crate::ui::{Ui, words};
use crate::work_dir::WorkDir;
use jiff::Timestamp;
use std::time::{Duration, Instant};

pub(crate) fn run(ui: &Ui, work: &WorkDir, target: &str, signal: SignalKind) -> Result {
    let signalled = match Client::connect(work) {
        Some(mut client) => match client.ask(&Request::Signal {
            target: target.to_owned(),
            signal,
        })? {
            Reply::Signalled(signalled) => signalled,
            _ => {
                return Err(Problem::usage(
                    "the lab that runs here is of another version",
                ));
            }
        },
        None => from_outside(work, target, signal)?,
    };
    if ui.json {
        ui.say_json(&signalled);
    } else {
        ui.say(told(&signalled, Timestamp::now()));
    }
    match signalled.outcome {
        Outcome::StillRuns { .. } => Ok(Exit::No),
        _ => Ok(Exit::Done),
    }
}

/// Without a supervisor: whoever holds the port that the file names, if that is ours to stop.
fn from_outside(work: &WorkDir, target: &str, signal: SignalKind) -> Result<Signalled> {
    let path = super::status::file(work)?;
    let (_, snapshot) = super::runtime()?
        .block_on(outside::look(&path, None))
        .ok_or_else(nothing_running)?;
    let (name, port, found) = find(&snapshot, target).ok_or_else(nothing_running)?;
    let signalled = |outcome| Signalled {
        name: name.clone(),
        port,
        signal,
        outcome,
    };
    let Process::Yours {
        pid: Some(pid),
        command,
        ..
    } = found
    else {
        return Err(Problem::new(
            "not-running",
            Exit::NotReady,
            format!("{name} does not run, as far as can be seen"),
        ));
    };
    if !process::send(pid, signal.raw()) {
        return Err(Problem::new(
            "port-other-user",
            Exit::NotReady,
            format!("{command} (pid {pid}) is not yours to stop"),
        ));
    }
    if signal == SignalKind::Stop {
        return Ok(signalled(Outcome::Frozen { pid }));
    }
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(2) {
        if process::start_time(pid).is_none() {
            return Ok(signalled(Outcome::Ended {
                pid,
                ms: began.elapsed().as_secs_f64() * 1000.0,
            }));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(signalled(Outcome::StillRuns { pid }))
}

fn find(snapshot: &Snapshot, target: &str) -> Option<(String, Option<u16>, Process)> {
    let number = target.parse::<u16>().ok();
    let server = snapshot
        .servers
        .iter()
        .find(|server| server.name == target || number == Some(server.address.port()));
    match server {
        Some(server) => Some((
            server.name.clone(),
            Some(server.address.port()),
            server.process.clone(),
        )),
        None if target == "balancer" => Some((
            target.to_owned(),
            None,
            snapshot.balancer.as_ref()?.process.clone(),
        )),
        None => None,
    }
}

fn told(signalled: &Signalled, now: Timestamp) -> String {
    let Signalled {
        name,
        port,
        signal,
        outcome,
    } = signalled;
    let at = |pid: &u32| match port {
        Some(port) => format!("{name} ({port}, pid {pid})"),
        None => format!("{name} (pid {pid})"),
    };
    let again = format!("again: lab start {name}");
    match outcome {
        Outcome::Ended { pid, ms } => {
            let as_what = if *signal == SignalKind::Int {
                ", as Ctrl-C would send,"
            } else {
                ""
            };
            let took = words::took(Duration::from_secs_f64(ms / 1000.0));
            format!(
                "{} got {}{as_what} and ended after {took}.        {again}",
                at(pid),
                signal.name()
            )
        }
        Outcome::Frozen { pid } => format!(
            "{} is frozen (SIGSTOP): it still accepts connections and never answers.     {again}",
            at(pid)
        ),
        Outcome::AlreadyStopped { since, by } => {
            let ago = words::lasted(words::since(*since, now));
            format!("{name} is already stopped ({ago} ago, {by}).   nothing to do")
        }
        Outcome::AlreadyFrozen => format!("{name} is already frozen.   {again}"),
        Outcome::StillRuns { pid } => {
            format!(
                "{} got {} and still runs.      harder: lab kill {name} --signal KILL",
                at(pid),
                signal.name()
            )
        }
    }
}

impl From<crate::cli::SignalName> for SignalKind {
    fn from(name: crate::cli::SignalName) -> Self {
        use crate::cli::SignalName;
        match name {
            SignalName::Int => Self::Int,
            SignalName::Term => Self::Term,
            SignalName::Kill => Self::Kill,
            SignalName::Stop => Self::Stop,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(signal: SignalKind, outcome: Outcome, expected: &str) {
        let signalled = Signalled {
            name: "server02".into(),
            port: Some(8081),
            signal,
            outcome,
        };
        let now = "2026-11-22T12:41:28Z".parse().unwrap();
        assert_eq!(told(&signalled, now), expected);
    }

    #[test]
    fn each_outcome_is_told_with_the_way_back() {
        check(
            SignalKind::Int,
            Outcome::Ended { pid: 5124, ms: 3.0 },
            "server02 (8081, pid 5124) got SIGINT, as Ctrl-C would send, and ended after 3.0 ms.        again: lab start server02",
        );
        check(
            SignalKind::Int,
            Outcome::AlreadyStopped {
                since: "2026-11-22T12:41:20Z".parse().unwrap(),
                by: "by you".into(),
            },
            "server02 is already stopped (8 s ago, by you).   nothing to do",
        );
        check(
            SignalKind::Term,
            Outcome::StillRuns { pid: 5124 },
            "server02 (8081, pid 5124) got SIGTERM and still runs.      harder: lab kill server02 --signal KILL",
        );
    }
}
