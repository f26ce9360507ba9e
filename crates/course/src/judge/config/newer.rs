//! The file is newer than what runs: in which way.

use super::broken;
use crate::facts::{Config, Happened};
use crate::judge::Sight;
use crate::words::say;

/// `the file has weight 4 on server01 since 12:44:10, but the balancer runs the one of 12:38:02`
pub(in crate::judge) fn newer(sight: Sight<'_>) -> String {
    let facts = sight.facts;
    let clock =
        |at: Option<jiff::Timestamp>| at.map(|at| sight.clock(at)).unwrap_or("-".to_owned());
    let loaded = facts.balancer.as_ref().and_then(|b| b.loaded.or(b.since));
    let running = facts.balancer.as_ref().and_then(|b| b.config.as_ref());
    let change = match (running, &facts.file.config) {
        (_, None) => return broken(sight),
        (Some(running), Some(file)) => change(running, file, sight),
        (None, Some(_)) => None,
    };
    let told = || {
        facts
            .events
            .iter()
            .rev()
            .find_map(|event| match &event.what {
                Happened::Saved { change, .. } => change.clone(),
                _ => None,
            })
    };
    let (saved, loaded) = (clock(facts.file.saved), clock(loaded));
    match (change, told()) {
        (Some(change), _) => say!(
            sight.words,
            FileHas,
            change = change,
            saved = saved,
            loaded = loaded
        ),
        (None, Some(told)) => {
            say!(
                sight.words,
                FileChanged,
                change = told,
                saved = saved,
                loaded = loaded
            )
        }
        (None, None) => say!(sight.words, FileNewer, saved = saved, loaded = loaded),
    }
}

/// The first thing about servers that the file has and what runs has not.
fn change(running: &Config, file: &Config, sight: Sight<'_>) -> Option<String> {
    for new in &file.servers {
        let Some(old) = running.servers.iter().find(|old| old.name == new.name) else {
            return Some(say!(sight.words, ChangeServer, name = new.name));
        };
        if old.weight != new.weight {
            return Some(say!(
                sight.words,
                ChangeWeight,
                weight = new.weight,
                name = new.name
            ));
        }
        match (old.check, new.check) {
            (None, Some(_)) => return Some(say!(sight.words, ChangeCheck, name = new.name)),
            (Some(_), None) => return Some(say!(sight.words, ChangeNoCheck, name = new.name)),
            _ => {}
        }
    }
    let page = |config: &Config| config.statistics.first().map(|at| at.port());
    match (page(running), page(file)) {
        (None, Some(port)) => Some(say!(sight.words, ChangeStatistics, port = port)),
        _ => None,
    }
}
