//! What came of a hit: counted, beside what was to be expected.

use super::target::{KnownFrom, Target};
use super::{Hit, Outcome};
use crate::observe::http_log::Request;
use crate::plan::shares;
use crate::ui::words;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// Columns of the longest bar, where there is room.
const BAR: usize = 32;
/// Columns of what stands beside it: name, port, answers, share, weight and expectation.
const BESIDE: usize = 54;
const SHORTEST_BAR: usize = 6;

/// Everything that a report tells.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    pub(crate) target: &'a Target,
    pub(crate) hits: &'a [Hit],
    /// The balancer's account; `None` when nobody could be asked.
    pub(crate) account: Option<&'a [Request]>,
}

/// One server's part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) port: u16,
    pub(crate) answers: u64,
    pub(crate) weight: u32,
    pub(crate) expected: u64,
    /// Errors that the balancer had with it: `2 x 503 after 3.0 s`.
    pub(crate) errors: Vec<(String, u64, u64)>,
}

impl Report<'_> {
    pub(crate) fn errors(&self) -> usize {
        self.hits.iter().filter(|hit| hit.is_error()).count()
    }

    /// Answers of each server, in the order of the configuration; those that nobody expected come last.
    pub(crate) fn parts(&self) -> Vec<Part> {
        if self.target.by_name.is_some() {
            return self.parts_by_address();
        }
        let weights: Vec<u32> = self
            .target
            .servers
            .iter()
            .map(|server| server.weight)
            .collect();
        let expected = shares::expected(&weights, self.hits.len() as u64);
        let mut parts: Vec<Part> = self
            .target
            .servers
            .iter()
            .zip(expected)
            .map(|(server, expected)| Part {
                name: server.name.clone(),
                port: server.port,
                answers: 0,
                weight: server.weight,
                expected,
                errors: self.errors_of(&server.name),
            })
            .collect();
        for hit in self.hits.iter().filter(|hit| !hit.is_error()) {
            let Outcome::Answered { server, port, .. } = &hit.outcome else {
                continue;
            };
            let mine = |part: &&mut Part| {
                (server.is_some() && server.as_deref() == Some(&part.name))
                    || (port.is_some() && *port == Some(part.port))
            };
            match parts.iter_mut().find(mine) {
                Some(part) => part.answers += 1,
                None => {
                    let name = server.clone().unwrap_or_else(|| "unknown".to_owned());
                    let port = port.unwrap_or(0);
                    parts.push(Part {
                        name,
                        port,
                        answers: 1,
                        weight: 0,
                        expected: 0,
                        errors: Vec::new(),
                    });
                }
            }
        }
        parts
    }

    /// Answers from each address of the name; an address that came into the answers later comes last.
    fn parts_by_address(&self) -> Vec<Part> {
        let part = |name: String, port, expected| Part {
            name,
            port,
            answers: 0,
            weight: 1,
            expected,
            errors: Vec::new(),
        };
        let servers = &self.target.servers;
        let even = shares::expected(&vec![1; servers.len()], self.hits.len() as u64);
        let mut parts: Vec<Part> = servers
            .iter()
            .zip(even)
            .map(|(server, expected)| part(server.name.clone(), server.port, expected))
            .collect();
        for hit in self.hits {
            let Some(to) = hit.to.map(|to| to.to_string()) else {
                continue;
            };
            let at = parts.iter().position(|part| part.name == to);
            let at = at.unwrap_or_else(|| {
                parts.push(part(to, self.target.address.port(), 0));
                parts.len() - 1
            });
            if hit.is_error() {
                let ms = u64::try_from(hit.took.as_millis()).unwrap_or(u64::MAX);
                let status = hit.word().trim_end_matches('!').to_owned();
                match parts[at].errors.iter_mut().find(|error| error.0 == status) {
                    Some(error) => *error = (status, error.1 + 1, error.2.max(ms)),
                    None => parts[at].errors.push((status, 1, ms)),
                }
            } else {
                parts[at].answers += 1;
            }
        }
        parts
    }

    /// Status, number, and longest time in milliseconds of the errors the balancer had with a server.
    fn errors_of(&self, name: &str) -> Vec<(String, u64, u64)> {
        let short = name.rsplit('/').next();
        let mut errors: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        let mine = |request: &&Request| request.is_error() && request.server.as_deref() == short;
        for request in self.account.unwrap_or_default().iter().filter(mine) {
            let status = request
                .status
                .map_or("no answer".to_owned(), |status| status.to_string());
            let (count, ms) = errors.entry(status).or_default();
            *count += 1;
            *ms = request.ms.max(*ms);
        }
        errors
            .into_iter()
            .map(|(status, (count, ms))| (status, count, ms))
            .collect()
    }

    /// The bars and the summary, below the strip. Shorter bars where `width` leaves less room; 0 means no limit.
    pub(crate) fn render(&self, plain: bool, width: usize) -> String {
        let parts = self.parts();
        let bar = match (plain, width) {
            (true, _) => 0,
            (false, 0) => BAR,
            (false, width) => BAR.min(width.saturating_sub(BESIDE)).max(SHORTEST_BAR),
        };
        let mut text = String::new();
        for part in &parts {
            text.push_str(&self.line(part, &parts, bar));
            text.push('\n');
        }
        if !parts.is_empty() {
            text.push('\n');
        }
        text.push_str(&self.summary());
        text
    }

    /// The bar has `longest` columns at most; 0: in words.
    fn line(&self, part: &Part, parts: &[Part], longest: usize) -> String {
        let total = self.hits.len() as u64;
        let errors = |part: &Part| part.errors.iter().map(|(_, count, _)| count).sum::<u64>();
        let name = parts.iter().map(|part| part.name.len()).max().unwrap_or(0);
        let head = format!("  {:<name$}  {:<5}", part.name, part.port);
        let count = if longest == 0 {
            format!("{} of {total}", part.answers)
        } else {
            let most = parts
                .iter()
                .map(|part| part.answers + errors(part))
                .max()
                .unwrap_or(1)
                .max(1);
            let long = |n: u64| usize::try_from(n * longest as u64 / most).unwrap_or(0);
            let bar = "#".repeat(long(part.answers)) + &".".repeat(long(errors(part)));
            let percent = (part.answers * 100 + total / 2)
                .checked_div(total)
                .unwrap_or(0);
            format!("{bar:<longest$} {:>3}  {percent:>3} %", part.answers)
        };
        let mut line = format!("{head} {count}");
        match (self.target.direct, self.target.known_from) {
            (true, _) => {}
            (false, KnownFrom::Balancer) => line.push_str(&format!(
                "   weight {}, expected {}",
                part.weight, part.expected
            )),
            (false, KnownFrom::Nowhere) => {
                line.push_str(&format!("   an even split would be {}", part.expected))
            }
        }
        for (status, count, ms) in &part.errors {
            line.push_str(&format!(
                "   {count} x {status} after {}",
                crate::ui::event_line::took(*ms)
            ));
        }
        line
    }

    /// `12 answered (200), 2 x 503.   answers: fastest 0.3 ms, slowest 1.2 ms.    errors: 3.0 s each (3 retries)`
    fn summary(&self) -> String {
        let (errors, answers): (Vec<&Hit>, Vec<&Hit>) =
            self.hits.iter().partition(|hit| hit.is_error());
        let mut text = format!("  {} answered", answers.len());
        let statuses = counted(answers.iter().filter_map(|hit| match hit.outcome {
            Outcome::Answered { status, .. } => Some(status.to_string()),
            Outcome::Failed(_) => None,
        }));
        if let [(only, _)] = statuses.as_slice() {
            text.push_str(&format!(" ({only})"));
        } else if !statuses.is_empty() {
            let each: Vec<String> = statuses
                .iter()
                .map(|(status, count)| format!("{count} x {status}"))
                .collect();
            text.push_str(&format!(" ({})", each.join(", ")));
        }
        if errors.is_empty() {
            text.push_str(", 0 errors.");
        }
        for (word, count) in counted(
            errors
                .iter()
                .map(|hit| hit.word().trim_end_matches('!').to_owned()),
        ) {
            text.push_str(&format!(", {count} x {word}"));
        }
        if !errors.is_empty() {
            text.push('.');
        }
        if let Some(times) = Times::of(&answers) {
            let label = if errors.is_empty() { "" } else { "answers: " };
            text.push_str(&format!("   {label}{times}"));
        }
        if let Some(times) = Times::of(&errors) {
            let before = if answers.is_empty() { "   " } else { ".    " };
            let span = times.span();
            text.push_str(&format!("{before}errors: {span}{}", self.retries()));
        }
        if !errors.is_empty() && self.account.is_none() && !self.target.direct {
            text.push_str(
                "\n  who was asked is not known: that is told by a balancer which `lab up` or `lab balancer` started in this folder",
            );
        }
        text
    }

    fn retries(&self) -> String {
        let failed = |request: &&Request| request.is_error() && request.retries > 0;
        match self.account.unwrap_or_default().iter().find(failed) {
            Some(request) => format!(" ({} retries, 1 s apart)", request.retries),
            None => String::new(),
        }
    }

    pub(crate) fn to_json(&self, icons: u64) -> Value {
        let errors: BTreeMap<String, usize> = counted(
            self.hits
                .iter()
                .filter(|hit| hit.is_error())
                .map(|hit| hit.word().trim_end_matches('!').to_owned()),
        )
        .into_iter()
        .collect();
        let ms = |hit: &Hit| hit.took.as_secs_f64() * 1000.0;
        let parts: Vec<Value> = self
            .parts()
            .into_iter()
            .map(|part| {
                let errors: Vec<Value> = part
                    .errors
                    .iter()
                    .map(
                        |(status, count, ms)| json!({ "status": status, "count": count, "ms": ms }),
                    )
                    .collect();
                json!({
                    "name": part.name, "port": part.port, "answers": part.answers,
                    "weight": part.weight, "expected": part.expected, "errors": errors,
                })
            })
            .collect();
        json!({
            "schema": 1,
            "url": format!("http://{}/", self.target.place()),
            "requests": self.hits.len(),
            "answered": self.hits.len() - self.errors(),
            "errors": errors,
            "icons": icons,
            "expected_from": match self.target.known_from {
                KnownFrom::Balancer => "balancer",
                KnownFrom::Nowhere => "even-split",
            },
            "servers": parts,
            "strip": self.hits.iter().map(Hit::shown).collect::<Vec<_>>(),
            "ms": self.hits.iter().map(ms).collect::<Vec<_>>(),
        })
    }
}

