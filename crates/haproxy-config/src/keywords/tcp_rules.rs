//! `tcp-request` and `tcp-response`: one row per action.

use super::http_rules::{Action, warn_misplaced};
use super::{
    counter_actions as counters, http_actions as actions, rules, stream_actions as stream,
};
use crate::acl::Site;
use crate::model::{End, TcpAction, TcpRule};
use crate::proxy::ProxyContext;
use crate::raw::Line;
use crate::value::{TimeError, Unit};
use diagnostics::{Diagnostic, nearest};
use samples::Condition;
use std::time::Duration;

/// Reads an action's words; the error is HAProxy's.
type Parser = fn(&mut Action<'_, '_, '_>) -> Result<TcpAction, String>;

/// An action: its name (`*`: an argument in brackets follows), its parser. `None`: HAProxy knows it, we do not yet.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) parser: Option<Parser>,
}

const fn row(name: &'static str, parser: Option<Parser>) -> Row {
    Row { name, parser }
}

macro_rules! common {
    ($read:expr) => {
        Some(|action| $read(action).map(TcpAction::Common))
    };
}

const ACCEPT: Row = row("accept", Some(|_| Ok(TcpAction::Accept)));
const REJECT: Row = row("reject", Some(|_| Ok(TcpAction::Reject)));
const CAPTURE: Row = row("capture", Some(capture));
const EXPECT_PROXY: Row = row("expect-proxy", Some(expect_proxy));
const NETSCALER: Row = row("expect-netscaler-cip", None);
const TRACK: Row = row(
    "track-sc(*)",
    Some(|action| {
        quoted(action, |action| {
            counters::track(action).map(TcpAction::Common)
        })
    }),
);
const SILENT_DROP: Row = row("silent-drop", Some(|_| Ok(TcpAction::SilentDrop)));

/// In the order HAProxy lists them.
#[rustfmt::skip]
pub(crate) static CONNECTION: &[Row] = &[
    ACCEPT, REJECT, CAPTURE, EXPECT_PROXY, NETSCALER, TRACK,
    row("sc-inc-gpc(*)", common!(counters::increment_gpc)),
    row("sc-inc-gpc0(*)", common!(counters::increment_gpc0)),
    row("sc-inc-gpc1(*)", common!(counters::increment_gpc1)),
    row("sc-set-gpt(*)", common!(counters::set_gpt)),
    row("sc-set-gpt0(*)", common!(counters::set_gpt0)),
    row("set-var-fmt(*)", common!(actions::set_variable_text)),
    row("set-var(*)", common!(actions::set_variable)),
    row("unset-var(*)", common!(actions::unset_variable)),
    row("set-dst", common!(|action| actions::address(action, End::Destination))),
    row("set-dst-port", common!(|action| actions::port(action, End::Destination))),
    row("set-mark", common!(stream::mark)),
    row("set-src", common!(|action| actions::address(action, End::Source))),
    row("set-src-port", common!(|action| actions::port(action, End::Source))),
    row("set-tos", common!(stream::tos)),
    SILENT_DROP,
];

#[rustfmt::skip]
pub(crate) static CONTENT: &[Row] = &[
    ACCEPT, REJECT, CAPTURE, EXPECT_PROXY, NETSCALER, TRACK,
    row("ot-group", None),
    row("set-log-level", common!(actions::log_level)),
    row("set-nice", common!(stream::nice)),
    row("switch-mode", None),
    row("use-service", None),
    row("sc-inc-gpc(*)", common!(counters::increment_gpc)),
    row("sc-inc-gpc0(*)", common!(counters::increment_gpc0)),
    row("sc-inc-gpc1(*)", common!(counters::increment_gpc1)),
    row("sc-set-gpt(*)", common!(counters::set_gpt)),
    row("sc-set-gpt0(*)", common!(counters::set_gpt0)),
    row("send-spoe-group", None),
    row("do-resolve(*)", None),
    row("set-var-fmt(*)", common!(actions::set_variable_text)),
    row("set-var(*)", common!(actions::set_variable)),
    row("unset-var(*)", common!(actions::unset_variable)),
    row("set-src", common!(|action| actions::address(action, End::Source))),
    row("set-src-port", common!(|action| actions::port(action, End::Source))),
    row("set-dst", common!(|action| actions::address(action, End::Destination))),
    row("set-dst-port", common!(|action| actions::port(action, End::Destination))),
    row("set-mark", common!(stream::mark)),
    row("set-tos", common!(stream::tos)),
    SILENT_DROP,
    row("set-priority-class", common!(stream::priority_class)),
    row("set-priority-offset", common!(stream::priority_offset)),
];

