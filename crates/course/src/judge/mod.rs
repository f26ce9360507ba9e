//! From the world to a verdict: does a condition hold, what was found instead, which mistake is it, is it worth waiting.
//!
//! Everything here is a function of [`Facts`] and [`Moments`]; nothing is remembered between two verdicts but the
//! ticks that the caller keeps.

mod beliefs;
mod config;
mod events;
mod files;
pub mod fill;
mod names;
mod ports;
mod seen;
mod settle;
mod tell;
#[cfg(test)]
mod tests;
mod traffic;
mod world;

pub use settle::Settling;

use crate::facts::Facts;
use crate::model::{Condition, Mistake, Since, Step, Via, What};
use crate::words::Words;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What a judge looks at, and with which words it speaks.
#[derive(Clone, Copy)]
pub struct Sight<'a> {
    pub facts: &'a Facts,
    pub moments: &'a Moments,
    pub words: &'a Words,
    /// Of the learner, for times of day.
    pub zone: &'a TimeZone,
}

/// When the steps of an activity were shown and passed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moments {
    pub began: Timestamp,
    /// The step that is judged.
    pub step: String,
    /// When each step was first shown.
    pub shown: BTreeMap<String, Timestamp>,
    pub passed: BTreeMap<String, Timestamp>,
    /// The terminal of the walk itself: what runs there was not started "in a terminal of its own".
    pub terminal: Option<String>,
    /// Which traffic placeholders speak of; see [`fill::window`].
    pub window: Window,
}

/// The requests and questions that placeholders count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    pub since: Timestamp,
    /// Questions for this name only.
    pub name: Option<String>,
    /// Questions that were answered there only.
    pub via: Option<Via>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    Yes,
    No,
    /// It cannot be seen, for example behind a balancer without log and statistics.
    Unseen,
}

/// What a look at one condition gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub holds: Holds,
    /// What was found, in words; may be empty where nothing can be added to the check itself.
    pub found: String,
}

/// The state of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verdict {
    pub boxes: Vec<Tick>,
    /// The first mistake, in the author's order, that fits.
    pub mistake: Option<Named>,
    /// What is missing may still come by itself.
    pub settling: Option<Settling>,
    pub passed: bool,
    /// All that can be seen is there; the rest is the learner's word.
    pub on_trust: bool,
}

/// One box.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tick {
    pub id: String,
    pub say: String,
    pub found: String,
    pub state: TickState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TickState {
    Ticked,
    Open,
    /// It cannot be seen here; `found` says the way out.
    Unseen,
}

/// A mistake that fits, its words filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Named {
    pub id: String,
    pub say: String,
    pub next: Vec<String>,
}

/// Judges a step. `kept` are the ids of checks whose tick was given before and stays (see [`stays`]).
pub fn step(step: &Step, sight: Sight<'_>, kept: &BTreeSet<String>) -> Verdict {
    let boxes: Vec<Tick> = step
        .checks
        .iter()
        .map(|check| {
            let finding = sight.look(&check.condition);
            let state = match finding.holds {
                _ if kept.contains(&check.id) => TickState::Ticked,
                Holds::Yes => TickState::Ticked,
                Holds::No => TickState::Open,
                Holds::Unseen => TickState::Unseen,
            };
            Tick {
                id: check.id.clone(),
                say: fill::fill(&check.say, sight),
                found: finding.found,
                state,
            }
        })
        .collect();
    let all =
        |fits: fn(TickState) -> bool| !boxes.is_empty() && boxes.iter().all(|b| fits(b.state));
    let passed = all(|state| state == TickState::Ticked);
    let on_trust = !passed && all(|state| state != TickState::Open);
    let settling = match passed || on_trust {
        true => None,
        false => settle::settling(step, sight, &boxes),
    };
    let mistake = match passed || settling.is_some() {
        true => None,
        false => step
            .mistakes
            .iter()
            .find_map(|mistake| named(mistake, sight)),
    };
    Verdict {
        boxes,
        mistake,
        settling,
        passed,
        on_trust,
    }
}

/// Whether a tick of this condition stays before the whole step is passed: it asks what has happened, not how things are.
pub fn stays(condition: &Condition) -> bool {
    let happened = matches!(
        condition.what,
        What::Started { .. }
            | What::Ended { .. }
            | What::Refused { .. }
            | What::Saved { .. }
            | What::Loaded { current: false, .. }
            | What::Requests(_)
            | What::Counter { .. }
            | What::Page { .. }
            | What::Dns { .. }
    );
    happened && !condition.not
}

fn named(mistake: &Mistake, sight: Sight<'_>) -> Option<Named> {
    let holds = |condition| sight.look(condition).holds == Holds::Yes;
    mistake.when.iter().all(holds).then(|| Named {
        id: mistake.id.clone(),
        say: fill::fill(&mistake.say, sight),
        next: mistake
            .next
            .iter()
            .map(|line| fill::fill(line, sight))
            .collect(),
    })
}

impl Sight<'_> {
    /// Whether a condition holds, and what was found.
    pub fn look(self, condition: &Condition) -> Finding {
        let finding = match &condition.what {
            What::Port { .. } => ports::look(&condition.what, self),
            What::Started { at, since } => events::started(at, since, self),
            What::Ended { at, since, count } => events::ended(at, since, *count, self),
            What::Refused { since } => events::refused(since, self),
            What::Config { running, says } => config::look(*running, says, self),
            What::Saved { since, min } => events::saved(since, *min, self),
            What::Loaded { since, current } => events::loaded(since, *current, self),
            What::Balancers { count } => events::balancers(*count, self),
            What::Requests(requests) => traffic::look(requests, self),
            What::Health { at, state, since } => beliefs::health(at, state, since.as_ref(), self),
            What::Counter { .. } => beliefs::counter(&condition.what, self),
            What::Page { .. } => traffic::page(&condition.what, self),
            What::Dns { .. } => names::look(&condition.what, self),
            What::File { path, exists, line } => files::look(path, *exists, line.as_deref(), self),
            What::RealServers { min } => files::real_servers(*min, self),
        };
        match condition.not {
            true => finding.turned(),
            false => finding,
        }
    }

    /// The moment from which events count.
    pub(crate) fn since(self, since: &Since) -> Timestamp {
        let shown = |step: &str| self.moments.shown.get(step).copied();
        let this = || shown(&self.moments.step).unwrap_or(self.facts.now);
        match since {
            Since::Step => this(),
            Since::Activity => self.moments.began,
            Since::Ever => Timestamp::MIN,
            // A step that was jumped over has no moment of its own.
            Since::Passed(step) => self.moments.passed.get(step).copied().unwrap_or_else(this),
        }
    }
}

impl Finding {
    fn new(holds: bool, found: impl Into<String>) -> Self {
        Self {
            holds: if holds { Holds::Yes } else { Holds::No },
            found: found.into(),
        }
    }

    fn unseen(way_out: impl Into<String>) -> Self {
        Self {
            holds: Holds::Unseen,
            found: way_out.into(),
        }
    }

    fn turned(self) -> Self {
        let holds = match self.holds {
            Holds::Yes => Holds::No,
            Holds::No => Holds::Yes,
            Holds::Unseen => Holds::Unseen,
        };
        // What was looked for in vain is nothing to show for it.
        let found = match holds {
            Holds::Yes => String::new(),
            _ => self.found,
        };
        Self { holds, found }
    }
}
