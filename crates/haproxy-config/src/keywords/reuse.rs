//! Which server connections are used again, and how many sessions begin: `http-reuse` and its kin, `rate-limit`.

use crate::model::ReuseMode;
use crate::proxy::ProxyContext;
use crate::raw::Line;
use diagnostics::Diagnostic;

pub(super) fn http_reuse(context: &mut ProxyContext<'_, '_>, line: &Line) {
    context.proxy.settings.reuse.mode = match line.text(1) {
        "never" => ReuseMode::Never,
        "safe" => ReuseMode::Safe,
        "aggressive" => ReuseMode::Aggressive,
        "always" => ReuseMode::Always,
        other => {
            let what = format!("`http-reuse` knows no `{other}`");
            let words = "'http-reuse' only supports 'never', 'safe', 'aggressive', 'always'.";
            return wrong(context, line, &what, words);
        }
    };
    if !line.text(2).is_empty() {
        let (mode, extra) = (line.text(1), line.text(2));
        let what = format!("`{extra}` is one word too many");
        let words = format!("'http-reuse {mode}' cannot handle unexpected argument '{extra}'.");
        wrong(context, line, &what, &words);
    }
}

pub(super) fn max_keep_alive_queue(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let number = number(
        context,
        line,
        1,
        "'max-keep-alive-queue' expects expects an integer value (or -1 to disable)",
        "'max-keep-alive-queue'",
    );
    if let Some(number) = number {
        // HAProxy keeps it plus one: 0 is no limit.
        let limit = number.checked_add(1).unwrap_or(0);
        context.proxy.settings.reuse.max_queue = u32::try_from(limit).unwrap_or(0);
    }
}

pub(super) fn max_session_srv_conns(context: &mut ProxyContext<'_, '_>, line: &Line) {
    if line.text(1).is_empty() {
        let report = &mut *context.report;
        let place = report.place(line.span);
        // HAProxy's letters
        let words = format!(
            "config : parsine [{place}] : 'max-session-srv-conns' expects a number. Got no argument"
        );
        let what = Diagnostic::error("missing-value", "`max-session-srv-conns` wants a number");
        report.push(what.at(line.keyword().span, "").haproxy(words));
        return;
    }
    if let Some(number) = super::integer(line, "", context.report) {
        context.proxy.settings.frontend.max_server_connections =
            usize::try_from(number).unwrap_or(usize::MAX);
    }
}

pub(super) fn rate_limit(context: &mut ProxyContext<'_, '_>, line: &Line) {
    if line.text(1) != "sessions" {
        let got = line.text(1);
        let what = format!("`rate-limit` knows no `{got}`");
        let words = format!("'rate-limit' only supports 'sessions' (got '{got}')");
        return wrong(context, line, &what, &words);
    }
    let number = number(
        context,
        line,
        2,
        "'rate-limit sessions' expects expects an integer value (in sessions/second)",
        "'rate-limit sessions'",
    );
    if let Some(number) = number {
        context.proxy.settings.frontend.session_rate = u32::try_from(number).unwrap_or(u32::MAX);
    }
}

/// A number with nothing behind it.
fn number(
    context: &mut ProxyContext<'_, '_>,
    line: &Line,
    at: usize,
    missing: &str,
    title: &str,
) -> Option<i64> {
    let text = line.text(at);
    if text.is_empty() {
        wrong(context, line, "a number is missing", missing);
        return None;
    }
    let (number, clean) = crate::value::lenient_integer(text);
    if !clean {
        let digits = text.trim_start_matches('-');
        let odd = digits.chars().find(|c| !c.is_ascii_digit()).unwrap_or(' ');
        let words = format!("{title} : unexpected character '{odd}' in integer value '{text}'");
        wrong(context, line, &format!("`{text}` is not a number"), &words);
        return None;
    }
    Some(number)
}

fn wrong(context: &mut ProxyContext<'_, '_>, line: &Line, what: &str, words: &str) {
    context.report.push(
        Diagnostic::error("bad-value", what.to_owned())
            .at(line.statement(), "")
            .haproxy(context.report.spaced(line.span, words)),
    );
}
