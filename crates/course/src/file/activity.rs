//! A whole activity: its tables, and its steps joined with their texts.

use super::Beside;
use super::body::Section;
use super::condition::conditions;
use super::fields::{Fields, Text};
use super::play::{Named, solves, trials};
use super::report::{Place, Report};
use super::step::{self, ReadStep};
use super::values::{self, Steps, is_id};
use super::vocabulary::{ACTIVITY, ANSWER, START, STEP};
use crate::model::{Activity, Play, Start, Trial};
use diagnostics::nearest;
use toml::de::DeTable;

/// What was read, for the rules that look at the whole.
pub(crate) struct Read {
    pub(crate) activity: Option<Activity>,
    /// Of those steps that could be read.
    pub(crate) steps: Vec<ReadStep>,
    /// Of all of them, in order; empty for a step without one.
    pub(crate) ids: Vec<String>,
    pub(crate) solves: Vec<Named<Play>>,
    pub(crate) trials: Vec<Named<Trial>>,
    /// Of `id`, `needs` and `bridge`.
    pub(crate) references: References,
}

/// Places of what names activities.
#[derive(Clone, Debug, Default)]
pub(crate) struct References {
    pub(crate) id: Option<(String, Place)>,
    pub(crate) needs: Vec<(String, Place)>,
    pub(crate) bridge: Option<(String, Place)>,
}

/// Reads the front matter and gives each step its text.
pub(crate) fn read(
    table: &DeTable<'_>,
    sections: &[Section],
    beside: Beside<'_>,
    report: &Report,
) -> Read {
    let fields = Fields::open(table, report.head(), &[ACTIVITY], report);
    super::format(&fields);
    let ids = ids(&fields);
    let mut steps = read_steps(&fields, &ids);
    report_twice(&fields, &steps);
    for read in &mut steps {
        take_text(read, sections, report);
    }
    sections_without_step(sections, &ids, report);
    let (solves, trials) = (solves(&fields), trials(&fields));
    let references = references(&fields);
    let activity = activity(&fields, beside, &references).map(|activity| Activity {
        steps: steps.iter().map(|read| read.step.clone()).collect(),
        solve: solves.iter().map(|named| named.value.clone()).collect(),
        trials: trials.iter().map(|named| named.value.clone()).collect(),
        ..activity
    });
    Read {
        activity,
        steps,
        ids,
        solves,
        trials,
        references,
    }
}

/// The ids of the steps, before anything else of them is read: conditions may name a step.
fn ids(fields: &Fields<'_>) -> Vec<String> {
    // wrong types are reported when the steps are read
    let tables = fields
        .value("step")
        .and_then(|value| value.get_ref().as_array());
    let tables = tables.into_iter().flat_map(|list| list.iter());
    let id = |table: &DeTable<'_>| {
        Fields::peek(table, "id")?
            .get_ref()
            .as_str()
            .map(str::to_owned)
    };
    tables
        .filter_map(|value| value.get_ref().as_table())
        .map(|table| id(table).unwrap_or_default())
        .collect()
}

fn read_steps(fields: &Fields<'_>, ids: &[String]) -> Vec<ReadStep> {
    let tables = fields.all("step", &[STEP, ANSWER]);
    let read = |(at, fields): (usize, &Fields<'_>)| {
        let steps = Steps { ids, now: Some(at) };
        step::read(fields, &steps)
    };
    tables.iter().enumerate().filter_map(read).collect()
}

fn report_twice(fields: &Fields<'_>, steps: &[ReadStep]) {
    let report = fields.report;
    for (at, read) in steps.iter().enumerate() {
        let same = |other: &&ReadStep| other.step.id == read.step.id;
        if let Some(first) = steps[..at].iter().find(same) {
            let message = format!("two steps are called `{}`", read.step.id);
            let problem = report.error("duplicate-id", message, &read.place, "again here");
            report.push(problem.beside(report.span(&first.place), "first here"));
        }
    }
}

