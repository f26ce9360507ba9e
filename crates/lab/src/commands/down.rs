//! `lab down`: everything that `lab up` started in this folder ends.

use crate::exit::Exit;
use crate::problem::{Problem, Result};
use crate::supervisor::control::Client;
use crate::supervisor::protocol::{Reply, Request};
use crate::ui::Ui;
use crate::work_dir::WorkDir;
use crate::work_dir::run_record::RunRecord;
use std::time::{Duration, Instant};

pub(crate) fn run(ui: &Ui, work: &WorkDir) -> Result {
    let Some(mut client) = Client::connect(work) else {
        if RunRecord::load(work).is_some() {
            // Held by a lab that is starting or ending right now: that one is not to be cleaned away.
            let _lock = super::up::lock(work)?;
            super::up::heal(ui, work);
        }
        say(ui, &[], "nothing was running here");
        return Ok(Exit::Done);
    };
    let Reply::Down(names) = client.ask(&Request::Down)? else {
        return Err(Problem::usage(
            "the lab that runs here is of another version",
        ));
    };
    wait_for_its_end(work);
    say(
        ui,
        &names,
        &format!("stopped: {}.   ports are free again", names.join(", ")),
    );
    Ok(Exit::Done)
}

/// The next `lab up` must find the folder free.
fn wait_for_its_end(work: &WorkDir) {
    let lock = work.run().join("lock");
    let until = Instant::now() + Duration::from_secs(2);
    while Instant::now() < until {
        let free = std::fs::File::open(&lock).map_or(true, |file| file.try_lock().is_ok());
        if free {
            return;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn say(ui: &Ui, names: &[String], text: &str) {
    if ui.json {
        ui.say_json(&serde_json::json!({ "stopped": names }));
    } else {
        ui.say(text);
    }
}
