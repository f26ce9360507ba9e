//! `stats ...` in proxies: the statistics page.

use super::{ANY, Keyword, Sections, Support, find, http_rules, names, row, rules};
use crate::model::{HttpAction, HttpRule, Stats};
use crate::proxy::{Kind, ProxyContext};
use crate::raw::Line;
use crate::times;
use crate::value::{TimeError, Unit};
use diagnostics::{Diagnostic, nearest};
use samples::format::{Format, Piece, Purpose};

/// Reads one `stats` line.
pub(crate) type StatsParser = fn(&mut ProxyContext<'_, '_>, &Line);

use Support::{Full, Ignored};

#[rustfmt::skip]
pub(crate) static TABLE: &[Keyword<StatsParser>] = &[
    row("admin", Sections::BOTH, ANY, Full(admin), "who may change servers on the page"),
    row("uri", Sections::BOTH_DEF, ANY, Full(uri), "the page's path; default /haproxy?stats"),
    row("realm", Sections::BOTH_DEF, ANY, Full(realm), "what the browser asks a password for"),
    row("refresh", Sections::BOTH_DEF, ANY, Full(refresh), "the page loads itself again; seconds"),
    row("auth", Sections::BOTH_DEF, ANY, Full(auth), "a user and a password"),
    row("scope", Sections::BOTH_DEF, ANY, Full(scope), "the proxies that are shown"),
    row("enable", Sections::BOTH_DEF, ANY, Full(enable), "serves the page"),
    row("hide-version", Sections::BOTH_DEF, ANY, Full(|c, _| stats(c).hide_version = true), "leaves the version out"),
    row("show-legends", Sections::BOTH_DEF, ANY, Full(|c, _| stats(c).show_legends = true), "more details when pointing"),
    row("show-node", Sections::BOTH_DEF, ANY, Full(show_node), "shows the node's name"),
    row("show-desc", Sections::BOTH_DEF, ANY, Full(show_desc), "shows a description"),
    row("show-modules", Sections::BOTH_DEF, ANY, Ignored, "columns of extra modules; there are none"),
    row("http-request", Sections::BOTH, ANY, Full(http_request), "rules on requests for the page"),
];

const KNOWN: &str = "expects 'admin', 'uri', 'realm', 'auth', 'scope', 'enable', 'hide-version', \
                     'show-node', 'show-desc' or 'show-legends'.";

pub(super) fn parse(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let Some(row) = find(&[TABLE], line.text(1)) else {
        let diagnostic = unknown(context, line);
        context.report.push(diagnostic);
        return;
    };
    let shown = format!("stats {}", row.name);
    if context.proxy.kind == Kind::Defaults && !row.sections.contains(Sections::DEFAULTS) {
        // HAProxy is not as precise about the rules
        let named = if row.name == "http-request" {
            "stats"
        } else {
            &shown
        };
        let words = format!("'{named}' not allowed in 'defaults' section.");
        context.report.push(
            Diagnostic::error(
                "wrong-section",
                format!("`{shown}` cannot stand in `defaults`"),
            )
            .at(line.statement(), "")
            .haproxy(context.report.tight(line.span, &words)),
        );
        return;
    }
    if let Some(parser) = row.parser(&shown, 2, line, context.report) {
        parser(context, line);
    }
}

/// The section's page, with HAProxy's defaults when this is its first line about it.
fn stats<'a>(context: &'a mut ProxyContext<'_, '_>) -> &'a mut Stats {
    if !std::mem::replace(&mut context.proxy.own_stats, true) {
        context.proxy.settings.stats = None;
    }
    context.proxy.settings.stats.get_or_insert_with(|| Stats {
        uri: "/haproxy?stats".to_owned(),
        refresh: None,
        realm: None,
        auth: Vec::new(),
        rules: Vec::new(),
        admin: Vec::new(),
        hide_version: false,
        show_legends: false,
        show_node: false,
        show_desc: None,
        scope: Vec::new(),
    })
}

fn unknown(context: &ProxyContext<'_, '_>, line: &Line) -> Diagnostic {
    let name = line.text(1);
    let (start, what) = if name.is_empty() {
        (
            "missing keyword in 'stats'".to_owned(),
            "`stats` wants a word".to_owned(),
        )
    } else {
        (
            format!("unknown stats parameter '{name}'"),
            format!("there is no `stats {name}`"),
        )
    };
    let label = nearest(name, names(&[TABLE]))
        .map_or_else(String::new, |known| format!("did you mean `{known}`?"));
    Diagnostic::error("unknown-stats", what)
        .at(line.span(1), label)
        .haproxy(
            context
                .report
                .tight(line.span, &format!("{start}, {KNOWN}")),
        )
}

fn missing(context: &mut ProxyContext<'_, '_>, line: &Line, words: &str) {
    let shown = format!("stats {}", line.text(1));
    context.report.push(
        Diagnostic::error("missing-value", format!("`{shown}` wants a value"))
            .at(line.statement(), "")
            .haproxy(context.report.spaced(line.span, words)),
    );
}

fn enable(context: &mut ProxyContext<'_, '_>, _: &Line) {
    stats(context);
}

fn uri(context: &mut ProxyContext<'_, '_>, line: &Line) {
    match line.text(2) {
        "" => missing(context, line, "'uri' needs an URI prefix."),
        uri => stats(context).uri = uri.to_owned(),
    }
}

