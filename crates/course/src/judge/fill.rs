//! Placeholders: `{server02.port}`, `{ended.ago}`, `{requests.failed}` in authors' words, filled from the facts.

use super::beliefs::Course;
use super::config::missing;
use super::names::Asked;
use super::seen::{Seen, port_of, strip};
use super::world::{Ending, Spot};
use super::{Moments, Sight, Window};
use crate::facts::{Happened, Problem, Request};
use crate::model::{Activity, Caller, Place, Since, Via, What};
use crate::placeholder;
use crate::times::{between, took};
use jiff::Timestamp;
use std::time::Duration;

/// The text with its placeholders filled in; one without a value becomes `-`.
pub fn fill(text: &str, sight: Sight<'_>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut end = 0;
    for (place, name) in placeholder::all(text) {
        out.push_str(&text[end..place.start]);
        out.push_str(&value(name, sight).unwrap_or_else(|| "-".to_owned()));
        end = place.end;
    }
    out + &text[end..]
}

/// Which traffic the placeholders of a step speak of: that of the nearest check of traffic, this step's or one before it.
pub fn window(activity: &Activity, moments: &Moments) -> Window {
    let at = activity
        .steps
        .iter()
        .position(|step| step.id == moments.step);
    for step in activity.steps[..=at.unwrap_or(0)].iter().rev() {
        let asked = step
            .checks
            .iter()
            .find_map(|check| match &check.condition.what {
                What::Requests(requests) => Some((&requests.since, None, None)),
                What::Page { since, .. } => Some((since, None, None)),
                What::Dns {
                    since, name, via, ..
                } => Some((since, name.clone(), Some(*via))),
                _ => None,
            });
        if let Some((since, name, via)) = asked {
            let since = moment(since, &step.id, moments);
            return Window { since, name, via };
        }
    }
    Window {
        since: moment(&Since::Step, &moments.step, moments),
        ..Window::default()
    }
}

fn moment(since: &Since, step: &str, moments: &Moments) -> Timestamp {
    let shown = || moments.shown.get(step).copied().unwrap_or(moments.began);
    match since {
        Since::Ever => Timestamp::MIN,
        Since::Activity => moments.began,
        Since::Step => shown(),
        Since::Passed(id) => moments.passed.get(id).copied().unwrap_or_else(shown),
    }
}

