//! `http-request`, `http-response` and `http-after-response`: one row per action.

use super::http_actions as actions;
use super::{
    cache, counter_actions as counters, pattern_actions as patterns, redirect, reply, rules,
    stream_actions as stream,
};
use crate::acl::Site;
use crate::model::{End, HttpAction, HttpRule};
use crate::proxy::{Kind, ProxyContext};
use crate::raw::Line;
use crate::sample::Place;
use diagnostics::{Diagnostic, nearest};

/// Reads an action's words; the error is HAProxy's.
type ActionParser = fn(&mut Action<'_, '_, '_>) -> Read;

/// An action, or what is wrong with its words.
pub(crate) type Read = Result<HttpAction, String>;

/// The lists of rules an action may stand in.
const REQUEST: u8 = 1;
const RESPONSE: u8 = 2;
const AFTER: u8 = 4;
const BOTH: u8 = REQUEST | RESPONSE;
const ALL: u8 = BOTH | AFTER;

/// An action: its name (`*`: an argument in brackets follows), where it stands, its parser. `None`: HAProxy knows it,
/// we do not yet.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    lists: u8,
    pub(crate) parser: Option<ActionParser>,
}

const fn row(name: &'static str, lists: u8, parser: Option<ActionParser>) -> Row {
    Row {
        name,
        lists,
        parser,
    }
}

/// In the order HAProxy lists them.
#[rustfmt::skip]
pub(crate) static TABLE: &[Row] = &[
    row("wait-for-handshake", REQUEST, Some(|_| Ok(HttpAction::NoEffect))),
    row("ot-group", ALL, None),
    row("set-log-level", BOTH, Some(actions::log_level)),
    row("set-nice", BOTH, Some(stream::nice)),
    row("use-service", REQUEST, Some(actions::use_service)),
    row("sc-inc-gpc(*)", BOTH, Some(counters::increment_gpc)),
    row("sc-inc-gpc0(*)", BOTH, Some(counters::increment_gpc0)),
    row("sc-inc-gpc1(*)", BOTH, Some(counters::increment_gpc1)),
    row("sc-set-gpt(*)", BOTH, Some(counters::set_gpt)),
    row("sc-set-gpt0(*)", BOTH, Some(counters::set_gpt0)),
    row("send-spoe-group", BOTH, None),
    row("do-resolve(*)", REQUEST, None),
    row("cache-use", REQUEST, Some(cache::use_rule)),
    row("cache-store", RESPONSE, Some(cache::store_rule)),
    row("add-acl(*)", BOTH, Some(patterns::add_acl)),
    row("add-header", ALL, Some(actions::add_header)),
    row("allow", ALL, Some(|_| Ok(HttpAction::Allow))),
    row("auth", REQUEST, Some(actions::auth)),
    row("capture", ALL, Some(actions::capture)),
    row("del-acl(*)", BOTH, Some(patterns::delete)),
    row("del-header", ALL, Some(actions::del_header)),
    row("del-map(*)", BOTH, Some(patterns::delete)),
    row("deny", BOTH, Some(reply::deny)),
    row("disable-l7-retry", REQUEST, Some(|_| Ok(HttpAction::DisableRetry))),
    row("early-hint", REQUEST, Some(stream::early_hint)),
    row("normalize-uri", REQUEST, None),
    row("redirect", BOTH, Some(redirect::action)),
    row("reject", REQUEST, Some(|_| Ok(HttpAction::Reject))),
    row("replace-header", ALL, Some(actions::replace_header)),
    row("replace-path", REQUEST, Some(actions::replace_path)),
    row("replace-pathq", REQUEST, Some(actions::replace_path_and_query)),
    row("replace-uri", REQUEST, Some(actions::replace_uri)),
    row("replace-value", ALL, Some(actions::replace_value)),
    row("return", BOTH, Some(reply::return_)),
    row("set-header", ALL, Some(actions::set_header)),
    row("set-map(*)", BOTH, Some(patterns::set_map)),
    row("set-method", REQUEST, Some(|action| action.only_format().map(HttpAction::SetMethod))),
    row("set-path", REQUEST, Some(|action| action.only_format().map(HttpAction::SetPath))),
    row("set-pathq", REQUEST, Some(|action| action.only_format().map(HttpAction::SetPathAndQuery))),
    row("set-query", REQUEST, Some(|action| action.only_format().map(HttpAction::SetQuery))),
    row("set-status", RESPONSE | AFTER, Some(actions::set_status)),
    row("set-uri", REQUEST, Some(|action| action.only_format().map(HttpAction::SetUri))),
    row("strict-mode", ALL, Some(stream::strict_mode)),
    row("tarpit", REQUEST, Some(reply::tarpit)),
    row("track-sc(*)", BOTH, Some(counters::track)),
    row("set-timeout", REQUEST, Some(stream::timeout)),
    row("wait-for-body", REQUEST, Some(actions::wait_for_body)),
    row("wait-for-body", RESPONSE, None),
    row("set-var-fmt(*)", ALL, Some(actions::set_variable_text)),
    row("set-var(*)", ALL, Some(actions::set_variable)),
    row("unset-var(*)", ALL, Some(actions::unset_variable)),
    row("set-dst", REQUEST, Some(|action| actions::address(action, End::Destination))),
    row("set-dst-port", REQUEST, Some(|action| actions::port(action, End::Destination))),
    row("set-mark", BOTH, Some(stream::mark)),
    row("set-src", REQUEST, Some(|action| actions::address(action, End::Source))),
    row("set-src-port", REQUEST, Some(|action| actions::port(action, End::Source))),
    row("set-tos", BOTH, Some(stream::tos)),
    row("silent-drop", BOTH, Some(|_| Ok(HttpAction::SilentDrop))),
    row("set-priority-class", REQUEST, Some(stream::priority_class)),
    row("set-priority-offset", REQUEST, Some(stream::priority_offset)),
];

