//! `lab logs`: what the servers, the balancer and the lab wrote, in order of time.

use crate::cli::Logs;
use crate::exit::Exit;
use crate::problem::{Problem, Result};
use crate::supervisor::NAME_SERVER;
use crate::supervisor::control::Client;
use crate::supervisor::protocol::{Event, Reply, Request, What};
use crate::ui::Ui;
use crate::ui::event_line::{self, Ports};
use crate::work_dir::WorkDir;
use crate::work_dir::log_file;
use std::path::Path;

/// The lab's own lines.
const EVENTS: (&str, &str) = ("lab", "events");

pub(crate) fn run(args: &Logs, ui: &Ui, work: &WorkDir) -> Result {
    let names = names(work, args.name.as_deref())?;
    let mut events = Vec::new();
    for name in &names {
        let file = if name == EVENTS.0 { EVENTS.1 } else { name };
        let entries = log_file::read(&work.log(file))
            .map_err(|error| Problem::io(&format!("read the log of {name}"), &error))?;
        events.extend(entries.into_iter().map(|entry| Event {
            time: entry.time,
            source: name.clone(),
            what: What::Wrote(entry.text),
        }));
    }
    events.sort_by_key(|event| event.time);
    let ports: Vec<(String, u16)> = names
        .iter()
        .filter(|name| is_server(name))
        .map(|name| (name.clone(), 0))
        .collect();
    for event in events.iter().skip(events.len().saturating_sub(args.lines)) {
        show(ui, event, &ports);
    }
    if args.follow {
        follow(ui, work, &names)?;
    }
    Ok(Exit::Done)
}

fn is_server(name: &str) -> bool {
    ![EVENTS.0, "balancer", NAME_SERVER].contains(&name)
}

/// The logs that are there, or the one that was asked for, by name or port.
fn names(work: &WorkDir, wanted: Option<&str>) -> Result<Vec<String>> {
    let mut names: Vec<String> = std::fs::read_dir(work.run())
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|file| name_of(&file.path()))
        .collect();
    names.sort();
    let Some(wanted) = wanted else {
        return Ok(names);
    };
    let by_port = wanted.parse().ok().and_then(|port| name_on(work, port));
    let wanted = by_port.as_deref().unwrap_or(wanted);
    if names.iter().any(|name| name == wanted) {
        return Ok(vec![wanted.to_owned()]);
    }
    let problem = Problem::new(
        "no-such-log",
        Exit::Usage,
        format!("there is no log of {wanted}"),
    );
    Err(match names.is_empty() {
        true => problem
            .why("no lab has run in this folder")
            .next("lab up --servers 4"),
        false => problem.why(format!("there are logs of {}", names.join(", "))),
    })
}

fn name_on(work: &WorkDir, port: u16) -> Option<String> {
    match Client::connect(work)?.ask(&Request::Status).ok()? {
        Reply::Status(snapshot) => snapshot
            .servers
            .into_iter()
            .find(|server| server.address.port() == port)
            .map(|server| server.name),
        _ => None,
    }
}

/// `events.log` is the lab's own; `lab.log` is its trace, which is for its makers.
fn name_of(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?.strip_suffix(".log")?;
    match name {
        "lab" => None,
        name if name == EVENTS.1 => Some(EVENTS.0.to_owned()),
        name => Some(name.to_owned()),
    }
}

fn follow(ui: &Ui, work: &WorkDir, names: &[String]) -> Result<()> {
    let mut client = Client::required(work)?;
    let Reply::Status(snapshot) = client.ask(&Request::Watch)? else {
        return Err(Problem::usage(
            "the lab that runs here is of another version",
        ));
    };
    let ports: Vec<(String, u16)> = snapshot
        .servers
        .iter()
        .map(|server| (server.name.clone(), server.address.port()))
        .collect();
    let mut client = client
        .patient()
        .map_err(|error| Problem::io("follow the logs", &error))?;
    while let Ok(reply) = client.next_reply() {
        if let Reply::Event(event) = reply
            && names.contains(&event.source)
        {
            show(ui, &event, &ports);
        }
        if ui.closed() {
            break;
        }
    }
    Ok(())
}

fn show(ui: &Ui, event: &Event, ports: &Ports) {
    if ui.json {
        ui.say_json(event);
    } else {
        ui.say(event_line::line(event, ports));
    }
}
