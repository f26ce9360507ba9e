//! `bind`: addresses to listen on, and their parameters.

use super::{Keyword, Sections, Support, find, names, row};
use crate::address::{Address, AddressError, Port, bind_host, parse as parse_address};
use crate::model::{Bind, BindAddress, SocketRights};
use crate::proxy::ProxyContext;
use crate::raw::Line;
use crate::words::Word;
use diagnostics::{Diagnostic, nearest};

/// Takes the parameter's value, or without one the parameter itself.
///
/// # Errors
/// What is wrong with the value, in HAProxy's words.
pub(crate) type BindParser = fn(&mut Bind, &str) -> Result<(), String>;

use Support::{Full, Ignored, Refused};

const S: Sections = Sections::FRONT;

/// `most` is the number of values; exactly so many follow.
#[rustfmt::skip]
pub(crate) static TABLE: &[Keyword<BindParser>] = &[
    row("accept-netscaler-cip", S, 1, Refused, "client addresses in NetScaler's header"),
    row("accept-proxy", S, 0, Full(accept_proxy), "client addresses in the PROXY protocol"),
    row("backlog", S, 1, Ignored, "length of the system's queue of new connections"),
    row("defer-accept", S, 0, Ignored, "wakes up once the first bytes are there"),
    row("expose-fd", S, 1, Ignored, "hands the socket to a new process"),
    row("gid", S, 1, Full(group), "group of a socket file"),
    row("group", S, 1, Full(group), "group of a socket file"),
    row("id", S, 1, Ignored, "the listener's number in statistics"),
    row("interface", S, 1, Refused, "listens on one network interface only"),
    row("level", S, 1, Ignored, "what a stats socket may do"),
    row("maxconn", S, 1, Refused, "most connections of this listener"),
    row("mode", S, 1, Full(mode), "permissions of a socket file"),
    row("mss", S, 1, Ignored, "largest TCP segment"),
    row("name", S, 1, Full(name), "the listener's name in statistics"),
    row("namespace", S, 1, Refused, "network namespace"),
    row("nice", S, 1, Ignored, "priority of this listener's work"),
    row("process", S, 1, Ignored, "processes and threads that accept"),
    row("proto", S, 1, Refused, "the protocol, whatever the client says"),
    row("severity-output", S, 1, Ignored, "severities in runtime API answers"),
    row("shards", S, 1, Ignored, "sockets per address"),
    row("tcp-ut", S, 1, Ignored, "TCP user timeout"),
    row("tfo", S, 0, Ignored, "TCP fast open"),
    row("thread", S, 1, Ignored, "threads that accept"),
    row("transparent", S, 0, Refused, "accepts what is meant for other addresses"),
    row("uid", S, 1, Full(user), "owner of a socket file"),
    row("user", S, 1, Full(user), "owner of a socket file"),
    row("v4v6", S, 0, Refused, "an IPv6 socket takes IPv4 too"),
    row("v6only", S, 0, Ignored, "an IPv6 socket takes IPv6 only, as it does here anyway"),
    row("ssl", S, 0, Refused, "TLS"),
    row("allow-0rtt", S, 0, Refused, "TLS early data"),
    row("alpn", S, 1, Refused, "TLS protocols offered"),
    row("ca-file", S, 1, Refused, "TLS authorities of client certificates"),
    row("ca-ignore-err", S, 1, Refused, "TLS errors of authorities let pass"),
    row("ca-sign-file", S, 1, Refused, "TLS authority for generated certificates"),
    row("ca-sign-pass", S, 1, Refused, "its passphrase"),
    row("ca-verify-file", S, 1, Refused, "TLS authorities not announced"),
    row("ciphers", S, 1, Refused, "TLS ciphers"),
    row("ciphersuites", S, 1, Refused, "TLS 1.3 ciphers"),
    row("crl-file", S, 1, Refused, "TLS revocations"),
    row("crt", S, 1, Refused, "TLS certificate"),
    row("crt-ignore-err", S, 1, Refused, "TLS certificate errors let pass"),
    row("crt-list", S, 1, Refused, "TLS certificates by name"),
    row("curves", S, 1, Refused, "TLS curves"),
    row("ecdhe", S, 1, Refused, "TLS curve"),
    row("force-sslv3", S, 0, Refused, "TLS version"),
    row("force-tlsv10", S, 0, Refused, "TLS version"),
    row("force-tlsv11", S, 0, Refused, "TLS version"),
    row("force-tlsv12", S, 0, Refused, "TLS version"),
    row("force-tlsv13", S, 0, Refused, "TLS version"),
    row("generate-certificates", S, 0, Refused, "TLS certificates made on the fly"),
    row("no-ca-names", S, 0, Refused, "TLS authorities not announced"),
    row("no-sslv3", S, 0, Refused, "TLS version"),
    row("no-tls-tickets", S, 0, Refused, "TLS tickets"),
    row("no-tlsv10", S, 0, Refused, "TLS version"),
    row("no-tlsv11", S, 0, Refused, "TLS version"),
    row("no-tlsv12", S, 0, Refused, "TLS version"),
    row("no-tlsv13", S, 0, Refused, "TLS version"),
    row("npn", S, 1, Refused, "TLS protocols, the old way"),
    row("prefer-client-ciphers", S, 0, Refused, "TLS: the client's order"),
    row("ssl-max-ver", S, 1, Refused, "TLS newest version"),
    row("ssl-min-ver", S, 1, Refused, "TLS oldest version"),
    row("strict-sni", S, 0, Refused, "TLS: no certificate, no connection"),
    row("tls-ticket-keys", S, 1, Refused, "TLS ticket keys"),
    row("verify", S, 1, Refused, "TLS client certificates"),
];

