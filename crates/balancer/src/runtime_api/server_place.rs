//! `set server b/s addr`, `check-addr`, `check-port`, `agent-addr`, `agent-port`, `agent-send` and `ssl`: where a server, its
//! checks and its agent are found. A reload goes back to what the file says.

use super::server::{Target, unfinished};
use super::session::{Context, Reply};
use crate::plan::{Place, ServerPort};
use crate::stats::parts::port_number;
use std::net::{IpAddr, ToSocketAddrs};

/// Who is said to have changed something.
pub(super) const BY: &str = "by 'stats socket command'";

const NO_CHECK: &str = "health checks are not enabled on this server";
const NO_AGENT: &str = "agent checks are not enabled on this server";

/// Words after a property.
type Words<'a> = &'a [String];

pub(super) fn address(target: &Target, context: &mut Context<'_>, words: Words<'_>) -> Reply {
    let Some(text) = words.first() else {
        return Reply::error("set server <b>/<s> addr requires an address and optionally a port.");
    };
    let Ok(ip) = text.parse::<IpAddr>() else {
        return Reply::warning(&format!("Invalid addr '{text}' {BY}"));
    };
    let server = target.server();
    let Some(Place {
        ip: Some(former),
        port,
    }) = server.address.place()
    else {
        return Reply::warning(&format!(
            "Update for the current server address family is only supported through configuration file {BY}"
        ));
    };
    let mut told = match former == ip {
        true => "no need to change the addr".to_owned(),
        false => format!("IP changed from '{former}' to '{ip}'"),
    };
    let mut place = Place { ip: Some(ip), port };
    if let Some(wanted) = port_word(words) {
        let (port, words) = change_port(port, wanted, server.check_port().is_some());
        place.port = port;
        told += &format!(", {words}");
    }
    server.address.move_to(place);
    target.resolved(context);
    Reply::warning(&format!("{told} {BY}"))
}

/// What follows the word `port` after an address.
fn port_word<'a>(words: Words<'a>) -> Option<&'a str> {
    let wanted = words.get(1).is_some_and(|word| word == "port");
    wanted.then(|| words.get(2).map_or("", String::as_str))
}

/// The new port, and what is said of it. A sign makes it one that follows the client's, for which checks need one of
/// their own.
fn change_port(now: ServerPort, wanted: &str, check_has_port: bool) -> (ServerPort, String) {
    let follows = !matches!(now, ServerPort::Fixed(_));
    let sign = wanted
        .chars()
        .next()
        .filter(|sign| matches!(sign, '+' | '-'));
    let Some(number) = leading_number(wanted) else {
        return (now, format!("problem converting port '{wanted}' to an int"));
    };
    if sign.is_some() && !follows && !check_has_port {
        let words = "can't change <port> to port map because it is incompatible with current health check port \
                     configuration (use 'port' statement from the 'server' directive.";
        return (now, words.to_owned());
    }
    // HAProxy keeps sixteen bits of it.
    let port = (number & i64::from(u16::MAX)) as u16;
    if port == port_number(now) {
        return (now, "no need to change the port".to_owned());
    }
    let mark = if follows { "+" } else { "" };
    let shown = match sign {
        Some('-') => format!("-{}", port.wrapping_neg()),
        Some(_) => format!("+{port}"),
        None => port.to_string(),
    };
    let port = match sign {
        Some(_) => ServerPort::Offset((number as i16).into()),
        None => ServerPort::Fixed(port),
    };
    let before = port_number(now);
    (
        port,
        format!("port changed from '{mark}{before}' to '{shown}'"),
    )
}

pub(super) fn check_port(target: &Target, words: Words<'_>) -> Reply {
    let Some(text) = words.first() else {
        return Reply::error("set server <b>/<s> check-port requires a port.");
    };
    if !target.has_checks() {
        return unfinished(NO_CHECK);
    }
    port_of_its_own(text).map_or_else(
        |wrong| wrong,
        |port| {
            target.server().aim_checks(|aim| aim.port = port);
            Reply::Done
        },
    )
}

