//! What was found, for people and for programs.

use super::check::{Checked, Finding, Kind, Outcome};
use course::catalog::FileKind;
use course::file::Outline;
use diagnostics::Severity;
use serde_json::{Value, json};
use std::fmt::Write;

/// Below `  error  `.
const INDENT: usize = 9;

pub(super) fn text(outcome: &Outcome, only_problems: bool) -> String {
    let mut text = String::new();
    for file in &outcome.files {
        if !(only_problems && file.findings.is_empty()) {
            file_text(file, &mut text);
        }
    }
    let errors = number(outcome.count(Severity::Error), "error");
    let warnings = number(outcome.count(Severity::Warning), "warning");
    let files = number(outcome.files.len(), "file");
    let _ = writeln!(text, "{errors}, {warnings} in {files}");
    text
}

fn file_text(file: &Checked, text: &mut String) {
    let _ = writeln!(text, "{}", file.name);
    for line in ok_lines(file) {
        let _ = writeln!(text, "  ok     {line}");
    }
    for finding in &file.findings {
        finding_text(finding, text);
    }
}

fn finding_text(finding: &Finding, text: &mut String) {
    let problem = &finding.problem;
    let head = if problem.severity == Severity::Error {
        "error"
    } else {
        "warn"
    };
    let place = match finding.line {
        0 => String::new(),
        line => format!("line {line}: "),
    };
    let _ = writeln!(text, "  {head:<6} {place}{}", problem.message);
    if problem.severity != Severity::Error {
        return;
    }
    for line in finding.drawn.lines() {
        let _ = writeln!(text, "{:INDENT$}{line}", "");
    }
}

/// Codes of what the second line says is not there.
const COMPLETE: [&str; 5] = [
    "missing-text",
    "missing-check",
    "missing-key",
    "empty-text",
    "lost-text",
];

fn ok_lines(file: &Checked) -> Vec<String> {
    let has_errors = file
        .findings
        .iter()
        .any(|f| f.problem.severity == Severity::Error);
    let incomplete = file
        .findings
        .iter()
        .any(|f| COMPLETE.contains(&f.problem.code));
    let lab = match &file.kind {
        Kind::Configuration | Kind::Lab(FileKind::Course) if has_errors => return Vec::new(),
        Kind::Configuration => return vec!["a configuration without errors".to_owned()],
        Kind::Lab(FileKind::Course) => return vec!["every entry is there".to_owned()],
        Kind::Lab(
            FileKind::Translation {
                translated, texts, ..
            }
            | FileKind::Sentences {
                translated, texts, ..
            },
        ) => {
            return vec![format!("{translated} of {texts} texts")];
        }
        Kind::Lab(FileKind::Activity { outline, .. }) => outline,
    };
    if lab.steps == 0 {
        return Vec::new();
    }
    let mut lines = vec![outline(lab)];
    if !incomplete {
        lines.push("every step has text; every `do` and `look` has a check; every check says itself in words".to_owned());
    }
    lines
}

/// `front matter, 6 steps, 3 + 2 hints, 5 mistakes, 5 trials`.
fn outline(outline: &Outline) -> String {
    let hints: Vec<String> = outline.hints.iter().map(usize::to_string).collect();
    let hints = match outline.hints.as_slice() {
        [] => "no hints".to_owned(),
        [one] => number(*one, "hint"),
        _ => format!("{} hints", hints.join(" + ")),
    };
    format!(
        "front matter, {}, {hints}, {}, {}",
        number(outline.steps, "step"),
        number(outline.mistakes, "mistake"),
        number(outline.trials, "trial")
    )
}

fn number(count: usize, what: &str) -> String {
    crate::ui::words::count(count as u64, what)
}

pub(super) fn json(outcome: &Outcome) -> Value {
    let files: Vec<Value> = outcome.files.iter().map(file_json).collect();
    json!({
        "files": files,
        "errors": outcome.count(Severity::Error),
        "warnings": outcome.count(Severity::Warning),
    })
}

fn file_json(file: &Checked) -> Value {
    let problems: Vec<Value> = file.findings.iter().map(finding_json).collect();
    let mut value = match &file.kind {
        Kind::Configuration => json!({ "kind": "configuration" }),
        Kind::Lab(FileKind::Course) => json!({ "kind": "course" }),
        Kind::Lab(FileKind::Translation {
            of,
            lang,
            translated,
            texts,
        }) => json!({
            "kind": "translation", "of": of, "lang": lang, "translated": translated, "texts": texts,
        }),
        Kind::Lab(FileKind::Sentences {
            lang,
            translated,
            texts,
        }) => json!({
            "kind": "sentences", "lang": lang, "translated": translated, "texts": texts,
        }),
        Kind::Lab(FileKind::Activity { id, outline }) => json!({
            "kind": "activity", "id": id, "steps": outline.steps, "hints": outline.hints,
            "mistakes": outline.mistakes, "trials": outline.trials,
        }),
    };
    value["file"] = json!(file.name);
    value["problems"] = json!(problems);
    value
}

fn finding_json(finding: &Finding) -> Value {
    let problem = &finding.problem;
    json!({
        "code": problem.code,
        "severity": if problem.severity == Severity::Error { "error" } else { "warning" },
        "line": finding.line,
        "column": finding.column,
        "what": problem.message,
        "why": problem.why,
        "next": problem.next,
    })
}
