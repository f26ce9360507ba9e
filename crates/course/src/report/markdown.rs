//! The notebook and the report in Markdown.

use super::{ActivityReport, Report, StepReport};
use crate::words::{Words, say};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::fmt::Write;

/// `.lab/notebook.md`: what was guessed, seen and written, in the order of the course.
pub fn notebook(report: &Report, words: &Words, zone: &TimeZone) -> String {
    let mut text = format!("# {}\n", say!(words, NotebookTitle));
    for activity in &report.activities {
        text.push_str(&of_activity(activity, words, zone));
    }
    text
}

/// The report: who, how long, a table of all steps, and the notebook.
pub fn report(report: &Report, words: &Words, zone: &TimeZone) -> String {
    let title = match &report.learner {
        Some(name) => say!(words, ReportOf, name = name),
        None => say!(words, ReportTitle),
    };
    let mut text = format!("# {title}\n\n{}\n", summary(report, words, zone));
    let head = [
        say!(words, ColumnActivity),
        say!(words, ColumnStep),
        say!(words, ColumnTime),
        say!(words, ColumnHints),
        say!(words, ColumnRemarks),
    ];
    let _ = writeln!(text, "\n| {} |\n|---|---|---|---|---|", head.join(" | "));
    for activity in &report.activities {
        for step in &activity.steps {
            let cells = [
                activity.id.clone(),
                step.id.clone(),
                time(step),
                hints(step),
                remarks(step, words),
            ];
            let _ = writeln!(
                text,
                "| {} |",
                cells.map(|cell| cell.replace('|', "\\|")).join(" | ")
            );
        }
    }
    for activity in &report.activities {
        text.push_str(&of_activity(activity, words, zone));
    }
    text
}

/// `7 activities begun, 5 done.   1 h 42 min over 2 days.   Guesses that fitted: 6 of 9.`
pub(super) fn summary(report: &Report, words: &Words, zone: &TimeZone) -> String {
    let done = report
        .activities
        .iter()
        .filter(|activity| activity.finished.is_some())
        .count();
    let minutes = report.seconds().div_ceil(60);
    let (hours, minutes) = (minutes / 60, minutes % 60);
    let time = match hours {
        0 => format!("{minutes} min"),
        hours => format!("{hours} h {minutes} min"),
    };
    let fitted = report.guesses_fitted;
    say!(
        words,
        Summary,
        begun = report.activities.len(),
        done = done,
        time = time,
        days = report.days(zone),
        fitted = fitted,
        guesses = report.guesses,
        date = day(report.made, zone),
        lab = report.lab,
    )
}

fn of_activity(activity: &ActivityReport, words: &Words, zone: &TimeZone) -> String {
    let mut text = format!("\n## {}  {}\n", activity.id, activity.title);
    if let Some(started) = activity.started {
        let _ = writeln!(text, "\n{}", day(started, zone));
    }
    for step in &activity.steps {
        let lines = of_step(step, words);
        if lines.is_empty() {
            continue;
        }
        let at = step
            .passed
            .map(|at| format!(" ({})", clock(at, zone)))
            .unwrap_or_default();
        let _ = writeln!(text, "\n**{}**{at}\n", step.id);
        for line in lines {
            let _ = writeln!(text, "- {line}");
        }
    }
    text
}

/// What is worth keeping of a step; nothing of most.
fn of_step(step: &StepReport, words: &Words) -> Vec<String> {
    let mut lines = Vec::new();
    for answer in &step.answers {
        let ask = match answer.ask.is_empty() {
            true => String::new(),
            false => format!("{}  ", answer.ask),
        };
        let mark = match (step.kind.as_str(), answer.right) {
            ("predict", _) | (_, None) => String::new(),
            (_, Some(true)) => format!("  ({})", say!(words, Yes)),
            (_, Some(false)) => format!("  ({})", say!(words, WasTold)),
        };
        lines.push(format!(
            "{ask}{}: {}{mark}",
            say!(words, YouSaid),
            answer.said
        ));
    }
    lines.extend(
        step.was
            .iter()
            .map(|was| format!("{}: {was}", say!(words, ItWas))),
    );
    lines.extend(
        step.note
            .lines()
            .filter(|line| !line.is_empty())
            .map(|line| format!("\"{line}\"")),
    );
    lines
}

/// `3 min`, `8 s`, or nothing.
pub(super) fn time(step: &StepReport) -> String {
    match step.seconds {
        None => "-".to_owned(),
        Some(seconds) if step.passed.is_some() && seconds < 60 => format!("{seconds} s"),
        Some(seconds) => format!("{} min", seconds / 60),
    }
}

pub(super) fn hints(step: &StepReport) -> String {
    match (step.hints, step.hints_of) {
        (_, 0) => String::new(),
        (hints, of) => format!("{hints}/{of}"),
    }
}

pub(super) fn remarks(step: &StepReport, words: &Words) -> String {
    let mut remarks = Vec::new();
    if step.skipped {
        remarks.push(say!(words, RemarkSkipped));
    } else if step.passed.is_none() {
        remarks.push(say!(words, RemarkOpen));
    }
    if step.revealed {
        remarks.push(say!(words, RemarkRevealed));
    }
    if step.trusted {
        remarks.push(say!(words, RemarkTrusted));
    }
    if step.misses > 0 {
        remarks.push(say!(words, RemarkMisses, n = step.misses));
    }
    remarks.join(", ")
}

fn day(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d").to_string()
}

fn clock(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%H:%M").to_string()
}
