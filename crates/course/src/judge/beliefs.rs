//! `health` and `counter`: what the balancer believes, and how its counters have grown.

use super::events::nothing_there;
use super::world::Spot;
use super::{Finding, Sight};
use crate::facts::{Belief, Check, Happened};
use crate::model::{Place, Since, What};
use crate::times::lasted;
use crate::words::say;
use jiff::Timestamp;
use std::time::Duration;

pub(super) fn health(at: &Place, state: &str, since: Option<&Since>, sight: Sight<'_>) -> Finding {
    if let Some(finding) = not_asked(sight) {
        return finding;
    }
    let spots = sight.facts.spots(at);
    let moment = since.map(|since| sight.since(since));
    let fits = |spot: &&Spot| {
        sight.belief(spot).is_some_and(|belief| {
            belief.is(state) && moment.is_none_or(|moment| began(belief, state, moment, sight))
        })
    };
    let holds = !spots.is_empty() && spots.iter().all(|spot| fits(&spot));
    let unfit = spots.iter().find(|spot| !fits(spot));
    let told = match (unfit, spots.last()) {
        (Some(spot), _) => Some(told(spot, sight)),
        (None, Some(spot)) if spots.len() == 1 => Some(told(spot, sight)),
        (None, _) => None,
    };
    Finding::new(holds, told.unwrap_or_default())
}

/// `server02: UP, 2 of 3 checks failed, about 2 s to go`
fn told(spot: &Spot, sight: Sight<'_>) -> String {
    let Some(belief) = sight.belief(spot) else {
        return say!(sight.words, NotInStatistics, name = spot.name);
    };
    if let Some(course) = Course::of(spot, sight)
        && course.done > 0
    {
        return format!("{}: {}", spot.name, course.told(sight));
    }
    match belief.changed {
        // Seconds would change with each look.
        Some(seconds @ 60..) => {
            let time = lasted(Duration::from_secs(seconds));
            say!(
                sight.words,
                StateSince,
                name = spot.name,
                state = belief.status,
                time = time
            )
        }
        _ => format!("{}: {}", spot.name, belief.status),
    }
}

/// The state began after a moment: the journal says so, or its age does.
fn began(belief: &Belief, state: &str, moment: Timestamp, sight: Sight<'_>) -> bool {
    let told = sight.facts.after(moment).any(|event| match &event.what {
        Happened::Health {
            server, state: now, ..
        } => *server == belief.server && now == state,
        _ => false,
    });
    let age = belief
        .changed
        .and_then(|seconds| i64::try_from(seconds).ok());
    told || age.is_some_and(|age| sight.facts.now.as_second() - age >= moment.as_second())
}

/// Nobody can be asked: nothing runs, or it shows no statistics.
fn not_asked(sight: Sight<'_>) -> Option<Finding> {
    match &sight.facts.balancer {
        None => Some(nothing_there(sight)),
        Some(balancer) if !balancer.statistics_seen => Some(Finding::unseen(say!(
            sight.words,
            HealthUnseen,
            program = balancer.engine
        ))),
        Some(_) => None,
    }
}

pub(super) fn counter(what: &What, sight: Sight<'_>) -> Finding {
    let What::Counter {
        at,
        column,
        grew,
        since,
    } = what
    else {
        return Finding::new(false, "");
    };
    if let Some(finding) = not_asked(sight) {
        return finding;
    }
    let moment = sight.since(since);
    let spots = sight.facts.spots(at);
    let grown: u64 = spots
        .iter()
        .map(|spot| growth(spot, column, moment, sight))
        .sum();
    let found = say!(sight.words, Grew, column = column, n = grown);
    Finding::new(grown >= *grew, found)
}

/// By how much a counter is larger than at the moment; a counter that was set back counts from zero.
fn growth(spot: &Spot, column: &str, moment: Timestamp, sight: Sight<'_>) -> u64 {
    let now = sight
        .value(spot, column)
        .and_then(|value| value.parse::<u64>().ok());
    let Some(now) = now else {
        return 0;
    };
    match before(spot, column, moment, sight) {
        Some(before) if before <= now => now - before,
        Some(_) => now,
        None => 0,
    }
}