fn take_text(read: &mut ReadStep, sections: &[Section], report: &Report) {
    let id = &read.step.id;
    let section = sections.iter().find(|section| section.id == *id);
    let Some(section) = section else {
        let message = format!("step `{id}` has no text");
        let label = format!("nothing stands under `## {id}`");
        let problem = report.error("missing-text", message, &read.place, label);
        report.push(problem.next(format!("write below the front matter:  ## {id}")));
        return;
    };
    let hints = section.hints.iter().map(|hint| (hint, "hint"));
    let reveal = section.reveal.iter().map(|reveal| (reveal, "reveal"));
    for (piece, what) in hints.chain(reveal).chain([(&section.text, "text")]) {
        if piece.text.is_empty() {
            let message = format!("step `{id}` has an empty {what}");
            report.push(report.error(
                "missing-text",
                message,
                &piece.heading,
                "nothing stands below",
            ));
        }
    }
    read.step.text.clone_from(&section.text.text);
    read.step.hints = section.hints.iter().map(|hint| hint.text.clone()).collect();
    read.step.reveal = section.reveal.as_ref().map(|reveal| reveal.text.clone());
}

fn sections_without_step(sections: &[Section], ids: &[String], report: &Report) {
    for section in sections.iter().filter(|section| !ids.contains(&section.id)) {
        let label = match nearest(&section.id, ids.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean `## {meant}`?"),
            None => "no [[step]] has this id".to_owned(),
        };
        let message = format!("there is no step `{}`", section.id);
        let problem = report.error("unknown-step", message, &section.place, label);
        report.push(
            problem.why(
                "a heading `##` is the id of a step; inside a text, headings begin with `####`",
            ),
        );
    }
}

fn activity(fields: &Fields<'_>, beside: Beside<'_>, references: &References) -> Option<Activity> {
    let title = fields.string("title");
    let minutes = fields.whole("minutes", 1..=600);
    let start = start(fields, beside);
    Some(Activity {
        id: references.id.as_ref()?.0.clone(),
        title: title?,
        minutes: u16::try_from(minutes?).ok()?,
        needs: references.needs.iter().map(|(id, _)| id.clone()).collect(),
        bridge: references.bridge.as_ref().map(|(id, _)| id.clone()),
        start,
        steps: Vec::new(),
        solve: Vec::new(),
        trials: Vec::new(),
    })
}

/// Whether an activity can be called so: `3.3`, `slow-server`.
pub fn is_activity_id(id: &str) -> bool {
    id.split('.').all(is_id)
}

fn references(fields: &Fields<'_>) -> References {
    let named = |text: Text| (text.text, text.place);
    let id = fields.text("id");
    if let Some(text) = id.as_ref().filter(|text| !is_activity_id(&text.text)) {
        values::form(
            fields,
            "id",
            text,
            "small letters and digits, `.` and `-` between them: `3.3`, `slow-server`",
        );
    }
    References {
        id: id.map(named),
        needs: fields.texts("needs").into_iter().map(named).collect(),
        bridge: fields.text("bridge").map(named),
    }
}

fn start(activity: &Fields<'_>, beside: Beside<'_>) -> Start {
    let Some(value) = activity.value("start") else {
        return Start::default();
    };
    let Some(table) = value.get_ref().as_table() else {
        activity.wrong_type("start", "a table: [start]", value);
        return Start::default();
    };
    let fields = Fields::open(table, activity.at("start"), &[START], activity.report);
    let nowhere = Steps {
        ids: &[],
        now: None,
    };
    let config = conditions(&fields, "config", Some("config"), &nowhere);
    if fields.has("config") && !fields.has("fallback") {
        fields.missing(
            "fallback",
            "the file that is written when the learner's own says something else",
        );
    }
    let servers = fields.whole("servers", 0..=64).unwrap_or(0);
    Start {
        servers: u16::try_from(servers).unwrap_or(0),
        balancer: fields.flag("balancer").unwrap_or(false),
        nameserver: fields.flag("nameserver").unwrap_or(false),
        config,
        fallback: fallback(&fields, beside),
    }
}

fn fallback(fields: &Fields<'_>, beside: Beside<'_>) -> Option<String> {
    let path = fields.string("fallback")?;
    match beside(&path).map(String::from_utf8) {
        Some(Ok(text)) => return Some(text),
        Some(Err(_)) => {
            let message = format!("{path} is not text");
            fields.wrong("fallback", "bad-file", message, "it must be UTF-8");
        }
        None => {
            let message = format!("there is no file {path}");
            fields.wrong(
                "fallback",
                "missing-file",
                message,
                "looked for from this file's folder",
            );
        }
    }
    None
}
