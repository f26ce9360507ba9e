//! `raw-fetch`: fetches of first bytes there, where nobody looks at them as such.

use crate::model::Mode;
use crate::proxy::Proxy;
use crate::report::Report;
use crate::sections::Draft;
use diagnostics::Diagnostic;

pub(super) fn check(proxy: &Proxy, draft: &Draft, report: &mut Report<'_>) {
    if proxy.settings.mode.value != Mode::Http {
        return;
    }
    let raw = &draft.shared.raw_fetches;
    if let Some((_, span)) = raw.iter().find(|(own, _)| *own == proxy.name.text) {
        let own = &proxy.name.text;
        let words = format!(
            "config : Proxy '{own}': L6 sample fetches ignored on HTTP proxies (declared at {}).",
            report.place(*span)
        );
        report.push(
            Diagnostic::warning(
                "raw-fetch",
                "in HTTP mode there are no raw bytes to look at",
            )
            .at(*span, "")
            .next("use what HTTP tells:  path, req.hdr(host), ssl_fc_sni")
            .haproxy(words),
        );
    }
}
