//! `cookie`, `dynamic-cookie-key`, and a server's `cookie`.

use super::server_parameters::{Parameter, ServerContext};
use crate::model::{Cookie, CookieMode};
use crate::proxy::ProxyContext;
use crate::raw::Line;
use crate::report::Report;
use crate::times::{Problem, Spelling, read as read_time};
use crate::value::{TimeError, Unit};
use crate::words::Word;
use diagnostics::Diagnostic;
use std::time::Duration;

/// `cookie NAME ...`
pub(super) fn parse(context: &mut ProxyContext<'_, '_>, line: &Line) {
    if let Some(cookie) = read(line, context.report) {
        context.proxy.settings.cookie = Some(cookie);
    }
}

/// `dynamic-cookie-key SECRET`; HAProxy does not look at what follows.
pub(super) fn key(context: &mut ProxyContext<'_, '_>, line: &Line) {
    if line.text(1).is_empty() {
        let words = "'dynamic-cookie-key' expects <secret_key> as argument.";
        return context.report.push(
            Diagnostic::error("missing-value", "`dynamic-cookie-key` wants a secret")
                .at(line.keyword().span, "")
                .haproxy(context.report.spaced(line.span, words)),
        );
    }
    if let Some(extra) = line.words.get(2) {
        let shown = format!("dynamic-cookie-key ... {}", extra.text);
        context.report.push(super::ignored(&shown, extra.span));
    }
    context.proxy.settings.cookie_key = Some(line.text(1).to_owned());
}

/// `server ... cookie VALUE`
pub(super) fn value(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    match parameter.value {
        Some(value) => context.settings.cookie = Some(value.text.clone()),
        None => context.missing(parameter, "'cookie' expects <value> as argument."),
    }
}

/// The modes as they are written: each of them may stand there, but not every set of them.
#[derive(Default)]
struct Modes {
    rewrite: bool,
    insert: bool,
    prefix: bool,
}

fn read(line: &Line, report: &mut Report<'_>) -> Option<Cookie> {
    if line.text(1).is_empty() {
        let words = "'cookie' expects <cookie_name> as argument.";
        report.push(
            Diagnostic::error("missing-value", "`cookie` wants a name")
                .at(line.keyword().span, "")
                .next("for example  cookie SRV insert indirect nocache")
                .haproxy(report.spaced(line.span, words)),
        );
        return None;
    }
    let mut cookie = Cookie {
        name: line.text(1).to_owned(),
        mode: CookieMode::Passive,
        indirect: false,
        nocache: false,
        postonly: false,
        preserve: false,
        dynamic: false,
        key: None,
        httponly: false,
        secure: false,
        domains: Vec::new(),
        attributes: Vec::new(),
        maxidle: None,
        maxlife: None,
    };
    let mut modes = Modes::default();
    let mut words = line.words[2..]
        .iter()
        .take_while(|word| !word.text.is_empty());
    while let Some(word) = words.next() {
        match word.text.as_str() {
            "rewrite" => modes.rewrite = true,
            "insert" => modes.insert = true,
            "prefix" => modes.prefix = true,
            "indirect" => cookie.indirect = true,
            "nocache" => cookie.nocache = true,
            "postonly" => cookie.postonly = true,
            "preserve" => cookie.preserve = true,
            "dynamic" => cookie.dynamic = true,
            "httponly" => cookie.httponly = true,
            "secure" => cookie.secure = true,
            "domain" => cookie
                .domains
                .push(domain(line, word, words.next(), report)?),
            "attr" => cookie
                .attributes
                .push(attribute(line, word, words.next(), report)?),
            "maxidle" => cookie.maxidle = time(line, word, words.next(), "idletime", report)?,
            "maxlife" => cookie.maxlife = time(line, word, words.next(), "lifetime", report)?,
            _ => return unknown(line, word, report),
        }
    }
    cookie.mode = mode(&modes, &cookie, line, report)?;
    Some(cookie)
}

/// The one mode that was written, if the words go together.
fn mode(
    modes: &Modes,
    cookie: &Cookie,
    line: &Line,
    report: &mut Report<'_>,
) -> Option<CookieMode> {
    let before = report.errors();
    let mut clash = |holds: bool, words: &str| {
        if holds {
            report.push(
                Diagnostic::error("bad-cookie", "these words do not go together")
                    .at(line.statement(), "")
                    .why(words.trim_end_matches('.'))
                    .haproxy(report.spaced(line.span, words)),
            );
        }
    };
    clash(
        modes.rewrite && cookie.indirect,
        "cookie 'rewrite' and 'indirect' modes are incompatible.",
    );
    let several = [modes.rewrite, modes.insert, modes.prefix];
    clash(
        several.iter().filter(|mode| **mode).count() > 1,
        "cookie 'rewrite', 'insert' and 'prefix' modes are incompatible.",
    );
    clash(
        cookie.preserve && !modes.insert && !cookie.indirect,
        "cookie 'preserve' requires at least 'insert' or 'indirect'.",
    );
    let mode = match modes {
        Modes { rewrite: true, .. } => CookieMode::Rewrite,
        Modes { insert: true, .. } => CookieMode::Insert,
        Modes { prefix: true, .. } => CookieMode::Prefix,
        _ => CookieMode::Passive,
    };
    (report.errors() == before).then_some(mode)
}

