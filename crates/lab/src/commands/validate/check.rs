//! The files of a place, and everything that is found in them.

use super::Place;
use crate::course::FOLDER;
use crate::exit::Exit;
use crate::problem::{Problem, Result};
use course::catalog::{Catalog, FileKind, LabFile, Layer};
use diagnostics::{Diagnostic, Severity, Sources, Style, full};
use haproxy_config::Environment;
use std::path::Path;

/// What was found in all files.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) files: Vec<Checked>,
}

/// What was found in one file.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) findings: Vec<Finding>,
}

#[derive(Debug)]
pub(super) enum Kind {
    Lab(FileKind),
    /// A file for the balancer.
    Configuration,
}

/// One problem, with its place already drawn.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) problem: Diagnostic,
    /// From 1; 0 where the whole file is meant.
    pub(super) line: usize,
    pub(super) column: usize,
    /// The line with carets under the place, why, and what next.
    pub(super) drawn: String,
}

impl Outcome {
    pub(super) fn count(&self, severity: Severity) -> usize {
        let findings = self.files.iter().flat_map(|file| &file.findings);
        findings
            .filter(|finding| finding.problem.severity == severity)
            .count()
    }

    pub(super) fn exit(&self) -> Exit {
        match self.count(Severity::Error) {
            0 => Exit::Done,
            _ => Exit::FileWrong,
        }
    }
}

pub(super) fn all(places: &[Place]) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    for place in places {
        let layers = place.layers()?;
        let before = outcome.files.len();
        outcome.files.extend(labs(place, &layers));
        outcome.files.extend(configurations(place, &layers));
        if outcome.files.len() == before {
            return Err(nothing_to_check(place));
        }
    }
    Ok(outcome)
}

/// "0 errors" would be taken for praise.
fn nothing_to_check(place: &Place) -> Problem {
    let problem = match (&place.only, &place.folder) {
        (Some(file), _) => {
            Problem::new("no-lab-file", Exit::Usage, format!("{file} is no lab file")).why(
                "a lab file is called NAME.md, its translation NAME.es.md, the course course.toml",
            )
        }
        (None, folder) => {
            let folder = folder.as_deref().unwrap_or(Path::new(FOLDER)).display();
            Problem::new(
                "no-lab-file",
                Exit::Usage,
                format!("there is no lab file in {folder}"),
            )
        }
    };
    problem.next("one to begin with:  lab eject lab NAME")
}

fn labs(place: &Place, layers: &[Layer]) -> Vec<Checked> {
    let last = layers.len() - 1;
    let prefix = format!("{}/", layers[last].name);
    let catalog = Catalog::read(layers, None);
    let is_meant = |file: &LabFile| {
        let path = file.name.strip_prefix(&prefix).unwrap_or(&file.name);
        file.layer == last && place.holds(path)
    };
    let sources = catalog.sources;
    let files = catalog.files.into_iter().filter(is_meant);
    let checked = |file: LabFile| Checked {
        findings: findings(file.diagnostics, &sources),
        name: file.name,
        kind: Kind::Lab(file.kind),
    };
    files.map(checked).collect()
}

/// Every `.cfg` of the folder: only errors are of interest, what HAProxy merely remarks may be a lesson.
fn configurations(place: &Place, layers: &[Layer]) -> Vec<Checked> {
    let layer = &layers[layers.len() - 1];
    let files = layer.files.iter();
    let files = files.filter(|(path, _)| path.ends_with(".cfg") && place.holds(path));
    let checked = |(path, bytes): (&String, &Vec<u8>)| {
        let name = format!("{}/{path}", layer.name);
        let mut sources = Sources::new();
        sources.add(name.as_str(), String::from_utf8_lossy(bytes));
        let parsed = haproxy_config::parse(&sources, &Environment::default());
        let mut problems = parsed.diagnostics;
        problems.retain(|problem| problem.severity == Severity::Error);
        Checked {
            findings: findings(problems, &sources),
            name,
            kind: Kind::Configuration,
        }
    };
    files.map(checked).collect()
}

fn findings(problems: Vec<Diagnostic>, sources: &Sources) -> Vec<Finding> {
    let found = |problem: Diagnostic| {
        let place = problem
            .labels
            .first()
            .map(|label| sources.location(label.span));
        Finding {
            line: place.map_or(0, |place| place.line),
            column: place.map_or(0, |place| place.column),
            drawn: drawn(&problem, sources),
            problem,
        }
    };
    let mut found: Vec<Finding> = problems.into_iter().map(found).collect();
    // errors first: warnings are for later
    found.sort_by_key(|finding| std::cmp::Reverse(finding.problem.severity));
    found
}

/// The quoted lines, why and what next: the first lines, what and where, stand in a line of our own.
fn drawn(problem: &Diagnostic, sources: &Sources) -> String {
    let text = full(problem, sources, Style::PLAIN);
    let heads = if problem.labels.is_empty() { 1 } else { 2 };
    text.lines().skip(heads).collect::<Vec<_>>().join("\n")
}
