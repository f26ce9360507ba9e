//! `started`, `ended`, `refused`, `saved`, `loaded`, `balancers`: what came, went, and was read.

use super::world::Spot;
use super::{Finding, Sight, config};
use crate::facts::Happened;
use crate::model::{Count, Place, Since};
use crate::words::{Sentence, say};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

pub(super) fn started(at: &Place, since: &Since, sight: Sight<'_>) -> Finding {
    let spots = spots(at, sight);
    let moment = sight.since(since);
    let last = sight
        .facts
        .after(moment)
        .rev()
        .find_map(|event| match &event.what {
            Happened::Started { port, .. } if spots.iter().any(|spot| spot.port == *port) => {
                Some((event.time, *port))
            }
            _ => None,
        });
    // A program that reports nothing is known by the age of its process.
    let aged = || {
        let listeners = sight.facts.listeners.iter();
        let young = listeners.filter(|listener| {
            let port = listener.address.port();
            listener.since.is_some_and(|since| since >= moment)
                && spots.iter().any(|spot| spot.port == port)
        });
        young
            .filter_map(|l| Some((l.since?, l.address.port())))
            .max()
    };
    match last.or_else(aged) {
        Some((time, port)) => {
            let found = say!(
                sight.words,
                StartedAt,
                port = port,
                time = sight.clock(time)
            );
            Finding::new(true, found)
        }
        None => Finding::new(false, say!(sight.words, NothingStarted)),
    }
}

pub(super) fn ended(at: &Place, since: &Since, count: Option<Count>, sight: Sight<'_>) -> Finding {
    let endings = sight.facts.endings(&spots(at, sight), sight.since(since));
    let different: BTreeSet<u16> = endings.iter().map(|ending| ending.port).collect();
    let holds = count.unwrap_or(Count::AtLeast(1)).fits(different.len());
    let found = match endings.last() {
        Some(ending) => format!(
            "{} ({}) {}",
            sight.facts.server_name(ending.port),
            ending.port,
            sight.ending(ending)
        ),
        None => say!(sight.words, NothingEnded),
    };
    Finding::new(holds, found)
}

/// The servers of a place; of "any echo server" also those that are gone by now.
fn spots(at: &Place, sight: Sight<'_>) -> Vec<Spot> {
    match at {
        Place::AnyEcho => {
            let roles = [
                sight.facts.ports.balancer,
                sight.facts.ports.statistics,
                sight.facts.ports.nameserver,
            ];
            let port = |event: &crate::facts::Event| match event.what {
                Happened::Started { port, .. } | Happened::Ended { port, .. } => Some(port),
                _ => None,
            };
            let ports: BTreeSet<u16> = sight.facts.events.iter().filter_map(port).collect();
            let ports = ports.into_iter().chain(sight.facts.echo_ports());
            ports
                .filter(|port| !roles.contains(port))
                .map(|port| Spot {
                    name: sight.facts.server_name(port),
                    port,
                })
                .collect()
        }
        at => sight.facts.spots(at),
    }
}

pub(super) fn refused(since: &Since, sight: Sight<'_>) -> Finding {
    let events = sight.facts.after(sight.since(since));
    let last = events.rev().find_map(|event| match event.what {
        Happened::Refused { port } => Some((event.time, port)),
        _ => None,
    });
    match last {
        Some((time, port)) => Finding::new(
            true,
            say!(
                sight.words,
                RefusedAt,
                port = port,
                time = sight.clock(time)
            ),
        ),
        None => Finding::new(false, say!(sight.words, NothingRefused)),
    }
}

pub(super) fn saved(since: &Since, min: u32, sight: Sight<'_>) -> Finding {
    let mut times = 0;
    let mut last = None;
    for event in sight.facts.after(sight.since(since)) {
        if let Happened::Saved { change, .. } = &event.what {
            times += 1;
            last = Some((event.time, change.clone()));
        }
    }
    let clock = |noticed| sight.clock(saved_before(noticed, sight));
    let found = match last {
        Some((noticed, Some(change))) => {
            say!(
                sight.words,
                SavedWith,
                time = clock(noticed),
                change = change
            )
        }
        Some((noticed, None)) => say!(sight.words, SavedAt, time = clock(noticed)),
        None => say!(sight.words, NotSaved, file = sight.facts.file.name),
    };
    Finding::new(times >= min.max(1), found)
}

/// When the save that was `noticed` then was made, so that one save is not told with two times: the file knows it of its last one.
fn saved_before(noticed: Timestamp, sight: Sight<'_>) -> Timestamp {
    const LONGEST: SignedDuration = SignedDuration::from_secs(5);
    let just_before = |saved: &Timestamp| {
        let later = noticed.duration_since(*saved);
        !later.is_negative() && later <= LONGEST
    };
    sight
        .facts
        .file
        .saved
        .filter(just_before)
        .unwrap_or(noticed)
}

pub(super) fn loaded(since: &Since, current: bool, sight: Sight<'_>) -> Finding {
    let Some(balancer) = &sight.facts.balancer else {
        return nothing_there(sight);
    };
    let at = balancer.loaded.or(balancer.since);
    if !current {
        let moment = sight.since(since);
        let told = sight
            .facts
            .after(moment)
            .any(|event| matches!(event.what, Happened::Loaded { .. }));
        let holds = told || at.is_some_and(|at| at >= moment);
        let found = match (holds, at) {
            (true, Some(at)) => say!(sight.words, LoadedAt, time = sight.clock(at)),
            (true, None) => String::new(),
            (false, Some(at)) => say!(sight.words, NotLoadedSince, time = sight.clock(at)),
            (false, None) => say!(sight.words, NotLoaded),
        };
        return Finding::new(holds, found);
    }
    match balancer.is_current {
        Some(true) => {
            let found = at.map(|at| say!(sight.words, LoadedAt, time = sight.clock(at)));
            Finding::new(true, found.unwrap_or_default())
        }
        Some(false) => Finding::new(false, config::newer(sight)),
        None => Finding::unseen(say!(sight.words, RunningUnseen, program = balancer.engine)),
    }
}

pub(super) fn balancers(count: Count, sight: Sight<'_>) -> Finding {
    let pids = sight
        .facts
        .balancer
        .as_ref()
        .map_or(&[][..], |b| &b.processes);
    let port = sight.facts.ports.balancer;
    let found = match pids {
        [] => {
            return Finding::new(
                count.fits(0),
                say!(sight.words, NobodyListens, ports = port),
            );
        }
        [one] => say!(sight.words, OneBalancer, pid = one, port = port),
        many => {
            let pids = sight.words.list(many);
            sight.words.say(
                Sentence::ManyBalancers,
                &[("n", &many.len()), ("pids", &pids), ("port", &port)],
            )
        }
    };
    Finding::new(count.fits(pids.len()), found)
}

/// Nobody listens where the balancer should.
pub(super) fn nothing_there(sight: Sight<'_>) -> Finding {
    let port = sight.facts.ports.balancer;
    Finding::new(false, say!(sight.words, NobodyListens, ports = port))
}
