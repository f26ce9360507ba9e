//! `lab` alone: where you are and what to do next.

use super::status::look;
use crate::cli::Labs;
use crate::exit::Exit;
use crate::problem::Result;
use crate::supervisor::snapshot::{Process, Snapshot};
use crate::ui::{Ui, address, words};
use crate::walk::store::Store;
use crate::work_dir::WorkDir;
use course::catalog::Catalog;
use course::model::Hidden;
use course::walk::{Listed, Overview, StateOf};

pub(crate) fn run(ui: &Ui, work: &WorkDir, labs: &Labs) -> Result {
    let catalog = crate::course::load(labs, work)?;
    let progress = Store::new(work, &catalog.course.id).read()?;
    let overview = course::walk::overview(&catalog.course, &catalog.activities, &progress);
    let hidden = course::walk::hidden(&catalog.activities, &progress);
    let mut snapshot = look(work)?.filter(|snapshot| !snapshot.all_quiet());
    if let Some(snapshot) = &mut snapshot {
        snapshot.hold_back(hidden);
    }
    if ui.json {
        ui.say_json(&serde_json::json!({ "course": overview, "running": snapshot }));
        return Ok(Exit::Done);
    }
    let mut lines = head(&overview, ui.plain);
    lines.push(String::new());
    if let Some(snapshot) = &snapshot {
        lines.extend(running(snapshot));
        if hidden.contains(&Hidden::BalancerOpinion) {
            lines.push(
                "              what the balancer believes is left out while your guess is open"
                    .to_owned(),
            );
        }
        lines.push(String::new());
    }
    lines.extend(next(&overview, snapshot.as_ref(), &catalog));
    ui.say(lines.join("\n"));
    Ok(Exit::Done)
}

/// The title, and how much is done.
fn head(overview: &Overview, plain: bool) -> Vec<String> {
    let left = words::count(overview.minutes_left.into(), "minute");
    let nothing = overview
        .entries
        .iter()
        .all(|listed| listed.state == StateOf::New);
    if nothing {
        return vec![format!(
            "{}.   {} and {}, about {left}.   Nothing done yet.",
            overview.title,
            many(overview.activities, "activity", "activities"),
            many(overview.challenges, "challenge", "challenges"),
        )];
    }
    let (done, all) = (overview.done, overview.activities);
    let bar = match plain {
        true => String::new(),
        false => format!("{}  ", bar(done, all)),
    };
    let left = match overview.minutes_left {
        0 => String::new(),
        _ => format!(", about {left} left"),
    };
    let states = overview
        .entries
        .iter()
        .filter(|listed| listed.group == "activity")
        .map(state);
    vec![
        format!("{}   {bar}{done} of {all} activities{left}", overview.title),
        format!(
            "  {}      challenges {} of {}",
            states.collect::<Vec<_>>().join("   "),
            overview.challenges_done,
            overview.challenges
        ),
    ]
}

/// `[###########.........]`
fn bar(done: usize, all: usize) -> String {
    const LONG: usize = 20;
    let full = LONG * done / all.max(1);
    format!("[{}{}]", "#".repeat(full), ".".repeat(LONG - full))
}

/// `3.2 done`, `3.3 step 3 of 6`, `4 -`
fn state(listed: &Listed) -> String {
    let state = match (listed.state, listed.at) {
        (StateOf::Done, _) => "done".to_owned(),
        (StateOf::Here, Some(at)) => format!("step {at} of {}", listed.steps),
        (StateOf::Begun, _) => format!("{} of {}", listed.passed, listed.steps),
        _ => "-".to_owned(),
    };
    format!("{} {state}", listed.id)
}

fn many(n: usize, one: &str, many: &str) -> String {
    match n {
        1 => format!("1 {one}"),
        n => format!("{n} {many}"),
    }
}

