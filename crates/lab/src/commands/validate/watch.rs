//! `--watch`: again after each change, for authors.

use super::{Place, check, tell};
use crate::exit::Exit;
use crate::problem::Result;
use crate::ui::Ui;
use std::time::Duration;

/// How often the files are looked at.
const PAUSE: Duration = Duration::from_millis(300);

/// Ends by Ctrl-C, or when nobody reads any more.
pub(super) fn run(places: &[Place], ui: &Ui) -> Result {
    let mut seen = files(places)?;
    show(places, ui)?;
    while !ui.closed() {
        std::thread::sleep(PAUSE);
        // an editor may just be putting a file in the place of another
        let Ok(now) = files(places) else { continue };
        if now != seen {
            ui.talk(format!("\n{}", jiff::Zoned::now().strftime("%H:%M:%S")));
            show(places, ui)?;
            seen = now;
        }
    }
    Ok(Exit::Done)
}

fn show(places: &[Place], ui: &Ui) -> Result<()> {
    tell(&check::all(places)?, ui);
    ui.talk("note: checked again after each change; Ctrl-C ends");
    Ok(())
}

/// All that is read: texts are small, and compared whole nothing is missed on any kind of disk.
fn files(places: &[Place]) -> Result<Vec<std::collections::BTreeMap<String, Vec<u8>>>> {
    let read = |place: &Place| {
        let mut layers = place.layers()?;
        Ok(layers.pop().map(|layer| layer.files).unwrap_or_default())
    };
    places.iter().map(read).collect()
}
