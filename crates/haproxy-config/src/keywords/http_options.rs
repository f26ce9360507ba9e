//! Options and lines that add to requests, or end connections.

use super::rules;
use crate::acl::Site;
use crate::model::{Forwarding, KeepAlive, OddNames};
use crate::proxy::{ProxyContext, ServerName, UseServerDraft};
use crate::raw::Line;
use crate::sample;
use diagnostics::Diagnostic;
use samples::format::Purpose;

/// `option httpclose` and `option http-server-close`; the last one of a section counts.
pub(super) fn keep_alive(context: &mut ProxyContext<'_, '_>, wanted: KeepAlive, on: bool) {
    let mode = &mut context.proxy.settings.http.options.keep_alive;
    if on {
        *mode = wanted;
    } else if *mode == wanted {
        *mode = KeepAlive::Both;
    }
}

pub(super) fn forwardfor(context: &mut ProxyContext<'_, '_>, line: &Line, _: bool) {
    let supported = "'except', 'header' and 'if-none'";
    if let Some(read) = forwarding(context, line, true, supported) {
        context.proxy.settings.http.options.forwarded_for = Some(read);
    }
}

pub(super) fn originalto(context: &mut ProxyContext<'_, '_>, line: &Line, _: bool) {
    if let Some(read) = forwarding(context, line, false, "'except' and 'header'") {
        context.proxy.settings.http.options.original_to = Some(read);
    }
}

fn forwarding(
    context: &mut ProxyContext<'_, '_>,
    line: &Line,
    takes_if_none: bool,
    supported: &str,
) -> Option<Forwarding> {
    let shown = format!("option {}", line.text(1));
    let mut read = Forwarding {
        header: None,
        except: None,
        if_none: false,
    };
    let mut at = 2;
    while !line.text(at).is_empty() {
        let value = line.text(at + 1);
        let wrong = match line.text(at) {
            "if-none" if takes_if_none => {
                read.if_none = true;
                at += 1;
                continue;
            }
            "except" => {
                read.except = super::server_resolution::network(value);
                read.except
                    .is_none()
                    .then(|| format!("'{shown} except' expects <address>[/mask] as argument."))
            }
            "header" => {
                read.header = Some(value.to_ascii_lowercase());
                value
                    .is_empty()
                    .then(|| format!("'{shown} header' expects <header_name> as argument."))
            }
            _ => Some(format!(
                "'{shown}' only supports optional values: {supported}."
            )),
        };
        if let Some(words) = wrong {
            context.report.push(
                Diagnostic::error(
                    "bad-option",
                    format!("`{shown}`: `{}` cannot be read", line.text(at)),
                )
                .at(line.span(at), "")
                .why(format!("known words: {supported}"))
                .haproxy(context.report.spaced(line.span, &words)),
            );
            return None;
        }
        at += 2;
    }
    Some(read)
}

/// `option http-restrict-req-hdr-names preserve|delete|reject`.
pub(super) fn odd_names(context: &mut ProxyContext<'_, '_>, line: &Line, _: bool) {
    let expects =
        "option 'http-restrict-req-hdr-names' expects 'preserve', 'reject' or 'delete' option.";
    let words = match line.text(2) {
        "preserve" => return context.proxy.settings.http.options.odd_names = OddNames::Preserve,
        "delete" => return context.proxy.settings.http.options.odd_names = OddNames::Delete,
        "reject" => return context.proxy.settings.http.options.odd_names = OddNames::Reject,
        "" => format!("missing parameter. {expects}"),
        odd => format!("invalid parameter '{odd}'. {expects}"),
    };
    context.report.push(
        Diagnostic::error("bad-option", "what is to become of odd header names?")
            .at(line.span(2.min(line.words.len() - 1)), "")
            .why("known words: preserve, delete, reject")
            .haproxy(context.report.spaced(line.span, &words)),
    );
}

pub(super) fn name_header(context: &mut ProxyContext<'_, '_>, line: &Line) {
    if let Some(name) = header_name(
        context,
        line,
        "'http-send-name-header' requires a header string.",
    ) {
        context.proxy.settings.http.options.name_header = Some(name);
    }
}

