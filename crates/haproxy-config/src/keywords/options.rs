//! `option ...` and `no option ...`.

use super::{ANY, Keyword, Sections, Support, checks, find, http_options, names, row};
use crate::checks::http_features;
use crate::model::{KeepAlive, LogFormat};
use crate::proxy::{Kind, Placed, ProxyContext};
use crate::raw::{Line, Switch};
use diagnostics::{Diagnostic, nearest};

/// Reads one `option` line; the flag is false after `no` and `default`.
pub(crate) type OptionParser = fn(&mut ProxyContext<'_, '_>, &Line, bool);

use Support::{Full, Ignored, Refused, Removed};

const FRONT: Sections = Sections::FRONT_DEF;
const BACK: Sections = Sections::BACK_DEF;
const ALL: Sections = Sections::BOTH_DEF;

/// In the order HAProxy offers them as suggestions.
#[rustfmt::skip]
pub(crate) static TABLE: &[Keyword<OptionParser>] = &[
    row("abortonclose", BACK, 0, Full(|c, _, on| c.proxy.settings.abortonclose = on), "drops requests whose client has left before the answer; only in `defaults` or `listen`, since both halves must have it"),
    row("accept-invalid-http-request", FRONT, 0, Refused, "lets malformed requests pass"),
    row("accept-invalid-http-response", BACK, 0, Refused, "lets malformed answers pass"),
    row("allbackups", BACK, 0, Full(|c, _, on| c.proxy.settings.all_backups = on), "without active servers all backups serve, not only the first"),
    row("checkcache", BACK, 0, Refused, "blocks cacheable answers with cookies"),
    row("clitcpka", FRONT, 0, Ignored, "TCP keep-alive towards clients"),
    row("contstats", FRONT, 0, Ignored, "counts bytes while a transfer runs, not at its end"),
    row("disable-h2-upgrade", FRONT, 0, Ignored, "no HTTP/2 without TLS; there is none"),
    row("dontlog-normal", FRONT, 0, Full(|c, _, on| c.proxy.settings.frontend.dontlog_normal = on), "logs errors only"),
    row("dontlognull", FRONT, 0, Full(|c, _, on| c.proxy.settings.frontend.dontlognull = on), "no log line for connections without data"),
    row("h1-case-adjust-bogus-client", FRONT, 0, Refused, "writes header names as old clients want them"),
    row("h1-case-adjust-bogus-server", BACK, 0, Refused, "writes header names as old servers want them"),
    row("http-buffer-request", ALL, 0, Full(|c, _, on| c.proxy.settings.http.options.whole_bodies = on), "waits for the whole body before choosing a server"),
    row("http-ignore-probes", FRONT, 0, Full(|c, _, on| c.proxy.settings.frontend.http_ignore_probes = on), "no error answer to connections without data"),
    row("http-no-delay", ALL, 0, Ignored, "sends every piece at once, as is done here anyway"),
    row("http-pretend-keepalive", BACK, 0, Ignored, "tells servers that connections stay open, as is done here anyway"),
    row("http-use-proxy-header", FRONT, 0, Refused, "reads `Proxy-Connection` instead of `Connection`"),
    row("idle-close-on-response", FRONT, 0, Ignored, "closes idle clients gently when stopping"),
    row("independent-streams", ALL, 0, Refused, "client and server time out each on its own"),
    row("log-health-checks", BACK, 0, Full(|c, _, on| c.proxy.settings.log_health_checks = on), "a log line for each change of a check's result"),
    row("log-separate-errors", FRONT, 0, Full(|c, _, on| c.proxy.settings.frontend.log_separate_errors = on), "errors get a higher log level"),
    row("logasap", FRONT, 0, Full(|c, _, on| c.proxy.settings.frontend.logasap = on), "the log line at the answer's head, not its end"),
    row("nolinger", ALL, 0, Ignored, "closes sockets at once"),
    row("persist", BACK, 0, Full(|c, _, on| c.proxy.settings.persist = on), "persistence even to a server that is down"),
    row("prefer-last-server", BACK, 0, Full(|c, _, on| c.proxy.settings.reuse.prefer_last = on), "a client stays with the server it has a connection to; only with `http-reuse never`"),
    row("socket-stats", FRONT, 0, Full(|c, _, on| c.proxy.settings.frontend.socket_stats = on), "statistics per listening socket"),
    row("splice-auto", ALL, 0, Ignored, "moves data inside the kernel"),
    row("splice-request", ALL, 0, Ignored, "moves data inside the kernel"),
    row("splice-response", ALL, 0, Ignored, "moves data inside the kernel"),
    row("srvtcpka", BACK, 0, Ignored, "TCP keep-alive towards servers"),
    row("tcp-smart-accept", FRONT, 0, Ignored, "one packet less per connection"),
    row("tcp-smart-connect", BACK, 0, Ignored, "one packet less per connection"),
    row("transparent", BACK, 0, Refused, "connects to where the client wanted to go"),
    row("httpclose", ALL, 0, Full(|c, _, on| http_options::keep_alive(c, KeepAlive::None, on)), "no keep-alive"),
    row("http-server-close", ALL, 0, Full(|c, _, on| http_options::keep_alive(c, KeepAlive::Client, on)), "no keep-alive towards servers"),
    row("http-keep-alive", ALL, 0, Full(|c, _, on| http_options::keep_alive(c, KeepAlive::Both, on)), "keep-alive on both sides, as by default"),
    row("redispatch", BACK, 1, Full(redispatch), "the last retry goes to another server"),
    row("httplog", ALL, 1, Full(httplog), "the HTTP log line"),
    row("tcplog", ALL, 0, Full(tcplog), "the TCP log line"),
    row("tcpka", ALL, 0, Ignored, "TCP keep-alive on both sides"),
    row("httpchk", BACK, 3, Full(checks::option_httpchk), "checks by an HTTP request: [method] [path] [version]"),
    row("ssl-hello-chk", BACK, 0, Refused, "checks by a TLS greeting"),
    row("smtpchk", BACK, ANY, Refused, "checks by SMTP"),
    row("pgsql-check", BACK, ANY, Refused, "checks by PostgreSQL's protocol"),
    row("redis-check", BACK, ANY, Refused, "checks by Redis' protocol"),
    row("mysql-check", BACK, ANY, Refused, "checks by MySQL's protocol"),
    row("ldap-check", BACK, ANY, Refused, "checks by LDAP"),
    row("spop-check", BACK, ANY, Refused, "checks by SPOP"),
    row("tcp-check", BACK, 0, Full(checks::option_tcp_check), "checks by TCP exchanges"),
    row("external-check", BACK, ANY, Refused, "checks by a program"),
    row("forwardfor", ALL, ANY, Full(http_options::forwardfor), "tells servers the client's address in `X-Forwarded-For`"),
    row("originalto", ALL, ANY, Full(http_options::originalto), "tells servers the address the client called"),
    row("httpslog", ALL, ANY, Full(httpslog), "the HTTP log line with TLS facts"),
    row("http-restrict-req-hdr-names", ALL, 1, Full(http_options::odd_names), "what happens to odd header names"),
    row("forceclose", ALL, ANY, Removed(": option '{}' is not supported any more since HAProxy 2.0, please just remove it, or use 'option httpclose' if absolutely needed."), "now `option httpclose`"),
    row("http-tunnel", ALL, ANY, Removed(": option '{}' is not supported any more since HAProxy 2.1, please just remove it, it shouldn't be needed."), "gone"),
    row("http_proxy", ALL, ANY, Removed(": option '{}' is not supported any more since HAProxy 2.5. This option stopped working in HAProxy 1.9 and usually had nasty side effects. It can be more reliably implemented with combinations of 'http-request set-dst' and 'http-request set-uri', and even 'http-request do-resolve' if DNS resolution is desired."), "gone"),
];

