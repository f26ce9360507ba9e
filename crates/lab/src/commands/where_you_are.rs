//! `lab` alone: where you are and what to do next.

use super::up::{USUAL_FILE, usual};
use crate::exit::Exit;
use crate::problem::Result;
use crate::supervisor::snapshot::{Process, Snapshot};
use crate::ui::{Ui, address, words};
use crate::work_dir::WorkDir;
use std::net::{Ipv4Addr, SocketAddr};

pub(crate) fn run(ui: &Ui, work: &WorkDir) -> Result {
    let snapshot = super::status::look(work)?.filter(|snapshot| !snapshot.all_quiet());
    if ui.json {
        ui.say_json(&serde_json::json!({ "running": snapshot }));
        return Ok(Exit::Done);
    }
    match snapshot {
        Some(snapshot) => ui.say(running(&snapshot)),
        None => ui.say(idle()),
    }
    Ok(Exit::Done)
}

fn idle() -> String {
    let balancer = SocketAddr::from((Ipv4Addr::LOCALHOST, usual::BALANCER));
    let file = match std::path::Path::new(USUAL_FILE).exists() {
        true => format!("{USUAL_FILE} is here.   Nothing runs."),
        false => "Nothing runs here yet.".to_owned(),
    };
    format!(
        "Load balancing, hands on.   {file}

  begin           lab up --servers 4        then open {}
  will it run?    lab doctor
  all commands    lab help",
        address::url(balancer)
    )
}

fn running(snapshot: &Snapshot) -> String {
    let servers: Vec<String> = snapshot
        .servers
        .iter()
        .map(|server| {
            format!(
                "{} {}{}",
                server.name,
                address::short(server.address),
                state(&server.process)
            )
        })
        .collect();
    let mut text = format!(
        "Load balancing, hands on.\n\nRunning now   {}",
        servers.join("   ")
    );
    if let Some(balancer) = &snapshot.balancer {
        let port = balancer
            .traffic
            .map(|at| format!(" on :{}", at.port()))
            .unwrap_or_default();
        text.push_str(&format!(
            "\n              balancer{port}{}",
            state(&balancer.process)
        ));
        if let Some(loaded) = balancer.loaded {
            text.push_str(&format!(
                ", {} as loaded at {}",
                balancer.file,
                words::time_of_day(loaded)
            ));
        }
        match balancer.statistics {
            Some(at) => text.push_str(&format!("     statistics: {}", address::url(at))),
            None => text.push_str("     statistics: not switched on"),
        }
    }
    if let Some(names) = &snapshot.name_server {
        text.push_str(&format!(
            "\n              name server {}{}",
            crate::dns::with_hash(names.address),
            state(&names.process)
        ));
    }
    text.push_str("\n\n  look closer     lab status\n  see traffic     lab hit\n");
    match snapshot.supervisor {
        Some(_) => text.push_str("  stop all        lab down"),
        None => text.push_str("  stop all        Ctrl-C in each terminal"),
    }
    text
}

fn state(process: &Process) -> &'static str {
    match process {
        Process::Up { .. } | Process::Yours { .. } => "",
        Process::Starting { .. } => " starting",
        Process::Frozen { .. } => " FROZEN",
        Process::Stopped { .. } | Process::Absent => " STOPPED",
    }
}
