//! Many answers, few lines: the first of each second one by one, the others counted together. Pure.

use dns_authority::{Answered, AskedBy, FromCache, Way};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// Lines a second for one answer each.
const SINGLE: usize = 20;
/// Kinds of questions that are counted apart within a second; what is beyond is counted as one.
const KINDS: usize = 50;
const SECOND: Duration = Duration::from_secs(1);

/// An event and its facts.
pub(super) type Event = (&'static str, Value);

/// The second that runs.
#[derive(Default)]
pub(super) struct Fold {
    end: Option<Instant>,
    single: usize,
    /// By what they have in common.
    kinds: HashMap<Kind, Counted>,
    left_out: u64,
}

/// What answers that are counted together have in common.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Kind {
    name: String,
    kind: String,
    outcome: String,
    /// The port of the cache, if one answered, and how it came by the answer.
    cache: Option<(u16, &'static str)>,
    transport: &'static str,
    client: IpAddr,
    asked_by: &'static str,
}

#[derive(Default)]
struct Counted {
    count: u64,
    addresses: BTreeSet<IpAddr>,
    /// How often each address came first.
    first: BTreeMap<IpAddr, u64>,
    ttl: Option<u32>,
}

impl Fold {
    /// When the second that runs is to be closed; `None`: none runs.
    pub(super) fn end(&self) -> Option<Instant> {
        self.end
    }

    /// What is to be written now that this was answered.
    pub(super) fn take(&mut self, answered: &Answered, now: Instant) -> Vec<Event> {
        if answered.asked_by == AskedBy::Probe {
            return Vec::new();
        }
        let mut events = match self.end {
            Some(end) if now >= end => self.close(),
            _ => Vec::new(),
        };
        self.end.get_or_insert(now + SECOND);
        if self.single < SINGLE {
            self.single += 1;
            events.push(("dns", one(answered)));
        } else {
            self.count(answered);
        }
        events
    }

    /// So many more came than could be looked at.
    pub(super) fn left_out(&mut self, count: u64) {
        self.left_out += count;
    }

    /// Ends the second: what was counted in it.
    pub(super) fn close(&mut self) -> Vec<Event> {
        let Self {
            kinds, left_out, ..
        } = std::mem::take(self);
        let counted = kinds.into_iter();
        let mut events: Vec<Event> = counted
            .map(|(kind, counted)| ("dns", many(&kind, &counted)))
            .collect();
        if left_out > 0 {
            events.push(("dns-more", json!({ "count": left_out })));
        }
        events
    }

    fn count(&mut self, answered: &Answered) {
        let kind = Kind::of(answered);
        if self.kinds.len() >= KINDS && !self.kinds.contains_key(&kind) {
            self.left_out += 1;
            return;
        }
        let counted = self.kinds.entry(kind).or_default();
        counted.count += 1;
        counted.addresses.extend(&answered.addresses);
        counted.ttl = answered.ttl;
        if let Some(first) = answered.addresses.first() {
            *counted.first.entry(*first).or_default() += 1;
        }
    }
}

impl Kind {
    fn of(answered: &Answered) -> Self {
        Self {
            name: answered.name.clone(),
            kind: answered.kind.clone(),
            outcome: answered.outcome.clone(),
            cache: match answered.way {
                Way::Authority => None,
                Way::Cache { port, how } => Some((port, word(how))),
            },
            transport: answered.transport.word(),
            client: answered.client,
            asked_by: match answered.asked_by {
                AskedBy::Cache => "cache",
                AskedBy::Client | AskedBy::Probe => "client",
            },
        }
    }

    fn facts(&self) -> Value {
        let mut facts = json!({
            "name": self.name,
            "type": self.kind,
            "answer": self.outcome,
            "via": if self.cache.is_some() { "cache" } else { "authority" },
            "transport": self.transport,
            "client": self.client,
            "asked_by": self.asked_by,
        });
        if let Some((port, how)) = self.cache {
            facts["cache"] = json!({ "port": port, "how": how });
        }
        facts
    }
}

fn word(how: FromCache) -> &'static str {
    match how {
        FromCache::Hit { .. } => "kept",
        FromCache::Asked => "asked",
        FromCache::Nowhere => "nothing",
    }
}