/// Options that `no` and `default` do not go with.
const NOT_NEGATABLE: [&str; 17] = [
    "httplog",
    "tcplog",
    "tcpka",
    "httpchk",
    "ssl-hello-chk",
    "smtpchk",
    "pgsql-check",
    "redis-check",
    "mysql-check",
    "ldap-check",
    "spop-check",
    "tcp-check",
    "external-check",
    "forwardfor",
    "originalto",
    "httpslog",
    "http-restrict-req-hdr-names",
];

pub(super) fn parse(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let name = line.text(1);
    if name.is_empty() {
        let words = "'option' expects an option name.";
        context.report.push(
            Diagnostic::error("missing-value", "`option` wants a name")
                .at(line.keyword().span, "")
                .haproxy(context.report.tight(line.span, words)),
        );
        return;
    }
    let row = find(&[TABLE], name);
    let negatable = row.is_some_and(|row| !NOT_NEGATABLE.contains(&row.name));
    if line.switch != Switch::On && !negatable {
        let words = format!("negation/default is not supported for option '{name}'.");
        context.report.push(
            Diagnostic::error(
                "cannot-negate",
                format!("`option {name}` cannot be switched off"),
            )
            .at(line.span(1), "")
            .haproxy(context.report.tight(line.span, &words)),
        );
        return;
    }
    let Some(row) = row else {
        let diagnostic = unknown(context, line);
        context.report.push(diagnostic);
        return;
    };
    known(context, line, row);
}

