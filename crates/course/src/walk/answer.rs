//! Answers: what was typed, whether it is right, how it is told.

use crate::facts::Happened;
use crate::judge::Sight;
use crate::model::{Answer, Question};
use crate::words::say;
use std::collections::BTreeSet;

/// "I do not know."
pub(super) const UNKNOWN: &str = "?";

/// An answer as it is kept: letters, a number, words.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Read {
    Kept(String),
    /// It cannot be an answer to this question; why.
    No(String),
}

/// Reads what was typed as an answer to a question.
pub(super) fn read(question: &Question, typed: &str, sight: Sight<'_>) -> Read {
    let typed = typed.trim();
    match &question.answer {
        Answer::One { choices, .. } => match choice(choices, typed) {
            Some(at) => Read::Kept(letter(at).to_string()),
            None => Read::No(say!(sight.words, OneOf, last = letter(choices.len() - 1))),
        },
        Answer::Several { choices, .. } => match several(choices, typed) {
            Some(set) => Read::Kept(letters(&set)),
            None => Read::No(say!(sight.words, SomeOf, last = letter(choices.len() - 1))),
        },
        Answer::Number { .. } => match number(typed) {
            Some(_) => Read::Kept(typed.to_owned()),
            None => Read::No(say!(sight.words, ANumber)),
        },
        Answer::Words { .. } | Answer::Live { .. } if typed.is_empty() => {
            Read::No(say!(sight.words, SomeWords))
        }
        Answer::Words { .. } | Answer::Live { .. } => Read::Kept(typed.to_owned()),
    }
}

/// Whether a kept answer is right, and what there is to say about it. Where there is no right one, all are.
pub(super) fn judge(question: &Question, kept: &str, sight: Sight<'_>) -> (bool, Vec<String>) {
    let because = || question.because.iter().cloned().collect::<Vec<_>>();
    match &question.answer {
        Answer::One { choices, truth } => {
            let right = truth.is_none_or(|truth| choice(choices, kept) == Some(truth));
            (right, because())
        }
        Answer::Several {
            choices,
            truth,
            because,
        } => {
            let said = several(choices, kept).unwrap_or_default();
            let truth: BTreeSet<usize> = truth.iter().copied().collect();
            let told = choices.iter().enumerate().map(|(at, choice)| {
                let word = match truth.contains(&at) {
                    true => say!(sight.words, Yes),
                    false => say!(sight.words, No),
                };
                let because = because.get(at).map(String::as_str).unwrap_or_default();
                format!("{} {word}  {choice}: {because}", letter(at))
            });
            (said == truth, told.collect())
        }
        Answer::Number { truth } => {
            const NEAR: f64 = 1e-6;
            let fits = |truth: &f64| number(kept).is_some_and(|said| (said - truth).abs() < NEAR);
            (truth.as_ref().is_none_or(fits), because())
        }
        Answer::Words { contains } => {
            let said = kept.to_lowercase();
            let holds = |part: &String| said.contains(&part.to_lowercase());
            (contains.is_empty() || contains.iter().any(holds), because())
        }
        Answer::Live { server, column } => live(kept, server, column, sight),
    }
}

/// What a kept answer means in words: `a  the balancer notices`.
pub(crate) fn words(question: &Question, kept: &str, sight: Sight<'_>) -> String {
    if kept == UNKNOWN || kept.is_empty() {
        return say!(sight.words, DoNotKnow);
    }
    match &question.answer {
        Answer::One { choices, .. } | Answer::Several { choices, .. } => {
            let said = several(choices, kept).unwrap_or_default();
            let each = said
                .iter()
                .map(|at| format!("{}  {}", letter(*at), choices[*at]));
            each.collect::<Vec<_>>().join(";  ")
        }
        _ => kept.to_owned(),
    }
}

/// The right answer in words, where there is one.
pub(crate) fn truth(question: &Question, sight: Sight<'_>) -> Option<String> {
    let kept = match &question.answer {
        Answer::One { truth, .. } => letter((*truth)?).to_string(),
        Answer::Several { truth, .. } => letters(&truth.iter().copied().collect()),
        Answer::Number { truth } => (*truth)?.to_string(),
        Answer::Words { contains } => contains.first()?.clone(),
        Answer::Live { server, column } => sight.column(server, column)?.to_owned(),
    };
    Some(words(question, &kept, sight))
}

