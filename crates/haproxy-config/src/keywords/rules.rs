//! Rules, and what they have in common.

use super::proxy::ProxyParser;
use super::{
    ANY, Keyword, Sections, Support, cache, capture, checks, error_pages, http_options, http_rules,
    redirect, row, stick, stick_table, tcp_rules, use_backend,
};
use crate::acl::{self, Conditions, Site};
use crate::proxy::ProxyContext;
use crate::raw::Line;
use diagnostics::Diagnostic;
use samples::Condition;

use Support::{Full, Refused};

/// These may stand in a `defaults` section only when it has a name.
pub(super) const NAMED_DEFAULTS_ONLY: [&str; 6] = [
    "acl",
    "http-request",
    "http-response",
    "http-after-response",
    "tcp-request",
    "tcp-response",
];

#[rustfmt::skip]
pub(crate) static TABLE: &[Keyword<ProxyParser>] = &[
    row("acl", Sections::BOTH_DEF, ANY, Full(acl::READ_BEFORE), "a named test"),
    row("http-request", Sections::BOTH_DEF, ANY, Full(http_rules::request), "rules on requests"),
    row("http-response", Sections::BOTH_DEF, ANY, Full(http_rules::response), "rules on answers"),
    row("http-after-response", Sections::BOTH_DEF, ANY, Full(http_rules::after_response), "rules on all answers, HAProxy's own included"),
    row("http-send-name-header", Sections::BACK_DEF, 1, Full(http_options::name_header), "tells the server its name in a header"),
    row("http-check", Sections::BACK_DEF, ANY, Full(checks::http), "what an HTTP health check sends and expects"),
    row("http-error", Sections::BOTH_DEF, ANY, Full(error_pages::http_error), "an error answer of one's own"),
    row("redirect", Sections::BOTH, ANY, Full(redirect::parse), "answers with a redirect"),
    row("use_backend", Sections::FRONT, ANY, Full(use_backend::parse), "chooses a backend by a condition"),
    row("use-server", Sections::BACK, ANY, Full(http_options::use_server), "chooses a server by a condition"),
    row("force-persist", Sections::BACK, ANY, Refused, "persistence even to a server that is down"),
    row("ignore-persist", Sections::BACK, ANY, Refused, "no persistence for some requests"),
    row("stick-table", Sections::BOTH, ANY, Full(stick_table::parse), "a memory for persistence and counters"),
    row("stick", Sections::BACK, ANY, Full(stick::parse), "persistence by a memory"),
    row("monitor", Sections::FRONT, ANY, Full(http_options::monitor), "when the monitoring path fails"),
    row("tcp-check", Sections::BACK_DEF, ANY, Full(checks::tcp), "what a TCP health check sends and expects"),
    row("tcp-request", Sections::BOTH_DEF, ANY, Full(tcp_rules::request), "rules on connections and their first bytes"),
    row("tcp-response", Sections::BOTH_DEF, ANY, Full(tcp_rules::response), "rules on a server's first bytes"),
    row("declare", Sections::FRONT, ANY, Full(capture::declare), "places for captured values"),
    row("filter", Sections::BOTH, ANY, Full(cache::filter), "a filter the traffic goes through: `cache`"),
];

/// Reads the condition from the word at `at` to the end of the line, and tells what is wrong with it; `what` is what
/// HAProxy's message calls the rule.
pub(super) fn condition(
    context: &mut ProxyContext<'_, '_>,
    line: &Line,
    at: usize,
    site: Site,
    what: &str,
) -> Option<Condition> {
    condition_told(
        context,
        line,
        at,
        site,
        &format!("error detected while parsing {what} "),
    )
}

/// The same; `told` is how HAProxy's message begins.
pub(super) fn condition_told(
    context: &mut ProxyContext<'_, '_>,
    line: &Line,
    at: usize,
    site: Site,
    told: &str,
) -> Option<Condition> {
    read(context, line, at, site, |words| format!("{told}: {words}."))
}

/// The same, without a full stop.
pub(super) fn condition_bare(
    context: &mut ProxyContext<'_, '_>,
    line: &Line,
    at: usize,
    site: Site,
    told: &str,
) -> Option<Condition> {
    read(context, line, at, site, |words| format!("{told}: {words}"))
}

fn read(
    context: &mut ProxyContext<'_, '_>,
    line: &Line,
    at: usize,
    site: Site,
    tell: impl Fn(&str) -> String,
) -> Option<Condition> {
    let mut conditions = Conditions {
        acls: &context.proxy.acls,
        place: crate::sample::Place {
            shared: context.shared,
            span: line.span,
            proxy: &context.proxy.name.text,
            within: crate::sample::Within::Acl,
            fetch: "",
        },
        report: context.report,
        site,
    };
    match acl::condition(&line.words[at..], &mut conditions) {
        Ok(condition) => Some(condition),
        Err(wrong) => {
            let told = tell(&wrong.words);
            let label = wrong
                .nearest
                .map_or_else(String::new, |name| format!("did you mean `{name}`?"));
            let diagnostic = Diagnostic::error("bad-condition", wrong.words).at(wrong.at, label);
            let diagnostic = diagnostic.haproxy(context.report.spaced(line.span, &told));
            context.report.push(diagnostic);
            None
        }
    }
}
