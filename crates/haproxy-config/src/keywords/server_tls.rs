//! The words of `server` lines about TLS and the PROXY protocol.

use super::server_parameters::{Parameter, ServerContext, ServerParser};
use super::{Keyword, Sections, Support, row, tls};
use crate::model::{ProxyDetails, ProxyHeader, TlsFile};
use crate::proxy::CheckMux;
use crate::sample::{self, Place, Within};
use diagnostics::Diagnostic;
use samples::fetch::Needs;

use Support::{Full, Ignored};

const S: Sections = Sections::BACK;

#[rustfmt::skip]
pub(crate) static TABLE: &[Keyword<ServerParser>] = &[
    row("ssl", S, 0, Full(|c, _| c.settings.ssl = true), "the server speaks TLS"),
    row("no-ssl", S, 0, Full(|c, _| c.settings.ssl = false), "undoes an inherited `ssl`"),
    row("allow-0rtt", S, 0, Ignored, "TLS early data: requests go a round trip later"),
    row("alpn", S, 1, Full(policy), "protocols offered inside TLS, the dearest first: `h2,http/1.1`"),
    row("ca-file", S, 1, Full(ca_file), "authorities that may have signed the server's certificate; `@system-ca`: the system's"),
    row("check-alpn", S, 1, Full(check_alpn), "protocols that checks offer inside TLS"),
    row("check-proto", S, 1, Full(check_proto), "the protocol of checks: `h1` or `h2` for those of HTTP, else `none`; not on `default-server`"),
    row("check-send-proxy", S, 0, Full(|c, _| c.settings.check_send_proxy = true), "checks begin with the PROXY protocol"),
    row("check-sni", S, 1, Full(check_sni), "the name that checks tell inside TLS"),
    row("check-ssl", S, 0, Full(|c, _| c.settings.check_ssl = Some(true)), "checks use TLS, as they do for `ssl` unless port or address are their own"),
    row("ciphers", S, 1, Full(policy), "ciphers of TLS 1.2, those of the list that rustls has"),
    row("ciphersuites", S, 1, Full(policy), "ciphers of TLS 1.3"),
    row("crl-file", S, 1, Full(crl_file), "certificates of servers that are revoked"),
    row("crt", S, 1, Full(crt), "certificate and key to show to the server"),
    row("force-sslv3", S, 0, Full(policy), "an old version, which is not spoken"),
    row("force-tlsv10", S, 0, Full(policy), "an old version, which is not spoken"),
    row("force-tlsv11", S, 0, Full(policy), "an old version, which is not spoken"),
    row("force-tlsv12", S, 0, Full(policy), "TLS 1.2 only"),
    row("force-tlsv13", S, 0, Full(policy), "TLS 1.3 only"),
    row("no-check-send-proxy", S, 0, Full(|c, _| c.settings.check_send_proxy = false), "undoes an inherited `check-send-proxy`"),
    row("no-check-ssl", S, 0, Full(|c, _| c.settings.check_ssl = Some(false)), "checks do not use TLS"),
    row("no-send-proxy", S, 0, Full(|c, _| c.settings.proxy_header = None), "undoes an inherited `send-proxy`"),
    row("no-send-proxy-v2", S, 0, Full(|c, _| c.settings.proxy_header = None), "undoes an inherited `send-proxy-v2`"),
    row("no-send-proxy-v2-ssl", S, 0, Full(|c, _| c.settings.proxy_header = None), "undoes an inherited `send-proxy-v2-ssl`"),
    row("no-send-proxy-v2-ssl-cn", S, 0, Full(|c, _| c.settings.proxy_header = None), "undoes an inherited `send-proxy-v2-ssl-cn`"),
    row("no-ssl-reuse", S, 0, Full(policy), "TLS sessions are not taken up again"),
    row("no-sslv3", S, 0, Full(policy), "without SSL 3, which is not spoken anyway"),
    row("no-tls-tickets", S, 0, Full(policy), "TLS sessions are not taken up again"),
    row("no-tlsv10", S, 0, Full(policy), "without TLS 1.0, which is not spoken anyway"),
    row("no-tlsv11", S, 0, Full(policy), "without TLS 1.1, which is not spoken anyway"),
    row("no-tlsv12", S, 0, Full(policy), "without TLS 1.2"),
    row("no-tlsv13", S, 0, Full(policy), "without TLS 1.3"),
    row("npn", S, 1, Ignored, "protocols inside TLS, the old way, which no server speaks any more"),
    row("proxy-v2-options", S, 1, Full(proxy_options), "what else version 2 tells, with commas: ssl, cert-cn, cert-key, cert-sig, ssl-cipher, authority, crc32c, unique-id"),
    row("send-proxy", S, 0, Full(send_proxy), "tells the client's address by the PROXY protocol"),
    row("send-proxy-v2", S, 0, Full(|c, _| send_v2(c, ProxyDetails::default())), "tells it by version 2"),
    row("send-proxy-v2-ssl", S, 0, Full(|c, _| send_v2(c, ProxyDetails { tls: true, ..ProxyDetails::default() })), "tells whether the client speaks TLS, too"),
    row("send-proxy-v2-ssl-cn", S, 0, Full(|c, _| send_v2(c, ProxyDetails { tls: true, common_name: true, ..ProxyDetails::default() })), "tells the name in its certificate, too"),
    row("sni", S, 1, Full(sni), "the name told inside TLS, an expression: `str(app.test)`, `req.hdr(host)`"),
    row("ssl-max-ver", S, 1, Full(policy), "newest version of TLS; default TLSv1.3"),
    row("ssl-min-ver", S, 1, Full(policy), "oldest version of TLS; default TLSv1.2, older ones are not spoken"),
    row("ssl-reuse", S, 0, Full(policy), "undoes an inherited `no-ssl-reuse`"),
    row("tls-tickets", S, 0, Full(policy), "undoes an inherited `no-tls-tickets`"),
    row("verify", S, 1, Full(verify), "whether its certificate is looked at: none, required; default required"),
    row("verifyhost", S, 1, Full(verify_host), "the name that must stand in the certificate"),
];

