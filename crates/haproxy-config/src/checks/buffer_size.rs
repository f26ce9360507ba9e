//! `bad-buffer-size`: buffers that nothing fits into, or larger than HTTP can count.

use crate::model::Sizes;
use crate::report::Report;
use diagnostics::Diagnostic;

/// HAProxy counts a message in 28 bits.
const LARGEST: usize = 1 << 28;

/// The pages of errors have to fit.
const SMALLEST: usize = 352;

pub(super) fn check(sizes: Sizes, report: &mut Report<'_>) {
    let buffer = sizes.buffer;
    let (what, words) = if buffer >= LARGEST {
        let words = format!(
            "config : global.tune.bufsize must be below 256 MB when HTTP is in use (current value = {buffer})."
        );
        ("`tune.bufsize` must be below 256 MB", words)
    } else if buffer < SMALLEST {
        let words = "config : Internal error: invalid default message for HTTP return code 401: unable to add headers into the HTX message.";
        (
            "`tune.bufsize` leaves no room for the page of an error",
            words.to_owned(),
        )
    } else {
        return;
    };
    let diagnostic = Diagnostic::error("bad-buffer-size", what);
    report.push(diagnostic.next("tune.bufsize 16384").haproxy(words));
}