/// A value as it was in the last ten seconds fits.
fn live(kept: &str, server: &str, column: &str, sight: Sight<'_>) -> (bool, Vec<String>) {
    let Some(now) = sight.column(server, column) else {
        return (true, vec![say!(sight.words, CannotCompare)]);
    };
    let (Ok(now), Some(said)) = (now.parse::<f64>(), number(kept)) else {
        let fits = shows(now, kept);
        let told = match fits {
            true => say!(sight.words, FitsWords, value = now),
            false => say!(sight.words, FitsNot),
        };
        return (fits, vec![told]);
    };
    let before = ten_seconds_ago(server, column, sight)
        .unwrap_or(now)
        .min(now);
    let fits = (before..=now).contains(&said);
    let told = match fits {
        true if before < now => say!(sight.words, FitsRange, from = before, to = now),
        true => say!(sight.words, FitsNow),
        false => say!(sight.words, FitsNot),
    };
    (fits, vec![told])
}

/// Whether what was read off the page is this value: a part of it, or the value and what the page writes behind it
/// (`L4OK` is shown as `L4OK in 0ms`).
fn shows(value: &str, said: &str) -> bool {
    let (value, said) = (value.to_lowercase(), said.to_lowercase());
    let and_more = |rest: &str| rest.starts_with(|c: char| !c.is_alphanumeric());
    !said.is_empty()
        && (value.contains(&said)
            || (!value.is_empty() && said.strip_prefix(&value).is_some_and(and_more)))
}

/// What the column held ten seconds ago: as it was noted, or less the requests that came since.
fn ten_seconds_ago(server: &str, column: &str, sight: Sight<'_>) -> Option<f64> {
    const TOLERANCE: jiff::SignedDuration = jiff::SignedDuration::from_secs(10);
    let moment = sight.facts.now.checked_sub(TOLERANCE).ok()?;
    let events = || {
        sight
            .facts
            .events
            .iter()
            .filter(move |event| event.time >= moment)
    };
    let noted = events().find_map(|event| match &event.what {
        Happened::Counters { rows } => {
            let (_, columns) = rows
                .iter()
                .find(|(name, _)| name.rsplit('/').next() == Some(server))?;
            columns
                .iter()
                .find(|(name, _)| name == column)
                .map(|(_, value)| *value as f64)
        }
        _ => None,
    });
    let counts_requests = ["stot", "lbtot", "hrsp_2xx", "req_tot"].contains(&column);
    let less = || {
        let came = events().map(|event| match &event.what {
            Happened::Request(request) if request.server.as_deref() == Some(server) => {
                request.count
            }
            _ => 0,
        });
        let now: f64 = sight.column(server, column)?.parse().ok()?;
        counts_requests.then(|| now - f64::from(came.sum::<u32>()))
    };
    [noted, less()].into_iter().flatten().reduce(f64::min)
}

/// `a`, `1`, or the choice in full.
fn choice(choices: &[String], typed: &str) -> Option<usize> {
    let mut chars = typed.chars();
    let by_letter = match (chars.next(), chars.next()) {
        (Some(c), None) if c.is_ascii_alphabetic() => {
            Some(usize::from(c.to_ascii_lowercase() as u8 - b'a'))
        }
        _ => None,
    };
    let by_number = || typed.parse::<usize>().ok()?.checked_sub(1);
    let by_words = || {
        choices
            .iter()
            .position(|choice| choice.eq_ignore_ascii_case(typed))
    };
    let known = |at: &usize| *at < choices.len();
    by_letter
        .filter(known)
        .or_else(|| by_number().filter(known))
        .or_else(by_words)
}

/// `a c`, `a,c`, `ac`, `1 3`; `-` for none of them.
fn several(choices: &[String], typed: &str) -> Option<BTreeSet<usize>> {
    if typed == "-" {
        return Some(BTreeSet::new());
    }
    let parts: Vec<&str> = typed
        .split([' ', ',', ';'])
        .filter(|part| !part.is_empty())
        .collect();
    let each: Option<BTreeSet<usize>> = parts.iter().map(|part| choice(choices, part)).collect();
    let run = || match parts.as_slice() {
        [run] => run
            .chars()
            .map(|c| choice(choices, &c.to_string()))
            .collect(),
        _ => None,
    };
    each.or_else(run)
        .filter(|set: &BTreeSet<usize>| !set.is_empty())
}

fn number(typed: &str) -> Option<f64> {
    let number: f64 = typed.trim().replace(',', ".").parse().ok()?;
    number.is_finite().then_some(number)
}

fn letters(set: &BTreeSet<usize>) -> String {
    if set.is_empty() {
        return "-".to_owned();
    }
    set.iter()
        .map(|at| letter(*at).to_string())
        .collect::<Vec<_>>()
        .join(" ")
}

/// `a` for 0; `z` for whatever is beyond.
pub(super) fn letter(at: usize) -> char {
    let at = u8::try_from(at.min(25)).unwrap_or(25);
    char::from(b'a' + at)
}
