//! Keywords of `defaults`, `frontend`, `backend` and `listen` that are not a family of their own.

use super::{
    ANY, Keyword, Sections, Support, bind, capture, cookie, error_pages, find, http_options, log,
    log_format, names, options, removed, row, rules, sections, server, server_template, stats,
    timeouts,
};
use crate::model::Mode;
use crate::proxy::{Kind, Placed, ProxyContext};
use crate::raw::Line;
use crate::value::lenient_integer;
use diagnostics::Diagnostic;

/// Reads one line of a proxy section.
pub(crate) type ProxyParser = fn(&mut ProxyContext<'_, '_>, &Line);

use Support::{Full, Ignored, Refused};

#[rustfmt::skip]
pub(crate) static TABLE: &[Keyword<ProxyParser>] = &[
    row("server", Sections::BACK, ANY, Full(server::parse), "one target: name, address, parameters"),
    row("default-server", Sections::BACK_DEF, ANY, Full(server::parse_default), "parameters the following server lines begin with"),
    row("server-template", Sections::BACK, ANY, Full(server_template::parse), "many servers from one line: prefix, number or range, name, parameters"),
    row("bind", Sections::FRONT, ANY, Full(bind::parse), "an address to listen on"),
    row("monitor-uri", Sections::FRONT_DEF, 1, Full(http_options::monitor_uri), "a path that the frontend answers itself"),
    row("mode", Sections::BOTH_DEF, 1, Full(mode), "`http`, or `tcp`, which is the default"),
    row("id", Sections::BOTH, 1, Full(id), "the proxy's number in statistics"),
    row("description", Sections::BOTH, ANY, Full(description), "a text for the statistics page"),
    row("disabled", Sections::BOTH_DEF, 0, Full(disabled), "the section is read and left out"),
    row("enabled", Sections::BOTH_DEF, 0, Full(enabled), "undoes an inherited `disabled`"),
    row("bind-process", Sections::BOTH_DEF, ANY, Full(removed::bind_process), "processes to run on: no effect, as it warns"),
    row("dynamic-cookie-key", Sections::BACK_DEF, ANY, Full(cookie::key), "secret of server cookies made from addresses"),
    row("cookie", Sections::BACK_DEF, ANY, Full(cookie::parse), "persistence by cookie: `insert`, `prefix` or `rewrite`, and how"),
    row("email-alert", Sections::BOTH_DEF, ANY, Refused, "mails on changes of state"),
    row("persist", Sections::BACK_DEF, ANY, Refused, "persistence by RDP cookie"),
    row("load-server-state-from-file", Sections::BACK_DEF, ANY, Full(super::server_states::source), "where servers begin in the state that another process left them in: `global`, `local` or `none`"),
    row("server-state-file-name", Sections::BACK_DEF, 1, Full(super::server_states::file_name), "the file of `load-server-state-from-file local`; the name of the backend unless told"),
    row("max-session-srv-conns", Sections::FRONT_DEF, 1, Full(super::reuse::max_session_srv_conns), "most idle server connections of one client, with `http-reuse never`; default 5"),
    row("capture", Sections::FRONT, ANY, Full(capture::parse), "headers for the log line"),
    row("retries", Sections::BACK_DEF, 1, Full(retries), "attempts after a failed connection"),
    row("stats", Sections::BOTH_DEF, ANY, Full(stats::parse), "the statistics page"),
    row("option", Sections::BOTH_DEF, ANY, Full(options::parse), "switches, see below"),
    row("default_backend", Sections::FRONT_DEF, 1, Full(default_backend), "the backend when no rule chose one"),
    row("http-reuse", Sections::BACK_DEF, ANY, Full(super::reuse::http_reuse), "which idle server connections a request may take: `never`, `safe` (default), `aggressive`, `always`"),
    row("transparent", Sections::BACK_DEF, 0, Refused, "connects to where the client wanted to go"),
    row("maxconn", Sections::FRONT_DEF, 1, Full(maxconn), "most connections of the frontend"),
    row("backlog", Sections::FRONT_DEF, 1, Ignored, "length of the system's queue of new connections"),
    row("fullconn", Sections::BACK_DEF, 1, Full(fullconn), "the load at which servers get their full `maxconn`"),
    row("dispatch", Sections::BACK, ANY, Refused, "one address instead of servers"),
    row("balance", Sections::BACK_DEF, ANY, Full(super::balance::parse), "how a server is chosen: `roundrobin`, `static-rr`, `leastconn`, `first`, `source`, `uri`, `url_param`, `hdr(name)`, `random(draws)`"),
    row("hash-type", Sections::BACK_DEF, ANY, Full(super::balance::hash_type), "how hashes become servers: `map-based` or `consistent`, by `sdbm`, `djb2`, `wt6` or `crc32`"),
    row("hash-balance-factor", Sections::BACK_DEF, 1, Full(super::balance::balance_factor), "bounds the load of consistent hashing"),
    row("unique-id-format", Sections::FRONT_DEF, ANY, Full(http_options::unique_id_format), "how a request's id is made"),
    row("unique-id-header", Sections::FRONT_DEF, ANY, Full(http_options::unique_id_header), "the header a request's id is sent in"),
    row("log", Sections::BOTH_DEF, ANY, Full(log::parse), "where log lines go"),
    row("log-format", Sections::BOTH_DEF, ANY, Full(log_format::parse), "a log line of one's own"),
    row("log-format-sd", Sections::FRONT_DEF, ANY, Refused, "structured data of RFC 5424 log lines"),
    row("log-tag", Sections::BOTH_DEF, ANY, Full(log::tag), "the program's name in this section's log lines"),
    row("error-log-format", Sections::FRONT_DEF, ANY, Full(log_format::parse_of_errors), "a log line of one's own for failed connections"),
    row("source", Sections::BACK_DEF, ANY, Full(super::server_place::of_backend), "the address to connect to servers from"),
    row("usesrc", Sections::BACK_DEF, ANY, Refused, "part of `source`"),
    row("timeout", Sections::BOTH_DEF, ANY, Full(timeouts::parse), "how long each phase may take, see below"),
    row("compression", Sections::BOTH_DEF, ANY, Refused, "compresses answers"),
    row("errorfile", Sections::BOTH_DEF, ANY, Full(error_pages::file), "an answer from a file instead of an error page"),
    row("errorfiles", Sections::BOTH_DEF, ANY, Full(error_pages::files), "a group of error pages"),
    row("errorloc", Sections::BOTH_DEF, ANY, Full(error_pages::location), "a redirect instead of an error page"),
    row("errorloc302", Sections::BOTH_DEF, ANY, Full(error_pages::location), "a redirect instead of an error page"),
    row("errorloc303", Sections::BOTH_DEF, ANY, Full(error_pages::location), "a redirect instead of an error page"),
    row("external-check", Sections::BACK_DEF, ANY, Refused, "health checks by a program"),
    row("max-keep-alive-queue", Sections::BACK_DEF, 1, Full(super::reuse::max_keep_alive_queue), "how many may wait for a server before its keep-alive clients go elsewhere, with `option prefer-last-server`"),
    row("rate-limit", Sections::FRONT_DEF, ANY, Full(super::reuse::rate_limit), "most new sessions a second: `rate-limit sessions N`"),
    row("retry-on", Sections::BACK_DEF, ANY, Full(super::retry::parse), "which failures are retried"),
    row("clitcpka-cnt", Sections::FRONT_DEF, 1, Ignored, "TCP keep-alive probes towards clients"),
    row("clitcpka-idle", Sections::FRONT_DEF, 1, Ignored, "TCP keep-alive idle time towards clients"),
    row("clitcpka-intvl", Sections::FRONT_DEF, 1, Ignored, "TCP keep-alive interval towards clients"),
    row("srvtcpka-cnt", Sections::BACK_DEF, 1, Ignored, "TCP keep-alive probes towards servers"),
    row("srvtcpka-idle", Sections::BACK_DEF, 1, Ignored, "TCP keep-alive idle time towards servers"),
    row("srvtcpka-intvl", Sections::BACK_DEF, 1, Ignored, "TCP keep-alive interval towards servers"),
    row("use-fcgi-app", Sections::BACK, 1, Refused, "servers that speak FastCGI"),
];

