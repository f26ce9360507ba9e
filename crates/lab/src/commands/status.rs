//! `lab status`: what the machine says beside what the balancer believes.

use super::up::USUAL_FILE;
use crate::cli::Labs;
use crate::dns::Places;
use crate::exit::Exit;
use crate::observe::outside;
use crate::problem::{Problem, Result};
use crate::supervisor::control::{Client, nothing_running};
use crate::supervisor::protocol::{Reply, Request};
use crate::supervisor::snapshot::Snapshot;
use crate::ui::live::Live;
use crate::ui::{Ui, block, width};
use crate::work_dir::WorkDir;
use crate::work_dir::registration::Registration;
use crate::work_dir::settings::Settings;
use std::path::PathBuf;
use std::time::Duration;

pub(crate) fn run(ui: &Ui, work: &WorkDir, watch: bool, labs: &Labs) -> Result {
    let hidden = crate::walk::hidden(work, labs);
    let look = || {
        let mut snapshot = look_running(work)?;
        snapshot.hold_back(&hidden);
        Ok(snapshot)
    };
    if !watch {
        let snapshot: Snapshot = look()?;
        show(ui, &snapshot);
        return Ok(if snapshot.all_well() {
            Exit::Done
        } else {
            Exit::No
        });
    }
    const PAUSE: Duration = Duration::from_secs(1);
    let mut live = Live::default();
    while !ui.closed() {
        let snapshot = look()?;
        if ui.moving {
            ui.draw(&live.frame(&block::status(&snapshot, width()), width()));
        } else {
            show(ui, &snapshot);
        }
        std::thread::sleep(PAUSE);
    }
    Ok(Exit::Done)
}

/// What runs, in a lab or by hand.
fn look_running(work: &WorkDir) -> Result<Snapshot> {
    look(work)?
        .filter(|snapshot| !snapshot.all_quiet())
        .ok_or_else(nothing_running)
}

/// The lab of this folder, or what its file names and whether that runs; `None` without either.
pub(crate) fn look(work: &WorkDir) -> Result<Option<Snapshot>> {
    if let Some(mut client) = Client::connect(work) {
        return match client.ask(&Request::Status)? {
            Reply::Status(snapshot) => Ok(Some(*snapshot)),
            _ => Err(Problem::usage(
                "the lab that runs here is of another version",
            )),
        };
    }
    let path = file(work)?;
    let registered = Registration::load(work);
    let seen = super::runtime()?.block_on(outside::look(&path, registered.as_ref()));
    let names = Places::usual(&Settings::load(&work.settings())?);
    Ok(seen.map(|(_, snapshot)| Snapshot {
        name_server: outside::name_server(names.server),
        ..snapshot
    }))
}

/// The configuration file of this folder.
pub(crate) fn file(work: &WorkDir) -> Result<PathBuf> {
    Ok(Settings::load(&work.settings())?
        .file
        .unwrap_or_else(|| USUAL_FILE.into()))
}

fn show(ui: &Ui, snapshot: &Snapshot) {
    if ui.json {
        ui.say_json(snapshot);
    } else {
        ui.say(block::status(snapshot, width()).join("\n"));
        if snapshot.held_back {
            ui.talk("note: what your open guess asks for is left out");
        }
    }
}