#[rustfmt::skip]
pub(crate) static RESPONSE: &[Row] = &[
    ACCEPT,
    row("close", Some(|_| Ok(TcpAction::Close))),
    REJECT,
    row("ot-group", None),
    row("set-log-level", common!(actions::log_level)),
    row("set-nice", common!(stream::nice)),
    row("sc-inc-gpc(*)", common!(counters::increment_gpc)),
    row("sc-inc-gpc0(*)", common!(counters::increment_gpc0)),
    row("sc-inc-gpc1(*)", common!(counters::increment_gpc1)),
    row("sc-set-gpt(*)", common!(counters::set_gpt)),
    row("sc-set-gpt0(*)", common!(counters::set_gpt0)),
    row("send-spoe-group", None),
    row("set-var-fmt(*)", common!(actions::set_variable_text)),
    row("set-var(*)", common!(actions::set_variable)),
    row("unset-var(*)", common!(actions::unset_variable)),
    row("set-mark", common!(stream::mark)),
    row("set-tos", common!(stream::tos)),
    SILENT_DROP,
];

/// Where a list of rules stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum List {
    Connection,
    Session,
    Content,
    Response,
}

/// `tcp-request`.
pub(super) fn request(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let list = match line.text(1) {
        "inspect-delay" => {
            if let Some(delay) = delay(context, line) {
                context.proxy.settings.tcp.inspect_delay = Some(delay);
            }
            return;
        }
        "connection" => List::Connection,
        "session" => List::Session,
        "content" => List::Content,
        odd => {
            let titled = context.proxy.titled();
            let words = if odd.is_empty() {
                format!("missing argument for 'tcp-request' in {titled}")
            } else {
                format!(
                    "'tcp-request' expects 'inspect-delay', 'connection', or 'content' in {titled} (got '{odd}')"
                )
            };
            return wrong(
                context,
                line,
                1,
                "tcp-request: what is to be looked at?",
                &words,
            );
        }
    };
    if matches!(list, List::Connection | List::Session) && !context.proxy.can_front() {
        let words = format!(
            "tcp-request {} is not allowed because {} {} is not a frontend",
            line.text(1),
            context.proxy.kind.title(),
            context.proxy.name.text
        );
        return wrong(
            context,
            line,
            1,
            "a backend has no clients of its own",
            &words,
        );
    }
    let later = [
        "use_backend",
        "http-request",
        "tcp-request content",
        "redirect",
    ];
    let later: &[&str] = match list {
        List::Content => &["use_backend", "http-request", "redirect"],
        _ => &later,
    };
    warn_misplaced(context, line, later);
    let Some(rule) = rule(context, line, list) else {
        return;
    };
    let tcp = &mut context.proxy.settings.tcp;
    match list {
        List::Connection => tcp.connection.push(rule),
        List::Session => tcp.session.push(rule),
        List::Content | List::Response => tcp.content.push(rule),
    }
}

/// `tcp-response`.
pub(super) fn response(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let titled = context.proxy.titled();
    if context.proxy.kind == crate::proxy::Kind::Frontend {
        let words = format!(
            "tcp-response {} is only allowed in 'backend' sections or 'defaults' section with a name",
            line.text(1)
        );
        return wrong(context, line, 1, "a frontend has no servers", &words);
    }
    match line.text(1) {
        "inspect-delay" => {
            if let Some(delay) = delay(context, line) {
                context.proxy.settings.tcp.response_inspect_delay = Some(delay);
            }
        }
        "content" => {
            if let Some(rule) = rule(context, line, List::Response) {
                context.proxy.settings.tcp.response.push(rule);
            }
        }
        "" => {
            let words = format!("missing argument for 'tcp-response' in {titled}");
            wrong(context, line, 1, "what is to be looked at?", &words);
        }
        odd => {
            let words = format!(
                "'tcp-response' expects 'inspect-delay' or 'content' in {titled} (got '{odd}')"
            );
            wrong(context, line, 1, "what is to be looked at?", &words);
        }
    }
}

fn rule(context: &mut ProxyContext<'_, '_>, line: &Line, list: List) -> Option<TcpRule> {
    let word = line.text(2);
    let shown = format!("{} {} {word}", line.text(0), line.text(1));
    let rows = match list {
        List::Connection | List::Session => CONNECTION,
        List::Content => CONTENT,
        List::Response => RESPONSE,
    };
    let Some(row) = rows
        .iter()
        .find(|row| super::http_rules::names(row.name, word))
    else {
        unknown(context, line, rows);
        return None;
    };
    let Some(parser) = row.parser else {
        context
            .report
            .push(super::refused(&shown, line.statement()));
        return None;
    };
    let site = site(context, list);
    let mut action = Action {
        line,
        named: 2,
        at: 3,
        site,
        context,
    };
    let read = parser(&mut action);
    let at = action.at;
    let action = match read {
        Ok(action) => action,
        Err(words) => {
            let last = line.words.len().saturating_sub(1).min(at - 1);
            wrong(context, line, last, &format!("`{shown}`: {words}"), &words);
            return None;
        }
    };
    let condition = condition(context, line, at, site, &shown)?;
    Some(TcpRule { action, condition })
}

fn site(context: &ProxyContext<'_, '_>, list: List) -> Site {
    match list {
        List::Connection => Site::Connection,
        List::Session => Site::Session,
        List::Content if context.proxy.kind.has_frontend() => Site::Content,
        List::Content => Site::BackendContent,
        List::Response => Site::ResponseContent,
    }
}

