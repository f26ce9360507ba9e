//! `timeout ...`: how long each phase may take.

use super::{Keyword, Sections, Support, row};
use crate::proxy::{ProxyContext, Timeouts};
use crate::raw::Line;
use crate::times;
use crate::value::Unit;
use diagnostics::{Diagnostic, Span};
use std::time::Duration;

/// Where the value goes.
pub(crate) type TimeoutSlot = fn(&mut Timeouts) -> &mut Option<Duration>;

use Support::Full;

#[rustfmt::skip]
pub(crate) static TABLE: &[Keyword<TimeoutSlot>] = &[
    row("client", Sections::FRONT_DEF, 1, Full(|t| &mut t.client), "longest silence of a client"),
    row("server", Sections::BACK_DEF, 1, Full(|t| &mut t.server), "longest silence of a server"),
    row("connect", Sections::BACK_DEF, 1, Full(|t| &mut t.connect), "longest wait for a connection to a server"),
    row("check", Sections::BACK_DEF, 1, Full(|t| &mut t.check), "longest wait for a health check's answer"),
    row("queue", Sections::BACK_DEF, 1, Full(|t| &mut t.queue), "longest wait for a free slot; default: `timeout connect`"),
    row("http-keep-alive", Sections::BOTH_DEF, 1, Full(|t| &mut t.http_keep_alive), "longest wait for the next request of a connection"),
    row("http-request", Sections::BOTH_DEF, 1, Full(|t| &mut t.http_request), "longest wait for a complete request head"),
    row("tunnel", Sections::BACK_DEF, 1, Full(|t| &mut t.tunnel), "longest silence after an upgrade"),
    row("tarpit", Sections::BOTH_DEF, 1, Full(|t| &mut t.tarpit), "how long `http-request tarpit` holds a client; default: `timeout connect`"),
    row("client-fin", Sections::FRONT_DEF, 1, Full(|t| &mut t.client_fin), "longest wait for a client that closed one way"),
    row("server-fin", Sections::BACK_DEF, 1, Full(|t| &mut t.server_fin), "longest wait for a server that closed one way"),
];

const KNOWN: &str = "'client', 'server', 'connect', 'check', 'queue', 'http-keep-alive', 'http-request', \
                     'tunnel', 'tarpit', 'client-fin' and 'server-fin'";

pub(super) fn parse(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let Some(row) = super::find(&[TABLE], line.text(1)) else {
        let diagnostic = unknown(context, line);
        context.report.push(diagnostic);
        return;
    };
    let shown = format!("timeout {}", row.name);
    if !context.proxy.kind.fits(row.sections) {
        let diagnostic = misplaced(context, line, &shown, row.sections);
        context.report.push(diagnostic);
        return;
    }
    match row.support {
        Full(slot) => value(context, line, &shown, slot),
        _ => context
            .report
            .push(super::ignored(&shown, line.statement())),
    }
}

fn value(context: &mut ProxyContext<'_, '_>, line: &Line, shown: &str, slot: TimeoutSlot) {
    if line.text(2).is_empty() {
        let words = format!("'{shown}' expects an integer value (in milliseconds)");
        context.report.push(
            Diagnostic::error("missing-value", format!("`{shown}` wants a time"))
                .at(line.statement(), "")
                .next(format!("{shown} 10s"))
                .haproxy(context.report.spaced(line.span, &words)),
        );
        return;
    }
    if let Some(extra) = line.words.get(3) {
        let words = format!(
            "'{shown}' : unexpected extra argument '{}' after value '{}'.",
            extra.text,
            line.text(2)
        );
        context.report.push(
            Diagnostic::error(
                "unexpected-word",
                format!("`{}` is one word too many for `{shown}`", extra.text),
            )
            .at(extra.span, "")
            .haproxy(context.report.spaced(line.span, &words)),
        );
        return;
    }
    let spelling = times::Spelling {
        shown,
        unit: Unit::Milliseconds,
        words: times::timeout_words,
    };
    if let Some(duration) = times::read(&line.words[2], line, &spelling, context.report) {
        *slot(&mut context.proxy.settings.timeouts) = (!duration.is_zero()).then_some(duration);
    }
}

/// Words of old files, which HAProxy still knows behind `timeout`, too.
const OLD: [(&str, &str); 3] = [
    ("clitimeout", "client"),
    ("contimeout", "connect"),
    ("srvtimeout", "server"),
];

fn unknown(context: &ProxyContext<'_, '_>, line: &Line) -> Diagnostic {
    let got = line.text(1);
    if let Some((_, now)) = OLD.iter().find(|(old, _)| *old == got) {
        let words = format!(
            "the '{got}' directive is not supported anymore since HAProxy 2.1. Use 'timeout {now}'."
        );
        return Diagnostic::error("removed", format!("`timeout {got}` is gone"))
            .at(line.statement(), "")
            .next(format!("timeout {now} {}", line.text(2)))
            .haproxy(context.report.spaced(line.span, &words));
    }
    let words = format!("'timeout' supports {KNOWN} (got '{got}')");
    let known = KNOWN.replace('\'', "").replace(" and", ",");
    let diagnostic = Diagnostic::error("unknown-timeout", format!("there is no `timeout {got}`"))
        .why(format!("known ones: {known}"))
        .haproxy(context.report.spaced(line.span, &words));
    match diagnostics::nearest(got, super::names(&[TABLE])) {
        Some(name) => diagnostic.at(line.span(1), format!("did you mean `{name}`?")),
        None => diagnostic.at(line.span(1), ""),
    }
}

fn misplaced(
    context: &ProxyContext<'_, '_>,
    line: &Line,
    shown: &str,
    sections: Sections,
) -> Diagnostic {
    let proxy = &context.proxy;
    let words = format!(
        "'{shown}' will be ignored because {} '{}' has no {} capability",
        proxy.kind.name(),
        proxy.name.text,
        if sections.contains(Sections::FRONTEND) {
            "frontend"
        } else {
            "backend"
        },
    );
    let at = Span {
        end: line.span(1).end,
        ..line.keyword().span
    };
    Diagnostic::warning(
        "wrong-section",
        format!("`{shown}` does nothing in a `{}`", proxy.kind.name()),
    )
    .at(at, "")
    .haproxy(context.report.spaced(line.span, &words))
}