/// The value of a parameter that needs one.
fn value<'a>(
    context: &mut ServerContext<'_, '_>,
    parameter: &Parameter<'a>,
) -> Option<&'a crate::words::Word> {
    if parameter.value.is_none() {
        context.missing(parameter, &tls::missing(&parameter.name.text));
    }
    parameter.value
}

/// What `bind` and `global` lines say alike.
fn policy(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    let name = &parameter.name.text;
    let takes_value = matches!(
        name.as_str(),
        "alpn" | "ciphers" | "ciphersuites" | "ssl-min-ver" | "ssl-max-ver"
    );
    let text = match (takes_value, parameter.value) {
        (false, _) => "",
        (true, Some(value)) => value.text.as_str(),
        (true, None) => return context.missing(parameter, &tls::missing(name)),
    };
    if let Err(wrong) = tls::word(&mut context.settings.tls.policy, name, text) {
        refuse(context, parameter, &wrong);
    }
}

fn refuse(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>, wrong: &str) {
    let words = context.words(parameter, wrong);
    context.report.push(
        Diagnostic::error("bad-value", wrong)
            .at(parameter.value.unwrap_or(parameter.name).span, "")
            .haproxy(words),
    );
}

fn ca_file(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    let base = context.global.tls.authorities.as_deref();
    if let Some(value) = value(context, parameter) {
        context.settings.tls.authorities = Some(TlsFile {
            path: tls::path(base, &value.text),
            span: value.span,
        });
    }
}

fn crl_file(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    let base = context.global.tls.authorities.as_deref();
    if let Some(value) = value(context, parameter) {
        context.settings.tls.revocations = Some(TlsFile {
            path: tls::path(base, &value.text),
            span: value.span,
        });
    }
}

fn crt(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    let base = context.global.tls.certificates.as_deref();
    let Some(value) = parameter.value else {
        return context.missing(parameter, "'crt' : missing certificate file path");
    };
    context.settings.tls.certificate = Some(TlsFile {
        path: tls::path(base, &value.text),
        span: value.span,
    });
}

