//! `file` and `real-servers`: what lies in the folder, and who answers from beyond this machine.

use super::events::nothing_there;
use super::{Finding, Sight};
use crate::words::say;
use std::collections::BTreeSet;
use std::net::IpAddr;

pub(super) fn look(path: &str, exists: bool, line: Option<&str>, sight: Sight<'_>) -> Finding {
    let known = sight.facts.files.iter().find(|(known, _)| known == path);
    let Some(text) = known.and_then(|(_, text)| text.as_ref()) else {
        return Finding::new(!exists, say!(sight.words, NoFile, file = path));
    };
    match line {
        None => Finding::new(exists, say!(sight.words, FileThere, file = path)),
        Some(part) => match text.lines().position(|line| line.contains(part)) {
            Some(at) => Finding::new(exists, say!(sight.words, OnLine, line = at + 1)),
            None => Finding::new(
                !exists,
                say!(sight.words, NoSuchLine, line = part, file = path),
            ),
        },
    }
}

pub(super) fn real_servers(min: u32, sight: Sight<'_>) -> Finding {
    let Some(balancer) = &sight.facts.balancer else {
        return nothing_there(sight);
    };
    let Some(config) = &balancer.config else {
        return Finding::unseen(say!(sight.words, RunningUnseen, program = balancer.engine));
    };
    let beyond = |address: &str| {
        !address.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()) && address != "localhost"
    };
    let servers: BTreeSet<(&str, u16)> = config
        .servers
        .iter()
        .filter(|server| beyond(&server.address))
        .map(|server| (server.address.as_str(), server.port))
        .collect();
    let answers: BTreeSet<&str> = sight
        .facts
        .real_answers
        .iter()
        .map(|text| text.trim())
        .collect();
    let min = min as usize;
    let found = say!(
        sight.words,
        RealServers,
        servers = servers.len(),
        answers = answers.len()
    );
    Finding::new(servers.len() >= min && answers.len() >= min, found)
}
