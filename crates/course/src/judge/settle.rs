//! Whether it is worth waiting: what is missing may still come by itself.

use super::beliefs::Course;
use super::{Sight, Tick, TickState};
use crate::facts::Happened;
use crate::model::{Place, Since, Step, What};
use crate::times::between;
use crate::words::say;
use jiff::Timestamp;
use serde::Serialize;
use std::time::Duration;

/// A process needs a moment to come or go.
const PROCESS: Duration = Duration::from_secs(1);

/// Why "not yet", and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Settling {
    pub why: String,
    pub until: Timestamp,
}

pub(super) fn settling(step: &Step, sight: Sight<'_>, boxes: &[Tick]) -> Option<Settling> {
    let open: Vec<&What> = step
        .checks
        .iter()
        .zip(boxes)
        .filter(|(_, tick)| tick.state == TickState::Open)
        .map(|(check, _)| &check.condition.what)
        .collect();
    if let Some(settling) = open.iter().find_map(|what| health(what, sight)) {
        return Some(settling);
    }
    let wait = step.settle.or_else(|| {
        let process = |what: &&&What| matches!(what, What::Port { .. });
        open.iter().find(process).map(|_| PROCESS)
    })?;
    let last = last_change(sight).filter(|last| *last >= sight.since(&Since::Step))?;
    let until = last.checked_add(wait).ok()?;
    (until > sight.facts.now).then(|| Settling {
        why: say!(sight.words, Settling),
        until,
    })
}

/// The balancer's checks are on the way to see what is asked for: `fall` or `rise` of them, `inter` apart.
fn health(what: &What, sight: Sight<'_>) -> Option<Settling> {
    let place: &Place = match what {
        What::Health { at, .. } => at,
        What::Requests(requests) => requests.in_a_row_without.as_ref()?,
        _ => return None,
    };
    let spots = sight.facts.spots(place);
    spots.iter().find_map(|spot| {
        let course = Course::of(spot, sight)?;
        // Longer than all of it, and something else is the matter.
        let began = last_change(sight)?;
        (between(began, sight.facts.now) <= course.whole()).then_some(())?;
        Some(Settling {
            why: course.told(sight),
            until: sight.facts.now.checked_add(course.time()).ok()?,
        })
    })
}

/// When a process last came, went or froze, or a file was saved or loaded.
fn last_change(sight: Sight<'_>) -> Option<Timestamp> {
    let changes = |what: &Happened| {
        matches!(
            what,
            Happened::Started { .. }
                | Happened::Ended { .. }
                | Happened::Frozen { .. }
                | Happened::Thawed { .. }
                | Happened::Refused { .. }
                | Happened::Saved { .. }
                | Happened::Loaded { .. }
        )
    };
    let events = sight.facts.events.iter();
    events
        .rev()
        .find(|event| changes(&event.what))
        .map(|event| event.time)
}
