//! A walk through an activity: where it stands, what can be done there, what is shown.
//!
//! A walk holds nothing of its own: all of it is in the [`Record`] of the activity, so it can be left at any moment and
//! gone on with from another terminal. It never goes on by itself.

mod act;
mod answer;
mod entry;
mod overview;
mod screen;
#[cfg(test)]
mod tests;

pub use act::{Action, Outcome, Reply};
pub(crate) use answer::{truth as truth_words, words as said_words};
pub use overview::{Listed, Overview, StateOf, hidden, overview};
pub(crate) use screen::ask as asked_words;
pub use screen::{Answered, Asked, Choice, Comparison, HintGiven, Key, Note, Screen, Stage};
#[cfg(test)]
pub(crate) use tests::sample_activity;

use crate::facts::Facts;
use crate::judge::{self, Moments, Sight, TickState, Verdict, fill};
use crate::model::{Activity, Kind, Rules, Step, What};
use crate::progress::{At, Current, Progress, Record};
use crate::words::Words;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeSet;

/// The world, and whom it is told to.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    pub facts: &'a Facts,
    pub words: &'a Words,
    pub zone: &'a TimeZone,
    /// The terminal in which the walk itself is shown.
    pub terminal: Option<&'a str>,
}

/// One activity and one learner.
pub struct Walk<'a> {
    activity: &'a Activity,
    progress: &'a mut Progress,
    rules: Rules,
    at: usize,
}

/// Where a walk is to begin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The number (from 1) or id of a step; where it was left without.
    pub step: Option<String>,
    /// Forgets what was done in this activity.
    pub restart: bool,
}

/// There is no such step; the ids of those that are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoSuchStep(pub Vec<String>);

impl<'a> Walk<'a> {
    /// Opens an activity where it was left, or where `entry` says.
    ///
    /// # Errors
    /// When it has no such step.
    pub fn open(
        activity: &'a Activity,
        progress: &'a mut Progress,
        rules: Rules,
        entry: &Entry,
        now: Timestamp,
    ) -> Result<Self, NoSuchStep> {
        let wanted = match &entry.step {
            None => None,
            Some(step) => Some(find(activity, step)?),
        };
        if entry.restart {
            progress.activities.remove(&activity.id);
            progress.current = None;
        }
        let at = wanted.unwrap_or_else(|| left_at(activity, progress));
        Ok(Self::stand(activity, progress, rules, at, now))
    }

    /// Goes on with the open activity; `None` when another one, or none, is open.
    pub fn resume(
        activity: &'a Activity,
        progress: &'a mut Progress,
        rules: Rules,
        now: Timestamp,
    ) -> Option<Self> {
        progress
            .current
            .as_ref()
            .filter(|current| current.activity == activity.id)?;
        // Not always where it was: it was put back to its start, or its file has lost the step that was open.
        let at = left_at(activity, progress);
        Some(Self::stand(activity, progress, rules, at, now))
    }

    fn stand(
        activity: &'a Activity,
        progress: &'a mut Progress,
        rules: Rules,
        at: usize,
        now: Timestamp,
    ) -> Self {
        let record = progress.activities.entry(activity.id.clone()).or_default();
        record.started.get_or_insert(At(now));
        let mut walk = Self {
            activity,
            progress,
            rules,
            at,
        };
        walk.enter(at, now);
        walk
    }

    /// Looks at the world: ticks that stay are kept, and a step whose boxes all hold is passed. Tells whether anything
    /// was noted.
    pub fn look(&mut self, look: Look<'_>) -> (Verdict, bool) {
        let moments = self.moments(look);
        let sight = sight(look, &moments);
        let verdict = self.verdict(sight);
        let mut noted = false;
        for (tick, check) in verdict.boxes.iter().zip(&self.step().checks) {
            if tick.state == TickState::Ticked && judge::stays(&check.condition) {
                let id = self.step().id.clone();
                noted |= self
                    .record_mut()
                    .ticks
                    .entry(id)
                    .or_default()
                    .insert(tick.id.clone());
            }
        }
        if verdict.passed && !self.has_passed() {
            self.pass(sight);
            noted = true;
        }
        (verdict, noted)
    }

    /// What is shown now.
    pub fn screen(&self, look: Look<'_>) -> Screen {
        let moments = self.moments(look);
        screen::build(self, sight(look, &moments))
    }

    pub fn activity(&self) -> &Activity {
        self.activity
    }