const TABLES: &[&[Keyword<ProxyParser>]] = &[TABLE, rules::TABLE, removed::TABLE];

/// One line of a proxy section.
pub(crate) fn line(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let Some(row) = find(TABLES, line.text(0)) else {
        let known = names(TABLES).chain(names(&[sections::TABLE]));
        let diagnostic = super::unknown(line, context.proxy.kind.name(), known, context.report);
        context.report.push(diagnostic);
        return;
    };
    let removed = matches!(row.support, Support::Removed(_));
    let needs_name = context.proxy.is_anonymous() && rules::NAMED_DEFAULTS_ONLY.contains(&row.name);
    if !removed && (needs_name || !context.proxy.kind.fits(row.sections)) {
        let diagnostic = misplaced(context, line, row);
        context.report.push(diagnostic);
        return;
    }
    if let Some(parser) = row.parser(row.name, 1, line, context.report) {
        parser(context, line);
    }
}

/// A keyword that means nothing in this kind of section: mostly a warning, an error in `defaults` and for servers.
fn misplaced(
    context: &ProxyContext<'_, '_>,
    line: &Line,
    row: &Keyword<ProxyParser>,
) -> Diagnostic {
    let proxy = &context.proxy;
    if proxy.kind == Kind::Defaults {
        return not_in_defaults(context, line, row);
    }
    let server = matches!(row.name, "server" | "default-server" | "server-template");
    let lacks = if row.sections.contains(Sections::FRONTEND) {
        "frontend"
    } else {
        "backend"
    };
    let title = proxy.titled();
    let mut diagnostic = if server {
        let words = format!(
            "'{}' not allowed because {title} has no {lacks} capability.",
            row.name
        );
        let words = format!("parsing [{}] : {words}", context.report.place(line.span));
        Diagnostic::error(
            "wrong-section",
            format!("a `frontend` has no `{}`", row.name),
        )
        .next("move this line to a `backend`, and name that with `default_backend`")
        .haproxy(context.report.bare(line.span, &words))
    } else {
        let hint = match row.name {
            "maxconn" => " Maybe you want 'fullconn' instead ?",
            "fullconn" => " Maybe you want 'maxconn' instead ?",
            _ => "",
        };
        let words = format!(
            "'{}' ignored because {title} has no {lacks} capability.{hint}",
            row.name
        );
        Diagnostic::warning(
            "wrong-section",
            format!("`{}` does nothing in a `{}`", row.name, proxy.kind.name()),
        )
        .next(format!("move it to a `{lacks}`"))
        .haproxy(context.report.spaced(line.span, &words))
    };
    diagnostic = diagnostic.at(line.keyword().span, "");
    diagnostic.beside(proxy.name.span, format!("in this {}", proxy.kind.name()))
}

