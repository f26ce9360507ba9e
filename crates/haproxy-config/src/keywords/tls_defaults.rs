//! TLS and HTTP/2 in `global`.

use super::global::{GlobalContext, GlobalParser, missing};
use super::{ANY, Keyword, Sections, Support, row, tls};
use crate::model::TlsPolicy;
use crate::raw::Line;
use diagnostics::Diagnostic;
use std::ops::RangeInclusive;

use Support::{Full, Ignored};

const G: Sections = Sections::GLOBAL;

#[rustfmt::skip]
pub(crate) static TABLE: &[Keyword<GlobalParser>] = &[
    row("ca-base", G, 1, Full(ca_base), "the folder that relative names of `ca-file` start from"),
    row("crt-base", G, 1, Full(crt_base), "the folder that relative names of `crt` start from"),
    row("maxsslconn", G, 1, Full(max_connections), "most clients that speak TLS; 0, the default: no limit of their own"),
    row("ssl-default-bind-ciphers", G, 1, Full(list), "ciphers of TLS 1.2 where `bind` names none"),
    row("ssl-default-bind-ciphersuites", G, 1, Full(list), "ciphers of TLS 1.3 where `bind` names none"),
    row("ssl-default-bind-curves", G, ANY, Ignored, "TLS curves; X25519, P-256 and P-384 are spoken"),
    row("ssl-default-bind-options", G, ANY, Full(bind_options), "words about TLS for all `bind` lines: `ssl-min-ver TLSv1.2 no-tls-tickets`"),
    row("ssl-default-server-ciphers", G, 1, Full(list), "ciphers of TLS 1.2 where `server` names none"),
    row("ssl-default-server-ciphersuites", G, 1, Full(list), "ciphers of TLS 1.3 where `server` names none"),
    row("ssl-default-server-options", G, ANY, Full(server_options), "words about TLS for all `server` lines"),
    row("ssl-server-verify", G, 1, Full(server_verify), "whether certificates of servers are looked at: none, required; default required"),
    row("tune.h2.header-table-size", G, 1, Full(header_table), "bytes of former headers that are remembered, 4096 to 65536; default 4096"),
    row("tune.h2.initial-window-size", G, 1, Full(window), "bytes of a body that a client may send unasked; default 65535"),
    row("tune.h2.max-concurrent-streams", G, 1, Full(streams), "requests of one client at the same time; default 100"),
    row("tune.h2.max-frame-size", G, 1, Full(frame), "longest frame, 16384 to 16777215 bytes; default 16384"),
];

fn max_connections(context: &mut GlobalContext<'_, '_>, line: &Line) {
    let missing = "'maxsslconn' expects an integer argument.";
    let Some(number) = super::integer(line, missing, context.report) else {
        return;
    };
    match u32::try_from(number) {
        Ok(number) => context.global.max_tls_connections = number,
        Err(_) => refuse(
            context,
            line,
            "'maxsslconn' expects a positive numeric value.",
        ),
    }
}

fn ca_base(context: &mut GlobalContext<'_, '_>, line: &Line) {
    if let Some(folder) = folder(context, line, context.global.tls.authorities.is_some()) {
        context.global.tls.authorities = Some(folder);
    }
}

fn crt_base(context: &mut GlobalContext<'_, '_>, line: &Line) {
    if let Some(folder) = folder(context, line, context.global.tls.certificates.is_some()) {
        context.global.tls.certificates = Some(folder);
    }
}

fn folder(context: &mut GlobalContext<'_, '_>, line: &Line, given: bool) -> Option<String> {
    let name = line.text(0);
    match line.text(1) {
        _ if given => refuse(context, line, &format!("'{name}' already specified.")),
        "" => missing(
            context,
            line,
            &format!("global statement '{name}' expects a directory path as an argument."),
        ),
        path => return Some(path.to_owned()),
    }
    None
}

fn refuse(context: &mut GlobalContext<'_, '_>, line: &Line, words: &str) {
    context.report.push(
        Diagnostic::error("bad-value", words.trim_end_matches('.'))
            .at(line.statement(), "")
            .haproxy(context.report.spaced(line.span, words)),
    );
}

