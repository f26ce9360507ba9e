//! What somebody did, for themselves and for those who teach: a notebook, a report, and a class at one glance.

mod class;
mod html;
mod markdown;
#[cfg(test)]
mod tests;

pub use class::class_page;
pub use html::page;
pub use markdown::{notebook, report};

use crate::judge::Sight;
use crate::model::{Activity, Answer, Kind, Step};
use crate::progress::{Given, Mark, Progress, Record};
use crate::walk::{asked_words, said_words, truth_words};
use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// The format of the JSON form.
pub const FORMAT: u32 = 1;

/// Everything that one learner did in one course.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub format: u32,
    /// The version of the program.
    pub lab: String,
    pub course: String,
    #[serde(default)]
    pub learner: Option<String>,
    pub made: Timestamp,
    /// Guesses that had a right answer, and how many of them were it.
    pub guesses: u32,
    pub guesses_fitted: u32,
    /// Those that were begun, in the order of the course.
    pub activities: Vec<ActivityReport>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ActivityReport {
    pub id: String,
    pub title: String,
    #[serde(default)]
    pub started: Option<Timestamp>,
    #[serde(default)]
    pub finished: Option<Timestamp>,
    pub steps: Vec<StepReport>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StepReport {
    pub id: String,
    pub kind: String,
    #[serde(default)]
    pub shown: Option<Timestamp>,
    #[serde(default)]
    pub passed: Option<Timestamp>,
    /// From the first look to the pass.
    #[serde(default)]
    pub seconds: Option<u64>,
    /// Hints that were asked for, and how many there are.
    pub hints: u32,
    pub hints_of: u32,
    /// Guesses and answers, in the order of the questions.
    #[serde(default)]
    pub answers: Vec<AnswerReport>,
    /// What was measured, beside the guesses.
    #[serde(default)]
    pub was: Vec<String>,
    /// Answers that were not right.
    pub misses: u32,
    #[serde(default)]
    pub note: String,
    /// The solution was looked at before the pass.
    pub revealed: bool,
    pub skipped: bool,
    /// Something could not be seen, and was believed.
    pub trusted: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AnswerReport {
    pub ask: String,
    pub said: String,
    /// `None`: there is no right one.
    pub right: Option<bool>,
}

/// Draws the report up. `sight` lends words and values for placeholders in questions.
pub fn draw_up(
    activities: &[Activity],
    progress: &Progress,
    sight: Sight<'_>,
    lab: &str,
) -> Report {
    let begun = activities.iter().filter_map(|activity| {
        let record = progress.record(&activity.id)?;
        Some(of_activity(activity, record, sight))
    });
    let begun: Vec<ActivityReport> = begun.collect();
    let guesses = || {
        let steps = begun.iter().flat_map(|activity| &activity.steps);
        let guesses = steps.filter(|step| step.kind == "predict");
        guesses
            .flat_map(|step| &step.answers)
            .filter_map(|answer| answer.right)
    };
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Report {
        format: FORMAT,
        lab: lab.to_owned(),
        course: progress.course.clone(),
        learner: progress.learner.clone(),
        made: sight.facts.now,
        guesses: count(guesses().count()),
        guesses_fitted: count(guesses().filter(|right| *right).count()),
        activities: begun,
    }
}

fn of_activity(activity: &Activity, record: &Record, sight: Sight<'_>) -> ActivityReport {
    ActivityReport {
        id: activity.id.clone(),
        title: activity.title.clone(),
        started: record.started.map(|at| at.0),
        finished: record.finished.map(|at| at.0),
        steps: activity
            .steps
            .iter()
            .map(|step| of_step(step, record, sight))
            .collect(),
    }
}

fn of_step(step: &Step, record: &Record, sight: Sight<'_>) -> StepReport {
    let id = &step.id;
    let shown = record.shown.get(id).map(|at| at.0);
    let passed = record.steps.get(id).map(|at| at.0);
    let seconds = shown
        .zip(passed)
        .map(|(shown, passed)| crate::times::between(shown, passed).as_secs());
    StepReport {
        id: id.clone(),
        kind: step.kind.name().to_owned(),
        shown,
        passed,
        seconds,
        hints: record.hint.get(id).copied().unwrap_or(0),
        hints_of: u32::try_from(step.hints.len()).unwrap_or(u32::MAX),
        answers: answers(step, record, sight),
        was: record.was.get(id).cloned().unwrap_or_default(),
        misses: record.misses.get(id).copied().unwrap_or(0),
        note: record.note.get(id).cloned().unwrap_or_default(),
        revealed: record.revealed.contains(id),
        skipped: record.skipped.contains(id),
        trusted: record.trusted.contains(id),
    }
}

fn answers(step: &Step, record: &Record, sight: Sight<'_>) -> Vec<AnswerReport> {
    let given: Option<&Given> = match step.kind {
        Kind::Predict => record.guess.get(&step.id),
        _ => record.answer.get(&step.id),
    };
    let Some(given) = given else {
        return Vec::new();
    };
    let marks = record.marks.get(&step.id);
    let each = step.questions.iter().zip(given.all()).enumerate();
    each.map(|(at, (question, said))| {
        let said = said_words(question, said, sight);
        let right = match step.kind {
            Kind::Predict => guessed(&question.answer)
                .then(|| truth_words(question, sight).as_ref() == Some(&said)),
            _ => marks
                .and_then(|marks| marks.get(at))
                .map(|mark| *mark == Mark::Right),
        };
        AnswerReport {
            ask: asked_words(question, sight),
            said,
            right,
        }
    })
    .collect()
}

/// A guess that can turn out to be the true choice.
fn guessed(answer: &Answer) -> bool {
    match answer {
        Answer::One { truth, .. } => truth.is_some(),
        Answer::Several { .. } => true,
        Answer::Number { truth } => truth.is_some(),
        Answer::Words { .. } | Answer::Live { .. } => false,
    }
}

impl Report {
    /// Seconds spent: a step that was left open for longer counts half an hour.
    pub fn seconds(&self) -> u64 {
        const LONGEST: u64 = 1800;
        let steps = self.activities.iter().flat_map(|activity| &activity.steps);
        steps
            .filter_map(|step| step.seconds)
            .map(|seconds| seconds.min(LONGEST))
            .sum()
    }

    /// Different days on which a step was passed.
    pub fn days(&self, zone: &TimeZone) -> usize {
        let steps = self.activities.iter().flat_map(|activity| &activity.steps);
        let days = steps.filter_map(|step| Some(step.passed?.to_zoned(zone.clone()).date()));
        days.collect::<std::collections::BTreeSet<_>>().len()
    }
}
