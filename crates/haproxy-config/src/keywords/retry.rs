//! `retry-on`.

use crate::model::RetryOn;
use crate::proxy::ProxyContext;
use crate::raw::Line;
use diagnostics::{Diagnostic, nearest};

#[rustfmt::skip]
const WORDS: [&str; 17] = [
    "none", "conn-failure", "empty-response", "junk-response", "response-timeout", "0rtt-rejected", "all-retryable-errors",
    "401", "403", "404", "408", "425", "500", "501", "502", "503", "504",
];

/// `retry-on WORD...`.
pub(super) fn parse(context: &mut ProxyContext<'_, '_>, line: &Line) {
    match read(line) {
        Ok(retry_on) => context.proxy.settings.retry_on = retry_on,
        Err((at, words)) => {
            let suggestion = nearest(line.text(at), WORDS).filter(|_| at > 0);
            let label =
                suggestion.map_or_else(String::new, |name| format!("did you mean `{name}`?"));
            let told = words
                .trim_start_matches("'retry-on'")
                .trim_start_matches([':', ' ']);
            context.report.push(
                Diagnostic::error("bad-retry-on", format!("`retry-on`: {told}"))
                    .at(line.span(at), label)
                    .why(format!("it knows {}", WORDS.join(", ")))
                    .haproxy(context.report.spaced(line.span, &words)),
            );
        }
    }
}

/// The error is HAProxy's, with the place of the word it is about.
fn read(line: &Line) -> Result<RetryOn, (usize, String)> {
    if line.text(1).is_empty() {
        let words = "'retry-on' needs at least one keyword to specify when to retry";
        return Err((0, words.to_owned()));
    }
    let mut on = RetryOn::NONE;
    for at in 1..line.words.len() {
        match line.text(at) {
            "none" if line.words.len() > 2 => {
                return Err((
                    at,
                    "'retry-on' 'none' keyworld only usable alone".to_owned(),
                ));
            }
            "none" => {}
            "conn-failure" => on.conn_failure = true,
            "empty-response" => on.empty_response = true,
            "junk-response" => on.junk_response = true,
            "response-timeout" => on.response_timeout = true,
            // nothing is sent to servers as early data
            "0rtt-rejected" => {}
            "all-retryable-errors" => {
                on.conn_failure = true;
                on.empty_response = true;
                on.junk_response = true;
                on.response_timeout = true;
                on.statuses.extend([500, 502, 503, 504]);
            }
            word => {
                let status = word.parse().ok().filter(|_| WORDS.contains(&word));
                let unknown = || (at, format!("'retry-on': unknown keyword '{word}'"));
                on.statuses.push(status.ok_or_else(unknown)?);
            }
        }
    }
    Ok(on)
}