/// How often each word occurs, the first one seen first.
fn counted(words: impl Iterator<Item = String>) -> Vec<(String, usize)> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for word in words {
        match counts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => counts.push((word, 1)),
        }
    }
    counts
}

/// Times of some hits, sorted.
struct Times(Vec<Duration>);

impl Times {
    fn of(hits: &[&Hit]) -> Option<Self> {
        let mut times: Vec<Duration> = hits.iter().map(|hit| hit.took).collect();
        times.sort_unstable();
        (!times.is_empty()).then_some(Self(times))
    }

    fn fastest(&self) -> String {
        words::took(self.0[0])
    }

    fn slowest(&self) -> String {
        words::took(self.0[self.0.len() - 1])
    }

    /// `3.0 s each`, or `3.0 s to 5.0 s`.
    fn span(&self) -> String {
        match (self.fastest(), self.slowest()) {
            (fastest, slowest) if fastest == slowest && self.0.len() > 1 => {
                format!("{fastest} each")
            }
            (fastest, slowest) if fastest == slowest => fastest,
            (fastest, slowest) => format!("{fastest} to {slowest}"),
        }
    }
}

impl std::fmt::Display for Times {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let middle = words::took(self.0[self.0.len() / 2]);
        write!(
            f,
            "fastest {}, middle {middle}, slowest {}",
            self.fastest(),
            self.slowest()
        )
    }
}

#[cfg(test)]
mod tests;
