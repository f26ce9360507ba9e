//! `not-found`: `http-errors` sections, and pages in them, that are not there.

use crate::proxy::{GroupUse, Proxy};
use crate::report::Report;
use crate::sections::Draft;
use diagnostics::Diagnostic;

/// What rules of a section refer to.
pub(super) fn check_rules(proxy: &Proxy, draft: &Draft, report: &mut Report<'_>) {
    for used in proxy.settings.groups.iter().filter(|used| used.by_rule) {
        check(used, proxy, draft, report);
    }
}

/// What `errorfiles` and `http-error` lines of a section, or of its `defaults`, refer to.
pub(super) fn check_lines(proxy: &Proxy, draft: &Draft, report: &mut Report<'_>) {
    for used in proxy.settings.groups.iter().filter(|used| !used.by_rule) {
        check(used, proxy, draft, report);
    }
}

fn check(used: &GroupUse, proxy: &Proxy, draft: &Draft, report: &mut Report<'_>) {
    let (own, name) = (&proxy.name.text, &used.name.text);
    let place = report.place(used.name.span);
    let Some(group) = draft.shared.error_group(name) else {
        let words = match used.by_rule {
            true => format!(
                "config : Proxy '{own}': unknown http-errors section '{name}' referenced by an http reply ."
            ),
            false => format!(
                "config : proxy '{own}': unknown http-errors section '{name}' (at {place})."
            ),
        };
        let known = draft.shared.error_groups.iter();
        let nearest = diagnostics::nearest(name, known.map(|group| &*group.name.text));
        report.push(
            Diagnostic::error("not-found", format!("there is no `http-errors {name}`"))
                .at(
                    used.name.span,
                    nearest.map_or_else(String::new, |name| format!("did you mean `{name}`?")),
                )
                .haproxy(words),
        );
        return;
    };
    let missing = used.statuses.iter();
    for status in missing.filter(|status| !group.pages.contains_key(status)) {
        let words = match used.by_rule {
            true => format!(
                "config : Proxy '{own}': status '{status}' referenced by an http reply not declared in http-errors section '{name}'."
            ),
            false => format!(
                "config : config: proxy '{own}' : status '{status}' not declared in http-errors section '{name}' (at {place})."
            ),
        };
        report.push(
            Diagnostic::warning(
                "no-such-page",
                format!("`http-errors {name}` has no page for {status}"),
            )
            .at(used.name.span, "")
            .beside(group.name.span, "the section")
            .haproxy(words),
        );
    }
}
