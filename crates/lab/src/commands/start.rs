//! `lab start`: again what was stopped or frozen.

use crate::exit::Exit;
use crate::problem::{Problem, Result};
use crate::supervisor::control::Client;
use crate::supervisor::protocol::{Reply, Request, Started};
use crate::ui::{Ui, words};
use crate::work_dir::WorkDir;
use std::time::Duration;

pub(crate) fn run(ui: &Ui, work: &WorkDir, target: &str) -> Result {
    let reply = Client::required(work)?.ask(&Request::Start {
        target: target.to_owned(),
    })?;
    let Reply::Started(started) = reply else {
        return Err(Problem::usage(
            "the lab that runs here is of another version",
        ));
    };
    if ui.json {
        ui.say_json(&started);
    } else {
        ui.say(told(&started));
    }
    Ok(Exit::Done)
}

fn told(started: &Started) -> String {
    let Started {
        name,
        port,
        pid,
        ready_ms,
        thawed,
    } = started;
    let on = port.map(|port| format!(" on {port}")).unwrap_or_default();
    match ready_ms {
        Some(ms) => {
            let took = words::took(Duration::from_secs_f64(ms / 1000.0));
            format!("{name} is back{on} (pid {pid}), ready in {took}")
        }
        None if *thawed => format!("{name} goes on{on} (pid {pid}, SIGCONT)"),
        None => format!("{name} runs already{on} (pid {pid}).   nothing to do"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_tells_port_pid_and_time() {
        let mut started = Started {
            name: "server02".into(),
            port: Some(8081),
            pid: 5388,
            ready_ms: Some(6.0),
            thawed: false,
        };
        assert_eq!(
            told(&started),
            "server02 is back on 8081 (pid 5388), ready in 6.0 ms"
        );
        started.ready_ms = None;
        assert_eq!(
            told(&started),
            "server02 runs already on 8081 (pid 5388).   nothing to do"
        );
        started.thawed = true;
        assert_eq!(
            told(&started),
            "server02 goes on on 8081 (pid 5388, SIGCONT)"
        );
    }
}
