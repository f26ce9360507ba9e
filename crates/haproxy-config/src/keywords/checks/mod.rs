//! `option httpchk`, `option tcp-check`, and the steps of `http-check` and `tcp-check`.

mod expect;
mod samples;
mod steps;

use crate::model::{CheckAction, CheckConnect, CheckProtocol, CheckRequest, CheckStep};
use crate::proxy::ProxyContext;
use crate::raw::Line;
use crate::report::Report;
use crate::words::Word;
use ::samples::Format;
use ::samples::format::Purpose;
use diagnostics::Diagnostic;

/// What stands on check lines of a section, or of its `defaults`.
#[derive(Clone, Debug, Default)]
pub(crate) struct CheckSettings {
    /// `option httpchk` or `option tcp-check`; `None`: a connection is enough.
    pub(crate) enabled: Option<CheckProtocol>,
    pub(crate) tcp: Rules,
    pub(crate) http: Rules,
    pub(crate) disable_on_404: bool,
    pub(crate) send_state: bool,
}

/// The lines of one kind. A section that has one of its own takes over none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    /// The request of `option httpchk`.
    pub(crate) request: Option<CheckRequest>,
    pub(crate) steps: Vec<CheckStep>,
    pub(crate) inherited: bool,
}

impl CheckSettings {
    /// For a section below.
    pub(crate) fn inherit(&mut self) {
        self.tcp.inherited = true;
        self.http.inherited = true;
    }

    /// A step connects by TLS, be its kind of check in use or not.
    pub(crate) fn speaks_tls(&self) -> bool {
        let mut steps = self.tcp.steps.iter().chain(&self.http.steps);
        steps.any(|step| matches!(&step.action, CheckAction::Connect(connect) if connect.ssl))
    }
}

impl Rules {
    /// Those of the section itself.
    fn own(&mut self) -> &mut Self {
        if self.inherited {
            *self = Self::default();
        }
        self
    }
}

/// What the reader of one step works on: the words after its name.
struct Step<'a, 'p, 'r> {
    line: &'a Line,
    /// For example `tcp-check send`.
    shown: String,
    protocol: CheckProtocol,
    /// Where the next word stands.
    at: usize,
    context: &'a mut ProxyContext<'p, 'r>,
}

/// `tcp-check ...`
pub(super) fn tcp(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let known = "'comment', 'connect', 'send', 'send-binary', 'expect'";
    let Some(step) = read(context, line, CheckProtocol::Tcp, known) else {
        return;
    };
    let rules = context.proxy.settings.check.tcp.own();
    let late = late_connect(&step.action, &rules.steps, line, context.report);
    match late {
        Some(late) => context.report.push(late),
        None => rules.steps.push(step),
    }
}

/// Once a check connects by itself, it begins with that.
fn late_connect(
    action: &CheckAction,
    before: &[CheckStep],
    line: &Line,
    report: &Report<'_>,
) -> Option<Diagnostic> {
    let mut counted = before.iter().map(|step| &step.action);
    let first = counted.find(|action| action.is_of_server())?;
    let is_connect = |action: &CheckAction| matches!(action, CheckAction::Connect(_));
    if !is_connect(action) || is_connect(first) {
        return None;
    }
    let keyword = line.text(0);
    let words = format!(
        "'{keyword} connect' : first step MUST also be a 'connect', optionally preceded by a 'set-var', an 'unset-var' or a 'comment', when there is a 'connect' step in the tcp-check ruleset."
    );
    let diagnostic = Diagnostic::error("bad-check", "this `connect` comes too late")
        .at(line.statement(), "")
        .why("the steps before it go over a connection that nobody opened")
        .next(format!("begin with  {keyword} connect"))
        .haproxy(report.spaced(line.span, &words));
    Some(diagnostic)
}

/// `http-check ...`
pub(super) fn http(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let switch = match line.text(1) {
        "disable-on-404" => &mut context.proxy.settings.check.disable_on_404,
        "send-state" => &mut context.proxy.settings.check.send_state,
        _ => return http_step(context, line),
    };
    match line.words.get(2) {
        None => *switch = true,
        Some(extra) => {
            let diagnostic = super::extra_word("http-check", extra, line, context.report);
            context.report.push(diagnostic);
        }
    }
}

fn http_step(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let known = "'disable-on-404', 'send-state', 'comment', 'connect', 'send', 'expect'";
    let Some(step) = read(context, line, CheckProtocol::Http, known) else {
        return;
    };
    let rules = context.proxy.settings.check.http.own();
    if let Some(late) = late_connect(&step.action, &rules.steps, line, context.report) {
        return context.report.push(late);
    }
    if let Some(missing) = missing_before(&step.action, &rules.steps) {
        let name = line.text(1);
        let number = rules.steps.len() + 1;
        let words = format!(
            "'http-check {name}' : unable to add http-check {name} rule at step {number} (missing {missing} rule).."
        );
        context.report.push(
            Diagnostic::error(
                "bad-check",
                format!("there is no `{missing}` before this `{name}`"),
            )
            .at(line.statement(), "")
            .why("a check goes from `connect` to `send` to `expect`, and over again")
            .haproxy(context.report.spaced(line.span, &words)),
        );
        return;
    }
    rules.steps.push(step);
}