fn verify(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    let Some(value) = value(context, parameter) else {
        return;
    };
    match value.text.as_str() {
        "none" => context.settings.verify = Some(false),
        "required" => context.settings.verify = Some(true),
        other => {
            let words = format!(
                "'verify' : unknown verify method '{other}', only 'none' and 'required' are supported"
            );
            refuse(context, parameter, &words);
        }
    }
}

fn verify_host(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    if let Some(value) = value(context, parameter) {
        context.settings.tls.verify_host = Some(value.text.clone());
    }
}

fn check_sni(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    if let Some(value) = value(context, parameter) {
        context.settings.check_sni = Some(value.text.clone());
    }
}

fn check_alpn(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    let Some(value) = value(context, parameter) else {
        return;
    };
    let mut policy = crate::model::TlsPolicy::default();
    match tls::word(&mut policy, "check-alpn", &value.text) {
        Ok(()) => context.settings.check_alpn = Some(policy.alpn),
        Err(wrong) => refuse(context, parameter, &wrong),
    }
}

fn check_proto(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    let name = match parameter.value {
        Some(value) => value.text.as_str(),
        None => return context.missing(parameter, "'check-proto' : missing value"),
    };
    let named = match name {
        "h1" => CheckMux::Http1,
        "h2" => CheckMux::Http2,
        "none" => CheckMux::Nothing,
        other => {
            let words = format!("'check-proto' :  unknown MUX protocol '{other}'");
            return refuse(context, parameter, &words);
        }
    };
    // As in HAProxy, servers do not take it over from `default-server`.
    if !context.title.is_empty() {
        context.settings.check_proto = Some(named);
    }
}

fn sni(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    let Some(value) = value(context, parameter) else {
        return;
    };
    let mut place = Place {
        shared: context.shared,
        span: parameter.line.span,
        proxy: &context.proxy,
        within: Within::HttpRequest,
        fetch: "",
    };
    let read = sample::expression(&value.text, &mut place);
    let read = read.and_then(|expression| match expression.fetch.needs {
        Needs::Response | Needs::ResponseFacts => Err(format!(
            " fetch method '{}' extracts information from '{}', none of which is available here.",
            value.text,
            expression.fetch.needs.title()
        )),
        _ => Ok(expression),
    });
    match read {
        Ok(expression) => context.settings.tls.sni = Some(expression),
        Err(wrong) => {
            let title = &context.title;
            let words = format!("{title}error detected while parsing sni expression : {wrong}");
            context.report.push(
                Diagnostic::error("bad-expression", wrong.trim())
                    .at(value.span, "")
                    .haproxy(context.report.bare(parameter.line.span, &words)),
            );
        }
    }
}

fn send_proxy(context: &mut ServerContext<'_, '_>, _: &Parameter<'_>) {
    let header = &mut context.settings.proxy_header;
    *header = header.or(Some(ProxyHeader::V1));
}

/// Version 2 wins over version 1, and what either word wants told is told.
fn send_v2(context: &mut ServerContext<'_, '_>, wanted: ProxyDetails) {
    let former = match context.settings.proxy_header {
        Some(ProxyHeader::V2(details)) => details,
        _ => ProxyDetails::default(),
    };
    context.settings.proxy_header = Some(ProxyHeader::V2(former.and(wanted)));
}

fn proxy_options(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    let list = parameter.value.map_or("", |value| value.text.as_str());
    for name in list.split(',') {
        let details = &mut context.settings.proxy_options;
        let flag = match name {
            "ssl" => &mut details.tls,
            "cert-cn" => &mut details.common_name,
            "cert-key" => &mut details.key,
            "cert-sig" => &mut details.signature,
            "ssl-cipher" => &mut details.cipher,
            "authority" => &mut details.authority,
            "crc32c" => &mut details.checksum,
            "unique-id" => &mut details.unique_id,
            other => {
                let words = format!("'{other}' : proxy v2 option not implemented");
                return refuse(context, parameter, &words);
            }
        };
        *flag = true;
        details.tls |= !matches!(name, "authority" | "crc32c" | "unique-id");
    }
}
