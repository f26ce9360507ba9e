//! `bind`: addresses to listen on, and their parameters; those about TLS are in `bind_tls`.

use super::{Keyword, Sections, Support, accounts, bind_idle, bind_tls, find, names, row, tls};
use crate::address::{Address, AddressError, Port, bind_host, parse as parse_address};
use crate::model::{Bind, BindAddress, BindProtocol, BindTls, SocketRights, TlsDefaults};
use crate::proxy::ProxyContext;
use crate::raw::Line;
use crate::value::lenient_integer;
use crate::words::Word;
use diagnostics::{Diagnostic, Span, nearest};

/// Takes one parameter.
///
/// # Errors
/// What is wrong with the value, in HAProxy's words.
pub(crate) type BindParser = fn(&mut BindWords, &Value<'_>) -> Result<(), String>;

/// What stands behind the addresses, which goes for all of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct BindWords {
    name: Option<String>,
    rights: SocketRights,
    maxconn: u32,
    accept_proxy: bool,
    protocol: BindProtocol,
    /// Without this word, all others about TLS mean nothing.
    pub(super) ssl: bool,
    pub(super) tls: BindTls,
}

/// A parameter on the line, its text empty where it takes no value.
pub(crate) struct Value<'a> {
    pub(super) name: &'static str,
    pub(super) text: &'a str,
    pub(super) span: Span,
    pub(super) defaults: &'a TlsDefaults,
}

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
    row("interface", S, 1, Full(interface), "listens on one network interface only"),
    row("level", S, 1, Full(nothing), "what a stats socket may do; of no use here"),
    row("maxconn", S, 1, Full(maxconn), "most connections of each address on the line; 0, the default: no limit of its own"),
    row("mode", S, 1, Full(mode), "permissions of a socket file"),
    row("mss", S, 1, Ignored, "largest TCP segment"),
    row("name", S, 1, Full(name), "the listener's name in statistics"),
    row("namespace", S, 1, Refused, "network namespace"),
    row("nice", S, 1, Ignored, "priority of this listener's work"),
    row("process", S, 1, Ignored, "processes and threads that accept"),
    row("proto", S, 1, Full(protocol), "the protocol, whatever the client says: `h1`, `h2`"),
    row("severity-output", S, 1, Full(nothing), "severities in runtime API answers; of no use here"),
    row("shards", S, 1, Ignored, "sockets per address"),
    row("tcp-ut", S, 1, Ignored, "TCP user timeout"),
    row("tfo", S, 0, Ignored, "TCP fast open"),
    row("thread", S, 1, Ignored, "threads that accept"),
    row("transparent", S, 0, Refused, "accepts what is meant for other addresses"),
    row("uid", S, 1, Full(user), "owner of a socket file"),
    row("user", S, 1, Full(user), "owner of a socket file"),
    row("v4v6", S, 0, Full(v4v6), "an IPv6 socket takes IPv4 too, as it does here anyway"),
    row("v6only", S, 0, Full(v6only), "an IPv6 socket takes IPv6 only"),
];

pub(crate) const TABLES: &[&[Keyword<BindParser>]] = &[TABLE, bind_tls::TABLE];

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
    let mut all = Vec::new();
    for text in list.text.split(',') {
        match addresses(text) {
            Ok(mut addresses) => all.append(&mut addresses),
            Err(error) => {
                let diagnostic = bad_address(context, line, text, &error);
                context.report.push(diagnostic);
                return;
            }
        }
    }
    let words = parameters(context, line);
    let binds = all.into_iter().map(|address| Bind {
        address,
        name: words.name.clone(),
        rights: words.rights.clone(),
        maxconn: words.maxconn,
        accept_proxy: words.accept_proxy,
        protocol: words.protocol,
        tls: words.ssl.then(|| words.tls.clone()),
        span: list.span,
    });
    context.proxy.binds.extend(binds);
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

/// Reads the parameters up to the first that is wrong.
fn parameters(context: &mut ProxyContext<'_, '_>, line: &Line) -> BindWords {
    let defaults = &context.global.tls;
    let mut words = BindWords {
        tls: defaults.bind.clone(),
        ..BindWords::default()
    };
    let mut at = 2;
    while let Some(word) = line.words.get(at).filter(|word| !word.text.is_empty()) {
        let Some(row) = find(TABLES, &word.text) else {
            let diagnostic = unknown(context, line, word);
            context.report.push(diagnostic);
            break;
        };
        let shown = || format!("bind ... {}", row.name);
        let value = match row.most {
            0 => Some(word),
            _ => line.words.get(at + 1).filter(|word| !word.text.is_empty()),
        };
        match (row.support, value) {
            (Refused, _) => context.report.push(super::refused(&shown(), word.span)),
            (Full(parser), Some(value)) => {
                let parameter = Value {
                    name: row.name,
                    text: &value.text,
                    span: value.span,
                    defaults,
                };
                let account = accounts::wrong(row.name, &value.text, context.shared.read_file);
                let account = account.map_or(Ok(()), Err);
                if let Err(wrong) = account.and_then(|()| parser(&mut words, &parameter)) {
                    let what = wrong.trim_end().to_owned();
                    let diagnostic = Diagnostic::error("bad-value", what).at(value.span, "");
                    tell(context, line, diagnostic, &wrong);
                    break;
                }
            }
            (Full(_), None) => {
                let what = format!("`{}` wants a value", row.name);
                let diagnostic = Diagnostic::error("missing-value", what).at(word.span, "");
                tell(context, line, diagnostic, &missing(row.name));
                break;
            }
            _ => {
                let text = value.map_or("", |value| value.text.as_str());
                let text = if row.most == 0 { "" } else { text };
                match bind_idle::check(row.name, text) {
                    Ok(told) => {
                        let warning = super::ignored(&shown(), word.span);
                        tell_of_idle(context, line, warning, told);
                    }
                    Err(wrong) => {
                        let what = wrong.trim_end().to_owned();
                        let at = value.unwrap_or(word).span;
                        let diagnostic = Diagnostic::error("bad-value", what).at(at, "");
                        tell(context, line, diagnostic, &wrong);
                        break;
                    }
                }
            }
        }
        at += 1 + row.most;
    }
    words
}

