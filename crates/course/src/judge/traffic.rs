//! `requests` and `page`: traffic that was seen.

use super::seen::{Seen, port_of, strip};
use super::{Finding, Holds, Sight};
use crate::facts::Request;
use crate::model::{Caller, Place, Requests, Status, What};
use crate::times::took;
use crate::words::say;
use std::time::Duration;

pub(super) fn look(wanted: &Requests, sight: Sight<'_>) -> Finding {
    let all = Seen::traffic(sight, wanted.by, sight.since(&wanted.since));
    let counted = all.only(|request| counts(request, wanted, sight));
    let finding = judge(&all, &counted, wanted, sight);
    match (finding.holds, &sight.facts.balancer) {
        (Holds::Yes, _) => finding,
        (_, None) if all.0.is_empty() => super::events::nothing_there(sight),
        (_, Some(balancer)) if !balancer.requests_seen => match wanted.by {
            // What `lab hit` sends is always known, so this way is open and the box can still be ticked.
            Caller::Learner | Caller::NoBrowser | Caller::Hit => Finding::new(
                false,
                say!(
                    sight.words,
                    OnlyHitSeen,
                    found = finding.found,
                    program = balancer.engine
                ),
            ),
            Caller::Browser | Caller::Curl => {
                Finding::unseen(say!(sight.words, RequestsUnseen, program = balancer.engine))
            }
        },
        _ => finding,
    }
}

/// Whether one request is among those that count.
fn counts(request: &Request, wanted: &Requests, sight: Sight<'_>) -> bool {
    let at = |place: &Place| is_at(request, place, sight);
    let letters = &request.termination;
    wanted.status.is_none_or(|status| status.is(request.status))
        && wanted
            .path
            .as_ref()
            .is_none_or(|path| request.path.starts_with(path))
        && wanted.at.as_ref().is_none_or(at)
        && wanted
            .slower
            .is_none_or(|slower| Duration::from_millis(request.ms) >= slower)
        && wanted
            .queued
            .is_none_or(|queued| (request.queued_ms > 0) == queued)
        && wanted
            .termination
            .as_ref()
            .is_none_or(|begin| letters.starts_with(begin))
        && wanted
            .cookie
            .is_none_or(|letter| letters.chars().nth(2) == Some(letter))
        && wanted
            .backend
            .as_ref()
            .is_none_or(|backend| request.backend == *backend)
}

fn is_at(request: &Request, place: &Place, sight: Sight<'_>) -> bool {
    if let (Place::Server(name), Some(server)) = (place, &request.server)
        && name == server
    {
        return true;
    }
    let spots = sight.facts.spots(place);
    port_of(request, sight).is_some_and(|port| spots.iter().any(|spot| spot.port == port))
}

fn judge(all: &Seen<'_>, counted: &Seen<'_>, wanted: &Requests, sight: Sight<'_>) -> Finding {
    let min = u64::from(wanted.min.max(1));
    if let Some(place) = &wanted.in_a_row_without {
        return in_a_row(counted, place, wanted.min.max(1), sight);
    }
    if !wanted.share.is_empty() {
        return share(counted, wanted, sight);
    }
    let enough = counted.total() >= min;
    let Some(servers) = wanted.servers else {
        return Finding::new(enough, number(all, counted, wanted, sight));
    };
    let ports = counted.pages().by_port(sight);
    let which = sight.ports(ports.keys().copied());
    let holds = enough && servers.fits(ports.len());
    let found = match (ports.len(), holds) {
        (0, _) => number(all, counted, wanted, sight),
        (_, true) => which,
        (_, false) if enough => say!(sight.words, Only, ports = which),
        (_, false) => {
            let so_far = number(all, counted, wanted, sight);
            say!(sight.words, SoFarFrom, found = so_far, ports = which)
        }
    };
    Finding::new(holds, found)
}

/// How many there are, and of what kind.
fn number(all: &Seen<'_>, counted: &Seen<'_>, wanted: &Requests, sight: Sight<'_>) -> String {
    let special = wanted.status.is_some() || wanted.slower.is_some() || wanted.queued.is_some();
    match (special, counted.0.last()) {
        (true, None) => say!(sight.words, NoneOf, n = all.total()),
        (true, Some(last)) => {
            let status = last
                .status
                .map_or("-".to_owned(), |status| status.to_string());
            let slowest = took(Duration::from_millis(counted.slowest_ms().unwrap_or(0)));
            say!(
                sight.words,
                SomeAfter,
                n = counted.total(),
                status = status,
                time = slowest
            )
        }
        (false, _) => counted.callers(sight),
    }
}

