//! `--compare`: names beside one another, a line each.

use super::{Seen, words};
use crate::tally::Tally;
use crate::vantage::Kind;

/// Least room for the places, so that short tables look alike.
const PLACES: usize = 21;

/// The whole screen.
pub(crate) fn text(rows: &[Seen], times: u32) -> String {
    let lines: Vec<Line> = rows.iter().map(Line::of).collect();
    let longest = |cell: fn(&Line) -> usize, least: usize| {
        lines.iter().map(cell).max().unwrap_or(0).max(least)
    };
    let name = longest(|line| line.name.len(), "name".len());
    let places = longest(|line| line.places.len(), PLACES);
    let order = longest(|line| line.order.len(), "rotates".len()) + 6;
    let mut text = format!("{}\n\n", headline(rows, times));
    text.push_str(&format!(
        "  {:<name$}  per answer  different  {:<order$}ttl     {:<places$}  looks like\n",
        "name", "order", "first place"
    ));
    for line in &lines {
        text.push_str(&format!(
            "  {:<name$}  {:<10}  {:<9}  {:<order$}{:>4}    {:<places$}  {}\n",
            line.name,
            line.per_answer,
            line.different,
            line.order,
            line.ttl,
            line.places,
            line.looks_like
        ));
    }
    text
}

struct Line {
    name: String,
    per_answer: usize,
    different: usize,
    order: &'static str,
    ttl: String,
    places: String,
    looks_like: String,
}

impl Line {
    fn of(seen: &Seen) -> Self {
        let tally = Tally::of(&seen.observations);
        let mut replies = seen.observations.iter().filter_map(|o| o.reply.as_ref());
        let ttl = replies.clone().filter_map(|reply| reply.ttl).max();
        let places: Vec<String> = tally
            .counts
            .iter()
            .map(|count| count.first.to_string())
            .collect();
        let empty = replies.next().map(|reply| words::empty(reply, &seen.rtype));
        let today = if seen.kind == Kind::Live {
            "  today"
        } else {
            ""
        };
        Self {
            name: if today.is_empty() {
                seen.name.clone()
            } else {
                today.to_owned()
            },
            per_answer: tally.per_answer,
            different: tally.counts.len(),
            order: words::order(tally.verdict),
            ttl: ttl.map_or("-".to_owned(), |ttl| ttl.to_string()),
            places: places.join(" "),
            looks_like: match (tally.counts.is_empty(), empty) {
                (false, _) => words::looks_like(tally.verdict, ttl),
                (true, Some(empty)) => empty,
                (true, None) => "no reply".to_owned(),
            },
        }
    }
}

/// `8 questions each, lab zone, recorded answers (today's: --live)`
fn headline(rows: &[Seen], times: u32) -> String {
    let lab = rows.iter().any(|seen| seen.kind.is_lab());
    let world: Vec<&str> = rows
        .iter()
        .filter(|seen| !seen.kind.is_lab())
        .flat_map(|seen| seen.servers.first())
        .map(String::as_str)
        .collect();
    let live = rows.iter().any(|seen| seen.kind == Kind::Live);
    let mut parts = vec![match times {
        1 => "1 question each".to_owned(),
        n => format!("{n} questions each"),
    }];
    if lab {
        let hint = if live { "" } else { " (today's: --live)" };
        parts.push(format!("lab zone, {} answers{hint}", sources(rows)));
    }
    if let Some(server) = world.first() {
        let whose = if live { "today's" } else { "others" };
        parts.push(format!("{whose} from {server}"));
    }
    parts.join(", ")
}

/// `recorded`, `illustrative`, or both.
fn sources(rows: &[Seen]) -> String {
    let mut kinds: Vec<&str> = Vec::new();
    for seen in rows.iter().filter(|seen| seen.kind.is_lab()) {
        let source = seen.source.as_deref().unwrap_or("its own");
        let kind = source.split(' ').next().unwrap_or(source);
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds.join(" and ")
}

#[cfg(test)]
#[path = "compare_tests.rs"]
mod tests;