fn not_in_defaults(
    context: &ProxyContext<'_, '_>,
    line: &Line,
    row: &Keyword<ProxyParser>,
) -> Diagnostic {
    let report = &context.report;
    let words = match row.name {
        "capture" => format!(
            "'capture {}' not allowed in 'defaults' section.",
            line.text(1)
        ),
        name => format!("'{name}' not allowed in 'defaults' section."),
    };
    let words = match row.name {
        _ if rules::NAMED_DEFAULTS_ONLY.contains(&row.name) => {
            let words = format!(
                "'{}' not allowed in anonymous 'defaults' section.",
                row.name
            );
            report.spaced(line.span, &words)
        }
        "id" | "description" => report.tight(line.span, &words),
        "server" | "server-template" => report.bare(line.span, &words),
        _ => report.spaced(line.span, &words),
    };
    Diagnostic::error(
        "wrong-section",
        format!("`{}` cannot stand in `defaults`", row.name),
    )
    .at(line.keyword().span, "")
    .next("move it to the sections that need it")
    .haproxy(words)
}

fn mode(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let value = line.text(1);
    let known = "modes are `http` and `tcp`";
    let report = &mut *context.report;
    match value {
        "http" => context.proxy.settings.mode = placed(Mode::Http, line),
        // a `defaults` in TCP mode harms nobody who overrides it: the check of the whole refuses what is left
        "tcp" => context.proxy.settings.mode = placed(Mode::Tcp, line),
        "health" => report.push(
            Diagnostic::error("removed", "HAProxy no longer knows `mode health`")
                .at(line.statement(), "")
                .haproxy(report.spaced(
                    line.span,
                    "'mode health' doesn't exist anymore. Please use 'http-request return status 200' instead.",
                )),
        ),
        _ => report.push(
            Diagnostic::error("unknown-mode", format!("`{value}` is not a mode"))
                .at(line.span(1), "")
                .why(known)
                .next("mode http")
                .haproxy(report.spaced(line.span, &format!("unknown proxy mode '{value}'."))),
        ),
    }
}

