//! `balance roundrobin`: smooth weighted round robin with HAProxy's exact sequence.
//!
//! Time is counted in turns. A server of weight `w` out of a total `W` comes back every `W / w` turns; the
//! remainder of that division is carried along, so that shares are exact over a round. Servers wait in three
//! pools: `start` has not had a turn in this round, `current` waits for its position, `following` has had all
//! its turns and waits for the next round.

use super::{Algorithm, Ask, Verdict};
use crate::server::ServerIndex;
use std::collections::BTreeMap;

/// The largest effective weight: 256 times 16.
const MAX_WEIGHT: i64 = 4096;

#[derive(Debug, Default)]
pub struct RoundRobin {
    servers: Vec<Turn>,
    start: Pool,
    current: Pool,
    following: Pool,
    /// The turn that is next.
    position: i64,
    /// The sum of weights this round works with.
    round_weight: i64,
    /// The sum of weights as of now, in force from the next round on.
    next_weight: i64,
    arrivals: u64,
}

/// Servers in order of a key, first come first served among equals.
type Pool = BTreeMap<(i64, u64), ServerIndex>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PoolName {
    Start,
    Current,
    Following,
}

/// Where a server stands.
#[derive(Clone, Debug, Default)]
struct Turn {
    weight: i64,
    /// Its last turn.
    last: i64,
    /// Its next turn; 0 before the first one of a round.
    next: i64,
    /// What was left over when `next` was rounded down, below `weight`.
    remainder: i64,
    place: Option<(PoolName, (i64, u64))>,
}

impl Algorithm for RoundRobin {
    fn set_weight(&mut self, server: ServerIndex, weight: u32) {
        if self.servers.len() <= server.0 {
            self.servers.resize_with(server.0 + 1, Turn::default);
        }
        let old = self.servers[server.0].weight;
        let new = i64::from(weight);
        self.next_weight += new - old;
        self.servers[server.0].weight = new;
        match (old > 0, new > 0) {
            (false, true) => self.enter(server),
            (true, false) => self.leave(server),
            (true, true) if old != new => self.reweigh(server),
            _ => {}
        }
    }

    fn start(&mut self) {
        (self.round_weight, self.position) = (self.next_weight, self.next_weight);
    }

    fn pick(&mut self, ask: &Ask<'_>) -> Option<ServerIndex> {
        if self.round_weight == 0 {
            self.round_weight = self.next_weight;
            self.position = self.next_weight;
        }
        let mut skipped = Vec::new();
        let mut avoided = None;
        let mut new_round = false;
        let chosen = loop {
            let Some(server) = self.lowest() else {
                if new_round {
                    break avoided;
                }
                new_round = true;
                self.begin_round();
                continue;
            };
            self.advance(server);
            self.position += 1;
            match ask.judge(server) {
                Verdict::Take => break Some(server),
                Verdict::Avoid => avoided = Some(server),
                Verdict::Full => {}
            }
            skipped.push(server);
        };
        if let Some(server) = chosen {
            self.wait(server);
        }
        for server in skipped.into_iter().filter(|&s| Some(s) != chosen) {
            if new_round {
                self.queue_by_weight(PoolName::Start, server);
            } else {
                self.wait(server);
            }
        }
        chosen
    }
}

impl RoundRobin {
    /// A server that becomes usable waits for its share of what is left of this round.
    fn enter(&mut self, server: ServerIndex) {
        if self.round_weight == 0 {
            // Nothing was chosen yet: everyone starts together.
            return self.queue_by_weight(PoolName::Start, server);
        }
        let weight = self.servers[server.0].weight;
        let left = self.next_weight + self.round_weight - self.position;
        self.servers[server.0].next = self.position + left / weight;
        self.wait(server);
    }

    fn leave(&mut self, server: ServerIndex) {
        self.take_out(server);
        self.servers[server.0].next = 0;
        self.servers[server.0].remainder = 0;
    }

    fn reweigh(&mut self, server: ServerIndex) {
        let in_start = matches!(self.servers[server.0].place, Some((PoolName::Start, _)));
        self.take_out(server);
        if in_start {
            return self.queue_by_weight(PoolName::Start, server);
        }
        let (position, total) = (self.position, self.next_weight);
        let turn = &mut self.servers[server.0];
        let step = total / turn.weight;
        turn.remainder = 0;
        turn.next = turn.next.min(turn.last + step);
        if turn.next < position + 2 {
            turn.next = position + step;
        }
        self.wait(server);
    }