pub(super) fn unique_id_header(context: &mut ProxyContext<'_, '_>, line: &Line) {
    if let Some(name) = header_name(context, line, "unique-id-header expects an argument.") {
        context.proxy.settings.http.options.unique_id_header = Some(name);
    }
}

fn header_name(context: &mut ProxyContext<'_, '_>, line: &Line, missing: &str) -> Option<String> {
    if !line.text(1).is_empty() {
        return Some(line.text(1).to_ascii_lowercase());
    }
    told_missing(context, line, missing);
    None
}

fn told_missing(context: &mut ProxyContext<'_, '_>, line: &Line, words: &str) {
    context.report.push(
        Diagnostic::error(
            "missing-value",
            format!("`{}` is not complete", line.text(0)),
        )
        .at(line.statement(), "")
        .haproxy(context.report.spaced(line.span, words)),
    );
}

pub(super) fn unique_id_format(context: &mut ProxyContext<'_, '_>, line: &Line) {
    if line.text(1).is_empty() {
        told_missing(context, line, "unique-id-format expects an argument.");
        return;
    }
    if !line.text(2).is_empty() {
        told_missing(
            context,
            line,
            "unique-id-format expects only one argument, don't forget to escape spaces!",
        );
        return;
    }
    let mut place = context.place(line.span);
    match sample::format(line.text(1), Purpose::Id, Site::FrontendRequest, &mut place) {
        Ok(format) => context.proxy.settings.http.options.unique_id = Some(format),
        Err(words) => bad_format(context, line, "unique-id", &words),
    }
}

/// A format that cannot be read.
pub(super) fn bad_format(context: &mut ProxyContext<'_, '_>, line: &Line, what: &str, words: &str) {
    let told = format!(
        "config : Parsing [{}]: failed to parse {what} : {words}.",
        context.report.place(line.span)
    );
    context.report.push(
        Diagnostic::error("bad-format", format!("`{}`: {words}", line.text(0)))
            .at(line.span(1), "")
            .haproxy(told),
    );
}

pub(super) fn monitor_uri(context: &mut ProxyContext<'_, '_>, line: &Line) {
    if line.text(1).is_empty() {
        told_missing(context, line, "'monitor-uri' expects an URI.");
        return;
    }
    context.proxy.settings.http.options.monitor_uri = Some(line.text(1).to_owned());
}

/// `monitor fail if CONDITION`.
pub(super) fn monitor(context: &mut ProxyContext<'_, '_>, line: &Line) {
    if line.text(1) != "fail" {
        told_missing(context, line, "'monitor' only supports 'fail'.");
        return;
    }
    if !matches!(line.text(2), "if" | "unless") {
        let words = "'monitor fail' requires either 'if' or 'unless' followed by a condition.";
        told_missing(context, line, words);
        return;
    }
    let what = "a 'monitor fail' condition";
    if let Some(condition) = rules::condition(context, line, 2, Site::FrontendRequest, what) {
        context
            .proxy
            .settings
            .http
            .options
            .monitor_fail
            .push(condition);
    }
}

/// `use-server NAME if CONDITION`.
pub(super) fn use_server(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let Some(name) = line.words.get(1).filter(|word| !word.text.is_empty()) else {
        told_missing(context, line, "'use-server' expects a server name.");
        return;
    };
    if !matches!(line.text(2), "if" | "unless") {
        let words = "'use-server' requires either 'if' or 'unless' followed by a condition.";
        told_missing(context, line, words);
        return;
    }
    let site = Site::UseServer;
    let Some(condition) = rules::condition(context, line, 2, site, "switching rule") else {
        return;
    };
    let to = if name.text.contains('%') {
        let mut place = context.place(line.span);
        match sample::format(&name.text, Purpose::Http, site, &mut place) {
            Ok(format) => ServerName::Computed(format),
            Err(words) => {
                let what = format!("use-server rule '{}'", name.text);
                bad_format(context, line, &what, &words);
                return;
            }
        }
    } else {
        ServerName::Written(name.clone())
    };
    context
        .proxy
        .use_servers
        .push(UseServerDraft { to, condition });
}
