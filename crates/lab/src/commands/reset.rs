//! `lab reset`: an activity, or everything, back to the start; and back again.

mod kept;
mod world;

use crate::cli;
use crate::exit::Exit;
use crate::problem::{Problem, Result};
use crate::walk::Session;
use course::walk::StateOf;
use kept::Kept;
use std::path::{Path, PathBuf};
use world::Making;

pub(crate) fn run(args: &cli::Reset, session: &Session) -> Result {
    match (&args.id, args.all, args.undo) {
        (_, _, true) => undo(session),
        (_, true, _) => all(session),
        (Some(id), ..) => one(id, session),
        (None, ..) => which(session),
    }
}

/// Without an id it is asked for.
fn which(session: &Session) -> Result {
    let progress = session.store.read()?;
    let overview = session.overview(&progress);
    let begun = overview
        .entries
        .iter()
        .filter(|listed| listed.state != StateOf::New);
    let mut problem = Problem::usage("which activity?");
    for listed in begun {
        problem = problem.next(format!(
            "lab reset {:<20} {}, {} of {} steps",
            listed.id, listed.title, listed.passed, listed.steps
        ));
    }
    Err(problem
        .next("lab reset --all              everything")
        .next("lab reset --undo             take the last reset back"))
}

fn one(id: &str, session: &Session) -> Result {
    let activity = session.activity(id)?;
    let progress = session.store.read()?;
    let passed = progress.record(id).map_or(0, |record| {
        activity
            .steps
            .iter()
            .filter(|step| record.has_passed(&step.id))
            .count()
    });
    let making = Making::plan(activity, session)?;
    let mut lines = vec![
        format!("This puts activity {id} back to its start:"),
        format!(
            "  progress      {id}: {passed} of {} steps -> 0         (your other activities stay)",
            activity.steps.len()
        ),
    ];
    lines.extend(making.told());
    session.ui.talk(lines.join("\n"));
    if !agreed(session, "Do it? [y/N]", "y") {
        return Err(not_done(&format!("lab reset {id} --yes")));
    }
    let kept = Kept::new(session)?;
    kept.keep(&session.work.progress())?;
    kept.keep(&session.work.notebook())?;
    if making.file.is_some() {
        kept.keep(&making.path)?;
    }
    let after = session.store.change(|progress| {
        progress.activities.remove(id);
        if let Some(current) = progress
            .current
            .as_mut()
            .filter(|current| current.activity == id)
        {
            current.step.clone_from(&activity.steps[0].id);
        }
        Ok(progress.clone())
    })?;
    session.write_notebook(&after);
    making.make(session)?;
    done(session, &kept);
    Ok(Exit::Done)
}

fn all(session: &Session) -> Result {
    let file = crate::commands::status::file(&session.work)?;
    session.ui.talk(format!(
        "This begins everything anew:\n  progress      of all activities, and the notebook, removed\n  {:<13} removed, if it is there; `lab up` or `lab eject` writes a new one\nA copy of each is kept.",
        file.display().to_string()
    ));
    if !agreed(session, "Type the word `reset` to do it:", "reset") {
        return Err(not_done("lab reset --all --yes"));
    }
    let kept = Kept::new(session)?;
    for path in [session.work.progress(), session.work.notebook(), file] {
        if path.exists() {
            kept.keep(&path)?;
            std::fs::remove_file(&path)
                .map_err(|error| Problem::io(&format!("remove {}", path.display()), &error))?;
        }
    }
    done(session, &kept);
    Ok(Exit::Done)
}

fn undo(session: &Session) -> Result {
    let restored = kept::restore(session)?;
    let names: Vec<String> = restored
        .iter()
        .map(|path: &PathBuf| path.display().to_string())
        .collect();
    if session.ui.json {
        session
            .ui
            .say_json(&serde_json::json!({ "restored": names }));
    } else {
        session
            .ui
            .say(format!("back as before the reset: {}", names.join(", ")));
    }
    Ok(Exit::Done)
}

/// Somebody said so, here or with `--yes`.
fn agreed(session: &Session, question: &str, word: &str) -> bool {
    let said = || session.ui.ask(question);
    session.ui.yes
        || said().is_some_and(|answer| answer == word || (word == "y" && answer == "yes"))
}

fn not_done(command: &str) -> Problem {
    Problem::new("reset-refused", Exit::No, "nothing was put back")
        .next(format!("to do it:  {command}"))
}

fn done(session: &Session, kept: &Kept) {
    if session.ui.json {
        session
            .ui
            .say_json(&serde_json::json!({ "kept": kept.folder() }));
    } else {
        session.ui.say(format!(
            "done.   The old state is in {}  (undo: lab reset --undo)",
            shown(kept.folder())
        ));
    }
}

fn shown(path: &Path) -> String {
    format!("{}/", path.display())
}