/// `None`: what stands there is no condition.
fn condition(
    context: &mut ProxyContext<'_, '_>,
    line: &Line,
    at: usize,
    site: Site,
    shown: &str,
) -> Option<Option<Condition>> {
    let titled = context.proxy.titled();
    match line.text(at) {
        "" => Some(None),
        word @ ("if" | "unless") => {
            let told =
                format!("'{shown}' : error detected in {titled} while parsing '{word}' condition ");
            rules::condition_bare(context, line, at, site, &told).map(Some)
        }
        odd => {
            let words =
                format!("'{shown}' only accepts 'if' or 'unless', in {titled} (got '{odd}')");
            let text = format!("`{odd}` does not belong here");
            wrong(context, line, at, &text, &words);
            None
        }
    }
}

fn unknown(context: &mut ProxyContext<'_, '_>, line: &Line, rows: &[Row]) {
    let word = line.text(2);
    let plain = |row: &'static str| row.trim_end_matches("(*)");
    let names = rows.iter().map(|row| plain(row.name));
    let suggestion = nearest(word, names);
    let listed = rows.iter().map(|row| match row.name {
        "track-sc(*)" => "'track-sc0' ... 'track-sc2'".to_owned(),
        name => format!("'{name}'"),
    });
    let listed = listed.collect::<Vec<_>>().join(", ");
    let hint = suggestion.map_or_else(String::new, |name| {
        format!(" Did you mean '{name}' maybe ?")
    });
    let words = format!(
        "'{} {}' expects {listed} in {} (got '{word}').{hint}",
        line.text(0),
        line.text(1),
        context.proxy.titled()
    );
    let label = suggestion.map_or_else(String::new, |name| format!("did you mean `{name}`?"));
    let words = context.report.spaced(line.span, &words);
    context.report.push(
        Diagnostic::error("unknown-action", format!("`{word}` is no action"))
            .at(line.span(2), label)
            .haproxy(words),
    );
}

fn wrong(context: &mut ProxyContext<'_, '_>, line: &Line, at: usize, text: &str, words: &str) {
    let words = context.report.spaced(line.span, words);
    let at = line.span(at.min(line.words.len() - 1));
    context.report.push(
        Diagnostic::error("bad-rule", text)
            .at(at, "")
            .haproxy(words),
    );
}

/// Tells errors under the rule's own name.
fn quoted(
    action: &mut Action<'_, '_, '_>,
    read: fn(&mut Action<'_, '_, '_>) -> Result<TcpAction, String>,
) -> Result<TcpAction, String> {
    read(action).map_err(|words| {
        let [list, kind, name] = [0, 1, 2].map(|at| action.line.text(at));
        format!("'{list} {kind} {name}' : {words}")
    })
}

/// `capture EXPRESSION len N`.
fn capture(action: &mut Action<'_, '_, '_>) -> Result<TcpAction, String> {
    if matches!(action.site, Site::Connection | Site::Session) {
        return not_allowed(action, &format!("capture {}", action.line.text(3)));
    }
    quoted(action, |action| {
        let at = action.at;
        if action.line.text(at + 1) != "len" && crate::sample::is_fetch(action.line.text(at)) {
            return Err("a positive 'len' argument is mandatory".to_owned());
        }
        let text = format!("'{}'", action.line.text(at));
        let read = actions::capture(action).map(TcpAction::Common);
        read.map_err(|words| words.replacen("'capture'", &text, 1))
    })
}

fn expect_proxy(action: &mut Action<'_, '_, '_>) -> Result<TcpAction, String> {
    let word = action.take();
    if word != "layer4" {
        let list = action.line.text(1);
        return Err(format!(
            "'tcp-request {list} expect-proxy' only supports 'layer4' in {} (got '{word}')",
            action.context.proxy.titled()
        ));
    }
    if action.site != Site::Connection {
        return not_allowed(action, "expect-proxy layer4");
    }
    Ok(TcpAction::ExpectProxy)
}

fn not_allowed(action: &Action<'_, '_, '_>, what: &str) -> Result<TcpAction, String> {
    Err(format!(
        "'{what}' is not allowed in 'tcp-request {}' rules in {}",
        action.line.text(1),
        action.context.proxy.titled()
    ))
}

/// `inspect-delay TIME`.
fn delay(context: &mut ProxyContext<'_, '_>, line: &Line) -> Option<Duration> {
    let titled = context.proxy.titled();
    let told = format!(
        "'{} inspect-delay' expects a positive delay in milliseconds, in {titled}",
        line.text(0)
    );
    let Some(word) = line.words.get(2).filter(|word| !word.text.is_empty()) else {
        wrong(context, line, 1, "how long?", &told);
        return None;
    };
    match crate::value::time(&word.text, Unit::Milliseconds) {
        Ok(read) => Some(read.duration),
        Err(error) => {
            let words = match error {
                TimeError::Unexpected(odd) => format!("{told} (unexpected character '{odd}')"),
                TimeError::Overflow => format!(
                    "'{} inspect-delay' : timer overflow in argument '{}'",
                    line.text(0),
                    word.text
                ),
            };
            wrong(context, line, 2, "this is no time", &words);
            None
        }
    }
}