fn placed<T>(value: T, line: &Line) -> Placed<T> {
    Placed {
        value,
        at: Some(line.statement()),
    }
}

fn id(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let report = &mut *context.report;
    if line.text(1).is_empty() {
        report.push(
            Diagnostic::error("missing-value", "`id` wants a number")
                .at(line.keyword().span, "")
                .haproxy(report.tight(line.span, "'id' expects an integer argument.")),
        );
        return;
    }
    let (number, _) = lenient_integer(line.text(1));
    match u32::try_from(number) {
        Ok(number @ 1..) => context.proxy.id = Some((number, line.span(1))),
        _ => report.push(
            Diagnostic::error("bad-number", format!("`{}` is not an id", line.text(1)))
                .at(line.span(1), "")
                .why("ids are whole numbers from 1")
                .haproxy(report.tight(line.span, "custom id has to be > 0.")),
        ),
    }
}

fn description(context: &mut ProxyContext<'_, '_>, line: &Line) {
    if let Some(text) = super::joined(line, context.report) {
        context.proxy.description = Some(text);
    }
}

fn disabled(context: &mut ProxyContext<'_, '_>, _line: &Line) {
    context.proxy.settings.disabled = true;
}

fn enabled(context: &mut ProxyContext<'_, '_>, _line: &Line) {
    context.proxy.settings.disabled = false;
}

fn retries(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let missing = "'retries' expects an integer argument (dispatch counts for one).";
    if let Some(number) = super::integer(line, missing, context.report) {
        context.proxy.settings.retries = u32::try_from(number).unwrap_or(0);
    }
}

fn maxconn(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let missing = "'maxconn' expects an integer argument.";
    if let Some(number) = super::integer(line, missing, context.report) {
        context.proxy.settings.maxconn = u32::try_from(number).ok().filter(|n| *n > 0);
    }
}

fn fullconn(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let missing = "'fullconn' expects an integer argument.";
    if let Some(number) = super::integer(line, missing, context.report) {
        context.proxy.settings.fullconn = u32::try_from(number).ok().filter(|n| *n > 0);
    }
}

fn default_backend(context: &mut ProxyContext<'_, '_>, line: &Line) {
    match line.words.get(1).filter(|word| !word.text.is_empty()) {
        Some(name) => context.proxy.settings.default_backend = Some(name.clone()),
        None => {
            let words = "'default_backend' expects a backend name.";
            context.report.push(
                Diagnostic::error("missing-value", "`default_backend` wants a backend's name")
                    .at(line.keyword().span, "")
                    .haproxy(context.report.spaced(line.span, words)),
            );
        }
    }
}
