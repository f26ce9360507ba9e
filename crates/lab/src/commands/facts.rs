//! `lab facts`: what the checks of an activity see.

use crate::exit::Exit;
use crate::observe::facts::{self, Observer};
use crate::observe::watch::Watcher;
use crate::problem::Result;
use crate::ui::Ui;
use crate::work_dir::WorkDir;
use std::time::Duration;

pub(crate) fn run(ui: &Ui, work: &WorkDir, follow: bool) -> Result {
    if !follow {
        ui.say_json(&facts::look(work));
        return Ok(Exit::Done);
    }
    /// A reader that has gone is noticed within this time.
    const NO_NEWS: Duration = Duration::from_secs(2);
    work.create()?;
    let watcher = Watcher::start(work);
    let mut observer = Observer::new(work);
    ui.say_json(&observer.look());
    while !ui.closed() {
        if watcher.wait(NO_NEWS) {
            ui.say_json(&observer.look());
        }
    }
    Ok(Exit::Done)
}