fn known(context: &mut ProxyContext<'_, '_>, line: &Line, row: &'static Keyword<OptionParser>) {
    let shown = format!("option {}", row.name);
    if !context.proxy.kind.fits(row.sections) {
        let lacks = if row.sections.contains(Sections::FRONTEND) {
            "frontend"
        } else {
            "backend"
        };
        let title = context.proxy.titled();
        let words = format!(
            "'{}' ignored because {title} has no {lacks} capability.",
            row.name
        );
        let kind = context.proxy.kind.name();
        context.report.push(
            Diagnostic::warning(
                "wrong-section",
                format!("`{shown}` does nothing in a `{kind}`"),
            )
            .at(line.statement(), "")
            .next(format!("move it to a `{lacks}`"))
            .haproxy(context.report.spaced(line.span, &words)),
        );
        return;
    }
    let on = line.switch == Switch::On;
    http_features::note(&mut context.proxy.settings, row.name, on);
    // what is refused may well be switched off: it never is on
    if !on && matches!(row.support, Refused | Ignored) {
        return;
    }
    if let Some(parser) = row.parser(&shown, 2, line, context.report) {
        parser(context, line, on);
    }
}

fn unknown(context: &ProxyContext<'_, '_>, line: &Line) -> Diagnostic {
    let name = line.text(1);
    let suggestion = nearest(name, names(&[TABLE]));
    let mut words = format!("unknown option '{name}'");
    match suggestion {
        Some(known) => words += &format!("; did you mean '{known}' maybe ?"),
        None => words.push('.'),
    }
    Diagnostic::error("unknown-option", format!("there is no `option {name}`"))
        .at(
            line.span(1),
            suggestion.map_or_else(String::new, |known| format!("did you mean `{known}`?")),
        )
        .haproxy(context.report.spaced(line.span, &words))
}

/// The interval, every n-th retry or from the last one; -1 without a number.
fn redispatch(context: &mut ProxyContext<'_, '_>, line: &Line, on: bool) {
    let interval = match line.words.get(2).filter(|word| !word.text.is_empty()) {
        None => -1,
        Some(word) => {
            let number = super::lenient(word, context.report);
            i32::try_from(number).unwrap_or(i32::MAX)
        }
    };
    context.proxy.settings.redispatch = (on && interval != 0).then_some(interval);
}

fn httplog(context: &mut ProxyContext<'_, '_>, line: &Line, _: bool) {
    match line.text(2) {
        "" => log_format(context, line, "httplog", LogFormat::Http),
        "clf" => {
            super::log_format::format(context, line, super::log_format::CLF);
            context.proxy.settings.http_log = Some("httplog");
        }
        _ => {
            let words = "keyword 'httplog' only supports option 'clf'.";
            context.report.push(
                Diagnostic::error("unexpected-word", "`option httplog` takes no such word")
                    .at(line.span(2), "")
                    .haproxy(context.report.spaced(line.span, words)),
            );
        }
    }
}

fn httpslog(context: &mut ProxyContext<'_, '_>, line: &Line, _: bool) {
    super::log_format::format(context, line, super::log_format::HTTPS);
    context.proxy.settings.http_log = Some("httpslog");
}

fn tcplog(context: &mut ProxyContext<'_, '_>, line: &Line, _: bool) {
    log_format(context, line, "tcplog", LogFormat::Tcp);
}

fn log_format(context: &mut ProxyContext<'_, '_>, line: &Line, name: &str, format: LogFormat) {
    let previous = context.proxy.settings.log_format;
    if context.proxy.kind == Kind::Defaults && previous.value != LogFormat::Connect {
        let before = match previous.value {
            LogFormat::Http => "httplog",
            _ => "tcplog",
        };
        let words =
            format!("'option {name}' overrides previous 'option {before}' in 'defaults' section.");
        context.report.push(
            Diagnostic::warning(
                "overridden",
                format!("`option {name}` overrides `option {before}`"),
            )
            .at(line.statement(), "")
            .haproxy(context.report.tight(line.span, &words)),
        );
    }
    context.proxy.settings.http_log = (format == LogFormat::Http).then_some("httplog");
    context.proxy.settings.log_format = Placed {
        value: format,
        at: Some(line.statement()),
    };
    if context.proxy.kind == Kind::Backend {
        let words = format!(
            "backend '{}' : 'option {name}' directive is ignored in backends.",
            context.proxy.name.text
        );
        context.report.push(
            Diagnostic::warning(
                "wrong-section",
                format!("`option {name}` does nothing in a `backend`"),
            )
            .at(line.statement(), "")
            .why("the frontend writes the log line")
            .haproxy(context.report.spaced(line.span, &words)),
        );
    }
}
