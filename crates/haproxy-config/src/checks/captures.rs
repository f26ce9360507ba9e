//! `capture-not-found`: rules that fill a place of the captures that nothing made.

use crate::proxy::Proxy;
use crate::report::Report;
use diagnostics::Diagnostic;

pub(super) fn check(proxy: &Proxy, report: &mut Report<'_>) {
    // a backend does not know whose captures its rules will fill
    if !proxy.kind.has_frontend() {
        return;
    }
    for (direction, place, list, span) in &proxy.capture_places {
        let made = proxy.captures.iter();
        let made = made
            .filter(|capture| capture.direction == *direction)
            .count();
        if *place < made {
            continue;
        }
        let words = format!(
            "config : Proxy '{}': unable to find capture id '{place}' referenced by {list} capture rule.",
            proxy.name.text
        );
        report.push(
            Diagnostic::error("capture-not-found", format!("there is no capture {place}"))
                .at(*span, "")
                .why("`capture` lines and `capture ... len N` rules make them, counted from 0")
                .haproxy(words),
        );
    }
}
