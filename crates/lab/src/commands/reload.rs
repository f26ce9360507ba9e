//! `lab reload`: the file is checked, then loaded; a bad file never stops the running one.

use crate::config_file::ConfigFile;
use crate::exit::Exit;
use crate::observe::{outside, process};
use crate::plan::change;
use crate::problem::{Problem, Result};
use crate::supervisor::control::{Client, nothing_running};
use crate::supervisor::protocol::{Reloaded, Reply, Request};
use crate::supervisor::snapshot::Process;
use crate::ui::{Ui, words};
use crate::work_dir::WorkDir;
use crate::work_dir::registration::Registration;
use rustix::process::Signal;
use std::time::{Duration, Instant};

pub(crate) fn run(ui: &Ui, work: &WorkDir) -> Result {
    let Some(mut client) = Client::connect(work) else {
        return by_hand(ui, work);
    };
    match client.ask(&Request::Reload)? {
        Reply::Reloaded(reloaded) if ui.json => ui.say_json(&reloaded),
        Reply::Reloaded(reloaded) => {
            ui.talk(&reloaded.remarks);
            ui.say(told(&reloaded));
        }
        _ => {
            return Err(Problem::usage(
                "the lab that runs here is of another version",
            ));
        }
    }
    Ok(Exit::Done)
}

fn told(reloaded: &Reloaded) -> String {
    let change = reloaded.change.as_deref().unwrap_or("nothing had changed");
    let took = words::took(Duration::from_secs_f64(reloaded.ms / 1000.0));
    let mut text = format!(
        "{} is loaded ({change}), in {took}; no request was refused",
        reloaded.file
    );
    for server in &reloaded.unserved {
        text.push_str(&format!(
            "\nnote: nobody listens for {server} yet:  lab serve {}",
            server.rsplit(' ').next().unwrap_or("")
        ));
    }
    text
}

/// A balancer that was started by hand: it gets the signal that `lab up` would send.
fn by_hand(ui: &Ui, work: &WorkDir) -> Result {
    if let Some(registered) = Registration::load(work) {
        return registered_one(ui, work, &registered);
    }
    let path = super::status::file(work)?;
    let file = ConfigFile::read(&path)?;
    let (_, snapshot) = super::runtime()?
        .block_on(outside::look(&path, None))
        .ok_or_else(nothing_running)?;
    let process = snapshot.balancer.map(|balancer| balancer.process);
    let Some(Process::Yours {
        pid: Some(pid),
        command,
        ..
    }) = process
    else {
        return Err(nothing_running().why("the balancer is not running"));
    };
    if !(command.contains("lab balancer") || command.contains("lab haproxy")) {
        return Err(Problem::new(
            "not-ours",
            Exit::NotReady,
            format!("{command} (pid {pid}) is not a balancer of the lab"),
        )
        .next("Ctrl-C in its terminal, then start it again"));
    }
    if !process::send(pid, Signal::USR2) {
        return Err(Problem::new(
            "port-other-user",
            Exit::NotReady,
            format!("{command} (pid {pid}) is not yours"),
        ));
    }
    ui.talk(&file.remarks);
    ui.say(format!(
        "told {command} (pid {pid}) to load {} (SIGUSR2): its terminal says how that went",
        file.name()
    ));
    Ok(Exit::Done)
}

/// One that tells the work folder what it runs, so that the outcome is seen.
fn registered_one(ui: &Ui, work: &WorkDir, before: &Registration) -> Result {
    const IN_FORCE_WITHIN: Duration = Duration::from_secs(5);
    const PAUSE: Duration = Duration::from_millis(5);
    let file = ConfigFile::read(&before.file)?;
    let pid = before.process.pid;
    if !process::send(pid, Signal::USR2) {
        return Err(nothing_running().why("the balancer is not running"));
    }
    let begun = Instant::now();
    while begun.elapsed() < IN_FORCE_WITHIN {
        if let Some(now) = Registration::load(work).filter(|now| now.loaded > before.loaded) {
            let reloaded = Reloaded {
                file: file.name(),
                pid,
                loaded: now.loaded,
                ms: begun.elapsed().as_secs_f64() * 1000.0,
                change: change::describe(&before.text, &now.text),
                remarks: file.remarks.clone(),
                unserved: Vec::new(),
            };
            if ui.json {
                ui.say_json(&reloaded);
            } else {
                ui.talk(&reloaded.remarks);
                ui.say(told(&reloaded));
            }
            return Ok(Exit::Done);
        }
        std::thread::sleep(PAUSE);
    }
    Err(Problem::new(
        "reload-failed",
        Exit::NotReady,
        format!("the balancer (pid {pid}) did not take the new file"),
    )
    .why("it goes on with the one it had; its terminal says why"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reload_tells_what_is_new_and_who_is_missing() {
        let reloaded = Reloaded {
            file: "myhaproxy.cfg".into(),
            pid: 7,
            loaded: jiff::Timestamp::now(),
            ms: 12.4,
            change: Some("line 14 `weight 4` is new".into()),
            remarks: String::new(),
            unserved: vec!["server05 8084".into()],
        };
        assert_eq!(
            told(&reloaded),
            "myhaproxy.cfg is loaded (line 14 `weight 4` is new), in 12 ms; no request was refused\n\
             note: nobody listens for server05 8084 yet:  lab serve 8084"
        );
    }
}
