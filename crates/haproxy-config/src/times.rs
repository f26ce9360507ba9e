//! Times on configuration lines: reading one, and telling what is wrong with it.

use crate::raw::Line;
use crate::report::Report;
use crate::value::{TimeError, Unit, time};
use crate::words::Word;
use diagnostics::Diagnostic;
use std::time::Duration;

/// How the user and HAProxy name the keyword whose value this is.
pub(crate) struct Spelling<'a> {
    pub(crate) shown: &'a str,
    /// What a number without a unit means.
    pub(crate) unit: Unit,
    /// HAProxy's whole message for an error, location included.
    pub(crate) words: fn(&Problem<'_, '_>) -> String,
}

/// What HAProxy's message is made of.
pub(crate) struct Problem<'a, 'r> {
    pub(crate) shown: &'a str,
    pub(crate) value: &'a str,
    pub(crate) error: TimeError,
    pub(crate) line: &'a Line,
    pub(crate) report: &'a Report<'r>,
}

/// The time a word stands for; what is wrong with it goes to the report.
pub(crate) fn read(
    word: &Word,
    line: &Line,
    spelling: &Spelling<'_>,
    report: &mut Report<'_>,
) -> Option<Duration> {
    match time(&word.text, spelling.unit) {
        Ok(read) => {
            if let Some(odd) = read.trailing {
                report.push(trailing(word, odd));
            }
            Some(read.duration)
        }
        Err(error) => {
            let words = (spelling.words)(&Problem {
                shown: spelling.shown,
                value: &word.text,
                error,
                line,
                report,
            });
            report.push(wrong(word, error, spelling).haproxy(words));
            None
        }
    }
}

fn wrong(word: &Word, error: TimeError, spelling: &Spelling<'_>) -> Diagnostic {
    let value = &word.text;
    let (unit, example) = match spelling.unit {
        Unit::Milliseconds => ("ms", "10s"),
        Unit::Seconds => ("s", "10s"),
    };
    match error {
        TimeError::Overflow => Diagnostic::error("time-too-long", format!("`{value}` is too long"))
            .why(format!("the longest time is 2147483647 {unit}")),
        TimeError::Unexpected(_) => Diagnostic::error(
            "bad-time",
            format!("`{value}` is not a time"),
        )
        .why(format!(
            "a time is a whole number and one of us, ms, s, m, h, d; without a unit it is {unit}"
        ))
        .next(format!("for example  {} {example}", spelling.shown)),
    }
    .at(word.span, "")
}

fn trailing(word: &Word, odd: char) -> Diagnostic {
    let words = format!(
        "config : unexpected character '{odd}' after the timer value '{}', only \
         (us=microseconds,ms=milliseconds,s=seconds,m=minutes,h=hours,d=days) are supported. \
         This will be reported as an error in next versions.",
        word.text
    );
    Diagnostic::warning(
        "time-unit",
        format!("`{}` has letters after its unit", word.text),
    )
    .at(word.span, "")
    .why("the units are us, ms, s, m, h, d; newer HAProxy versions refuse anything longer")
    .haproxy(words)
}

/// `timeout ...` and the like.
pub(crate) fn timeout_words(problem: &Problem<'_, '_>) -> String {
    let Problem { shown, value, .. } = problem;
    let text = match problem.error {
        TimeError::Overflow => format!(
            "timer overflow in argument '{value}' to '{shown}' (maximum value is 2147483647 ms or ~24.8 days)"
        ),
        TimeError::Unexpected(odd) => format!("unexpected character '{odd}' in '{shown}'"),
    };
    problem.report.spaced(problem.line.span, &text)
}
