//! `table-not-found`: tables that `stick` lines name, and keys that cannot be made of what they fetch.

use crate::model::{StickKey, StickTable};
use crate::proxy::{Proxy, StickDraft, TrackDraft};
use crate::report::Report;
use crate::sections::Draft;
use diagnostics::{Diagnostic, Span};
use samples::Kind;

pub(super) fn check(proxy: &Proxy, draft: &Draft, report: &mut Report<'_>) {
    for rule in &proxy.stick {
        if let Some(diagnostic) = wrong(proxy, rule, draft) {
            report.push(diagnostic);
        }
    }
}

/// The same of `track-sc` rules, which HAProxy looks at earlier.
pub(super) fn check_tracks(proxy: &Proxy, draft: &Draft, report: &mut Report<'_>) {
    for track in &proxy.tracks {
        if let Some(diagnostic) = untrackable(proxy, track, draft) {
            report.push(diagnostic);
        }
    }
}

/// What is wrong with a `track-sc` rule.
fn untrackable(proxy: &Proxy, track: &TrackDraft, draft: &Draft) -> Option<Diagnostic> {
    let own = &proxy.name.text;
    let TrackDraft {
        counter,
        table: name,
        ..
    } = track;
    let Some(table) = find(draft, name) else {
        let words = format!(
            "config : Proxy '{own}': unable to find table '{name}' referenced by track-sc{counter}."
        );
        return Some(not_found(name, track.span, words));
    };
    if track.kind.becomes(key_kind(table)) {
        return None;
    }
    let words = format!(
        "config : Proxy '{own}': stick-table '{name}' uses a type incompatible with the 'track-sc{counter}' rule."
    );
    Some(no_key(table, track.span, words))
}

fn find<'a>(draft: &'a Draft, name: &str) -> Option<&'a StickTable> {
    let mut tables = draft
        .proxies
        .iter()
        .filter_map(|proxy| proxy.table.as_ref());
    tables.find(|table| table.name == name)
}

/// What a key must be or become.
fn key_kind(table: &StickTable) -> Kind {
    match table.key {
        StickKey::Ip | StickKey::Ipv6 => Kind::Address,
        StickKey::Integer => Kind::Int,
        StickKey::Text(_) => Kind::Text,
        StickKey::Binary(_) => Kind::Binary,
    }
}

fn not_found(name: &str, span: Span, words: String) -> Diagnostic {
    Diagnostic::error("table-not-found", format!("there is no table `{name}`"))
        .at(span, "")
        .why("a table has the name of the section with the `stick-table` line")
        .next("stick-table type ip size 100k expire 30m")
        .haproxy(words)
}

fn no_key(table: &StickTable, span: Span, words: String) -> Diagnostic {
    Diagnostic::error("bad-key", "this is no key of the table")
        .at(span, "")
        .beside(table.span, "its keys are of another type")
        .haproxy(words)
}

fn wrong(proxy: &Proxy, rule: &StickDraft, draft: &Draft) -> Option<Diagnostic> {
    let own = &proxy.name.text;
    let name = rule.table.as_ref().map_or(own, |word| &word.text);
    let Some(table) = find(draft, name) else {
        let words = format!("config : Proxy '{own}': unable to find stick-table '{name}'.");
        return Some(not_found(name, rule.span, words));
    };
    if rule.expression.kind().becomes(key_kind(table)) {
        return None;
    }
    let words = format!(
        "config : Proxy '{own}': type of fetch not usable with type of stick-table '{name}'."
    );
    Some(no_key(table, rule.span, words))
}