impl Row {
    /// The lists it may stand in, for the reference page.
    pub(crate) fn letters(&self) -> String {
        let lists = [("Q", REQUEST), ("S", RESPONSE), ("A", AFTER)];
        let letters = lists.iter().filter(|(_, list)| self.lists & list != 0);
        letters
            .map(|(letter, _)| *letter)
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Whether it is meant by a word, which may carry an argument.
    fn is(&self, word: &str) -> bool {
        names(self.name, word)
    }
}

/// Whether an action's name, which may end in `(*)`, is what a word says.
pub(super) fn names(name: &str, word: &str) -> bool {
    match name.strip_suffix("(*)") {
        None => name == word,
        Some(name @ ("track-sc" | "set-var" | "set-var-fmt" | "unset-var")) => {
            word.starts_with(name)
        }
        Some(name) => word
            .strip_prefix(name)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('(')),
    }
}

/// An action while its words are read.
pub(crate) struct Action<'a, 'p, 'r> {
    pub(crate) line: &'a Line,
    /// Where its name stands.
    pub(crate) named: usize,
    /// The next word.
    pub(crate) at: usize,
    pub(crate) site: Site,
    pub(crate) context: &'a mut ProxyContext<'p, 'r>,
}

impl Action<'_, '_, '_> {
    /// The next word, empty at the end; `if` and `unless` end an action.
    pub(crate) fn peek(&self) -> &str {
        match self.line.text(self.at) {
            "if" | "unless" => "",
            text => text,
        }
    }

    /// Takes a word, whatever it is.
    pub(crate) fn take(&mut self) -> String {
        let text = self.line.text(self.at).to_owned();
        self.at += 1;
        text
    }

    pub(crate) fn place(&mut self) -> Place<'_> {
        self.context.place(self.line.span)
    }

    /// A text in which variables are expanded when it is sent.
    pub(crate) fn format(&mut self, text: &str) -> Result<samples::Format, String> {
        let site = self.site;
        crate::sample::format(
            text,
            samples::format::Purpose::Http,
            site,
            &mut self.place(),
        )
    }

    /// As written, with its brackets.
    pub(crate) fn name(&self) -> &str {
        self.line.text(self.named)
    }

    /// What stands in the brackets of the action's own name.
    pub(crate) fn bracketed(&self) -> Option<&str> {
        let name = self.name();
        name.split_once('(')?.1.strip_suffix(')')
    }

    /// One format and nothing else.
    fn only_format(&mut self) -> Result<samples::Format, String> {
        let count = self.words_left();
        if count != 1 {
            return Err("expects exactly 1 argument <format>".to_owned());
        }
        let text = self.take();
        self.format(&text)
    }

    /// Words before the condition.
    pub(crate) fn words_left(&self) -> usize {
        let rest = self.line.words.get(self.at..).unwrap_or_default();
        let ends = |word: &crate::words::Word| matches!(&*word.text, "if" | "unless");
        rest.iter().position(ends).unwrap_or(rest.len())
    }
}

