//! `needs-http`: lines of a proxy in TCP mode that only HTTP mode gives a meaning.

use crate::model::{Mode, Stats};
use crate::proxy::Proxy;
use crate::report::Report;
use diagnostics::{Diagnostic, Span};

/// `option httplog` and `option httpslog` in TCP mode.
pub(super) fn check_log(proxy: &Proxy, report: &mut Report<'_>) {
    let format = proxy.settings.log_format;
    let tcp = proxy.settings.mode.value == Mode::Tcp;
    let Some(option) = proxy.settings.http_log.filter(|_| tcp) else {
        return;
    };
    let at = format.at.unwrap_or(proxy.name.span);
    let words = format!(
        "'option {option}' not usable with {} (needs 'mode http'). Falling back to 'option tcplog'.",
        proxy.titled()
    );
    let words = report.spaced(at, &words);
    tell(&format!("`option {option}`"), at, words, report);
}

/// `stats` lines in TCP mode.
pub(super) fn check_stats(proxy: &Proxy, report: &mut Report<'_>) {
    if proxy.settings.mode.value != Mode::Tcp || proxy.settings.stats.is_none() {
        return;
    }
    let words = format!(
        "config : 'stats' statement ignored for {} as it requires HTTP mode.",
        proxy.titled()
    );
    tell("`stats`", proxy.name.span, words, report);
}

/// Rules on requests for the page beside what says the same in short.
pub(super) fn check_stats_rules(proxy: &Proxy, report: &mut Report<'_>) {
    let both = |stats: &Stats| {
        !stats.rules.is_empty() && (!stats.auth.is_empty() || stats.realm.is_some())
    };
    if !proxy.settings.stats.as_ref().is_some_and(both) {
        return;
    }
    let words = format!(
        "config : proxy '{}': stats 'auth'/'realm' and 'http-request' can't be used at the same time.",
        proxy.name.text
    );
    report.push(
        Diagnostic::error(
            "stats-rules",
            "`stats http-request` stands beside `stats auth` or `stats realm`",
        )
        .at(proxy.name.span, "")
        .next("stats http-request auth realm Stats unless { http_auth(USERLIST) }")
        .haproxy(words),
    );
}

fn tell(what: &str, at: Span, words: String, report: &mut Report<'_>) {
    report.push(
        Diagnostic::warning("needs-http", format!("{what} wants `mode http`"))
            .at(at, "")
            .haproxy(words),
    );
}
