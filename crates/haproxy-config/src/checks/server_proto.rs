//! `wrong-server-protocol`: `proto` names a protocol that is not spoken in the mode of the section.

use crate::model::Mode;
use crate::proxy::{Proxy, ServerDraft, ServerMux};
use crate::report::Report;
use diagnostics::Diagnostic;

pub(super) fn check(proxy: &Proxy, report: &mut Report<'_>) {
    let http = proxy.settings.mode.value != Mode::Tcp;
    for server in &proxy.servers {
        let named = server.settings.proto;
        if let Some(named) = named.filter(|named| (*named == ServerMux::Nothing) == http) {
            report.push(diagnostic(proxy, server, named, http, report));
        }
    }
}

fn diagnostic(
    proxy: &Proxy,
    server: &ServerDraft,
    named: ServerMux,
    http: bool,
    report: &Report<'_>,
) -> Diagnostic {
    let named = match named {
        ServerMux::Http1 => "h1",
        ServerMux::Http2 => "h2",
        ServerMux::Nothing => "none",
    };
    let words = format!(
        "config : {} : MUX protocol '{named}' is not usable for server '{}' at [{}].",
        proxy.titled(),
        server.name.text,
        report.place(server.line),
    );
    let why = match http {
        true => "the section is in HTTP mode",
        false => "the section is in TCP mode, where bytes are passed on whatever they mean",
    };
    Diagnostic::error(
        "wrong-server-protocol",
        format!("`proto {named}` is of no use here"),
    )
    .at(server.name.span, "")
    .why(why)
    .next("leave `proto` out")
    .haproxy(words)
}
