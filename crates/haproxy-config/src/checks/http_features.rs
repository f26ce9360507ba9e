//! `needs-http`: lines of a proxy in TCP mode that only HTTP mode gives a meaning.

use crate::keywords::Sections;
use crate::model::{Mode, Stats};
use crate::proxy::{Proxy, Settings};
use crate::report::Report;
use diagnostics::{Diagnostic, Span};

/// Options that only HTTP mode gives a meaning, in the order HAProxy speaks of them.
pub(crate) const OPTIONS: [(&str, Sections); 10] = [
    ("checkcache", Sections::BACK_DEF),
    ("http-buffer-request", Sections::BOTH_DEF),
    ("http-ignore-probes", Sections::FRONT_DEF),
    ("idle-close-on-response", Sections::FRONT_DEF),
    ("prefer-last-server", Sections::BACK_DEF),
    ("accept-invalid-http-request", Sections::FRONT_DEF),
    ("accept-invalid-http-response", Sections::BACK_DEF),
    ("http-pretend-keepalive", Sections::BACK_DEF),
    ("http-no-delay", Sections::BOTH_DEF),
    ("disable-h2-upgrade", Sections::FRONT_DEF),
];

/// Remembers whether an option of [`OPTIONS`] is on.
pub(crate) fn note(settings: &mut Settings, option: &str, on: bool) {
    let Some(place) = OPTIONS.iter().position(|(name, _)| *name == option) else {
        return;
    };
    match on {
        true => settings.http_only.insert(place),
        false => settings.http_only.remove(&place),
    };
}

/// What the settings of a proxy in TCP mode ask for; HAProxy looks at it first.
pub(super) fn check_settings(proxy: &Proxy, report: &mut Report<'_>) {
    if proxy.settings.mode.value != Mode::Tcp {
        return;
    }
    let settings = &proxy.settings;
    let (title, needs) = (proxy.titled(), "(needs 'mode http')");
    let mut tell = |what: &str, words: String| tell(what, proxy.name.span, words, report);
    if settings.cookie.is_some() && proxy.kind.has_backend() {
        let words = format!("config : cookie will be ignored for {title} {needs}.");
        tell("`cookie` wants", words);
    }
    if settings.http.options.monitor_uri.is_some() && proxy.kind.has_frontend() {
        let words = format!("config : monitor-uri will be ignored for {title} {needs}.");
        tell("`monitor-uri` wants", words);
    }
    if settings.balance.needs_http() && proxy.kind.has_backend() {
        let words = format!(
            "config : Layer 7 hash not possible for {title} {needs}. Falling back to round robin."
        );
        tell("hashing what is in a request wants", words);
    }
    check_log(proxy, report);
}

/// `option httplog` and `option httpslog`.
fn check_log(proxy: &Proxy, report: &mut Report<'_>) {
    let settings = &proxy.settings;
    let (Some(option), Some(at)) = (settings.http_log, settings.log_format.at) else {
        return;
    };
    let words = format!(
        "'option {option}' not usable with {} (needs 'mode http'). Falling back to 'option tcplog'.",
        proxy.titled()
    );
    let words = report.spaced(at, &words);
    tell(&format!("`option {option}` wants"), at, words, report);
}

/// Lines of a proxy in TCP mode that do nothing there.
pub(super) fn check_lines(proxy: &Proxy, report: &mut Report<'_>) {
    if proxy.settings.mode.value != Mode::Tcp {
        return;
    }
    let title = proxy.titled();
    let http = &proxy.settings.http;
    let (it, they) = ("as it requires", "as they require");
    let found = [
        ("'stats' statement", it, proxy.settings.stats.is_some()),
        ("'capture' statement", it, proxy.cookie_capture.is_some()),
        ("'http-request' rules", they, !http.request.is_empty()),
        ("'http-response' rules", they, !http.response.is_empty()),
        (
            "'http-after-response' rules",
            they,
            !http.after_response.is_empty(),
        ),
        ("'redirect' rules", they, !proxy.redirects.is_empty()),
        (
            "'option forwardfor'",
            it,
            http.options.forwarded_for.is_some(),
        ),
        (
            "'option originalto'",
            it,
            http.options.original_to.is_some(),
        ),
    ];
    let found = found.into_iter().filter(|(_, _, found)| *found);
    let lines = found.map(|(what, why, _)| (what.to_owned(), why));
    let options = proxy.settings.http_only.iter().map(|place| OPTIONS[*place]);
    let options = options.filter(|(_, sections)| proxy.kind.fits(*sections));
    let options = options.map(|(name, _)| (format!("'option {name}'"), it));
    for (what, why) in lines.chain(options) {
        let verb = if why == it { "wants" } else { "want" };
        let shown = format!("{} {verb}", what.replace('\'', "`"));
        let words = format!("config : {what} ignored for {title} {why} HTTP mode.");
        tell(&shown, proxy.name.span, words, report);
    }
    check_cookies(proxy, report);
}

fn check_cookies(proxy: &Proxy, report: &mut Report<'_>) {
    let servers = proxy.servers.iter();
    for server in servers.filter(|server| server.settings.cookie.is_some()) {
        let words = format!(
            "config : {} : ignoring cookie for server '{}' as HTTP mode is disabled.",
            proxy.titled(),
            server.name.text
        );
        tell("`cookie` wants", server.name.span, words, report);
    }
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
        Diagnostic::warning("needs-http", format!("{what} `mode http`"))
            .at(at, "")
            .haproxy(words),
    );
}
