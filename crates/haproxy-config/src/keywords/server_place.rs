//! Where connections to servers come from, and where clients are sent instead: `source`, `redir`.

use super::server_parameters::{Parameter, ServerContext};
use crate::proxy::ProxyContext;
use crate::raw::Line;
use crate::report::Report;
use crate::words::Word;
use diagnostics::Diagnostic;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// `source` of a server.
pub(super) fn source(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    let Some(value) = parameter.value else {
        let words = "'source' expects <addr>[:<port>[-<port>]], and optionally 'usesrc' <addr>, and 'interface' <name> as argument.";
        context.missing(parameter, words);
        return;
    };
    if let Some(source) = read(value, context.report) {
        context.settings.source = Some(source);
    }
}

/// `redir` of a server.
pub(super) fn redirect(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    match parameter.value {
        Some(value) => context.settings.redirect = Some(value.text.clone()),
        None => context.missing(parameter, "'redir' expects <prefix> as argument."),
    }
}

/// `source` of a backend, for those of its servers that have none.
pub(super) fn of_backend(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let Some(value) = line.words.get(1) else {
        let words = "'source' expects <addr>[:<port>], and optionally 'usesrc' <addr>, and 'interface' <name>.";
        context.report.push(
            Diagnostic::error(
                "missing-value",
                "`source` wants the address to connect from",
            )
            .at(line.statement(), "")
            .next("source 192.0.2.1")
            .haproxy(context.report.spaced(line.span, words)),
        );
        return;
    };
    if let Some(more) = line.words.get(2) {
        let problem = match more.text.as_str() {
            "usesrc" | "interface" => {
                super::refused(&format!("source ... {}", more.text), more.span)
            }
            other => {
                let words = "'source' only supports optional keywords 'interface' and 'usesrc'.";
                Diagnostic::error("unknown-word", format!("`source` knows no `{other}`"))
                    .at(more.span, "")
                    .haproxy(context.report.spaced(line.span, words))
            }
        };
        context.report.push(problem);
        return;
    }
    if let Some(source) = read(value, context.report) {
        context.proxy.settings.source = Some(source);
    }
}

/// An address, with a port where one is written; what is wrong with it goes to the report.
fn read(value: &Word, report: &mut Report<'_>) -> Option<SocketAddr> {
    let text = value.text.as_str();
    let whole = |ip: IpAddr| SocketAddr::new(ip, 0);
    if text == "*" {
        return Some(whole(IpAddr::V4(Ipv4Addr::UNSPECIFIED)));
    }
    let read = text
        .parse::<IpAddr>()
        .map(whole)
        .or_else(|_| text.parse::<SocketAddr>());
    if let Ok(source) = read {
        return Some(source);
    }
    let problem = match text.rsplit_once(':') {
        Some((_, ports)) if ports.contains('-') => {
            super::refused("source ADDRESS:PORT-PORT", value.span)
        }
        _ => Diagnostic::error(
            "bad-address",
            format!("`{text}` is no address to connect from"),
        )
        .at(value.span, "")
        .why("an address of this machine, with a port behind it if need be")
        .next("source 192.0.2.1"),
    };
    report.push(problem);
    None
}