/// `ssl-default-bind-ciphers` and its kin.
fn list(context: &mut GlobalContext<'_, '_>, line: &Line) {
    let name = line.text(0);
    if line.text(1).is_empty() {
        let words = format!("global statement '{name}' expects a cipher suite as an argument.");
        return missing(context, line, &words);
    }
    let defaults = &mut context.global.tls;
    let policy = match name.contains("bind") {
        true => &mut defaults.bind.policy,
        false => &mut defaults.server,
    };
    let word = name.rsplit('-').next().unwrap_or(name);
    if let Err(wrong) = tls::word(policy, word, line.text(1)) {
        match word {
            // nobody may ever speak TLS under it: the files of one distribution begin with such a line
            "ciphers" => policy.unspoken = Some(line.text(1).to_owned()),
            _ => refuse(context, line, &wrong),
        }
    }
}

fn bind_options(context: &mut GlobalContext<'_, '_>, line: &Line) {
    options(context, line, |defaults| &mut defaults.bind.policy);
    let bind = &mut context.global.tls.bind;
    bind.strict_sni |= has(line, "strict-sni");
    bind.prefer_client_ciphers |= has(line, "prefer-client-ciphers");
}

fn server_options(context: &mut GlobalContext<'_, '_>, line: &Line) {
    options(context, line, |defaults| &mut defaults.server);
}

fn has(line: &Line, word: &str) -> bool {
    line.words.iter().skip(1).any(|other| other.text == word)
}

fn options(
    context: &mut GlobalContext<'_, '_>,
    line: &Line,
    policy: impl Fn(&mut crate::model::TlsDefaults) -> &mut TlsPolicy,
) {
    let statement = line.text(0);
    if line.text(1).is_empty() {
        let words = format!("global statement '{statement}' expects an option as an argument.");
        return missing(context, line, &words);
    }
    let mut at = 1;
    while !line.text(at).is_empty() {
        let name = line.text(at);
        let value = line.text(at + 1);
        let bind_only = matches!(name, "strict-sni" | "prefer-client-ciphers");
        let single = name.starts_with("no-tls")
            || name.starts_with("force-")
            || name == "no-sslv3"
            || (bind_only && statement.contains("bind"));
        let taken = match name {
            "ssl-min-ver" | "ssl-max-ver" if value.is_empty() => Err(format!(
                "{} on global statement '{statement}'.",
                tls::missing(name)
            )),
            "ssl-min-ver" | "ssl-max-ver" => {
                let unknown = |wrong| format!("{wrong} on global statement '{statement}'.");
                tls::word(policy(&mut context.global.tls), name, value)
                    .map(|()| 2)
                    .map_err(unknown)
            }
            _ if single => tls::word(policy(&mut context.global.tls), name, "").map(|()| 1),
            _ => Err(format!(
                "unknown option '{name}' on global statement '{statement}'."
            )),
        };
        match taken {
            Ok(words) => at += words,
            Err(wrong) => return refuse(context, line, &wrong),
        }
    }
}

fn server_verify(context: &mut GlobalContext<'_, '_>, line: &Line) {
    match line.text(1) {
        "none" => context.global.tls.trusts_servers = true,
        "required" => context.global.tls.trusts_servers = false,
        "" => {
            let words = "'ssl-server-verify' expects an integer argument.";
            missing(context, line, words);
        }
        _ => {
            let words = "'ssl-server-verify' expects 'none' or 'required' as argument.";
            refuse(context, line, words);
        }
    }
}

fn header_table(context: &mut GlobalContext<'_, '_>, line: &Line) {
    let words = "expects a numeric value between 4096 and 65536.";
    if let Some(size) = number(context, line, 4_096..=65_536, words) {
        context.global.http2.header_table = size;
    }
}

fn window(context: &mut GlobalContext<'_, '_>, line: &Line) {
    let words = "expects a positive numeric value.";
    if let Some(size) = number(context, line, 0..=0x7fff_ffff, words) {
        context.global.http2.initial_window = size;
    }
}

fn streams(context: &mut GlobalContext<'_, '_>, line: &Line) {
    let words = "expects a positive numeric value.";
    if let Some(count) = number(context, line, 0..=0x7fff_ffff, words) {
        context.global.http2.max_streams = count;
    }
}

fn frame(context: &mut GlobalContext<'_, '_>, line: &Line) {
    let words = "expects a numeric value between 16384 and 16777215.";
    if let Some(size) = number(context, line, 16_384..=16_777_215, words) {
        context.global.http2.max_frame = size;
    }
}

fn number(
    context: &mut GlobalContext<'_, '_>,
    line: &Line,
    range: RangeInclusive<i64>,
    words: &str,
) -> Option<u32> {
    let words = format!("'{}' {words}", line.text(0));
    let value = super::integer(line, &words, context.report)?;
    match u32::try_from(value) {
        Ok(number) if range.contains(&value) => Some(number),
        _ => {
            refuse(context, line, &words);
            None
        }
    }
}
