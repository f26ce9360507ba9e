//! Each word of the vocabulary, each field: a world, a condition, what is found.

mod file;
mod filled;
mod traffic;
mod verdicts;
mod world;

use super::Holds;
use crate::model::{Caller, Condition, Count, Place, Requests, Since, What};
use crate::testing::World;

#[track_caller]
fn check(world: &World, what: What, holds: bool, found: &str) {
    let holds = if holds { Holds::Yes } else { Holds::No };
    look(world, what, holds, found);
}

#[track_caller]
fn unseen(world: &World, what: What) {
    let finding = world.sight().look(&condition(what));
    assert_eq!(finding.holds, Holds::Unseen, "{}", finding.found);
    assert!(
        finding.found.contains("Enter"),
        "a way out: {}",
        finding.found
    );
}

#[track_caller]
fn look(world: &World, what: What, holds: Holds, found: &str) {
    let finding = world.sight().look(&condition(what.clone()));
    assert_eq!(
        (finding.holds, finding.found.as_str()),
        (holds, found),
        "{what:?}"
    );
}

fn condition(what: What) -> Condition {
    Condition { not: false, what }
}

fn server(name: &str) -> Place {
    match name.strip_prefix('!') {
        Some(name) => Place::AllBut(name.into()),
        None => Place::Server(name.into()),
    }
}

const SINCE: Since = Since::Step;

const fn least(n: u32) -> Option<Count> {
    Some(Count::AtLeast(n))
}

/// So many requests of the learner since the step began, whatever they were.
fn wanted(min: u32) -> Requests {
    Requests {
        by: Caller::Learner,
        since: SINCE,
        min,
        status: None,
        path: None,
        at: None,
        servers: None,
        in_a_row_without: None,
        share: Vec::new(),
        slower: None,
        queued: None,
        termination: None,
        cookie: None,
        backend: None,
    }
}
