//! `lab up --detach`: the same command once more, in a session of its own; this one waits until that is ready.

use crate::exit::Exit;
use crate::problem::{Problem, Result};
use crate::supervisor;
use crate::ui::{Ui, words};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Starts the supervisor and waits for its word.
pub(super) fn run(ui: &Ui) -> Result {
    let doing = "start the lab in the background";
    let program =
        std::env::current_exe().map_err(|error| Problem::io("find this program", &error))?;
    let mut child = Command::new(program)
        .args(std::env::args_os().skip(1))
        .env(supervisor::DETACHED, "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| Problem::io(doing, &error))?;
    let out = child.stdout.take().expect("it was asked for");
    let mut ready = None;
    for line in BufReader::new(out)
        .lines()
        .map_while(std::result::Result::ok)
    {
        ready = serde_json::from_str::<Value>(&line)
            .ok()
            .and_then(|line| line.get("ready").cloned());
        if ready.is_some() {
            break;
        }
        // With `--json` it tells its reason here.
        ui.say(line);
    }
    match ready {
        Some(ready) if ui.json => {
            ui.say(serde_json::json!({ "ready": ready }).to_string());
            Ok(Exit::Done)
        }
        Some(ready) => {
            ui.say(told(&ready));
            Ok(Exit::Done)
        }
        // It has told the reason already.
        None => {
            let status = child.wait().map_err(|error| Problem::io(doing, &error))?;
            let code = status
                .code()
                .and_then(|code| u8::try_from(code).ok())
                .unwrap_or(1);
            Ok(Exit::from_code(code).unwrap_or(Exit::NotReady))
        }
    }
}

/// In the background child: a session of its own, so that the end of the terminal is not its end. `false` in any other.
pub(super) fn leave_the_terminal() -> Result<bool> {
    if std::env::var_os(supervisor::DETACHED).is_none() {
        return Ok(false);
    }
    rustix::process::setsid().map_err(|error| Problem::io("leave the terminal", &error.into()))?;
    Ok(true)
}

/// `ready in 44 ms: 4 servers, balancer :3000, statistics :8404            (supervisor pid 5120)`
fn told(ready: &Value) -> String {
    let took = Duration::from_secs_f64(ready["ms"].as_f64().unwrap_or(0.0).max(0.0) / 1000.0);
    let servers = ready["servers"].as_array().map_or(0, Vec::len) as u64;
    let mut text = format!(
        "ready in {}: {}",
        words::took(took),
        words::count(servers, "server")
    );
    for (key, name) in [
        ("balancer", "balancer"),
        ("statistics", "statistics"),
        ("nameserver", "name server"),
    ] {
        if let Some(port) = ready[key].as_u64() {
            text.push_str(&format!(", {name} :{port}"));
        }
    }
    format!(
        "{text}            (supervisor pid {})\n  lab status    lab logs -f    lab attach    lab down",
        ready["pid"]
    )
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn what_is_ready_is_told_in_one_line() {
        let ready = serde_json::json!({
            "ms": 44.2, "pid": 5120, "servers": [{}, {}], "balancer": 3000, "statistics": null,
        });
        assert_eq!(
            told(&ready).lines().next().unwrap(),
            "ready in 44 ms: 2 servers, balancer :3000            (supervisor pid 5120)"
        );
    }
}
