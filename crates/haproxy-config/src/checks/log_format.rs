//! `log-without-target`: a log format is chosen, but lines go nowhere.

use crate::model::LogFormat;
use crate::proxy::Proxy;
use crate::report::Report;
use diagnostics::Diagnostic;

pub(super) fn check(proxy: &Proxy, report: &mut Report<'_>) {
    let format = proxy.settings.log_format;
    if !proxy.kind.has_frontend()
        || format.value == LogFormat::Connect
        || !proxy.settings.log.is_empty()
    {
        return;
    }
    let words = format!(
        "config : log format ignored for {} since it has no log address.",
        proxy.titled()
    );
    report.push(
        Diagnostic::warning(
            "log-without-target",
            format!(
                "`{}` has a log format, but no place to log to",
                proxy.name.text
            ),
        )
        .at(format.at.unwrap_or(proxy.name.span), "")
        .next("log stdout format raw local0")
        .haproxy(words),
    );
}
