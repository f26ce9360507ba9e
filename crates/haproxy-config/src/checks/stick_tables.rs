//! `table-not-found`: tables that `stick` lines name, and keys that cannot be made of what they fetch.

use crate::model::StickKey;
use crate::proxy::{Proxy, StickDraft};
use crate::report::Report;
use crate::sections::Draft;
use diagnostics::Diagnostic;
use samples::Kind;

pub(super) fn check(proxy: &Proxy, draft: &Draft, report: &mut Report<'_>) {
    for rule in &proxy.stick {
        if let Some(diagnostic) = wrong(proxy, rule, draft) {
            report.push(diagnostic);
        }
    }
}

fn wrong(proxy: &Proxy, rule: &StickDraft, draft: &Draft) -> Option<Diagnostic> {
    let own = &proxy.name.text;
    let name = rule.table.as_ref().map_or(own, |word| &word.text);
    let mut tables = draft
        .proxies
        .iter()
        .filter_map(|proxy| proxy.table.as_ref());
    let Some(table) = tables.find(|table| table.name == *name) else {
        let words = format!("config : Proxy '{own}': unable to find stick-table '{name}'.");
        let diagnostic =
            Diagnostic::error("table-not-found", format!("there is no table `{name}`"))
                .at(rule.span, "")
                .why("a table has the name of the section with the `stick-table` line")
                .next("stick-table type ip size 100k expire 30m")
                .haproxy(words);
        return Some(diagnostic);
    };
    let wanted = match table.key {
        StickKey::Ip | StickKey::Ipv6 => Kind::Address,
        StickKey::Integer => Kind::Int,
        StickKey::Text(_) => Kind::Text,
        StickKey::Binary(_) => Kind::Binary,
    };
    if rule.expression.kind().becomes(wanted) {
        return None;
    }
    let words = format!(
        "config : Proxy '{own}': type of fetch not usable with type of stick-table '{name}'."
    );
    let diagnostic = Diagnostic::error("bad-key", "this is no key of the table")
        .at(rule.span, "")
        .beside(table.span, "its keys are of another type")
        .haproxy(words);
    Some(diagnostic)
}
