//! Addresses as `bind`, `server`, `log` and `stats socket` lines write them (manual, "bind" and "server").

use crate::model::{BindHost, Host};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address<'a> {
    Inet {
        host: &'a str,
        port: Port,
    },
    /// A socket file: a path, or `unix@path`.
    Unix(&'a str),
    /// `abns@name`.
    Abstract(&'a str),
    /// `fd@N`.
    Fd(i32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Port {
    None,
    Fixed(u16),
    Range(u16, u16),
    Offset(i32),
}

/// What is wrong, in HAProxy's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AddressError(pub(crate) String);

/// Reads one address. Which kinds and ports fit is the caller's affair.
pub(crate) fn parse(text: &str) -> Result<Address<'_>, AddressError> {
    if let Some(path) = text.strip_prefix("unix@") {
        return Ok(Address::Unix(path));
    }
    if let Some(name) = text.strip_prefix("abns@") {
        return Ok(Address::Abstract(name));
    }
    if let Some(number) = text.strip_prefix("fd@") {
        return number.parse().map(Address::Fd).map_err(|_| {
            AddressError(format!(
                "file descriptor '{number}' is not a valid integer in '{text}'"
            ))
        });
    }
    if text.starts_with('/') {
        return Ok(Address::Unix(text));
    }
    let inet = [
        "ipv4@", "ipv6@", "tcp4@", "tcp6@", "tcp@", "udp@", "udp4@", "udp6@",
    ]
    .iter()
    .find_map(|prefix| text.strip_prefix(prefix))
    .unwrap_or(text);
    let (host, port) = split_port(inet);
    Ok(Address::Inet {
        host,
        port: parse_port(port, text)?,
    })
}

/// The port stands after the last colon; brackets keep the colons of an IPv6 address together.
fn split_port(text: &str) -> (&str, &str) {
    if let Some((host, rest)) = text.strip_prefix('[').and_then(|t| t.split_once(']')) {
        return (host, rest.strip_prefix(':').unwrap_or(rest));
    }
    text.rsplit_once(':').unwrap_or((text, ""))
}

fn parse_port(port: &str, whole: &str) -> Result<Port, AddressError> {
    if port.is_empty() {
        return Ok(Port::None);
    }
    let digits = port.trim_start_matches(['+', '-']);
    let first_odd = digits.chars().find(|c| !c.is_ascii_digit() && *c != '-');
    if let Some(odd) = first_odd {
        return Err(AddressError(format!(
            "invalid character '{odd}' in port number '{port}' in '{whole}'"
        )));
    }
    let number = |text: &str| -> Result<u16, AddressError> {
        text.parse()
            .map_err(|_| AddressError(format!("invalid port '{port}'")))
    };
    if port.starts_with(['+', '-']) {
        let offset = number(digits).map(i32::from)?;
        return Ok(Port::Offset(if port.starts_with('-') {
            -offset
        } else {
            offset
        }));
    }
    let Some((low, high)) = port.split_once('-') else {
        return number(port).map(Port::Fixed);
    };
    let (low, high) = (number(low)?, number(high)?);
    if low == 0 || low > high {
        return Err(AddressError(format!("invalid port range '{port}'")));
    }
    Ok(Port::Range(low, high))
}

/// A host to connect to. None given means this machine.
pub(crate) fn host(text: &str) -> Host {
    match text {
        "" | "*" => Host::Ip(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
        _ => text
            .parse()
            .map_or_else(|_| Host::Name(text.to_owned()), Host::Ip),
    }
}

/// A host to listen on; `None` when the text is neither an address nor a possible name.
pub(crate) fn bind_host(text: &str) -> Option<BindHost> {
    match host(text) {
        Host::Ip(IpAddr::V4(Ipv4Addr::UNSPECIFIED)) => Some(BindHost::AnyV4),
        Host::Ip(IpAddr::V6(Ipv6Addr::UNSPECIFIED)) => Some(BindHost::AnyV6),
        Host::Name(name) if !could_be_name(&name) => None,
        host => Some(BindHost::Host(host)),
    }
}

/// Letters, digits, dots and hyphens, and more than a mistyped address.
fn could_be_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    name.chars().all(allowed) && name.chars().any(|c| c.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::{Address, Port, bind_host, host, parse};
    use crate::model::{BindHost, Host};

    #[track_caller]
    fn check(text: &str, host: &str, port: Port) {
        assert_eq!(parse(text), Ok(Address::Inet { host, port }), "{text}");
    }

    #[track_caller]
    fn check_error(text: &str, words: &str) {
        assert_eq!(parse(text).expect_err("must be refused").0, words);
    }

    #[test]
    fn the_port_stands_after_the_last_colon() {
        check("*:3000", "*", Port::Fixed(3000));
        check(":3000", "", Port::Fixed(3000));
        check("127.0.0.1", "127.0.0.1", Port::None);
        check("[::1]:80", "::1", Port::Fixed(80));
        check(":::80", "::", Port::Fixed(80));
        check("ipv4@localhost:80", "localhost", Port::Fixed(80));
        check(":3003-3005", "", Port::Range(3003, 3005));
        check("h:+901", "h", Port::Offset(901));
        check("h:-1", "h", Port::Offset(-1));
    }

    #[test]
    fn other_kinds_have_prefixes() {
        assert_eq!(parse("/run/a.sock"), Ok(Address::Unix("/run/a.sock")));
        assert_eq!(parse("unix@a.sock"), Ok(Address::Unix("a.sock")));
        assert_eq!(parse("abns@a"), Ok(Address::Abstract("a")));
        assert_eq!(parse("fd@7"), Ok(Address::Fd(7)));
    }

    #[test]
    fn errors_are_worded_as_haproxy_words_them() {
        check_error("b:99999", "invalid port '99999'");
        check_error("*:a", "invalid character 'a' in port number 'a' in '*:a'");
        check_error(":3005-3003", "invalid port range '3005-3003'");
        check_error(
            "fd@a",
            "file descriptor 'a' is not a valid integer in 'fd@a'",
        );
    }

    #[test]
    fn hosts_are_addresses_or_names() {
        assert_eq!(host("10.0.0.1"), Host::Ip([10, 0, 0, 1].into()));
        assert_eq!(host("localhost"), Host::Name("localhost".to_owned()));
        assert_eq!(bind_host("*"), Some(BindHost::AnyV4));
        assert_eq!(bind_host("::"), Some(BindHost::AnyV6));
        assert_eq!(bind_host("300.1.1.1"), None);
    }
}
