//! The same fixtures through the installed HAProxy: same verdict, same words.
//!
//! A fixture that begins with `# differs: REASON` is one where we part from HAProxy on purpose.

use crate::data::{Fixture, all};
use diagnostics::{Sources, one_line};
use haproxy_config::{Environment, parse};
use std::process::Command;

#[test]
fn haproxy_agrees() {
    if Command::new("haproxy").arg("-v").output().is_err() {
        println!("skipped: oracle::haproxy_agrees (no haproxy on this machine)");
        return;
    }
    let wrong: Vec<String> = all().iter().filter_map(disagreement).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What one of the two says of a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Opinion {
    pub(crate) refused: bool,
    pub(crate) lines: Vec<String>,
}

fn disagreement(fixture: &Fixture) -> Option<String> {
    let (haproxy, ours) = (haproxy(&fixture.path), ours(&fixture.name(), &fixture.text));
    let title = fixture.title();
    match (fixture.text.strip_prefix("# differs: "), haproxy == ours) {
        (None, false) => Some(format!(
            "{title}:\n HAProxy refuses: {}\n{}\n we refuse: {}\n{}\n",
            haproxy.refused,
            only(&haproxy.lines, &ours.lines),
            ours.refused,
            only(&ours.lines, &haproxy.lines)
        )),
        (Some(_), true) => Some(format!("{title}: does not differ any more")),
        (None, true) | (Some(_), false) => None,
    }
}

fn only(lines: &[String], other: &[String]) -> String {
    let missing = lines.iter().filter(|line| !other.contains(line));
    missing.map(|line| format!("   {line}\n")).collect()
}

pub(crate) fn haproxy(path: &std::path::Path) -> Opinion {
    let name = path.file_name().expect("a file");
    let output = Command::new("haproxy")
        .args(["-c", "-f"])
        .arg(name)
        .current_dir(path.parent().expect("a folder"))
        .output()
        .expect("haproxy runs");
    let code = output.status.code();
    let stderr = String::from_utf8_lossy(&output.stderr);
    let lines = stderr.lines().filter(|line| {
        let framing = [
            "haproxy version is",
            "path to executable is",
            "Error(s) found",
            "Fatal errors found",
        ];
        !line.is_empty() && !framing.iter().any(|words| line.contains(words))
    });
    Opinion {
        // 2: nothing to listen on, but no error
        refused: !matches!(code, Some(0 | 2)),
        lines: lines.map(without_pid).collect(),
    }
}

pub(crate) fn ours(name: &str, text: &str) -> Opinion {
    let mut sources = Sources::new();
    sources.add(name, text);
    let environment = Environment {
        read_file: |path| std::fs::read(path).ok(),
        ..Environment::default()
    };
    let parsed = parse(&sources, &environment);
    let (lines, whole) = parsed.diagnostics.split_at(parsed.from_lines);
    let error_in_line = lines
        .iter()
        .any(|d| d.severity == diagnostics::Severity::Error);
    // HAProxy looks at the whole only when the lines are free of errors
    let told = lines.iter().chain(if error_in_line { &[] } else { whole });
    let worded = told.filter(|diagnostic| !diagnostic.haproxy.is_empty());
    let lines = worded.flat_map(|diagnostic| {
        let text = one_line(diagnostic, &sources, 1);
        let lines: Vec<String> = text
            .lines()
            .filter(|l| !l.is_empty())
            .map(without_pid)
            .collect();
        lines
    });
    Opinion {
        refused: parsed.has_errors(),
        lines: lines.collect(),
    }
}

/// `[ALERT]    (4711) : text` with the number taken out.
fn without_pid(line: &str) -> String {
    match line
        .split_once(" (")
        .and_then(|(label, rest)| Some((label, rest.split_once(") : ")?)))
    {
        Some((label, (pid, text))) if pid.chars().all(|c| c.is_ascii_digit()) => {
            format!("{label} : {text}")
        }
        _ => line.to_owned(),
    }
}
