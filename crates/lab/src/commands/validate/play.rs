//! `lab validate --play`: first what can be seen without playing, then the play.

use super::check;
use super::place::{self, Place};
use crate::cli::Validate;
use crate::exit::Exit;
use crate::play::{self, Lab};
use crate::problem::{Problem, Result};
use crate::supervisor::engine::Engine;
use crate::ui::Ui;
use crate::work_dir::WorkDir;
use course::catalog::Catalog;
use course::model::Activity;
use std::path::PathBuf;

pub(super) fn run(args: &Validate, ui: &Ui, work: &WorkDir) -> Result {
    Engine::find(args.engine)?;
    let (paths, ids): (Vec<PathBuf>, Vec<PathBuf>) =
        args.paths.iter().cloned().partition(|path| path.exists());
    let ids: Vec<String> = ids.iter().map(|id| id.display().to_string()).collect();
    let places = place::wanted_of(&paths, work)?;
    let outcome = check::all(&places)?;
    if outcome.exit() != Exit::Done {
        super::tell(&outcome, ui);
        return Ok(outcome.exit());
    }
    let catalogs = catalogs(&places)?;
    let labs = chosen(&catalogs, &places, &ids)?;
    let labs: Vec<Lab<'_>> = labs
        .iter()
        .map(|(activity, file)| Lab { activity, file })
        .collect();
    let played = play::play(&labs, args.engine, |told| {
        if !ui.json {
            ui.say(told.lines().join("\n"));
        }
    });
    match ui.json {
        true => ui.say_json(&played.to_json()),
        false => ui.say(played.summary()),
    }
    Ok(match played.all_well() {
        true => Exit::Done,
        false => Exit::No,
    })
}

fn catalogs(places: &[Place]) -> Result<Vec<Catalog>> {
    places
        .iter()
        .map(|place| Ok(Catalog::read(&place.layers()?, None)))
        .collect()
}

/// The labs of these places, those with these ids where some are named, each with its file.
fn chosen<'a>(
    catalogs: &'a [Catalog],
    places: &[Place],
    ids: &[String],
) -> Result<Vec<(&'a Activity, String)>> {
    let mut labs: Vec<(&Activity, String)> = Vec::new();
    for (catalog, place) in catalogs.iter().zip(places) {
        let last = usize::from(place.folder.is_some());
        for activity in &catalog.activities {
            let Some(file) = catalog.file_of(&activity.id) else {
                continue;
            };
            let path = place.path_in(&file.name);
            if file.layer == last && place.holds(&path) {
                labs.push((activity, file.name.clone()));
            }
        }
    }
    for id in ids {
        if !labs.iter().any(|(activity, _)| activity.id == *id) {
            let known: Vec<&str> = labs
                .iter()
                .map(|(activity, _)| activity.id.as_str())
                .collect();
            let what = format!("there is no file or lab `{id}`");
            return Err(Problem::new("no-such-lab", Exit::Usage, what)
                .why(format!("there are {}", known.join(", "))));
        }
    }
    let wanted = |activity: &Activity| ids.is_empty() || ids.contains(&activity.id);
    labs.retain(|(activity, _)| wanted(activity));
    Ok(labs)
}