fn realm(context: &mut ProxyContext<'_, '_>, line: &Line) {
    match line.text(2) {
        "" => missing(context, line, "'realm' needs an realm name."),
        realm => stats(context).realm = Some(realm.to_owned()),
    }
}

fn auth(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let text = line.text(2);
    if text.is_empty() {
        missing(context, line, "'auth' needs a user:password account.");
        return;
    }
    let (user, password) = text.split_once(':').unwrap_or((text, ""));
    stats(context)
        .auth
        .push((user.to_owned(), password.to_owned()));
}

fn scope(context: &mut ProxyContext<'_, '_>, line: &Line) {
    match line.text(2) {
        "" => missing(context, line, "'scope' needs a proxy name."),
        scope => stats(context).scope.push(scope.to_owned()),
    }
}

fn refresh(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let Some(word) = line.words.get(2) else {
        context.report.push(
            Diagnostic::error("missing-value", "`stats refresh` wants a time")
                .at(line.statement(), "")
                .next("stats refresh 5s")
                // HAProxy prints a zero byte here, and the rest of its line is lost
                .haproxy(context.report.tight(line.span, "unexpected character '")),
        );
        return;
    };
    let spelling = times::Spelling {
        shown: "stats refresh",
        unit: Unit::Seconds,
        words: refresh_words,
    };
    if let Some(time) = times::read(word, line, &spelling, context.report) {
        stats(context).refresh = (!time.is_zero()).then_some(time);
    }
}

fn refresh_words(problem: &times::Problem<'_, '_>) -> String {
    let value = problem.value;
    let text = match problem.error {
        TimeError::Overflow => format!(
            "timer overflow in argument <{value}> to stats refresh interval, maximum value is 2147483647 s (~68 years)."
        ),
        TimeError::Unexpected(odd) => {
            format!("unexpected character '{odd}' in argument to stats refresh interval.")
        }
    };
    problem.report.tight(problem.line.span, &text)
}

fn show_node(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let name = line.text(2);
    let odd = |c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_' || c == '.');
    if name.contains(odd) {
        let words = "'stats show-node' invalid node name - should be a stringwith digits(0-9), \
                     letters(A-Z, a-z), hyphen(-) or underscode(_).";
        context.report.push(
            Diagnostic::error("bad-name", format!("`{name}` is not a node's name"))
                .at(line.span(2), "")
                .why("letters, digits, `-`, `_` and `.` are allowed")
                .haproxy(context.report.tight(line.span, words)),
        );
        return;
    }
    stats(context).show_node = true;
}

fn show_desc(context: &mut ProxyContext<'_, '_>, line: &Line) {
    if line.text(2).is_empty() && context.global.description.is_none() {
        let words = "'show-desc' requires a parameter or 'desc' to be set in the global section.";
        context.report.push(
            Diagnostic::warning("missing-value", "`stats show-desc` has nothing to show")
                .at(line.statement(), "")
                .next("put a text after it, or `description ...` into `global`")
                .haproxy(context.report.tight(line.span, words)),
        );
        return;
    }
    let texts: Vec<&str> = line.words[2..].iter().map(|w| w.text.as_str()).collect();
    stats(context).show_desc = Some(texts.join(" "));
}

fn admin(context: &mut ProxyContext<'_, '_>, line: &Line) {
    if !matches!(line.text(2), "if" | "unless") {
        let words = "'stats admin' requires either 'if' or 'unless' followed by a condition.";
        context.report.push(
            Diagnostic::error("missing-condition", "`stats admin` wants a condition")
                .at(line.statement(), "")
                .next("stats admin if TRUE")
                .haproxy(context.report.spaced(line.span, words)),
        );
        return;
    }
    let site = http_rules::request_site(context.proxy.kind);
    if let Some(condition) = rules::condition(context, line, 2, site, "a 'stats admin' rule") {
        stats(context).admin.push(condition);
    }
}

/// `stats http-request allow|deny|auth [realm R] [if|unless C]`.
fn http_request(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let rules = &stats(context).rules;
    if rules.last().is_some_and(|rule| rule.condition.is_none()) {
        let words = "previous 'stats' action has no condition attached, further entries are NOOP.";
        context.report.push(
            Diagnostic::warning("unreachable-rule", "no request gets as far as this rule")
                .at(line.statement(), "")
                .why("the rule above it always ends the list")
                .haproxy(context.report.tight(line.span, words)),
        );
    }
    let Some(HttpRule { action, condition }) = http_rules::on_statistics(context, line) else {
        return;
    };
    let action = match action {
        HttpAction::Auth { realm: None } => HttpAction::Auth {
            realm: Some(Format {
                pieces: vec![Piece::Text(Stats::DEFAULT_REALM.to_owned())],
                purpose: Purpose::Http,
            }),
        },
        HttpAction::Allow | HttpAction::Deny(_) | HttpAction::Auth { .. } => action,
        _ => {
            let shown = format!("stats http-request {}", line.text(2));
            let diagnostic = super::refused(&shown, line.statement());
            context.report.push(diagnostic);
            return;
        }
    };
    let rule = HttpRule { action, condition };
    stats(context).rules.push(rule);
}