    /// The server whose turn has come, else one that has not had a turn in this round, else the earliest.
    fn lowest(&mut self) -> Option<ServerIndex> {
        let waiting = self.current.first_key_value().map(|(_, &server)| server);
        if let Some(server) = waiting.filter(|s| self.servers[s.0].next <= self.position) {
            self.take_out(server);
            return Some(server);
        }
        if let Some((_, &server)) = self.start.first_key_value() {
            self.take_out(server);
            let turn = &mut self.servers[server.0];
            (turn.next, turn.remainder) = (0, 0);
            return Some(server);
        }
        if let Some(server) = waiting {
            self.take_out(server);
        }
        waiting
    }

    fn begin_round(&mut self) {
        std::mem::swap(&mut self.start, &mut self.following);
        for turn in &mut self.servers {
            if let Some((name, _)) = &mut turn.place {
                *name = match *name {
                    PoolName::Start => PoolName::Following,
                    PoolName::Following => PoolName::Start,
                    PoolName::Current => PoolName::Current,
                };
            }
        }
        self.round_weight = self.next_weight;
        self.position = self.round_weight;
    }

    /// Works out the turn after this one.
    fn advance(&mut self, server: ServerIndex) {
        let (position, total) = (self.position, self.next_weight);
        let turn = &mut self.servers[server.0];
        if turn.next == 0 {
            turn.next = position;
        }
        turn.last = turn.next;
        turn.next += total / turn.weight;
        turn.remainder += total % turn.weight;
        if turn.remainder >= turn.weight {
            turn.remainder -= turn.weight;
            turn.next += 1;
        }
    }

    /// Puts a server where its next turn belongs: this round or the following one.
    fn wait(&mut self, server: ServerIndex) {
        let (round, next_round) = (self.round_weight, self.next_weight);
        let turn = &mut self.servers[server.0];
        if turn.next >= 2 * round || turn.next >= round + next_round {
            turn.next -= round;
            self.queue_by_weight(PoolName::Following, server);
        } else {
            let key = 256 * turn.next + (MAX_WEIGHT + turn.remainder - turn.weight) / 16;
            self.put(PoolName::Current, key, server);
        }
    }

    /// The heaviest first.
    fn queue_by_weight(&mut self, pool: PoolName, server: ServerIndex) {
        let key = MAX_WEIGHT - self.servers[server.0].weight;
        self.put(pool, key, server);
    }

    fn put(&mut self, name: PoolName, key: i64, server: ServerIndex) {
        self.take_out(server);
        self.arrivals += 1;
        let key = (key, self.arrivals);
        self.pool(name).insert(key, server);
        self.servers[server.0].place = Some((name, key));
    }

    fn take_out(&mut self, server: ServerIndex) {
        if let Some((name, key)) = self.servers[server.0].place.take() {
            self.pool(name).remove(&key);
        }
    }

