//! `port`: who listens, who answers what, who started it.

use super::world::Spot;
use super::{Finding, Sight};
use crate::facts::Listener;
use crate::model::{Count, Starter, What};
use crate::words::{Sentence, say};
use std::collections::BTreeSet;

/// The fields of `port` but its place.
struct Wanted<'a> {
    open: bool,
    answers: Option<&'a str>,
    by: Starter,
    count: Option<Count>,
    processes: Option<Count>,
    frozen: Option<bool>,
    any_echo: bool,
}

pub(super) fn look(what: &What, sight: Sight<'_>) -> Finding {
    let What::Port {
        at,
        open,
        answers,
        by,
        count,
        processes,
        frozen,
    } = what
    else {
        return Finding::new(false, "");
    };
    let wanted = Wanted {
        open: *open,
        answers: answers.as_deref(),
        by: *by,
        count: *count,
        processes: *processes,
        frozen: *frozen,
        any_echo: *at == crate::model::Place::AnyEcho,
    };
    let spots = sight.facts.spots(at);
    let fitting: Vec<&Spot> = spots
        .iter()
        .filter(|spot| fits(spot, &wanted, sight))
        .collect();
    let enough = match wanted.count {
        Some(count) => count.fits(fitting.len()),
        // "Any echo server" is there once there is one, and is not there once there is none.
        None if wanted.any_echo => wanted.open != spots.is_empty() && fitting.len() == spots.len(),
        None => !spots.is_empty() && fitting.len() == spots.len(),
    };
    let different = pids(&fitting, sight).len();
    let holds = enough && wanted.processes.is_none_or(|count| count.fits(different));
    let found = match (wanted.open, wanted.count.or(wanted.processes)) {
        (false, _) => closed(&spots, holds, sight),
        (true, Some(count)) => counted(&fitting, count, different, &wanted, sight),
        (true, None) => opened(&spots, &fitting, holds, sight),
    };
    Finding::new(holds, found)
}

fn fits(spot: &Spot, wanted: &Wanted<'_>, sight: Sight<'_>) -> bool {
    let Some(listener) = sight.facts.listener(spot.port) else {
        return !wanted.open;
    };
    wanted.open
        && answers(listener, wanted.answers)
        && wanted.frozen.is_none_or(|frozen| frozen == listener.frozen)
        && match wanted.by {
            Starter::Any => true,
            Starter::Lab => listener.of_lab,
            Starter::Learner => by_hand(listener, sight),
        }
}

fn answers(listener: &Listener, expected: Option<&str>) -> bool {
    let Some(expected) = expected else {
        return true;
    };
    let expected = expected.replace("{port}", &listener.address.port().to_string());
    listener
        .answer
        .as_deref()
        .is_some_and(|answer| answer.trim() == expected.trim())
}

/// Not by `lab up`, and not from the terminal that the walk itself needs.
fn by_hand(listener: &Listener, sight: Sight<'_>) -> bool {
    let here = sight.moments.terminal.as_ref();
    !listener.of_lab && (listener.terminal.is_none() || listener.terminal.as_ref() != here)
}

fn pids(spots: &[&Spot], sight: Sight<'_>) -> BTreeSet<u32> {
    let listener = |spot: &&Spot| sight.facts.listener(spot.port)?.pid;
    spots.iter().filter_map(listener).collect()
}

/// What was found where nobody should listen.
fn closed(spots: &[Spot], holds: bool, sight: Sight<'_>) -> String {
    let open: Vec<u16> = ports(spots.iter())
        .filter(|port| sight.facts.is_open(*port))
        .collect();
    if !holds && !open.is_empty() {
        let sentence = match open.len() {
            1 => Sentence::StillAnswers,
            _ => Sentence::StillAnswerMany,
        };
        return sight.words.say(sentence, &[("ports", &sight.ports(open))]);
    }
    let last = sight.facts.endings(spots, jiff::Timestamp::MIN).pop();
    last.map(|ending| sight.ending(&ending)).unwrap_or_default()
}

/// What was found where all of some ports should be open.
fn opened(spots: &[Spot], fitting: &[&Spot], holds: bool, sight: Sight<'_>) -> String {
    if let [spot] = spots {
        return match sight.facts.listener(spot.port) {
            None => say!(sight.words, NobodyListens, ports = spot.port),
            Some(listener) => described(listener, sight),
        };
    }
    let open = |spot: &&Spot| fitting.iter().any(|fit| fit.port == spot.port);
    let (fit, unfit): (Vec<&Spot>, Vec<&Spot>) = spots.iter().partition(open);
    let count = |some: &[&Spot]| sight.ports(ports(some.iter().copied()));
    match (holds, fit.len()) {
        (true, _) => say!(sight.words, AllAnswer, ports = count(&fit)),
        (false, 0) if unfit.is_empty() => say!(sight.words, NoServerYet),
        (false, 0) => say!(sight.words, NobodyListens, ports = count(&unfit)),
        (false, n) => {
            let sentence = match (n, unfit.len()) {
                (1, 1) => Sentence::OneAnswersOneNot,
                (1, _) => Sentence::OneAnswersManyNot,
                (_, 1) => Sentence::ManyAnswerOneNot,
                _ => Sentence::ManyAnswerManyNot,
            };
            let (open, shut) = (count(&fit), count(&unfit));
            sight
                .words
                .say(sentence, &[("open", &open), ("shut", &shut)])
        }
    }
}

/// `2 of 3: 8080 and 8081`
fn counted(
    fitting: &[&Spot],
    count: Count,
    different: usize,
    wanted: &Wanted<'_>,
    sight: Sight<'_>,
) -> String {
    let all = sight.ports(ports(fitting.iter().copied()));
    let n = match wanted.processes {
        Some(_) => different.min(fitting.len()),
        None => fitting.len(),
    };
    match n {
        0 => say!(sight.words, NoneYet),
        n if count.fits(n) => all,
        n => say!(sight.words, SoMany, n = n, of = count.number(), which = all),
    }
}

/// `8080 "Hi!! from server 8080", lab serve, pts/3, pid 4312`
fn described(listener: &Listener, sight: Sight<'_>) -> String {
    let port = listener.address.port();
    let answer = match (&listener.answer, listener.frozen) {
        (_, true) => say!(sight.words, Frozen, port = port),
        (Some(answer), _) => {
            let answer: String = answer.trim().chars().take(40).collect();
            format!("{port} \"{}\"", answer.lines().next().unwrap_or_default())
        }
        (None, _) => say!(sight.words, Open, port = port),
    };
    let mut parts = vec![answer];
    if !listener.command.is_empty() {
        parts.push(listener.command.clone());
    }
    parts.extend(listener.terminal.clone());
    parts.extend(listener.pid.map(|pid| format!("pid {pid}")));
    parts.join(", ")
}

fn ports<'s>(spots: impl Iterator<Item = &'s Spot>) -> impl Iterator<Item = u16> {
    spots.map(|spot| spot.port)
}
