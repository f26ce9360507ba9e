//! One `[[step]]` of the front matter; its text comes from the body.

use super::condition::{ReadCheck, checks, conditions};
use super::fields::Fields;
use super::question::questions;
use super::report::Place;
use super::values::{Steps, id, time};
use super::vocabulary::{COMPARE, MISTAKE};
use crate::model::{Compare, Kind, Mistake, Step};

/// A step, and the places of what rules may say something about.
pub(crate) struct ReadStep {
    pub(crate) step: Step,
    /// Also of those that could not be read.
    pub(crate) has_checks: bool,
    /// Of its id.
    pub(crate) place: Place,
    /// Of the ids of its mistakes.
    pub(crate) mistakes: Vec<Place>,
    /// Of `compare`.
    pub(crate) compare: Place,
}

/// Reads a step without its texts; `None` when not even its id and kind are known.
pub(crate) fn read(fields: &Fields<'_>, steps: &Steps<'_>) -> Option<ReadStep> {
    let id_text = id(fields, "id");
    let kind: Option<Kind> = fields.word("kind");
    let settle = time(fields, "settle");
    let checks = checks(fields, steps);
    report_duplicates(fields, "check", checks.iter().map(ReadCheck::named));
    let mistakes = mistakes(fields, steps);
    report_duplicates(
        fields,
        "mistake",
        mistakes.iter().map(|(m, place)| (m.id.as_str(), place)),
    );
    let kind = kind?;
    report_useless(fields, kind);
    let step = Step {
        id: id_text?.text,
        kind,
        text: String::new(),
        hints: Vec::new(),
        reveal: None,
        hide: hidden(fields),
        settle,
        checks: checks.into_iter().map(|read| read.check).collect(),
        command: fields.string("try"),
        compare: compare(fields),
        note: fields.string("note"),
        note_needed: note_needed(fields),
        questions: if asks(kind) {
            questions(fields, kind)
        } else {
            Vec::new()
        },
        pass: None,
        mistakes: Vec::new(),
    };
    let pass = pass(fields, &step);
    let (mistakes, places) = mistakes.into_iter().unzip();
    Some(ReadStep {
        step: Step {
            pass,
            mistakes,
            ..step
        },
        has_checks: !fields.list("check").is_empty(),
        place: fields.at("id"),
        mistakes: places,
        compare: fields.at("compare"),
    })
}

impl ReadCheck {
    fn named(&self) -> (&str, &Place) {
        (&self.check.id, &self.place)
    }
}

/// Whether steps of this kind ask questions.
pub(crate) fn asks(kind: Kind) -> bool {
    matches!(kind, Kind::Predict | Kind::Quiz | Kind::Find)
}

/// Whether steps of this kind look at the world.
pub(crate) fn looks(kind: Kind) -> bool {
    matches!(kind, Kind::Do | Kind::Look)
}

/// Keys that say nothing in a step of another kind.
const BELONGS: [(&[&str], &[Kind], &str); 5] = [
    (
        &["check", "mistake", "settle"],
        &[Kind::Do, Kind::Look, Kind::Find],
        "`do`, `look` and `find` steps",
    ),
    (
        &[
            "question", "choices", "truth", "number", "contains", "live", "because",
        ],
        &[Kind::Predict, Kind::Quiz, Kind::Find],
        "`predict`, `quiz` and `find` steps",
    ),
    (
        &["hide"],
        &[Kind::Predict, Kind::Quiz, Kind::Find],
        "`predict`, `quiz` and `find` steps",
    ),
    (&["pass"], &[Kind::Quiz], "`quiz` steps"),
    (
        &["compare"],
        &[Kind::Explain, Kind::Do, Kind::Look, Kind::Reveal],
        "`explain`, `do`, `look` and `reveal` steps",
    ),
];

fn report_useless(fields: &Fields<'_>, kind: Kind) {
    for (keys, kinds, whose) in BELONGS {
        for key in keys.iter().filter(|key| fields.has(key)) {
            if !kinds.contains(&kind) {
                let message = format!("`{key}` says nothing in a step of this kind");
                fields.wrong(
                    key,
                    "says-nothing",
                    message,
                    &format!("it belongs to {whose}"),
                );
            }
        }
    }
}

fn report_duplicates<'i>(
    fields: &Fields<'_>,
    what: &str,
    ids: impl Iterator<Item = (&'i str, &'i Place)>,
) {
    let mut seen: Vec<(&str, &Place)> = Vec::new();
    for (id, place) in ids {
        match seen.iter().find(|(known, _)| *known == id) {
            None => seen.push((id, place)),
            Some((_, first)) => {
                let message = format!("two of the kind `{what}` are called `{id}`");
                let report = fields.report;
                let problem = report.error("duplicate-id", message, place, "again here");
                report.push(problem.beside(report.span(first), "first here"));
            }
        }
    }
}

fn mistakes(fields: &Fields<'_>, steps: &Steps<'_>) -> Vec<(Mistake, Place)> {
    let read = |fields: &Fields<'_>| {
        let (id, say, next) = (
            id(fields, "id"),
            fields.string("say"),
            fields.strings("next"),
        );
        let when = conditions(fields, "if", None, steps);
        let mistake = Mistake {
            id: id?.text,
            when,
            say: say?,
            next,
        };
        Some((mistake, fields.at("id")))
    };
    fields
        .all("mistake", &[MISTAKE])
        .iter()
        .filter_map(read)
        .collect()
}

fn hidden(fields: &Fields<'_>) -> Vec<crate::model::Hidden> {
    let values = fields.list("hide").into_iter();
    values
        .filter_map(|value| fields.word_of("hide", value))
        .collect()
}

fn compare(fields: &Fields<'_>) -> Option<Compare> {
    let value = fields.value("compare")?;
    if let Some(table) = value.get_ref().as_table() {
        let fields = Fields::open(table, fields.at("compare"), &[COMPARE], fields.report);
        let was = fields.strings("was");
        return Some(Compare {
            step: fields.string("step")?,
            was,
        });
    }
    Some(Compare {
        step: fields.string("compare")?,
        was: Vec::new(),
    })
}

fn note_needed(fields: &Fields<'_>) -> bool {
    let needed = fields.flag("note_needed").unwrap_or(false);
    if needed && !fields.has("note") {
        let message = "`note_needed` says nothing without `note`".to_owned();
        fields.wrong("note_needed", "says-nothing", message, "which note?");
    }
    needed
}

fn pass(fields: &Fields<'_>, step: &Step) -> Option<u16> {
    let most = u32::try_from(step.questions.len())
        .unwrap_or(u32::MAX)
        .max(1);
    let number = fields.whole("pass", 1..=most)?;
    u16::try_from(number).ok()
}