fn value(name: &str, sight: Sight<'_>) -> Option<String> {
    let facts = sight.facts;
    let (head, tail) = name.split_once('.').unwrap_or((name, ""));
    Some(match (head, tail) {
        ("url", "lb") => facts.urls.balancer.clone(),
        ("url", "stats") => facts.urls.statistics.clone(),
        ("lb", "port") => facts.ports.balancer.to_string(),
        ("lb", "count") => facts
            .balancer
            .as_ref()
            .map_or(0, |b| b.processes.len())
            .to_string(),
        ("stats", "port") => facts.ports.statistics.to_string(),
        ("ns", "port") => facts.ports.nameserver.to_string(),
        ("config", "file") => facts.file.name.clone(),
        ("running", "file") => facts.balancer.as_ref()?.file.clone()?,
        ("saved", "at") => sight.clock(facts.file.saved?),
        ("loaded", "at") => {
            let balancer = facts.balancer.as_ref()?;
            sight.clock(balancer.loaded.or(balancer.since)?)
        }
        ("retries", "total") => facts.configured().map_or(4, |c| c.retries + 1).to_string(),
        ("listening", "ports") => sight.ports(facts.echo_ports()),
        ("echo", "count") => facts.echo_ports().len().to_string(),
        ("missing", "ports") => some(sight.ports(missing(sight)))?,
        ("ended", part) => ended(part, sight)?,
        ("problem", part) => problem(part, facts.file.problems.first()?, sight)?,
        ("requests", part) => requests(part, sight)?,
        ("strip", "") => {
            const SHOWN: usize = 28;
            some(strip(&traffic(sight).last(SHOWN), sight))?
        }
        ("share", server) => {
            let port = facts.server_port(server)?;
            traffic(sight)
                .by_port(sight)
                .get(&port)
                .copied()
                .unwrap_or(0)
                .to_string()
        }
        ("dns", part) => dns(part, sight)?,
        ("health", part) => health(part, sight)?,
        ("cost", "errors") => cost(sight)?.to_string(),
        (server, "port") => facts.server_port(server)?.to_string(),
        (server, "since") => sight.clock(facts.listener(facts.server_port(server)?)?.since?),
        _ => return None,
    })
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// `ended.*`: the server that ended last, rather one that is still gone.
fn ended(part: &str, sight: Sight<'_>) -> Option<String> {
    let facts = sight.facts;
    let gone = || {
        facts
            .servers()
            .into_iter()
            .filter(|spot| !facts.is_open(spot.port))
    };
    let names = |but: &str| {
        let names: Vec<String> = gone()
            .map(|spot| spot.name)
            .filter(|name| name != but)
            .collect();
        some(names.join(" "))
    };
    match part {
        "count" => return Some(gone().count().to_string()),
        "names" => return names(""),
        _ => {}
    }
    if let Some(but) = part.strip_prefix("names_but.") {
        return names(but);
    }
    let ending = last_ending(sight)?;
    match part {
        "name" => Some(facts.server_name(ending.port)),
        "port" => Some(ending.port.to_string()),
        "how" => some(sight.how(&ending)).or_else(|| Some(crate::words::say!(sight.words, Ended))),
        "ago" => Some(sight.ago(ending.time)),
        _ => None,
    }
}

fn last_ending(sight: Sight<'_>) -> Option<Ending<'_>> {
    let facts = sight.facts;
    let ports = &facts.ports;
    let roles = [ports.balancer, ports.statistics, ports.nameserver];
    let ended = facts.events.iter().filter_map(|event| match event.what {
        Happened::Ended { port, .. } if !roles.contains(&port) => Some(port),
        _ => None,
    });
    let spots: Vec<Spot> = ended
        .map(|port| Spot {
            name: String::new(),
            port,
        })
        .collect();
    let all = facts.endings(&spots, Timestamp::MIN);
    let gone = all.iter().rev().find(|ending| !facts.is_open(ending.port));
    gone.or(all.last()).copied()
}

fn problem(part: &str, problem: &Problem, sight: Sight<'_>) -> Option<String> {
    match part {
        "line" => (problem.line > 0).then(|| problem.line.to_string()),
        "lines" => some(sight.words.list(&problem.lines)),
        "what" => some(problem.message.clone()),
        "text" => some(problem.text.trim().to_owned()),
        "help" => problem.help.clone(),
        _ => None,
    }
}

/// The learner's requests, from [`Moments::window`] on.
fn traffic(sight: Sight<'_>) -> Seen<'_> {
    Seen::traffic(sight, Caller::Learner, sight.moments.window.since)
}

fn requests(part: &str, sight: Sight<'_>) -> Option<String> {
    let seen = traffic(sight);
    let failed = || seen.only(|request| request.failed());
    let time = |ms: Option<u64>| ms.map(|ms| took(Duration::from_millis(ms)));
    match part {
        "total" => Some(seen.total().to_string()),
        "failed" => Some(failed().total().to_string()),
        "failed_ms" => time(failed().slowest_ms()),
        "slowest" => time(seen.slowest_ms()),
        "servers" => Some(seen.by_port(sight).len().to_string()),
        "ports" => some(sight.ports(seen.by_port(sight).into_keys())),
        "run" => Some(longest_run(&seen, sight).to_string()),
        "browser" => Some(seen.only(|r| r.caller == "browser").total().to_string()),
        "hit" => Some(seen.only(|r| r.caller == "hit").total().to_string()),
        "icons" => Some(seen.only(Request::is_icon).total().to_string()),
        _ => None,
    }
}

/// How often in a row one server was asked at most.
fn longest_run(seen: &Seen<'_>, sight: Sight<'_>) -> u64 {
    let (mut longest, mut run, mut before) = (0, 0, None);
    for request in &seen.0 {
        let port = port_of(request, sight);
        let count = u64::from(request.count);
        run = if port.is_some() && port == before {
            run + count
        } else {
            count
        };
        longest = longest.max(run);
        before = port;
    }
    longest
}

fn dns(part: &str, sight: Sight<'_>) -> Option<String> {
    let window = &sight.moments.window;
    let via = window.via.unwrap_or(Via::Any);
    let asked = Asked::since(sight, window.name.as_deref(), via, window.since);
    match part {
        "total" => Some(asked.total().to_string()),
        "different" => Some(asked.different().len().to_string()),
        "answers" => some(asked.firsts().join(" ")),
        "last" => asked.firsts().last().map(|&last| last.to_owned()),
        _ => None,
    }
}

fn health(part: &str, sight: Sight<'_>) -> Option<String> {
    let time = |(from, to)| Some(format!("{:.1} s", between(from, to).as_secs_f64()));
    match part {
        "down_after" => time(down(sight)?),
        "up_after" => time(up(sight)?),
        "fails_left" => {
            let spots = sight.facts.spots(&Place::Each);
            let left = spots.iter().find_map(|spot| Course::of(spot, sight));
            Some(left?.left().to_string())
        }
        _ => None,
    }
}

/// When a server ended last, and when the balancer noticed.
fn down(sight: Sight<'_>) -> Option<(Timestamp, Timestamp)> {
    let noticed = turned(sight, "DOWN")?;
    let spot = [noticed.0];
    let endings = sight.facts.endings(&spot, Timestamp::MIN);
    let before = endings
        .iter()
        .rev()
        .find(|ending| ending.time <= noticed.1)?;
    Some((before.time, noticed.1))
}

/// When a server was started last, and when the balancer trusted it again.
fn up(sight: Sight<'_>) -> Option<(Timestamp, Timestamp)> {
    let (spot, noticed) = turned(sight, "UP")?;
    let started = sight.facts.events.iter().rev().find(|event| {
        event.time <= noticed
            && matches!(event.what, Happened::Started { port, .. } if port == spot.port)
    })?;
    Some((started.time, noticed))
}

/// The server that was last said to be in this state, and when.
fn turned(sight: Sight<'_>, wanted: &str) -> Option<(Spot, Timestamp)> {
    sight
        .facts
        .events
        .iter()
        .rev()
        .find_map(|event| match &event.what {
            Happened::Health { server, state, .. } if state == wanted => {
                let port = sight.facts.server_port(server)?;
                let name = server.clone();
                Some((Spot { name, port }, event.time))
            }
            _ => None,
        })
}

/// Callers who got an error between the end of a server and its removal.
fn cost(sight: Sight<'_>) -> Option<u64> {
    let (ended, _) = down(sight)?;
    let seen = Seen::traffic(sight, Caller::Learner, ended);
    Some(seen.only(|request| request.failed()).total())
}
