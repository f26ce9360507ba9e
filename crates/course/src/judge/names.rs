//! `dns`: questions for names, and what was answered.

use super::{Finding, Sight};
use crate::facts::Happened;
use crate::model::{Via, What};
use crate::words::say;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Questions that count, oldest first: the answers and how often.
pub(super) struct Asked<'a>(pub(super) Vec<(&'a [String], u32)>);

impl<'a> Asked<'a> {
    pub(super) fn since(sight: Sight<'a>, name: Option<&str>, via: Via, moment: Timestamp) -> Self {
        let asked = sight
            .facts
            .after(moment)
            .filter_map(|event| match &event.what {
                Happened::Dns {
                    name: asked,
                    via: by,
                    answers,
                    count,
                    ..
                } if name.is_none_or(|name| same(name, asked)) && via.is(by) => {
                    Some((answers.as_slice(), *count))
                }
                _ => None,
            });
        Self(asked.collect())
    }

    pub(super) fn total(&self) -> u64 {
        self.0.iter().map(|(_, count)| u64::from(*count)).sum()
    }

    /// Different first answers: the one that a caller takes.
    pub(super) fn different(&self) -> BTreeSet<&'a str> {
        self.0
            .iter()
            .filter_map(|(answers, _)| answers.first())
            .map(String::as_str)
            .collect()
    }

    /// First answers in the order in which they came, each question once.
    pub(super) fn firsts(&self) -> Vec<&'a str> {
        let first = |(answers, count): &(&'a [String], u32)| {
            answers
                .first()
                .map(|first| std::iter::repeat_n(first.as_str(), *count as usize))
        };
        self.0.iter().filter_map(first).flatten().collect()
    }
}

impl Via {
    fn is(self, via: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Authority => via == "authority",
            Self::Cache => via.starts_with("cache"),
            Self::Farm => via.starts_with("farm"),
        }
    }
}

/// Names are equal whatever their case, and with or without the dot at the end.
fn same(one: &str, other: &str) -> bool {
    one.trim_end_matches('.')
        .eq_ignore_ascii_case(other.trim_end_matches('.'))
}

pub(super) fn look(what: &What, sight: Sight<'_>) -> Finding {
    let What::Dns {
        name,
        via,
        since,
        min,
        answered,
        different,
    } = what
    else {
        return Finding::new(false, "");
    };
    let asked = Asked::since(sight, name.as_deref(), *via, sight.since(since));
    let answer = |wanted: &String| {
        asked
            .0
            .iter()
            .any(|(answers, _)| answers.iter().any(|answer| answer == wanted))
    };
    let kinds = asked.different();
    let holds = asked.total() >= u64::from((*min).max(1))
        && answered.as_ref().is_none_or(answer)
        && different.is_none_or(|count| count.fits(kinds.len()));
    Finding::new(holds, told(&asked, name.as_deref(), sight))
}

/// `asked 3 times: 172.217.160.206, 172.217.174.78 and 216.58.203.174`
fn told(asked: &Asked<'_>, name: Option<&str>, sight: Sight<'_>) -> String {
    const SHOWN: usize = 5;
    let firsts = asked.firsts();
    let last: Vec<&str> = firsts[firsts.len().saturating_sub(SHOWN)..].to_vec();
    match (asked.total(), name) {
        (0, Some(name)) => say!(sight.words, NotAskedName, name = name),
        (0, None) => say!(sight.words, NotAsked),
        (1, _) => say!(sight.words, AskedOnce, answers = last.join(", ")),
        (n, _) if firsts.len() > SHOWN => {
            say!(sight.words, AskedMany, n = n, answers = last.join(", "))
        }
        (n, _) => say!(sight.words, AskedTimes, n = n, answers = last.join(", ")),
    }
}