pub(super) fn check_address(target: &Target, words: Words<'_>) -> Reply {
    let Some(text) = words.first() else {
        return Reply::error(
            "set server <b>/<s> check-addr requires an address and optionally a port.",
        );
    };
    if !target.has_checks() {
        return unfinished(NO_CHECK);
    }
    aim(text, words).map_or_else(
        |wrong| wrong,
        |(ip, port)| {
            target.server().aim_checks(|aim| {
                aim.ip = Some(ip);
                aim.port = port.unwrap_or(aim.port);
            });
            Reply::Done
        },
    )
}

pub(super) fn agent_address(target: &Target, words: Words<'_>) -> Reply {
    let Some(text) = words.first() else {
        return Reply::error(
            "set server <b>/<s> agent-addr requires an address and optionally a port.",
        );
    };
    if !target.has_agent() {
        return unfinished(NO_AGENT);
    }
    aim(text, words).map_or_else(
        |wrong| wrong,
        |(ip, port)| {
            target.server().aim_agent(|aim| {
                aim.ip = Some(ip);
                aim.port = port.unwrap_or(aim.port);
            });
            Reply::Done
        },
    )
}

pub(super) fn agent_port(target: &Target, words: Words<'_>) -> Reply {
    let Some(text) = words.first() else {
        return Reply::error("set server <b>/<s> agent-port requires a port.");
    };
    if !target.has_agent() {
        return unfinished(NO_AGENT);
    }
    port_of_its_own(text).map_or_else(
        |wrong| wrong,
        |port| {
            target.server().aim_agent(|aim| aim.port = port);
            Reply::Done
        },
    )
}

pub(super) fn agent_send(target: &Target, words: Words<'_>) -> Reply {
    if !target.has_agent() {
        return Reply::error("agent checks are not enabled on this server.");
    }
    let text = words.first().cloned().unwrap_or_default();
    target.server().set_agent_send(text);
    Reply::Done
}

pub(super) fn tls(target: &Target, words: Words<'_>) -> Reply {
    let server = target.server();
    if server.tls.requests.is_none() {
        return Reply::error(
            "'set server <srv> ssl' cannot be set.  default-server should define ssl settings",
        );
    }
    match words.first().map(String::as_str) {
        Some("on") => server.set_tls(true),
        Some("off") => server.set_tls(false),
        _ => return Reply::error("'set server <srv> ssl' expects 'on' or 'off'."),
    }
    Reply::notice("server ssl setting updated.")
}

/// An address, and where `port` follows, a port.
fn aim(text: &str, words: Words<'_>) -> Result<(IpAddr, Option<Option<u16>>), Reply> {
    let ip = machine(text).ok_or_else(|| unfinished(&format!("invalid addr '{text}'")))?;
    let port = port_word(words).map(port_of_its_own).transpose()?;
    Ok((ip, port))
}

/// An address or a name of the system's.
fn machine(text: &str) -> Option<IpAddr> {
    if let Ok(ip) = text.parse() {
        return Some(ip);
    }
    let mut found = (text, 0).to_socket_addrs().ok()?;
    found.next().map(|address| address.ip())
}

/// A port of checks or of an agent; 0 is none.
fn port_of_its_own(text: &str) -> Result<Option<u16>, Reply> {
    let Ok(number) = text.parse::<i64>() else {
        return Err(unfinished("provided port is not an integer"));
    };
    match u16::try_from(number) {
        Ok(port) => Ok(Some(port).filter(|port| *port > 0)),
        Err(_) => Err(unfinished("provided port is invalid")),
    }
}

/// The number a text begins with.
fn leading_number(text: &str) -> Option<i64> {
    let sign = usize::from(text.starts_with(['-', '+']));
    let digits = text[sign..].bytes().take_while(u8::is_ascii_digit).count();
    let number = text[..sign + digits].parse().unwrap_or(i64::MAX);
    (digits > 0).then_some(number)
}
