//! `wrong-check-protocol`: `check-proto` names a protocol that checks of this kind do not speak.

use crate::model::CheckProtocol;
use crate::proxy::{CheckMux, Proxy, ServerDraft};
use crate::report::Report;
use crate::sections::Draft;
use diagnostics::Diagnostic;

pub(super) fn check(draft: &Draft, report: &mut Report<'_>) {
    for proxy in draft.proxies.iter().filter(|p| !p.settings.disabled) {
        let http = proxy.settings.check.enabled == Some(CheckProtocol::Http);
        let is_wrong = |server: &&ServerDraft| {
            let settings = &server.settings;
            settings.check
                && settings
                    .check_proto
                    .is_some_and(|named| (named == CheckMux::Nothing) == http)
        };
        for server in proxy.servers.iter().filter(is_wrong) {
            report.push(diagnostic(proxy, server, http));
        }
    }
}

fn diagnostic(proxy: &Proxy, server: &ServerDraft, http: bool) -> Diagnostic {
    let name = &server.name.text;
    let words = format!(
        "config : config: {}: server '{name}' uses an incompatible MUX protocol for the selected check type",
        proxy.titled(),
    );
    let (why, next) = match http {
        true => ("checks of this backend speak HTTP", "check-proto h1"),
        false => (
            "checks of this backend do not speak HTTP",
            "check-proto none",
        ),
    };
    Diagnostic::error(
        "wrong-check-protocol",
        "checks do not speak the protocol named here",
    )
    .at(server.name.span, "")
    .why(why)
    .next(format!("leave `check-proto` out, or  {next}"))
    .haproxy(words)
}