pub(super) fn request(context: &mut ProxyContext<'_, '_>, line: &Line) {
    warn_misplaced(context, line, &["use_backend"]);
    if let Some(rule) = rule(context, line, 1, REQUEST) {
        warn_unreachable(&context.proxy.settings.http.request, line, context.report);
        context.proxy.settings.http.request.push(rule);
    }
}

pub(super) fn response(context: &mut ProxyContext<'_, '_>, line: &Line) {
    if let Some(rule) = rule(context, line, 1, RESPONSE) {
        warn_unreachable(&context.proxy.settings.http.response, line, context.report);
        context.proxy.settings.http.response.push(rule);
    }
}

pub(super) fn after_response(context: &mut ProxyContext<'_, '_>, line: &Line) {
    if let Some(rule) = rule(context, line, 1, AFTER) {
        warn_unreachable(
            &context.proxy.settings.http.after_response,
            line,
            context.report,
        );
        context.proxy.settings.http.after_response.push(rule);
    }
}

/// The rule behind `stats`.
pub(super) fn on_statistics(context: &mut ProxyContext<'_, '_>, line: &Line) -> Option<HttpRule> {
    rule(context, line, 2, REQUEST)
}

/// `named`: where the action's name stands, behind the list's.
fn rule(
    context: &mut ProxyContext<'_, '_>,
    line: &Line,
    named: usize,
    list: u8,
) -> Option<HttpRule> {
    let word = line.text(named);
    let rows = || TABLE.iter().filter(|row| row.lists & list != 0);
    let Some(row) = rows().find(|row| row.is(word)) else {
        let names: Vec<&str> = rows().map(|row| row.name).collect();
        let diagnostic = unknown(line, named, &names, context);
        context.report.push(diagnostic);
        return None;
    };
    let shown = format!("{} {word}", line.text(named - 1));
    let Some(parser) = row.parser else {
        context
            .report
            .push(super::refused(&shown, line.statement()));
        return None;
    };
    let site = site(context.proxy.kind, list);
    let mut action = Action {
        line,
        named,
        at: named + 1,
        site,
        context,
    };
    let read = parser(&mut action);
    let at = action.at;
    match read {
        Ok(action) => {
            let condition = condition(context, line, at, site, &shown)?;
            Some(HttpRule { action, condition })
        }
        Err(words) => {
            let told = format!(
                "error detected in {} while parsing '{shown}' rule : {words}.",
                context.proxy.titled()
            );
            let last = line
                .words
                .len()
                .saturating_sub(1)
                .min(at.max(named + 1) - 1);
            context.report.push(
                Diagnostic::error("bad-rule", format!("`{shown}`: {words}"))
                    .at(line.span(last), "")
                    .haproxy(context.report.spaced(line.span, &told)),
            );
            None
        }
    }
}

/// `None`: what stands there is no condition.
fn condition(
    context: &mut ProxyContext<'_, '_>,
    line: &Line,
    at: usize,
    site: Site,
    shown: &str,
) -> Option<Option<samples::Condition>> {
    match line.text(at) {
        "" => Some(None),
        "if" | "unless" => {
            let what = format!("an '{shown}' condition");
            rules::condition(context, line, at, site, &what).map(Some)
        }
        odd => {
            let words = format!(
                "'{shown}' expects either 'if' or 'unless' followed by a condition but found '{odd}'."
            );
            context.report.push(
                Diagnostic::error("unexpected-word", format!("`{odd}` does not belong here"))
                    .at(line.span(at), "")
                    .why("after an action stands nothing, or a condition:  if { path_beg /x }")
                    .haproxy(context.report.tight(line.span, &words)),
            );
            None
        }
    }
}