fn domain(
    line: &Line,
    name: &Word,
    value: Option<&Word>,
    report: &mut Report<'_>,
) -> Option<String> {
    let value = expect(line, name, value, "<domain>", report)?;
    let text = &value.text;
    if !text.contains('.') {
        let words = format!(
            "domain '{text}' contains no embedded dot, this configuration may not work properly (see RFC6265#5.2.3)."
        );
        report.push(
            Diagnostic::warning(
                "cookie-domain",
                format!("`{text}` is the domain of no host"),
            )
            .at(value.span, "")
            .why("browsers drop a cookie whose domain has no dot inside (RFC 6265 section 5.2.3)")
            .haproxy(report.tight(line.span, &words)),
        );
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if let Some(odd) = text.chars().find(|c| !allowed(*c)) {
        let words = format!("character '{odd}' is not permitted in domain name '{text}'.");
        report.push(
            Diagnostic::error("bad-domain", format!("`{text}` is no domain"))
                .at(value.span, "")
                .why(format!(
                    "`{odd}` is not allowed; letters, digits and . - _ are"
                ))
                .haproxy(report.tight(line.span, &words)),
        );
        return None;
    }
    Some(text.clone())
}

fn attribute(
    line: &Line,
    name: &Word,
    value: Option<&Word>,
    report: &mut Report<'_>,
) -> Option<String> {
    let value = expect(line, name, value, "<value>", report)?;
    let odd = |byte: &u8| byte.is_ascii_control() || *byte == b';';
    if let Some(odd) = value.text.bytes().find(odd) {
        let words = format!("character '%x{odd:02X}' is not permitted in attribute value.");
        report.push(
            Diagnostic::error("bad-attribute", "this is not one attribute")
                .at(value.span, "")
                .why("a `;` would end the attribute, and control characters the header")
                .next("write several attributes as several `attr`")
                .haproxy(report.tight(line.span, &words)),
        );
        return None;
    }
    Some(value.text.clone())
}

/// A time in whole seconds; 0 stands for none.
fn time(
    line: &Line,
    name: &Word,
    value: Option<&Word>,
    wanted: &str,
    report: &mut Report<'_>,
) -> Option<Option<Duration>> {
    let value = expect(line, name, value, &format!("<{wanted}> in seconds"), report)?;
    let spelling = Spelling {
        shown: &name.text,
        unit: Unit::Seconds,
        words: time_words,
    };
    let time = read_time(value, line, &spelling, report)?;
    Some(Some(time).filter(|time| !time.is_zero()))
}

fn time_words(problem: &Problem<'_, '_>) -> String {
    let (shown, value) = (problem.shown, problem.value);
    let words = match problem.error {
        TimeError::Overflow => format!(
            "timer overflow in argument <{value}> to <{shown}>, maximum value is 2147483647 s (~68 years)."
        ),
        TimeError::Unexpected(odd) => {
            format!("unexpected character '{odd}' in argument to <{shown}>.")
        }
    };
    problem.report.tight(problem.line.span, &words)
}

/// The word that must follow.
fn expect<'a>(
    line: &Line,
    name: &Word,
    value: Option<&'a Word>,
    wanted: &str,
    report: &mut Report<'_>,
) -> Option<&'a Word> {
    if value.is_none() {
        let words = format!("'{}' expects {wanted} as argument.", name.text);
        report.push(
            Diagnostic::error("missing-value", format!("`{}` wants a value", name.text))
                .at(name.span, "")
                .haproxy(report.tight(line.span, &words)),
        );
    }
    value
}

const KNOWN: &str = "'rewrite', 'insert', 'prefix', 'indirect', 'nocache', 'postonly', 'domain', 'maxidle', 'dynamic', 'maxlife' and 'attr'";

fn unknown(line: &Line, word: &Word, report: &mut Report<'_>) -> Option<Cookie> {
    let words = format!("'cookie' supports {KNOWN} options.");
    let known = [
        "rewrite", "insert", "prefix", "indirect", "nocache", "postonly", "preserve", "domain",
        "maxidle", "dynamic", "maxlife", "attr", "httponly", "secure",
    ];
    let label = diagnostics::nearest(&word.text, known);
    report.push(
        Diagnostic::error(
            "unknown-parameter",
            format!("unknown word `{}` on a `cookie` line", word.text),
        )
        .at(
            word.span,
            label.map_or_else(String::new, |known| format!("did you mean `{known}`?")),
        )
        .why(format!("known ones: {}", known.join(", ")))
        .haproxy(report.spaced(line.span, &words)),
    );
    None
}
