//! `privileged-port`: an address that only the administrator may listen on.

use crate::model::{Bind, BindAddress};
use crate::proxy::Proxy;
use crate::report::Report;
use crate::sections::Draft;
use diagnostics::Diagnostic;

/// Lower ports want root (Linux, `ip_unprivileged_port_start`).
const FIRST_FREE: u16 = 1024;

pub(super) fn check(draft: &Draft, report: &mut Report<'_>) {
    for proxy in draft.proxies.iter().filter(|p| !p.settings.disabled) {
        for bind in &proxy.binds {
            if let BindAddress::Inet { port, .. } = bind.address
                && port < FIRST_FREE
            {
                report.push(diagnostic(proxy, bind, port));
            }
        }
    }
}

fn diagnostic(proxy: &Proxy, bind: &Bind, port: u16) -> Diagnostic {
    let diagnostic = Diagnostic::warning(
        "privileged-port",
        format!("listening on port {port} needs root"),
    )
    .at(bind.span, "");
    if proxy.settings.stats.is_some() {
        return diagnostic
            .why(
                "ports below 1024 are the administrator's; the lab text opens the statistics on 8404,\n\
                 its original file said 83",
            )
            .next("bind *:8404");
    }
    diagnostic
        .why("ports below 1024 are the administrator's")
        .next(format!(
            "take a higher one, for example  bind *:{}",
            u32::from(port) + 8000
        ))
}