pub(super) fn parse(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let Some(list) = line.words.get(1).filter(|word| !word.text.is_empty()) else {
        let words =
            "'bind' expects {<path>|[addr1]:port1[-end1]}{,[addr]:port[-end]}... as arguments.";
        context.report.push(
            Diagnostic::error("missing-value", "`bind` wants an address")
                .at(line.keyword().span, "")
                .next("for example  bind *:3000")
                .haproxy(context.report.spaced(line.span, words)),
        );
        return;
    };
    let mut binds = Vec::new();
    for text in list.text.split(',') {
        match addresses(text) {
            Ok(addresses) => binds.extend(addresses.into_iter().map(|address| Bind {
                address,
                name: None,
                rights: SocketRights::default(),
                accept_proxy: false,
                span: list.span,
            })),
            Err(error) => {
                let diagnostic = bad_address(context, line, text, &error);
                context.report.push(diagnostic);
                return;
            }
        }
    }
    parameters(context, line, &mut binds);
    context.proxy.binds.append(&mut binds);
}

/// All addresses of one item of the list (a range of ports is several).
pub(crate) fn addresses(text: &str) -> Result<Vec<BindAddress>, AddressError> {
    let (host, port) = match parse_address(text)? {
        Address::Unix(path) => return Ok(vec![BindAddress::Unix(path.to_owned())]),
        Address::Abstract(name) => return Ok(vec![BindAddress::Abstract(name.to_owned())]),
        Address::Fd(fd) => return Ok(vec![BindAddress::Fd(fd)]),
        Address::Inet { host, port } => (host, port),
    };
    let ports = match port {
        Port::None => {
            let words = format!("missing port specification in '{text}'");
            return Err(AddressError(words));
        }
        Port::Offset(_) => {
            let words = format!("port offset not permitted here in '{text}'");
            return Err(AddressError(words));
        }
        Port::Fixed(0) => return Err(AddressError("invalid port '0'".to_owned())),
        Port::Fixed(port) => port..=port,
        Port::Range(low, high) => low..=high,
    };
    let host = bind_host(host)
        .ok_or_else(|| AddressError(format!("invalid address: '{host}' in '{text}'")))?;
    Ok(ports
        .map(|port| BindAddress::Inet {
            host: host.clone(),
            port,
        })
        .collect())
}