/// The counter as it was noted last before the moment, or else first after it.
fn before(spot: &Spot, column: &str, moment: Timestamp, sight: Sight<'_>) -> Option<u64> {
    let noted = |event: &crate::facts::Event| match &event.what {
        Happened::Counters { rows } => {
            let named = |row: &&(String, Vec<(String, u64)>)| {
                let name = row.0.rsplit('/').next().unwrap_or_default();
                sight.facts.server_port(name) == Some(spot.port)
            };
            let (_, columns) = rows.iter().find(named)?;
            columns
                .iter()
                .find(|(name, _)| name == column)
                .map(|(_, value)| *value)
        }
        _ => None,
    };
    let events = &sight.facts.events;
    let earlier = events
        .iter()
        .rev()
        .filter(|event| event.time <= moment)
        .find_map(noted);
    earlier.or_else(|| sight.facts.after(moment).find_map(noted))
}

impl Sight<'_> {
    pub(super) fn belief(&self, spot: &Spot) -> Option<&Belief> {
        let named = |belief: &&Belief| self.facts.server_port(&belief.server) == Some(spot.port);
        self.facts.beliefs.iter().find(named)
    }

    /// A column of a server's row.
    pub fn column(&self, server: &str, column: &str) -> Option<&str> {
        let port = self.facts.server_port(server)?;
        let name = server.to_owned();
        self.value(&Spot { name, port }, column)
    }

    fn value(&self, spot: &Spot, column: &str) -> Option<&str> {
        let columns = &self.belief(spot)?.columns;
        let found = columns.iter().find(|(name, _)| name == column);
        found.map(|(_, value)| value.as_str())
    }
}

impl Belief {
    /// The first word (`no check` is two) is this state.
    pub(super) fn is(&self, state: &str) -> bool {
        let rest = self.status.strip_prefix(state);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    }
}

/// A server on its way to another state: so many checks of those that are needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Course {
    /// On the way down; up otherwise.
    down: bool,
    pub(super) done: u32,
    needed: u32,
    inter: Duration,
}

impl Course {
    /// Where the balancer believes something else than what is the case, and its checks will tell it.
    pub(super) fn of(spot: &Spot, sight: Sight<'_>) -> Option<Self> {
        let belief = sight.belief(spot)?;
        let check = check_of(spot, sight)?;
        let open = sight.facts.is_open(spot.port);
        let credit = || {
            let (done, _) = belief.status.split_once(' ')?.1.split_once('/')?;
            done.parse::<u32>().ok()
        };
        let (down, needed, done) = match (belief.is("DOWN"), belief.is("UP"), open) {
            // `UP 2/3`: one of three failed.
            (_, true, false) => {
                let failed = credit().map_or(0, |left| check.fall.saturating_sub(left));
                (true, check.fall, failed)
            }
            // `DOWN 1/2`: one of two was answered.
            (true, _, true) => (false, check.rise, credit().unwrap_or(0)),
            _ => return None,
        };
        Some(Self {
            down,
            done,
            needed,
            inter: Duration::from_millis(check.inter_ms),
        })
    }

    pub(super) fn left(self) -> u32 {
        self.needed.saturating_sub(self.done)
    }

    /// As long as it may still take.
    pub(super) fn time(self) -> Duration {
        self.inter * self.left()
    }

    /// As long as all of it takes at most, the wait for the first check with it.
    pub(super) fn whole(self) -> Duration {
        self.inter * (self.needed + 1)
    }

    pub(super) fn told(self, sight: Sight<'_>) -> String {
        let time = lasted(self.time().max(Duration::from_secs(1)));
        match self.down {
            true => say!(
                sight.words,
                ChecksFailed,
                n = self.done,
                of = self.needed,
                time = time
            ),
            false => say!(
                sight.words,
                ChecksPassed,
                n = self.done,
                of = self.needed,
                time = time
            ),
        }
    }
}

fn check_of(spot: &Spot, sight: Sight<'_>) -> Option<Check> {
    let config = sight.facts.balancer.as_ref()?.config.as_ref()?;
    config
        .servers
        .iter()
        .find(|server| server.port == spot.port)?
        .check
}
