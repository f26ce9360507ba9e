//! `missing-timeouts`: without them a silent peer is waited for for ever.

use crate::model::Mode;
use crate::proxy::Proxy;
use crate::report::Report;
use diagnostics::Diagnostic;

pub(super) fn check(proxy: &Proxy, report: &mut Report<'_>) {
    let missing = missing(proxy);
    if missing.is_empty() {
        return;
    }
    let words = format!(
        "config : missing timeouts for {}.\n   \
         | While not properly invalid, you will certainly encounter various problems\n   \
         | with such a configuration. To fix this, please ensure that all following\n   \
         | timeouts are set to a non-zero value: 'client', 'connect', 'server'.",
        proxy.titled()
    );
    let names: Vec<String> = missing
        .iter()
        .map(|name| format!("`timeout {name}`"))
        .collect();
    let mut diagnostic = Diagnostic::warning(
        "missing-timeouts",
        format!("`{}` has no {}", proxy.name.text, names.join(" and no ")),
    )
    .at(proxy.name.span, "")
    .why("without it nothing ever times out: a client or server that falls silent is waited for for ever")
    .haproxy(words);
    for name in missing {
        diagnostic = diagnostic.next(format!("timeout {name} {}", usual(name)));
    }
    report.push(diagnostic);
}

fn missing(proxy: &Proxy) -> Vec<&'static str> {
    let timeouts = &proxy.settings.timeouts;
    let connects = proxy.kind.has_backend() && !proxy.servers.is_empty();
    // a tunnel's own timeout covers the server side in TCP mode
    let tunnel = proxy.settings.mode.value == Mode::Tcp && timeouts.tunnel.is_some();
    let mut missing = Vec::new();
    if proxy.kind.has_frontend() && timeouts.client.is_none() {
        missing.push("client");
    }
    if connects && timeouts.connect.is_none() {
        missing.push("connect");
    }
    if connects && timeouts.server.is_none() && !tunnel {
        missing.push("server");
    }
    missing
}

fn usual(name: &str) -> &'static str {
    if name == "connect" { "10s" } else { "50s" }
}