    fn pool(&mut self, name: PoolName) -> &mut Pool {
        match name {
            PoolName::Start => &mut self.start,
            PoolName::Current => &mut self.current,
            PoolName::Following => &mut self.following,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Load;
    use super::*;
    use proptest::prelude::*;

    /// The next turn, where everyone has room.
    fn turn(wheel: &mut RoundRobin, avoid: Option<ServerIndex>) -> Option<ServerIndex> {
        wheel.pick(&Ask {
            key: None,
            avoid,
            served: 0,
            load: &|_| Load::default(),
        })
    }

    fn wheel(weights: &[u32]) -> RoundRobin {
        let mut wheel = RoundRobin::default();
        for (index, weight) in weights.iter().enumerate() {
            wheel.set_weight(ServerIndex(index), weight * 16);
        }
        wheel
    }

    /// The servers of the next `count` turns, counted from 1.
    fn turns(wheel: &mut RoundRobin, count: usize) -> String {
        let turns: Vec<_> = (0..count)
            .map(|_| turn(wheel, None))
            .map(|server| server.map_or("-".into(), |s| (s.0 + 1).to_string()))
            .collect();
        turns.join(" ")
    }

    #[track_caller]
    fn check(weights: &[u32], expected: &str) {
        let mut wheel = wheel(weights);
        let count = expected.split(' ').count();
        for round in 0..3 {
            assert_eq!(turns(&mut wheel, count), expected, "round {round}");
        }
    }

    #[test]
    fn sequences_are_those_observed_on_haproxy() {
        check(&[1, 1, 1, 1], "1 2 3 4");
        check(&[4, 1, 1, 1], "1 1 2 1 3 1 4");
        check(&[3, 2, 1], "1 2 1 3 1 2");
        check(&[3, 1], "1 1 1 2");
        check(&[2, 1], "1 1 2");
        check(&[1, 4], "2 2 2 2 1");
        check(&[1, 2, 3], "3 2 3 1 3 2");
        check(&[5, 3, 2], "1 2 1 3 1 2 1 2 1 3");
        check(&[10, 1], "1 1 1 1 1 1 1 1 1 1 2");
        check(&[256, 128], "1 1 2");
        check(&[0, 1, 1], "2 3");
    }

    #[test]
    fn nobody_to_choose_is_no_turn() {
        assert_eq!(turns(&mut wheel(&[]), 2), "- -");
        assert_eq!(turns(&mut wheel(&[0, 0]), 1), "-");
    }

    #[test]
    fn a_server_that_leaves_is_skipped_and_comes_back() {
        let mut wheel = wheel(&[1, 1, 1, 1]);
        turns(&mut wheel, 3);
        wheel.set_weight(ServerIndex(1), 0);
        let without = turns(&mut wheel, 30);
        assert!(!without.contains('2'), "{without}");
        wheel.set_weight(ServerIndex(1), 16);
        turns(&mut wheel, 8);
        let with = turns(&mut wheel, 40);
        assert_eq!(with.matches('2').count(), 10, "{with}");
    }

    #[test]
    fn all_leave_and_one_returns() {
        let mut wheel = wheel(&[1, 1]);
        turns(&mut wheel, 3);
        wheel.set_weight(ServerIndex(0), 0);
        wheel.set_weight(ServerIndex(1), 0);
        assert_eq!(turns(&mut wheel, 2), "- -");
        wheel.set_weight(ServerIndex(1), 16);
        assert_eq!(turns(&mut wheel, 3), "2 2 2");
    }

    #[test]
    fn an_avoided_server_is_taken_only_alone() {
        let mut pair = wheel(&[1, 1]);
        let first = Some(ServerIndex(0));
        for _ in 0..5 {
            assert_eq!(turn(&mut pair, first), Some(ServerIndex(1)));
        }
        assert_eq!(turn(&mut wheel(&[1]), first), first);
    }

    #[test]
    fn full_servers_are_passed_over_and_not_lost() {
        let mut wheel = wheel(&[1, 1, 1]);
        let full = |_| Load {
            limit: Some(0),
            ..Load::default()
        };
        let ask = Ask {
            key: None,
            avoid: None,
            served: 0,
            load: &full,
        };
        assert_eq!(wheel.pick(&ask), None);
        let after = turns(&mut wheel, 9);
        for server in ["1", "2", "3"] {
            assert_eq!(after.matches(server).count(), 3, "{after}");
        }
    }

    proptest! {
        #[test]
        fn a_round_gives_each_its_weight_give_or_take_one(
            weights in prop::collection::vec(0u32..20, 1..8),
        ) {
            let mut wheel = wheel(&weights);
            let total: u32 = weights.iter().sum();
            for _ in 0..3 {
                let mut seen = vec![0u32; weights.len()];
                for _ in 0..total {
                    seen[turn(&mut wheel, None).unwrap().0] += 1;
                }
                for (got, weight) in seen.iter().zip(&weights) {
                    prop_assert!(got.abs_diff(*weight) <= 1, "{:?} for {:?}", seen, weights);
                }
            }
        }

        #[test]
        fn any_history_ends_in_fair_shares(
            weights in prop::collection::vec(1u32..20, 2..6),
            changes in prop::collection::vec((0usize..6, 0u32..20, 0usize..30), 0..20),
        ) {
            let mut wheel = wheel(&weights);
            for (server, weight, count) in changes {
                wheel.set_weight(ServerIndex(server % weights.len()), weight * 16);
                turns(&mut wheel, count);
            }
            for (index, weight) in weights.iter().enumerate() {
                wheel.set_weight(ServerIndex(index), weight * 16);
            }
            let total: u32 = weights.iter().sum();
            // Positions are counted in sixteenths: a change may take a whole round of them to settle.
            turns(&mut wheel, 2 * 16 * total as usize);
            let mut seen = vec![0u32; weights.len()];
            for _ in 0..10 * total {
                seen[turn(&mut wheel, None).unwrap().0] += 1;
            }
            for (got, weight) in seen.iter().zip(&weights) {
                prop_assert!(got.abs_diff(10 * weight) <= weight + 1, "{:?} for {:?}", seen, weights);
            }
        }
    }
}
