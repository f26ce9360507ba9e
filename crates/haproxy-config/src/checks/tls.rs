//! `no-certificate`, `no-authority`, `no-tls-version`: TLS that lacks what it needs; `old-tls`: versions that are wanted
//! and not spoken.

use crate::model::{Bind, BindTls, ClientVerify, TlsDefaults, TlsPolicy, TlsVersion};
use crate::proxy::{Proxy, ServerDraft};
use crate::report::Report;
use crate::sections::Draft;
use diagnostics::{Diagnostic, Span};

pub(super) fn check_servers(proxy: &Proxy, draft: &Draft, report: &mut Report<'_>) {
    for server in &proxy.servers {
        check_server(proxy, server, &draft.global.tls, report);
    }
}

pub(super) fn check_binds(proxy: &Proxy, report: &mut Report<'_>) {
    let mut line = None;
    for bind in &proxy.binds {
        // A line with several addresses is looked at once.
        if line.replace(bind.span) != Some(bind.span)
            && let Some(tls) = &bind.tls
        {
            check_bind(proxy, bind, tls, report);
        }
    }
}

fn check_bind(proxy: &Proxy, bind: &Bind, tls: &BindTls, report: &mut Report<'_>) {
    let address =
        report.sources.get(bind.span.source).text[bind.span.start..bind.span.end].to_owned();
    let place = report.place(bind.span);
    let name = &proxy.name.text;
    let words = |what: &str, end: &str| {
        format!("config : Proxy '{name}': {what} for bind '{address}' at [{place}]{end}.")
    };
    if tls.certificates.is_empty() {
        let what = "TLS needs a certificate";
        let (diagnostic, end) = match tls.strict_sni {
            true => (
                Diagnostic::warning("no-certificate", what),
                ", ssl connections will fail (use 'crt')",
            ),
            false => (Diagnostic::error("no-certificate", what), " (use 'crt')"),
        };
        report.push(
            diagnostic
                .at(bind.span, "this listener has `ssl`, but no `crt`")
                .next("add  crt FILE  with certificate and key in one file")
                .haproxy(words("no SSL certificate specified", end)),
        );
    } else if tls.verify != ClientVerify::None
        && tls.authorities.is_none()
        && tls.unnamed_authorities.is_none()
    {
        let told = words("verify is enabled but no CA file specified", "");
        report.push(
            Diagnostic::error(
                "no-authority",
                "who may have signed certificates of clients?",
            )
            .at(bind.span, "this listener has `verify`, but no `ca-file`")
            .next("add  ca-file FILE")
            .haproxy(told),
        );
    }
    if let Some(list) = &tls.policy.unspoken {
        let told = words(&format!("unable to set SSL cipher list to '{list}'"), "");
        // it prints them once more, without its name before them
        let again = told.trim_start_matches("config : ");
        let told = format!("{told}\n{again}");
        report.push(unspoken(list, bind.span).haproxy(told));
    }
    check_versions(&tls.policy, bind.span, report, || {
        words("all SSL/TLS versions are disabled", "")
    });
}

pub(super) fn check_server(
    proxy: &Proxy,
    server: &ServerDraft,
    defaults: &TlsDefaults,
    report: &mut Report<'_>,
) {
    let settings = &server.settings;
    let speaks = settings.ssl || settings.check_ssl == Some(true);
    if !speaks && !proxy.settings.check.speaks_tls() {
        return;
    }
    let title = format!("'server {}/{}' : ", proxy.name.text, server.name.text);
    if settings.verifies(defaults) && settings.tls.authorities.is_none() {
        let words = format!(
            "{title}verify is enabled by default but no CA file specified. If you're running on a LAN where you're certain to trust the server's certificate, please set an explicit 'verify none' statement on the 'server' line, or use 'ssl-server-verify none' in the global section to disable server-side verifications by default."
        );
        report.push(
            Diagnostic::error("no-authority", "whose signature is trusted?")
                .at(
                    server.name.span,
                    "its certificate is looked at, but there is no `ca-file`",
                )
                .next("add  ca-file FILE  with the authority, or  ca-file @system-ca")
                .next("or trust whoever answers:  verify none")
                .haproxy(report.bare(server.line, &words)),
        );
    }
    let policy = &settings.tls.policy;
    if let (Some(list), None) = (&defaults.server.unspoken, &policy.ciphers) {
        let words = format!("{title}unable to set SSL cipher list to '{list}'.");
        let words = report.bare(server.line, &words);
        report.push(unspoken(list, server.name.span).haproxy(words));
    }
    let place = server.line;
    let words = report.bare(place, &format!("{title}all SSL/TLS versions are disabled."));
    check_versions(policy, server.name.span, report, || words.clone());
}

fn unspoken(list: &str, at: Span) -> Diagnostic {
    Diagnostic::error("no-cipher", "no cipher is left for TLS 1.2")
        .at(at, format!("none of `{list}` in `global` is spoken here"))
        .next("name some that are:  ECDHE+AESGCM")
}

fn check_versions(
    policy: &TlsPolicy,
    at: Span,
    report: &mut Report<'_>,
    words: impl Fn() -> String,
) {
    let versions = &policy.versions;
    let spoken = [TlsVersion::Tls12, TlsVersion::Tls13];
    if !spoken.into_iter().any(|version| versions.contains(version)) {
        let old = versions
            .newest
            .is_some_and(|newest| newest < TlsVersion::Tls12);
        let diagnostic =
            Diagnostic::error("no-tls-version", "no version of TLS is left").at(at, "");
        return report.push(match old {
            true => diagnostic
                .why("TLS 1.1 and older are broken and not spoken here")
                .next("allow 1.2:  ssl-max-ver TLSv1.2"),
            false => diagnostic.haproxy(words()),
        });
    }
    if versions
        .oldest
        .is_some_and(|oldest| oldest < TlsVersion::Tls12)
    {
        report.push(
            Diagnostic::warning("old-tls", "TLS 1.2 is the oldest version spoken here")
                .at(at, "an older one is allowed")
                .why(
                    "TLS 1.1 and older are broken (RFC 8996); who speaks nothing newer is refused",
                ),
        );
    }
}