fn running(snapshot: &Snapshot) -> Vec<String> {
    let servers: Vec<String> = snapshot
        .servers
        .iter()
        .map(|server| {
            format!(
                "{} {}{}",
                server.name,
                address::short(server.address),
                process(&server.process)
            )
        })
        .collect();
    let mut lines = vec![format!("Running now   {}", servers.join("   "))];
    if let Some(balancer) = &snapshot.balancer {
        let port = balancer
            .traffic
            .map(|at| format!(" on :{}", at.port()))
            .unwrap_or_default();
        let mut line = format!("              balancer{port}{}", process(&balancer.process));
        if let Some(loaded) = balancer.loaded {
            line.push_str(&format!(
                ", {} as loaded at {}",
                balancer.file,
                words::time_of_day(loaded)
            ));
        }
        match balancer.statistics {
            Some(at) => line.push_str(&format!("     statistics: {}", address::url(at))),
            None => line.push_str("     statistics: not switched on"),
        }
        lines.push(line);
        if let Some(newer) = balancer.newer {
            lines.push(format!(
                "              the file on disk is newer ({}): lab reload",
                words::time_of_day(newer)
            ));
        }
    }
    if let Some(names) = &snapshot.name_server {
        lines.push(format!(
            "              name server {}{}",
            crate::dns::with_hash(names.address),
            process(&names.process)
        ));
    }
    lines
}

fn process(process: &Process) -> &'static str {
    match process {
        Process::Up { .. } | Process::Yours { .. } => "",
        Process::Starting { .. } => " starting",
        Process::Frozen { .. } => " FROZEN",
        Process::Stopped { .. } | Process::Absent => " STOPPED",
    }
}

/// What to type now.
fn next(overview: &Overview, snapshot: Option<&Snapshot>, catalog: &Catalog) -> Vec<String> {
    let fresh = overview
        .entries
        .iter()
        .all(|listed| listed.state == StateOf::New);
    let here = overview
        .entries
        .iter()
        .find(|listed| listed.state == StateOf::Here);
    let mut lines = vec![match (&overview.next, here) {
        (Some(_), _) if fresh => {
            let first = overview
                .entries
                .iter()
                .find(|listed| listed.group == "activity");
            format!(
                "  start here      lab activity {}",
                first.map_or("", |listed| listed.id.as_str())
            )
        }
        (Some(_), Some(here)) => format!(
            "  go on           lab activity              {}, {}",
            here.id,
            whereabouts(here, catalog)
        ),
        (Some(next), None) => {
            let title = catalog
                .activity(next)
                .map_or("", |activity| activity.title.as_str());
            format!("  go on           lab activity              {next}, {title}")
        }
        (None, _) => "  your notebook   lab report                all is done".to_owned(),
    }];
    match snapshot {
        None => lines.push(
            "  or just play    lab up --servers 4        a balancer with four servers behind it"
                .to_owned(),
        ),
        Some(snapshot) => {
            lines.push("  look closer     lab status".to_owned());
            lines.push("  see traffic     lab hit".to_owned());
            lines.push(match snapshot.supervisor {
                Some(_) => "  stop all        lab down".to_owned(),
                None => "  stop all        Ctrl-C in each terminal".to_owned(),
            });
        }
    }
    if fresh {
        lines.push("  will it run?    lab doctor".to_owned());
    }
    lines.push("  all commands    lab help".to_owned());
    lines
}

/// `step 3: observe`
fn whereabouts(here: &Listed, catalog: &Catalog) -> String {
    let step = here
        .at
        .and_then(|at| catalog.activity(&here.id)?.steps.get(at - 1));
    match (here.at, step) {
        (Some(at), Some(step)) => format!("step {at}: {}", step.id),
        _ => here.title.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_is_as_full_as_much_is_done() {
        assert_eq!(bar(4, 7), "[###########.........]");
        assert_eq!(bar(0, 7), "[....................]");
        assert_eq!(bar(7, 7), "[####################]");
        assert_eq!(bar(0, 0), "[....................]");
    }
}