fn one(answered: &Answered) -> Value {
    let mut facts = Kind::of(answered).facts();
    facts["addresses"] = json!(answered.addresses);
    facts["ttl"] = json!(answered.ttl);
    facts["count"] = json!(1);
    if let Way::Cache {
        how: FromCache::Hit { left, .. },
        ..
    } = answered.way
    {
        facts["cache"]["left"] = json!(left);
    }
    facts
}

fn many(kind: &Kind, counted: &Counted) -> Value {
    let mut facts = kind.facts();
    facts["addresses"] = json!(counted.addresses);
    facts["first"] = json!(counted.first);
    facts["ttl"] = json!(counted.ttl);
    facts["count"] = json!(counted.count);
    facts
}

#[cfg(test)]
mod tests {
    use super::*;
    use dns_authority::Transport;

    fn answered(name: &str, last: u8) -> Answered {
        Answered {
            name: name.to_owned(),
            kind: "A".to_owned(),
            outcome: "NOERROR".to_owned(),
            addresses: vec![[192, 0, 2, last].into()],
            ttl: Some(300),
            way: Way::Authority,
            transport: Transport::Udp,
            client: [127, 0, 0, 1].into(),
            asked_by: AskedBy::Client,
        }
    }

    #[test]
    fn a_question_is_an_event_at_once() {
        let events = Fold::default().take(&answered("a.test", 1), Instant::now());
        let expected = json!({
            "name": "a.test", "type": "A", "answer": "NOERROR", "addresses": ["192.0.2.1"], "ttl": 300,
            "via": "authority", "transport": "UDP", "client": "127.0.0.1", "asked_by": "client", "count": 1,
        });
        assert_eq!(events, [("dns", expected)]);
    }

    #[test]
    fn a_cache_tells_how_it_came_by_the_answer() {
        let how = FromCache::Hit { age: 2, left: 298 };
        let kept = Answered {
            way: Way::Cache { port: 5301, how },
            ..answered("a.test", 1)
        };
        let events = Fold::default().take(&kept, Instant::now());
        let (_, facts) = &events[0];
        assert_eq!(facts["via"], "cache");
        let expected = json!({"port": 5301, "how": "kept", "left": 298});
        assert_eq!(facts["cache"], expected);
    }

    #[test]
    fn the_labs_own_looks_are_no_events() {
        let probe = Answered {
            asked_by: AskedBy::Probe,
            ..answered("a.test", 1)
        };
        let mut fold = Fold::default();
        assert_eq!(fold.take(&probe, Instant::now()), []);
        assert_eq!(fold.end(), None);
    }

    #[test]
    fn what_comes_faster_is_counted_together_and_nothing_is_lost() {
        let (mut fold, start) = (Fold::default(), Instant::now());
        let events: Vec<Event> = (0..110)
            .flat_map(|n| fold.take(&answered("a.test", n % 2 + 1), start))
            .collect();
        assert_eq!(events.len(), SINGLE);
        assert_eq!(fold.end(), Some(start + SECOND));
        // The next second closes this one.
        let events = fold.take(&answered("a.test", 1), start + SECOND);
        assert_eq!(events.len(), 2);
        let (_, facts) = &events[0];
        assert_eq!(facts["count"], 90);
        assert_eq!(facts["first"], json!({"192.0.2.1": 45, "192.0.2.2": 45}));
        assert_eq!(facts["addresses"], json!(["192.0.2.1", "192.0.2.2"]));
        assert_eq!(events[1].1["count"], 1);
    }

    #[test]
    fn a_flood_of_names_is_told_in_few_lines() {
        let (mut fold, now) = (Fold::default(), Instant::now());
        for n in 0..1000 {
            fold.take(&answered(&format!("n{n}.test"), 1), now);
        }
        let events = fold.close();
        assert_eq!(events.len(), KINDS + 1);
        let more = 1000 - SINGLE - KINDS;
        assert_eq!(events[KINDS], ("dns-more", json!({ "count": more })));
        assert_eq!(fold.close(), []);
    }
}