/// A word that changes nothing here; HAProxy may have something to say of it, too.
fn tell_of_idle(
    context: &mut ProxyContext<'_, '_>,
    line: &Line,
    warning: Diagnostic,
    told: Option<String>,
) {
    match told {
        None => context.report.push(warning),
        Some(words) => tell(context, line, warning, &words),
    }
}

/// What HAProxy says where the value of a word is missing.
fn missing(name: &str) -> String {
    match name {
        "maxconn" => "'maxconn' : missing value".to_owned(),
        "interface" => "'interface' : missing interface name".to_owned(),
        "level" => "'level' : missing level".to_owned(),
        "severity-output" => "'severity-output' : missing severity format".to_owned(),
        "proto" => "'proto' : missing value".to_owned(),
        "mode" => "'mode' : missing or invalid mode '' (octal integer expected)".to_owned(),
        _ => tls::missing(name),
    }
}

/// With HAProxy's words on where it stands.
fn tell(context: &mut ProxyContext<'_, '_>, line: &Line, diagnostic: Diagnostic, words: &str) {
    let (address, section) = (line.text(1), context.proxy.kind.name());
    let words = format!("'bind {address}' in section '{section}' : {words}");
    let diagnostic = diagnostic.haproxy(context.report.spaced(line.span, &words));
    context.report.push(diagnostic);
}

fn unknown(context: &ProxyContext<'_, '_>, line: &Line, word: &Word) -> Diagnostic {
    let suggestion = nearest(&word.text, names(TABLES));
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

fn name(words: &mut BindWords, value: &Value<'_>) -> Result<(), String> {
    words.name = Some(value.text.to_owned());
    Ok(())
}

fn mode(words: &mut BindWords, value: &Value<'_>) -> Result<(), String> {
    let value = value.text;
    let wrong = || format!("'mode' : missing or invalid mode '{value}' (octal integer expected)");
    words.rights.mode = Some(u32::from_str_radix(value, 8).map_err(|_| wrong())?);
    Ok(())
}

fn maxconn(words: &mut BindWords, value: &Value<'_>) -> Result<(), String> {
    let (number, _) = lenient_integer(value.text);
    let wrong = |_| format!("'maxconn' : invalid value {number}, must be >= 0");
    words.maxconn = u32::try_from(number).map_err(wrong)?;
    Ok(())
}

fn interface(words: &mut BindWords, value: &Value<'_>) -> Result<(), String> {
    words.rights.interface = Some(value.text.to_owned());
    Ok(())
}

/// `v6only` is the stronger of the two, wherever it stands.
fn v4v6(_: &mut BindWords, _: &Value<'_>) -> Result<(), String> {
    Ok(())
}

fn v6only(words: &mut BindWords, _: &Value<'_>) -> Result<(), String> {
    words.rights.only_v6 = true;
    Ok(())
}

/// A word that HAProxy takes, but looks at on stats sockets only.
fn nothing(_: &mut BindWords, value: &Value<'_>) -> Result<(), String> {
    bind_idle::check(value.name, value.text).map(|_| ())
}

fn user(words: &mut BindWords, value: &Value<'_>) -> Result<(), String> {
    words.rights.user = Some(value.text.to_owned());
    Ok(())
}

fn group(words: &mut BindWords, value: &Value<'_>) -> Result<(), String> {
    words.rights.group = Some(value.text.to_owned());
    Ok(())
}

fn accept_proxy(words: &mut BindWords, _: &Value<'_>) -> Result<(), String> {
    words.accept_proxy = true;
    Ok(())
}

fn protocol(words: &mut BindWords, value: &Value<'_>) -> Result<(), String> {
    words.protocol = match value.text {
        "h1" => BindProtocol::Http1,
        "h2" => BindProtocol::Http2,
        "none" => BindProtocol::Any,
        other => return Err(format!("'proto' :  unknown MUX protocol '{other}'")),
    };
    Ok(())
}
