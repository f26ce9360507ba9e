//! `not-yet`: proxies in TCP mode, which is also what they are in when nothing sets a mode.

use crate::model::Mode;
use crate::proxy::Proxy;
use crate::report::Report;
use crate::sections::Draft;
use diagnostics::Diagnostic;

pub(super) fn check(draft: &Draft, report: &mut Report<'_>) {
    let proxies = draft.proxies.iter().filter(|p| !p.settings.disabled);
    for proxy in proxies.filter(|p| p.settings.mode.value == Mode::Tcp) {
        report.push(diagnostic(proxy));
    }
}

fn diagnostic(proxy: &Proxy) -> Diagnostic {
    let name = &proxy.name.text;
    let diagnostic = match proxy.settings.mode.at {
        Some(line) => Diagnostic::error(
            "not-yet",
            format!("`{name}` is in `mode tcp`: HAProxy knows that, we do not yet"),
        )
        .at(line, ""),
        None => Diagnostic::error(
            "not-yet",
            format!("`{name}` has no `mode`, which means `mode tcp`: we do not know that yet"),
        )
        .at(proxy.name.span, ""),
    };
    diagnostic
        .why("in TCP mode bytes are passed on unread; requests are balanced in `mode http`")
        .next("put  mode http  into `defaults` or into this section")
}
