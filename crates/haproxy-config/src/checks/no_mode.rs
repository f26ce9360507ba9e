//! `no-mode`: proxies that nothing sets a mode for, which are in TCP mode then.

use crate::model::Mode;
use crate::proxy::Proxy;
use crate::report::Report;
use crate::sections::Draft;
use diagnostics::Diagnostic;

pub(super) fn check(draft: &Draft, report: &mut Report<'_>) {
    let proxies = draft.proxies.iter().filter(|p| !p.settings.disabled);
    let unsaid = proxies.filter(|p| {
        let mode = &p.settings.mode;
        mode.value == Mode::Tcp && mode.at.is_none()
    });
    for proxy in unsaid {
        report.push(diagnostic(proxy));
    }
}

fn diagnostic(proxy: &Proxy) -> Diagnostic {
    let name = &proxy.name.text;
    Diagnostic::note(
        "no-mode",
        format!("`{name}` has no `mode`, which means `mode tcp`"),
    )
    .at(proxy.name.span, "")
    .why("in TCP mode whole connections are balanced, and what they carry is passed on unread")
    .next("to balance requests, put  mode http  into `defaults` or into this section")
    .next("if TCP is meant, say so:  mode tcp")
}
