//! What to do when nobody answered.

use crate::Defaults;
use crate::ask::exchange::Limits;
use crate::ask::note::Note;
use crate::failure::{Failure, code};
use crate::vantage::{Kind, Vantage};

/// The failure without dig's lines, which were printed already: why nobody answered, and the next command.
pub(crate) fn no_reply(
    program: &str,
    vantage: &Vantage,
    defaults: &Defaults,
    last: Option<&Note>,
    limits: Limits,
) -> Failure {
    Failure {
        what: Vec::new(),
        why: vec![why(vantage, last, limits)],
        next: vec![next(program, vantage.kind, defaults)],
        code: code::NO_REPLY,
    }
}

fn why(vantage: &Vantage, last: Option<&Note>, limits: Limits) -> String {
    let servers = vantage.servers.iter();
    let names: Vec<String> = servers
        .map(|s| format!("{} port {}", s.address.ip(), s.address.port()))
        .collect();
    let names = names.join(", ");
    let transport = if limits.tcp { "tcp" } else { "udp" };
    if matches!(vantage.kind, Kind::System | Kind::Live) {
        return format!(
            "your resolver ({names}) does not answer: this machine seems to be offline"
        );
    }
    match last {
        Some(Note::Failed { why, .. } | Note::NotConnected { why, .. })
            if why == "connection refused" =>
        {
            format!("nothing listens on {names} ({transport})")
        }
        Some(Note::Failed { why, .. } | Note::NotConnected { why, .. }) if why != "timed out" => {
            format!("{names} ({transport}): {why}")
        }
        Some(Note::Short { .. } | Note::OtherId { .. } | Note::OtherQuestion(_)) => {
            format!("what came from {names} ({transport}) is no answer to this question")
        }
        _ => format!(
            "no answer from {names} ({transport}) within {} s",
            limits.timeout.as_secs()
        ),
    }
}

fn next(program: &str, kind: Kind, defaults: &Defaults) -> String {
    match (kind, defaults.lab_server) {
        (Kind::Lab | Kind::Cache | Kind::Farm, _) => {
            "start the lab's name server:  lab nameserver   (or the whole lab with it:  lab up --dns)"
                .to_owned()
        }
        (Kind::Given, Some(lab)) => format!(
            "the lab's name server is on {}:  {program} google.com",
            lab.port()
        ),
        (Kind::System | Kind::Live, Some(_)) => format!(
            "the names recorded in the lab work offline:  {program} google.com   (without --live)"
        ),
        (_, None) => format!("name a server that runs:  {program} @SERVER NAME"),
    }
}
