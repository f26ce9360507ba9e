//! `config`: what the file, or what runs, says.

mod newer;
mod text;

pub(super) use newer::newer;

use super::events::nothing_there;
use super::{Finding, Sight};
use crate::facts::{Config, Server};
use crate::model::{Place, PortOf, Says, ServerHas};
use crate::words::say;
use std::collections::BTreeSet;
use text::{line_in, raw_in, server_port, without_comment};

/// One of the two texts that can be asked.
struct Source<'a> {
    config: Option<&'a Config>,
    text: Option<&'a str>,
}

pub(super) fn look(running: bool, says: &Says, sight: Sight<'_>) -> Finding {
    let facts = sight.facts;
    let source = match (running, &facts.balancer) {
        (false, _) => Source {
            config: facts.file.config.as_ref(),
            text: facts.file.text.as_deref(),
        },
        (true, None) => return nothing_there(sight),
        (true, Some(balancer)) => Source {
            config: balancer.config.as_ref(),
            text: balancer.text.as_deref(),
        },
    };
    if running && source.config.is_none() && source.text.is_none() {
        let engine = facts.balancer.as_ref().map_or("", |b| b.engine.as_str());
        return Finding::unseen(say!(sight.words, RunningUnseen, program = engine));
    }
    match says {
        Says::Readable => readable(running, &source, sight),
        Says::Problem(code) => problem(code, sight),
        Says::Line { section, line } => {
            let found = source
                .text
                .and_then(|text| line_in(text, section.as_deref(), line));
            text_line(found, line, running, sight)
        }
        Says::Raw(part) => {
            let found = source.text.and_then(|text| raw_in(text, part));
            text_line(found, part, running, sight)
        }
        says => match source.config {
            Some(config) => of_config(config, source.text, says, sight),
            None => Finding::new(false, broken(sight)),
        },
    }
}

fn of_config(config: &Config, text: Option<&str>, says: &Says, sight: Sight<'_>) -> Finding {
    match says {
        Says::Server { at, has } => server(config, text, at, has, sight),
        Says::Servers(count) => {
            let n = config.servers.len();
            let found = sight.words.count(
                n as u64,
                crate::words::Sentence::ServersOne,
                crate::words::Sentence::ServersMany,
            );
            Finding::new(count.fits(n), found)
        }
        Says::ListsWhatRuns => lists_what_runs(config, sight),
        Says::ListsNobody => {
            let dead = config.servers.iter().find(|s| !sight.facts.is_open(s.port));
            let found = dead.map(|server| {
                say!(
                    sight.words,
                    ListsNobody,
                    name = server.name,
                    port = server.port,
                    line = server.line
                )
            });
            Finding::new(dead.is_some(), found.unwrap_or_default())
        }
        Says::MissesOne => {
            let missing = missing(sight);
            let found = match missing.is_empty() {
                true => String::new(),
                false => say!(sight.words, Misses, ports = sight.ports(missing.clone())),
            };
            Finding::new(!missing.is_empty(), found)
        }
        Says::Bind(port) => binds(&config.binds, *port, sight),
        Says::Stats(port) => binds(&config.statistics, *port, sight),
        Says::Readable | Says::Problem(_) | Says::Line { .. } | Says::Raw(_) => {
            Finding::new(false, "")
        }
    }
}

fn readable(running: bool, source: &Source<'_>, sight: Sight<'_>) -> Finding {
    let file = &sight.facts.file;
    let holds = source.config.is_some();
    let found = match (holds, file.saved) {
        (true, Some(saved)) if !running => {
            say!(
                sight.words,
                FileSaved,
                file = file.name,
                time = sight.clock(saved)
            )
        }
        (true, _) => file.name.clone(),
        (false, _) => broken(sight),
    };
    Finding::new(holds, found)
}

/// Why there is no configuration to ask.
fn broken(sight: Sight<'_>) -> String {
    let file = &sight.facts.file;
    if file.text.is_none() {
        return say!(sight.words, NoFile, file = file.name);
    }
    match file.problems.iter().find(|problem| problem.is_error) {
        Some(problem) if problem.line > 0 => {
            say!(
                sight.words,
                LineProblem,
                line = problem.line,
                message = problem.message
            )
        }
        Some(problem) => problem.message.clone(),
        None => say!(sight.words, NotReadable, file = file.name),
    }
}

