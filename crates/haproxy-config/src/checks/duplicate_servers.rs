//! `duplicate-server`: servers of one backend under one name.

use crate::proxy::{Proxy, ServerDraft};
use crate::report::Report;
use diagnostics::Diagnostic;
use std::collections::BTreeSet;

pub(super) fn check(proxy: &Proxy, report: &mut Report<'_>) {
    let names: BTreeSet<&str> = proxy.servers.iter().map(|s| s.name.text.as_str()).collect();
    let mut firsts: Vec<(&ServerDraft, Vec<&ServerDraft>)> = names
        .into_iter()
        .filter_map(|name| duplicates(proxy, name))
        .collect();
    firsts.sort_by_key(|(first, _)| first.line.start);
    for (first, others) in firsts {
        report.push(diagnostic(proxy, first, &others, report));
    }
}

/// Where most who meet this have it from.
const ORIGINAL: &str = "\n(the sample in the original lab text has this mistake)";

/// The first server of a name, and those after it that clash. Servers with ids of their own may share a name: HAProxy
/// 2.6 lets that pass.
fn duplicates<'p>(proxy: &'p Proxy, name: &str) -> Option<(&'p ServerDraft, Vec<&'p ServerDraft>)> {
    let mut same = proxy.servers.iter().filter(|s| s.name.text == name);
    let first = same.next()?;
    let clashing: Vec<_> = same
        .filter(|other| other.id.is_none() || first.id.is_none())
        .collect();
    (!clashing.is_empty()).then_some((first, clashing))
}

fn diagnostic(
    proxy: &Proxy,
    first: &ServerDraft,
    others: &[&ServerDraft],
    report: &Report<'_>,
) -> Diagnostic {
    let name = &first.name.text;
    let count = match others.len() {
        1 => "two servers have the same name".to_owned(),
        2 => "three servers have the same name".to_owned(),
        more => format!("{} servers have the same name", more + 1),
    };
    let mut diagnostic = Diagnostic::error("duplicate-server", count);
    let first_line = report.sources.location(first.line).line;
    for (index, other) in others.iter().enumerate() {
        let label = if index == 0 { "again here" } else { "and here" };
        let words = format!(
            "{}, another server named '{name}' was already defined at line {first_line}, please use distinct names.",
            proxy.titled()
        );
        diagnostic = diagnostic
            .at(other.name.span, label)
            .haproxy(report.spaced(other.line, &words));
    }
    let free = free_names(proxy, name, others.len());
    diagnostic
        .beside(first.name.span, "first used here")
        .why(format!(
            "the balancer, its log and its statistics know servers by name, so HAProxy refuses this too{}",
            if name == "server02" { ORIGINAL } else { "" }
        ))
        .next(match free.as_slice() {
            [one] => format!("call the second one {one}"),
            several => format!("call them {}", several.join(" and ")),
        })
}

/// Names like `server03` that no server of the backend has yet.
fn free_names(proxy: &Proxy, name: &str, count: usize) -> Vec<String> {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let width = name.len() - stem.len();
    let taken = |candidate: &String| proxy.servers.iter().any(|s| s.name.text == *candidate);
    let start: u32 = name[stem.len()..].parse().unwrap_or(1);
    (start.saturating_add(1)..)
        .map(|number| format!("{stem}{number:0width$}"))
        .filter(|candidate| !taken(candidate))
        .take(count)
        .collect()
}
