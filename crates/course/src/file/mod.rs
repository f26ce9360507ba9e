//! A lab file: its text to a [`crate::model::Activity`], and every mistake in it with its place.
//!
//! The stages, in the order of the modules: the file is split in two, the front matter is read table by table with the
//! place of every value, the body gives the steps their texts, rules look at the whole.

pub(crate) mod front;

mod activity;
pub(crate) mod body;
mod condition;
pub(crate) mod fields;
mod form;
mod play;
mod question;
pub(crate) mod report;
pub(crate) mod rules;
mod step;
mod values;
pub mod verbs;
pub mod vocabulary;

pub use activity::is_activity_id;
pub use form::Form;

use crate::model::Activity;
use activity::References;
use diagnostics::{Diagnostic, Severity, SourceId, Sources, Span};
use report::Report;
use toml::de::DeTable;

/// Gives the bytes of a file that lies beside the lab file, by its path from there; `None` where there is none.
pub type Beside<'a> = &'a dyn Fn(&str) -> Option<Vec<u8>>;

/// What became of a lab file.
#[derive(Debug)]
pub struct Parsed {
    /// `None` when there is an error among the diagnostics.
    pub activity: Option<Activity>,
    /// In the order of their places.
    pub diagnostics: Vec<Diagnostic>,
    pub outline: Outline,
    /// What names activities, itself included.
    pub(crate) references: References,
    pub(crate) source: SourceId,
}

impl Parsed {
    pub fn has_errors(&self) -> bool {
        is_wrong(&self.diagnostics)
    }

    /// Also of a file with errors, where it can be read.
    pub fn id(&self) -> Option<&str> {
        self.references.id.as_ref().map(|(id, _)| id.as_str())
    }

    pub(crate) fn span(&self, place: &report::Place) -> Span {
        Report::new(self.source, 0).span(place)
    }
}

pub(crate) fn is_wrong(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|d| d.severity == Severity::Error)
}

/// How much is in a lab file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    pub steps: usize,
    /// For each step that has some.
    pub hints: Vec<usize>,
    pub mistakes: usize,
    pub trials: usize,
}

/// Reads a lab file; all mistakes are reported at once.
pub fn parse(sources: &Sources, id: SourceId, beside: Beside<'_>) -> Parsed {
    let text = &sources.get(id).text;
    let parts = match front::split(text) {
        Ok(parts) => parts,
        Err(missing) => return without_front_matter(id, text, missing),
    };
    let report = Report::new(id, parts.front.start);
    let front = &text[parts.front.clone()];
    let (table, errors) = DeTable::parse_recoverable(front);
    let sections = body::sections(text, parts.body.clone(), &report);
    for error in &errors {
        not_toml(front, error, &report);
    }
    rules::text::body(text, parts.body, beside, &report);
    // What the parser guessed behind a broken place would only be called wrong for the wrong reason.
    if !errors.is_empty() {
        return finish(id, None, Outline::default(), References::default(), report);
    }
    rules::text::front(text, table.get_ref(), rules::text::is_prose, &report);
    let read = activity::read(table.get_ref(), &sections, beside, &report);
    rules::steps::all(&read, &sections, &report);
    rules::plays::all(&read, &report);
    finish(
        id,
        read.activity.clone(),
        outline(&read),
        read.references,
        report,
    )
}

fn finish(
    source: SourceId,
    activity: Option<Activity>,
    outline: Outline,
    references: References,
    report: Report,
) -> Parsed {
    let diagnostics = report.into_problems();
    Parsed {
        activity: activity.filter(|_| !is_wrong(&diagnostics)),
        diagnostics,
        outline,
        references,
        source,
    }
}

fn outline(read: &activity::Read) -> Outline {
    let hints = read.steps.iter().map(|read| read.step.hints.len());
    Outline {
        steps: read.ids.len(),
        hints: hints.filter(|count| *count > 0).collect(),
        mistakes: read.steps.iter().map(|read| read.step.mistakes.len()).sum(),
        trials: read.trials.len(),
    }
}

fn without_front_matter(source: SourceId, text: &str, missing: front::Missing) -> Parsed {
    let report = Report::new(source, 0);
    no_front_matter(text, missing, &report);
    finish(
        source,
        None,
        Outline::default(),
        References::default(),
        report,
    )
}

pub(crate) fn no_front_matter(text: &str, missing: front::Missing, report: &Report) {
    let first = text.lines().next().unwrap_or_default().len();
    let (message, label) = match missing {
        front::Missing::Begin => (
            "this file has no front matter",
            "the first line must be `+++`",
        ),
        front::Missing::End => (
            "the front matter has no end",
            "no line `+++` comes after this one",
        ),
    };
    let problem = report.error("no-front-matter", message, &(0..first), label);
    report.push(
        problem
            .why("a lab file begins with TOML between two lines `+++`")
            .next("a whole one to begin with:  lab eject lab NAME"),
    );
}

/// The version of the form: a file of a later one is not read by guessing.
pub(crate) fn format(fields: &fields::Fields<'_>) {
    let Some(value) = fields.value("format") else {
        return;
    };
    if value
        .get_ref()
        .as_integer()
        .is_none_or(|number| number.as_str() != "1")
    {
        let message = "this version of lab reads `format = 1`".to_owned();
        fields.wrong("format", "unknown-format", message, "another one");
    }
}

pub(crate) fn not_toml(front: &str, error: &toml::de::Error, report: &Report) {
    let span = error.span().unwrap_or(0..0);
    let place = floor(front, span.start)..floor(front, span.end.max(span.start));
    let message = format!("this is not TOML: {}", error.message());
    let problem = report.error("bad-toml", message, &report.in_file(place), "");
    report
        .push(problem.why(
            "TOML is `key = value` lines under [table] and [[list]] headers, texts in quotes",
        ));
}

/// The parser may point at the end of the text, or into the middle of a letter.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// What was meant by an unknown name.
pub(crate) fn nearest_label<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    match diagnostics::nearest(name, known) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "not known here".to_owned(),
    }
}