fn bad_address(
    context: &ProxyContext<'_, '_>,
    line: &Line,
    text: &str,
    error: &AddressError,
) -> Diagnostic {
    let words = format!("'bind' : {}", error.0);
    let diagnostic = Diagnostic::error("bad-address", format!("cannot listen on `{text}`"))
        .at(line.span(1), "")
        .why(error.0.trim_end())
        .haproxy(context.report.spaced(line.span, &words));
    match text.parse::<u16>() {
        Ok(port) => diagnostic.next(format!("bind *:{port}")),
        Err(_) => diagnostic,
    }
}

fn parameters(context: &mut ProxyContext<'_, '_>, line: &Line, binds: &mut [Bind]) {
    let mut at = 2;
    while let Some(word) = line.words.get(at).filter(|word| !word.text.is_empty()) {
        let Some(row) = find(&[TABLE], &word.text) else {
            let diagnostic = unknown(context, line, word);
            context.report.push(diagnostic);
            return;
        };
        let value = line.words.get(at + 1).filter(|word| !word.text.is_empty());
        match (row.support, value) {
            (Refused, _) => context
                .report
                .push(super::refused(&format!("bind ... {}", row.name), word.span)),
            (Full(parser), _) if row.most == 0 => take(context, line, binds, word, parser),
            (Full(parser), Some(value)) => take(context, line, binds, value, parser),
            (Full(_), None) => {
                let words = format!(
                    "'bind {}' in section '{}' : '{}' : missing {}",
                    line.text(1),
                    context.proxy.kind.name(),
                    row.name,
                    row.name
                );
                context.report.push(
                    Diagnostic::error("missing-value", format!("`{}` wants a value", row.name))
                        .at(word.span, "")
                        .haproxy(context.report.spaced(line.span, &words)),
                );
                return;
            }
            _ => context
                .report
                .push(super::ignored(&format!("bind ... {}", row.name), word.span)),
        }
        at += 1 + row.most;
    }
}

fn unknown(context: &ProxyContext<'_, '_>, line: &Line, word: &Word) -> Diagnostic {
    let suggestion = nearest(&word.text, names(&[TABLE]));
    let place = format!(
        "'bind {}' in section '{}'",
        line.text(1),
        context.proxy.kind.name()
    );
    let mut words = format!("{place}: unknown keyword '{}'", word.text);
    match suggestion {
        Some(name) => words += &format!("; did you mean '{name}' maybe ?"),
        None => words.push('.'),
    }
    Diagnostic::error(
        "unknown-parameter",
        format!("unknown word `{}` on a bind line", word.text),
    )
    .at(
        word.span,
        suggestion.map_or_else(String::new, |name| format!("did you mean `{name}`?")),
    )
    .haproxy(context.report.spaced(line.span, &words))
}

fn take(
    context: &mut ProxyContext<'_, '_>,
    line: &Line,
    binds: &mut [Bind],
    value: &Word,
    parser: BindParser,
) {
    for bind in binds {
        if let Err(wrong) = parser(bind, &value.text) {
            let words = format!(
                "'bind {}' in section '{}' : {wrong}",
                line.text(1),
                context.proxy.kind.name()
            );
            let diagnostic = Diagnostic::error("bad-value", wrong)
                .at(value.span, "")
                .haproxy(context.report.spaced(line.span, &words));
            return context.report.push(diagnostic);
        }
    }
}

fn name(bind: &mut Bind, value: &str) -> Result<(), String> {
    bind.name = Some(value.to_owned());
    Ok(())
}

fn mode(bind: &mut Bind, value: &str) -> Result<(), String> {
    let wrong = || format!("'mode' : missing or invalid mode '{value}' (octal integer expected)");
    bind.rights.mode = Some(u32::from_str_radix(value, 8).map_err(|_| wrong())?);
    Ok(())
}

fn user(bind: &mut Bind, value: &str) -> Result<(), String> {
    bind.rights.user = Some(value.to_owned());
    Ok(())
}

fn group(bind: &mut Bind, value: &str) -> Result<(), String> {
    bind.rights.group = Some(value.to_owned());
    Ok(())
}

fn accept_proxy(bind: &mut Bind, _: &str) -> Result<(), String> {
    bind.accept_proxy = true;
    Ok(())
}
