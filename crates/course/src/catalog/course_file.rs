//! `course.toml`: the order of a course, and the rules of a class.

use super::Lab;
use crate::file::fields::Fields;
use crate::file::report::{Place, Report};
use crate::file::vocabulary::{COURSE, ENTRY, RULES};
use crate::file::{self, nearest_label};
use crate::model::{Course, Entry, Group, RevealRule, Rules};
use diagnostics::{Diagnostic, SourceId, Sources, Span};
use toml::de::DeTable;

/// The file, read.
pub(super) struct CourseFile {
    pub(super) layer: usize,
    pub(super) name: String,
    pub(super) course: Course,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// Of the ids of its entries.
    places: Vec<Span>,
}

impl CourseFile {
    pub(super) fn read(layer: usize, name: String, id: SourceId, sources: &Sources) -> Self {
        let text = &sources.get(id).text;
        let report = Report::new(id, 0);
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            file::not_toml(text, error, &report);
        }
        let mut entries = Vec::new();
        let mut course = Course::default();
        if errors.is_empty() {
            let fields = Fields::open(table.get_ref(), 0..0, &[COURSE], &report);
            file::format(&fields);
            entries = read_entries(&fields);
            course = Course {
                id: fields.string("id").unwrap_or_default(),
                title: fields.string("title").unwrap_or_default(),
                rules: rules(&fields),
                entries: Vec::new(),
            };
        }
        report_twice(&entries, &report);
        let places = entries
            .iter()
            .map(|(_, place)| report.span(place))
            .collect();
        course.entries = entries.into_iter().map(|(entry, _)| entry).collect();
        Self {
            layer,
            name,
            course,
            diagnostics: report.into_problems(),
            places,
        }
    }

    /// Entries that no file is there for.
    pub(super) fn report_unknown(&mut self, labs: &[Lab]) {
        let known = || labs.iter().filter_map(Lab::id);
        for (entry, span) in self.course.entries.iter().zip(&self.places) {
            if !known().any(|id| id == entry.id) {
                let message = format!("there is no activity `{}`", entry.id);
                let label = nearest_label(&entry.id, known());
                let problem = Diagnostic::error("unknown-activity", message).at(*span, label);
                self.diagnostics.push(problem);
            }
        }
        self.course
            .entries
            .retain(|entry| known().any(|id| id == entry.id));
    }
}

fn read_entries(fields: &Fields<'_>) -> Vec<(Entry, Place)> {
    let read = |fields: &Fields<'_>| {
        let group = fields.word("group").unwrap_or(Group::Activity);
        let id = fields.text("id")?;
        Some((Entry { id: id.text, group }, id.place))
    };
    fields
        .all("entry", &[ENTRY])
        .iter()
        .filter_map(read)
        .collect()
}

fn report_twice(entries: &[(Entry, Place)], report: &Report) {
    for (at, (entry, place)) in entries.iter().enumerate() {
        if let Some((_, first)) = entries[..at].iter().find(|(known, _)| known.id == entry.id) {
            let message = format!("`{}` is listed twice", entry.id);
            let problem = report.error("duplicate-id", message, place, "again here");
            report.push(problem.beside(report.span(first), "first here"));
        }
    }
}

fn rules(course: &Fields<'_>) -> Rules {
    let usual = Rules::default();
    let Some(value) = course.value("rules") else {
        return usual;
    };
    let Some(table) = value.get_ref().as_table() else {
        course.wrong_type("rules", "a table: [rules]", value);
        return usual;
    };
    let fields = Fields::open(table, course.at("rules"), &[RULES], course.report);
    Rules {
        reveal: fields.word::<RevealRule>("reveal").unwrap_or(usual.reveal),
        skip: fields.flag("skip").unwrap_or(usual.skip),
        name: fields.flag("name").unwrap_or(usual.name),
    }
}
