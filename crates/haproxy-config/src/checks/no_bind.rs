//! `no-bind`: a frontend that listens nowhere.

use crate::proxy::Proxy;
use crate::report::Report;
use diagnostics::Diagnostic;

pub(super) fn check(proxy: &Proxy, report: &mut Report<'_>) {
    if !proxy.kind.has_frontend() || !proxy.binds.is_empty() {
        return;
    }
    let words = format!(
        "config : {} has no 'bind' directive. Please declare it as a backend if this was intended.",
        proxy.titled()
    );
    report.push(
        Diagnostic::warning("no-bind", format!("`{}` listens nowhere", proxy.name.text))
            .at(proxy.name.span, "")
            .why("without a `bind` line no client can reach it")
            .next("bind *:3000")
            .haproxy(words),
    );
}