/// What must stand between a step and the one before it.
fn missing_before(action: &CheckAction, before: &[CheckStep]) -> Option<&'static str> {
    use CheckAction::{Connect, Expect, Request};
    let mut before = before.iter().rev().map(|step| &step.action);
    let before = before.find(|action| action.is_of_server())?;
    match (before, action) {
        (Connect(_), Request(_))
        | (Request(_) | Expect(_), Expect(_))
        | (Expect(_), Connect(_)) => None,
        (_, Request(_)) => Some("connect"),
        (_, Expect(_)) => Some("send"),
        (_, Connect(_)) => Some("expect"),
        _ => None,
    }
}

fn read(
    context: &mut ProxyContext<'_, '_>,
    line: &Line,
    protocol: CheckProtocol,
    known: &str,
) -> Option<CheckStep> {
    let (keyword, name) = (line.text(0), line.text(1));
    let mut step = Step {
        line,
        shown: format!("{keyword} {name}"),
        protocol,
        at: 2,
        context,
    };
    match (name, protocol) {
        ("connect", _) => step.connect(),
        ("comment", _) => step.comment(),
        ("expect", _) => step.expect(),
        ("send", CheckProtocol::Http) => step.request(),
        ("send" | "send-binary" | "send-lf" | "send-binary-lf", CheckProtocol::Tcp) => step.send(),
        (name, _) if name.starts_with("set-var-fmt") => step.variable("set-var-fmt"),
        (name, _) if name.starts_with("set-var") => step.variable("set-var"),
        (name, _) if name.starts_with("unset-var") => step.variable("unset-var"),
        _ => {
            let words = format!(
                "'{keyword}' only supports {known}, 'set-var-fmt(*)', 'set-var(*)', 'unset-var(*)'. but got '{name}'"
            );
            let words = step.context.report.spaced(line.span, &words);
            step.context.report.push(
                Diagnostic::error("unknown-check", format!("there is no `{keyword} {name}`"))
                    .at(line.statement(), "")
                    .why(format!("known ones: {}", known.replace('\'', "")))
                    .haproxy(words),
            );
            None
        }
    }
}

impl<'a> Step<'a, '_, '_> {
    /// The next word, if there is one.
    fn next(&mut self) -> Option<&'a Word> {
        let word = self
            .line
            .words
            .get(self.at)
            .filter(|w| !w.text.is_empty())?;
        self.at += 1;
        Some(word)
    }

    /// The word after `name`, which must be there.
    fn value(&mut self, name: &str, words: &str) -> Option<&'a Word> {
        let value = self.next();
        if value.is_none() {
            let last = self.line.words.len() - 1;
            return self.wrong(last, format!("`{name}` wants a value"), words);
        }
        value
    }

    /// Tells what is wrong with the `at`-th word; always `None`.
    fn wrong<T>(&mut self, at: usize, text: String, words: &str) -> Option<T> {
        let words = format!("'{}' : {words}.", self.shown);
        let words = self.context.report.spaced(self.line.span, &words);
        self.context.report.push(
            Diagnostic::error("bad-check", text)
                .at(self.line.span(at.min(self.line.words.len() - 1)), "")
                .haproxy(words),
        );
        None
    }

    /// HAProxy knows it, we do not yet; always `None`.
    fn not_yet<T>(&mut self, at: usize) -> Option<T> {
        let at = at.min(self.line.words.len() - 1);
        let shown = format!("{} ... {}", self.shown, self.line.text(at));
        let shown = if at <= 2 { &self.shown } else { &shown };
        self.context
            .report
            .push(super::refused(shown, self.line.span(at)));
        None
    }
}

/// `option httpchk [METHOD] [URI] [VERSION]`; headers and a body may hide behind the version.
pub(super) fn option_httpchk(context: &mut ProxyContext<'_, '_>, line: &Line, _: bool) {
    let own = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let (method, uri, version) = match (line.text(2), line.text(3), line.text(4)) {
        (uri, "", _) => ("", uri, ""),
        words => words,
    };
    let (version, hidden) = version.split_once("\r\n").unwrap_or((version, ""));
    let (headers, body) = hidden.split_once("\r\n\r\n").unwrap_or((hidden, ""));
    if !hidden.is_empty() {
        let words = "'option httpchk' : hiding headers or body at the end of the version string is deprecated. Please, consider to use 'http-check send' directive instead.";
        context.report.push(
            Diagnostic::warning("hidden-headers", "headers hide behind the version")
                .at(line.span(4), "")
                .next("write them on a line of their own:  http-check send hdr Host www")
                .haproxy(context.report.tight(line.span, words)),
        );
    }
    let headers = headers.lines().filter_map(|line| line.split_once(':'));
    let check = &mut context.proxy.settings.check;
    check.enabled = Some(CheckProtocol::Http);
    check.http.own().request = Some(CheckRequest {
        method: own(method),
        uri: own(uri).map(|uri| plain(&uri)),
        version: own(version),
        headers: headers
            .map(|(name, value)| (name.trim().to_owned(), plain(value.trim())))
            .collect(),
        body: own(body).map(|body| plain(&body)),
    });
}

/// A text that is what it is.
fn plain(text: &str) -> Format {
    Format::plain(text, Purpose::Check)
}

/// `option tcp-check`
pub(super) fn option_tcp_check(context: &mut ProxyContext<'_, '_>, _: &Line, _: bool) {
    context.proxy.settings.check.enabled = Some(CheckProtocol::Tcp);
}

/// The first connection where none is written.
pub(crate) const IMPLICIT_CONNECT: CheckStep = CheckStep {
    action: CheckAction::Connect(CheckConnect {
        as_server: true,
        implicit: true,
        addr: None,
        port: None,
        linger: false,
        send_proxy: false,
        ssl: false,
        sni: None,
        alpn: None,
        protocol: None,
    }),
    comment: None,
};