    pub fn step(&self) -> &'a Step {
        &self.activity.steps[self.at]
    }

    /// The number of the step, from 1.
    pub fn number(&self) -> usize {
        self.at + 1
    }

    pub fn has_passed(&self) -> bool {
        self.record().has_passed(&self.step().id)
    }

    fn record(&self) -> &Record {
        self.progress
            .record(&self.activity.id)
            .expect("it was made when the activity was opened")
    }

    fn record_mut(&mut self) -> &mut Record {
        self.progress
            .activities
            .entry(self.activity.id.clone())
            .or_default()
    }

    /// Stands at a step: from now on things count for it, if it is seen for the first time.
    fn enter(&mut self, at: usize, now: Timestamp) {
        self.at = at;
        let step = self.step().id.clone();
        self.record_mut()
            .shown
            .entry(step.clone())
            .or_insert(At(now));
        self.progress.current = Some(Current {
            activity: self.activity.id.clone(),
            step,
        });
    }

    fn moments(&self, look: Look<'_>) -> Moments {
        let record = self.record();
        let times = |all: &std::collections::BTreeMap<String, At>| {
            all.iter().map(|(id, at)| (id.clone(), at.0)).collect()
        };
        let mut moments = Moments {
            began: record.started.map_or(look.facts.now, |at| at.0),
            step: self.step().id.clone(),
            shown: times(&record.shown),
            passed: times(&record.steps),
            terminal: look.terminal.map(str::to_owned),
            window: judge::Window::default(),
        };
        moments.window = fill::window(self.activity, &moments);
        moments
    }

    /// The state of the boxes; once the step is passed they are all ticked.
    fn verdict(&self, sight: Sight<'_>) -> Verdict {
        let step = self.step();
        let kept: BTreeSet<String> = match self.has_passed() {
            true => step.checks.iter().map(|check| check.id.clone()).collect(),
            false => self
                .record()
                .ticks
                .get(&step.id)
                .cloned()
                .unwrap_or_default(),
        };
        judge::step(step, sight, &kept)
    }

    /// Notes that the step is passed, since when, and what was measured.
    fn pass(&mut self, sight: Sight<'_>) {
        let step = self.step();
        let at = At(passed_at(step, sight));
        let was: Vec<String> = match &step.compare {
            Some(compare) => compare
                .was
                .iter()
                .map(|was| fill::fill(was, sight))
                .collect(),
            None => Vec::new(),
        };
        let record = self.record_mut();
        record.steps.entry(step.id.clone()).or_insert(at);
        if !was.is_empty() {
            record.was.entry(step.id.clone()).or_insert(was);
        }
    }
}

fn sight<'a>(look: Look<'a>, moments: &'a Moments) -> Sight<'a> {
    Sight {
        facts: look.facts,
        moments,
        words: look.words,
        zone: look.zone,
    }
}

/// A step by its number, from 1, or by its id.
fn find(activity: &Activity, step: &str) -> Result<usize, NoSuchStep> {
    let by_id = activity.steps.iter().position(|known| known.id == step);
    let by_number = || {
        let number = step.parse::<usize>().ok()?.checked_sub(1)?;
        (number < activity.steps.len()).then_some(number)
    };
    by_id
        .or_else(by_number)
        .ok_or_else(|| NoSuchStep(activity.steps.iter().map(|step| step.id.clone()).collect()))
}

/// The step where the learner stands: the current one, or the first that is not passed.
fn left_at(activity: &Activity, progress: &Progress) -> usize {
    let position = |id: &str| activity.steps.iter().position(|step| step.id == id);
    let here = progress
        .current
        .as_ref()
        .filter(|current| current.activity == activity.id);
    if let Some(at) = here.and_then(|current| position(&current.step)) {
        return at;
    }
    let record = progress.record(&activity.id);
    let open = |step: &Step| !record.is_some_and(|record| record.has_passed(&step.id));
    activity.steps.iter().position(open).unwrap_or(0)
}

/// When a step was passed: what a step asked to be done was done when the world changed, not when somebody looked.
fn passed_at(step: &Step, sight: Sight<'_>) -> Timestamp {
    use crate::facts::Happened;
    let things = |what: &What| {
        matches!(
            what,
            What::Port { .. } | What::Config { .. } | What::Loaded { .. } | What::Health { .. }
        )
    };
    let only_things = step.kind == Kind::Do
        && step
            .checks
            .iter()
            .all(|check| things(&check.condition.what));
    let change = |what: &Happened| {
        !matches!(
            what,
            Happened::Request(_) | Happened::Dns { .. } | Happened::Counters { .. }
        )
    };
    let shown = sight
        .moments
        .shown
        .get(&step.id)
        .copied()
        .unwrap_or(sight.facts.now);
    let last = sight
        .facts
        .events
        .iter()
        .rev()
        .find(|event| change(&event.what));
    match last {
        Some(event) if only_things => event
            .time
            .clamp(shown.min(sight.facts.now), sight.facts.now),
        _ => sight.facts.now,
    }
}