fn unknown(
    line: &Line,
    named: usize,
    names: &[&str],
    context: &ProxyContext<'_, '_>,
) -> Diagnostic {
    let (keyword, word) = (line.text(named - 1), line.text(named));
    let plain = names.iter().map(|name| name.trim_end_matches("(*)"));
    let suggestion = nearest(word, plain);
    let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    let hint = match suggestion {
        _ if word.is_empty() => " (missing argument)".to_owned(),
        Some(name) => format!(". Did you mean '{name}' maybe ?"),
        None => String::new(),
    };
    let end = if suggestion.is_some() { "" } else { "." };
    let words = format!(
        "'{keyword}' expects {}, but got '{word}'{hint}{end}",
        quoted.join(", ")
    );
    Diagnostic::error(
        "unknown-action",
        format!("`{keyword}` does not know `{word}`"),
    )
    .at(
        line.span(named),
        suggestion.map_or_else(String::new, |name| format!("did you mean `{name}`?")),
    )
    .haproxy(context.report.tight(line.span, &words))
}

/// Where the rules on requests of a section stand.
pub(super) fn request_site(kind: Kind) -> Site {
    site(kind, REQUEST)
}

fn site(kind: Kind, list: u8) -> Site {
    match (list, kind.has_frontend()) {
        (REQUEST, true) if kind.has_backend() => Site::ListenRequest,
        (REQUEST, true) => Site::FrontendRequest,
        (REQUEST, false) => Site::BackendRequest,
        (_, true) => Site::FrontendResponse,
        (_, false) => Site::BackendResponse,
    }
}

/// A rule that runs before one above it.
pub(super) fn warn_misplaced(context: &mut ProxyContext<'_, '_>, line: &Line, later: &[&str]) {
    let proxy = &context.proxy;
    let seen = [
        ("use_backend", !proxy.use_backends.is_empty()),
        ("redirect", !proxy.redirects.is_empty()),
        ("http-request", !proxy.settings.http.request.is_empty()),
        (
            "tcp-request content",
            !proxy.settings.tcp.content.is_empty(),
        ),
    ];
    let before = seen
        .iter()
        .find(|(name, seen)| *seen && later.contains(name));
    if let Some((name, _)) = before {
        let keyword = line.text(0);
        let article = if *name == "http-request" { "an" } else { "a" };
        let words = format!(
            "a '{keyword}' rule placed after {article} '{name}' rule will still be processed before."
        );
        context.report.push(
            Diagnostic::warning(
                "rule-order",
                format!("this `{keyword}` runs before the `{name}` above it"),
            )
            .at(line.keyword().span, "")
            .next(format!(
                "move it above the `{name}` lines: the file then reads as it works"
            ))
            .haproxy(context.report.spaced(line.span, &words)),
        );
    }
}

/// A rule below one that always ends the list.
fn warn_unreachable(rules: &[HttpRule], line: &Line, report: &mut crate::report::Report<'_>) {
    let last = rules.last();
    if !last.is_some_and(|rule| rule.condition.is_none() && rule.action.is_final()) {
        return;
    }
    let keyword = line.text(0);
    let words = format!(
        "previous '{keyword}' action is final and has no condition attached, further entries are NOOP."
    );
    report.push(
        Diagnostic::warning("unreachable-rule", "no request gets as far as this rule")
            .at(line.statement(), "")
            .why("the rule above it always ends the list")
            .haproxy(report.tight(line.span, &words)),
    );
}

impl HttpAction {
    /// No rule after it is looked at.
    fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Allow
                | Self::Deny(_)
                | Self::Tarpit(_)
                | Self::Return(_)
                | Self::Redirect(_)
                | Self::Auth { .. }
                | Self::Reject
                | Self::SilentDrop
        )
    }
}
