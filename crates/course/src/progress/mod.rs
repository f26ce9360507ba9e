//! `.lab/progress.toml`: what a learner has done, by the ids of steps.
//!
//! An id that no lab knows any more is kept, and so is every key of a later version of the same format.

mod read;
#[cfg(test)]
mod tests;
mod write;

pub use read::Unreadable;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The format that is read and written.
pub const FORMAT: i64 = 1;

/// The whole file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    #[serde(default)]
    pub course: String,
    /// The learner's name, where a class asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learner: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<Current>,
    #[serde(skip)]
    pub activities: BTreeMap<String, Record>,
    /// Keys that this version does not know. (Not by `flatten`, which loses the kind of a date.)
    #[serde(skip)]
    rest: toml::Table,
}

/// Where the learner is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Current {
    pub activity: String,
    pub step: String,
}

/// What was done in one activity. All maps are by the ids of its steps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<At>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<At>,
    /// When each was passed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub steps: BTreeMap<String, At>,
    /// When each was first shown.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub shown: BTreeMap<String, At>,
    /// What was guessed: a letter, a number, words; `?` for "I do not know".
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub guess: BTreeMap<String, Given>,
    /// What was answered in a quiz, or found.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answer: BTreeMap<String, Given>,
    /// What became of those answers, in the same order.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub marks: BTreeMap<String, Vec<Mark>>,
    /// Tries that were not right.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub misses: BTreeMap<String, u32>,
    /// Checks whose tick stays; see [`crate::judge::stays`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ticks: BTreeMap<String, BTreeSet<String>>,
    /// "It was", as it was measured when the step was passed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub was: BTreeMap<String, Vec<String>>,
    /// Lines for the notebook; empty where it was asked for and left out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub note: BTreeMap<String, String>,
    /// Hints that were asked for, all steps together.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub hints: u32,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub hint: BTreeMap<String, u32>,
    /// Steps whose reveal was looked at before they were passed.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub revealed: BTreeSet<String>,
    /// Steps that were passed over.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub skipped: BTreeSet<String>,
    /// Steps where something could not be seen, and the learner's word was taken.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub trusted: BTreeSet<String>,
    #[serde(skip)]
    rest: toml::Table,
}

/// One answer, or one for each question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Given {
    One(String),
    Each(Vec<String>),
}

/// What became of an answer in a quiz.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    Right,
    /// It may be tried again.
    Missed,
    /// The learner asked to be told.
    Told,
}

/// A moment; in the file a TOML date and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct At(pub Timestamp);

impl Given {
    pub fn all(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Each(each) => each,
        }
    }

    /// The answer to the question with this number, from 0.
    pub fn at(&self, question: usize) -> Option<&str> {
        self.all().get(question).map(String::as_str)
    }

    /// Sets the answer to a question; those before it must be there, otherwise they become empty.
    pub(crate) fn set(given: Option<Self>, question: usize, answer: String) -> Self {
        let mut all = given.map_or_else(Vec::new, |given| given.all().to_vec());
        if all.len() <= question {
            all.resize(question + 1, String::new());
        }
        all[question] = answer;
        match <[String; 1]>::try_from(all) {
            Ok([one]) => Self::One(one),
            Err(all) => Self::Each(all),
        }
    }
}

impl Record {
    /// The keys of the fields.
    const KEYS: [&str; 16] = [
        "started", "finished", "steps", "shown", "guess", "answer", "marks", "misses", "ticks",
        "was", "note", "hints", "hint", "revealed", "skipped", "trusted",
    ];

    pub fn has_passed(&self, step: &str) -> bool {
        self.steps.contains_key(step)
    }
}

impl Progress {
    /// The keys of the fields, `format` and the activities with them.
    const KEYS: [&str; 5] = ["format", "course", "learner", "current", "activity"];

    /// The file of somebody who begins a course.
    pub fn new(course: &str) -> Self {
        Self {
            course: course.to_owned(),
            ..Self::default()
        }
    }

    pub fn record(&self, activity: &str) -> Option<&Record> {
        self.activities.get(activity)
    }

    pub fn has_finished(&self, activity: &str) -> bool {
        self.record(activity)
            .is_some_and(|record| record.finished.is_some())
    }
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}
