//! `lab validate`: what is wrong in lab files, without playing them.

mod check;
mod place;
mod play;
mod schema;
mod screen;
mod watch;

use crate::cli::Validate;
use crate::exit::Exit;
use crate::problem::Result;
use crate::ui::Ui;
use crate::work_dir::WorkDir;
use check::Outcome;
use place::Place;

pub(crate) fn run(args: &Validate, ui: &Ui, work: &WorkDir) -> Result {
    if args.schema {
        ui.say(schema::text());
        return Ok(Exit::Done);
    }
    if args.vocabulary {
        ui.say(course::file::vocabulary::page());
        return Ok(Exit::Done);
    }
    if args.play {
        return play::run(args, ui, work);
    }
    let places = place::wanted_of(&args.paths, work)?;
    if args.watch {
        return watch::run(&places, ui);
    }
    let outcome = check::all(&places)?;
    tell(&outcome, ui);
    Ok(outcome.exit())
}

fn tell(outcome: &Outcome, ui: &Ui) {
    if ui.json {
        ui.say_json(&screen::json(outcome));
    } else {
        ui.say(screen::text(outcome, ui.quiet));
    }
}