fn problem(code: &str, sight: Sight<'_>) -> Finding {
    let problems = &sight.facts.file.problems;
    match problems.iter().find(|problem| problem.code == code) {
        Some(problem) => Finding::new(
            true,
            say!(
                sight.words,
                LineProblem,
                line = problem.line,
                message = problem.message
            ),
        ),
        None => Finding::new(false, ""),
    }
}

fn text_line(found: Option<usize>, wanted: &str, running: bool, sight: Sight<'_>) -> Finding {
    let words = match (found, running) {
        (Some(line), _) => say!(sight.words, OnLine, line = line),
        (None, false) => say!(
            sight.words,
            NoSuchLine,
            line = wanted,
            file = sight.facts.file.name
        ),
        (None, true) => say!(sight.words, NoSuchLineRuns, line = wanted),
    };
    Finding::new(found.is_some(), words)
}

fn server(
    config: &Config,
    text: Option<&str>,
    at: &Place,
    has: &ServerHas,
    sight: Sight<'_>,
) -> Finding {
    let servers = sight.facts.listed(config, at);
    if servers.is_empty() {
        let name = match at {
            Place::Server(name) => name.clone(),
            _ => say!(sight.words, NoServer),
        };
        return Finding::new(false, say!(sight.words, NotListed, name = name));
    }
    let (with, without): (Vec<&Server>, Vec<&Server>) = servers
        .into_iter()
        .partition(|server| server_has(server, text, has));
    let found = match (without.as_slice(), has) {
        ([], _) => String::new(),
        ([one], ServerHas::Weight(_)) => {
            say!(sight.words, HasWeight, name = one.name, weight = one.weight)
        }
        (some, _) => {
            let names: Vec<&String> = some.iter().map(|server| &server.name).collect();
            let all = with.len() + some.len();
            say!(
                sight.words,
                SomeHave,
                n = with.len(),
                all = all,
                names = sight.words.list(&names)
            )
        }
    };
    Finding::new(without.is_empty(), found)
}

fn server_has(server: &Server, text: Option<&str>, has: &ServerHas) -> bool {
    match has {
        ServerHas::Weight(weight) => server.weight == *weight,
        ServerHas::Check(check) => server.check.is_some() == *check,
        ServerHas::Words(words) => {
            let wanted: Vec<&str> = words.split_whitespace().collect();
            let line = text.and_then(|text| text.lines().nth(server.line.checked_sub(1)?));
            let line: Vec<&str> = without_comment(line.unwrap_or_default())
                .split_whitespace()
                .collect();
            line.windows(wanted.len().max(1))
                .any(|window| window == wanted)
        }
    }
}

fn lists_what_runs(config: &Config, sight: Sight<'_>) -> Finding {
    let running = sight.facts.echo_ports();
    let listed: BTreeSet<u16> = config.servers.iter().map(|server| server.port).collect();
    let holds = !running.is_empty() && running == listed && listed.len() == config.servers.len();
    let found = match (running.is_empty(), holds) {
        (true, _) => say!(sight.words, NoServerYet),
        (_, true) => sight.ports(running),
        (_, false) => {
            let here = |ports: &BTreeSet<u16>| sight.ports(ports.iter().copied());
            say!(
                sight.words,
                RunsAndLists,
                runs = here(&running),
                lists = here(&listed)
            )
        }
    };
    Finding::new(holds, found)
}

/// Ports of echo servers that the file does not list; its lines are read even where it has errors.
pub(super) fn missing(sight: Sight<'_>) -> Vec<u16> {
    let file = &sight.facts.file;
    let listed: BTreeSet<u16> = match (&file.config, &file.text) {
        (Some(config), _) => config.servers.iter().map(|server| server.port).collect(),
        (None, Some(text)) => text.lines().filter_map(server_port).collect(),
        (None, None) => BTreeSet::new(),
    };
    sight
        .facts
        .echo_ports()
        .difference(&listed)
        .copied()
        .collect()
}

fn binds(binds: &[std::net::SocketAddr], port: PortOf, sight: Sight<'_>) -> Finding {
    let wanted = match port {
        PortOf::Role(role) => Some(sight.facts.role_port(role)),
        PortOf::Number(port) => Some(port),
        PortOf::Any => None,
    };
    let holds = binds
        .iter()
        .any(|bind| wanted.is_none_or(|port| bind.port() == port));
    let found = match (binds, wanted) {
        ([], _) => String::new(),
        (binds, _) => say!(
            sight.words,
            OnPorts,
            ports = sight.ports(binds.iter().map(|b| b.port()))
        ),
    };
    Finding::new(holds, found)
}