fn in_a_row(counted: &Seen<'_>, without: &Place, min: u32, sight: Sight<'_>) -> Finding {
    const SHOWN: usize = 14;
    let last = counted.last(min as usize);
    let good = |request: &&&Request| !request.failed() && !is_at(request, without, sight);
    let row = last.iter().rev().take_while(good).count();
    let holds = row >= min as usize;
    let found = match (holds, last.last()) {
        (true, _) => strip(&counted.last(SHOWN), sight),
        (false, None) => say!(sight.words, NoRequests),
        (false, Some(request)) if row == 0 && request.failed() => {
            let status = request
                .status
                .map_or("-".to_owned(), |status| status.to_string());
            let time = took(Duration::from_millis(request.ms));
            say!(sight.words, JustPaid, status = status, time = time)
        }
        (false, Some(_)) => say!(sight.words, InARow, n = row, of = min),
    };
    Finding::new(holds, found)
}

/// As many requests as are looked at for shares.
const MOST: usize = 10_000;

/// Whether shares follow the weights: in all that count, or in the last `min` of them (an earlier try costs nothing).
fn share(counted: &Seen<'_>, wanted: &Requests, sight: Sight<'_>) -> Finding {
    let ports: Vec<u16> = sight.facts.servers().iter().map(|spot| spot.port).collect();
    let got = |requests: &[&Request]| -> Vec<u64> {
        let hits = |port: &u16| {
            let here = requests
                .iter()
                .filter(|request| port_of(request, sight) == Some(*port));
            here.count() as u64
        };
        ports.iter().map(hits).collect()
    };
    let min = wanted.min.max(1);
    let everything = counted.last(MOST);
    let tail = counted.last(min as usize);
    let enough = everything.len() >= min as usize;
    let fits = |requests: &[&Request]| within_one_turn(&got(requests), &wanted.share);
    let holds = enough && (fits(&everything) || fits(&tail));
    let found = match enough {
        false => counted.callers(sight),
        true => {
            let shown = got(if fits(&everything) {
                &everything
            } else {
                &tail
            });
            let shown: Vec<String> = shown.iter().map(u64::to_string).collect();
            say!(
                sight.words,
                Shares,
                shares = shown.join(" : "),
                n = if fits(&everything) {
                    everything.len()
                } else {
                    tail.len()
                }
            )
        }
    };
    Finding::new(holds, found)
}

/// A window of a turning wheel holds each server's part of every whole turn, and of the turn that is cut at most what
/// fits into it; one more or less is forgiven.
fn within_one_turn(got: &[u64], weights: &[u32]) -> bool {
    let turn: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
    let total: u64 = got.iter().sum();
    if turn == 0 || total < turn || got.len() != weights.len() {
        return false;
    }
    let (turns, cut) = (total / turn, total % turn);
    got.iter().zip(weights).all(|(got, weight)| {
        let weight = u64::from(*weight);
        let slack = u64::from(weight > 0);
        let least = (turns * weight).saturating_sub(slack);
        (least..=turns * weight + cut.min(weight) + slack).contains(got)
    })
}

pub(super) fn page(what: &What, sight: Sight<'_>) -> Finding {
    let What::Page {
        by,
        since,
        min,
        status,
    } = what
    else {
        return Finding::new(false, "");
    };
    let pages = Seen::all(sight, sight.since(since), |request| {
        request.statistics
            && by.is(request)
            && status.is_none_or(|status| status.is(request.status))
    });
    let holds = pages.total() >= u64::from((*min).max(1));
    match &sight.facts.balancer {
        Some(balancer) if !holds && !balancer.requests_seen => {
            Finding::unseen(say!(sight.words, PageUnseen, program = balancer.engine))
        }
        _ if holds => Finding::new(true, pages.callers(sight)),
        _ => Finding::new(
            false,
            say!(sight.words, PageNotYet, url = sight.facts.urls.statistics),
        ),
    }
}

impl Status {
    fn is(self, status: Option<u16>) -> bool {
        match self {
            Self::Exactly(wanted) => status == Some(wanted),
            Self::Class(digit) => status.is_some_and(|status| status / 100 == u16::from(digit)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::within_one_turn;

    #[test]
    fn shares_follow_the_weights_within_one_turn() {
        let weights = [4, 1, 1, 1];
        for fits in [
            [8, 2, 2, 2],
            [4, 1, 1, 1],
            [5, 1, 1, 1],
            [9, 3, 2, 2],
            [7, 2, 2, 3],
        ] {
            assert!(within_one_turn(&fits, &weights), "{fits:?}");
        }
        for even in [
            [4, 4, 3, 3],
            [3, 4, 4, 3],
            [2, 2, 2, 2],
            [3, 3, 4, 4],
            [1, 0, 0, 0],
        ] {
            assert!(!within_one_turn(&even, &weights), "{even:?}");
        }
        assert!(within_one_turn(&[7, 0], &[1, 0]));
        assert!(!within_one_turn(&[6, 1], &[1, 0]));
    }
}
