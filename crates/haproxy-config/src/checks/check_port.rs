//! `check-without-port`: a checked server whose port is not known beforehand.

use crate::model::{ServerAddress, ServerPort};
use crate::proxy::{Proxy, ServerDraft};
use crate::report::Report;
use crate::sections::Draft;
use diagnostics::Diagnostic;

pub(super) fn check(draft: &Draft, report: &mut Report<'_>) {
    for proxy in draft.proxies.iter().filter(|p| !p.settings.disabled) {
        for server in proxy.servers.iter().filter(|server| lacks_port(server)) {
            report.push(diagnostic(proxy, server));
        }
    }
}

/// The same for a server added while the balancer runs, of which HAProxy says more.
pub(super) fn check_dynamic(proxy: &Proxy, server: &ServerDraft, report: &mut Report<'_>) {
    if lacks_port(server) {
        let words = format!(
            "config: {}: server '{}' has neither service port nor check port nor tcp_check rule 'connect' with port information.",
            proxy.titled(),
            server.name.text
        );
        report.push(diagnostic(proxy, server));
        report.amend_last(words);
    }
}

fn lacks_port(server: &ServerDraft) -> bool {
    let fixed = match server.address {
        ServerAddress::Inet { port, .. } => matches!(port, ServerPort::Fixed(1..)),
        ServerAddress::Unix(_) => true,
    };
    server.settings.check && server.settings.port.is_none() && !fixed
}

fn diagnostic(proxy: &Proxy, server: &ServerDraft) -> Diagnostic {
    let words = format!(
        "config : config: {}: server '{}' has neither service port nor check port.",
        proxy.titled(),
        server.name.text
    );
    Diagnostic::error(
        "check-without-port",
        format!("`{}` is checked, but on which port?", server.name.text),
    )
    .at(server.address_span, "no port here")
    .why("without a port the server takes the one the client called, and a check has no client")
    .next("put the port after the address, or  port 8080  after `check`")
    .haproxy(words)
}
