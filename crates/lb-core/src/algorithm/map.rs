//! `balance static-rr`, and hashes with `hash-type map-based`: a table with as many slots for each server as its
//! weight says. It is made anew whenever a server comes or goes.

use super::{Algorithm, Ask, Verdict};
use crate::server::ServerIndex;

#[derive(Debug, Default)]
pub struct Map {
    weights: Vec<u32>,
    slots: Vec<ServerIndex>,
    outdated: bool,
    /// The next slot of those who come without a key.
    next: usize,
}

impl Algorithm for Map {
    fn set_weight(&mut self, server: ServerIndex, weight: u32) {
        if self.weights.len() <= server.0 {
            self.weights.resize(server.0 + 1, 0);
        }
        self.outdated |= self.weights[server.0] != weight;
        self.weights[server.0] = weight;
    }

    fn pick(&mut self, ask: &Ask<'_>) -> Option<ServerIndex> {
        if std::mem::take(&mut self.outdated) {
            self.rebuild();
        }
        match ask.key {
            // A key belongs to its server, be that full or not.
            Some(key) => {
                let slots = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
                let slot = key.checked_rem(slots)?;
                self.slots.get(slot as usize).copied()
            }
            None => self.take_turn(ask),
        }
    }
}

impl Map {
    /// Each slot goes to whoever is owed most, the first of equals.
    fn rebuild(&mut self) {
        let divisor = self.weights.iter().copied().fold(0, gcd).max(1);
        let weights = self
            .weights
            .iter()
            .map(|&weight| i64::from(weight / divisor));
        let weights: Vec<_> = weights.collect();
        let total: i64 = weights.iter().sum();
        let mut owed = vec![0; weights.len()];
        self.slots.clear();
        for _ in 0..total {
            let mut best: Option<(i64, usize)> = None;
            for (server, &weight) in weights.iter().enumerate().filter(|(_, w)| **w > 0) {
                owed[server] += weight;
                let claim = (owed[server] + total) / total;
                if best.is_none_or(|(most, _)| claim > most) {
                    best = Some((claim, server));
                }
            }
            if let Some((_, server)) = best {
                owed[server] -= total;
                self.slots.push(ServerIndex(server));
            }
        }
    }

    fn take_turn(&mut self, ask: &Ask<'_>) -> Option<ServerIndex> {
        let count = self.slots.len();
        if self.next >= count {
            self.next = 0;
        }
        let mut avoided = None;
        for at in (self.next..count).chain(0..self.next) {
            let server = self.slots[at];
            match ask.judge(server) {
                Verdict::Take => {
                    self.next = at + 1;
                    return Some(server);
                }
                Verdict::Avoid => avoided = Some((at, server)),
                Verdict::Full => {}
            }
        }
        let (at, server) = avoided?;
        self.next = at + 1;
        Some(server)
    }
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{ask, ask_by, map_of};
    use super::*;
    use proptest::prelude::*;

    fn turns(map: &mut Map, count: usize) -> String {
        let turns = (0..count).map(|_| ask(map).expect("a server is there").to_string());
        turns.collect::<Vec<_>>().join(" ")
    }

    #[track_caller]
    fn check(weights: &[u32], expected: &str) {
        let mut map = Map::default();
        map_of(&mut map, weights);
        let count = expected.split(' ').count();
        assert_eq!(turns(&mut map, count), expected);
    }

    #[test]
    fn sequences_are_those_of_the_model() {
        check(&[1, 1, 1], "1 2 3 1 2 3");
        check(&[2, 1], "1 1 2 1 1 2");
        check(&[0, 1], "2 2");
        check(&[10, 5], "1 1 2 1 1 2");
    }

    #[test]
    fn the_table_is_made_anew_without_who_left() {
        let mut map = Map::default();
        map_of(&mut map, &[1, 1, 1]);
        assert_eq!(turns(&mut map, 2), "1 2");
        map.set_weight(ServerIndex(1), 0);
        assert_eq!(turns(&mut map, 3), "1 3 1");
        map.set_weight(ServerIndex(0), 0);
        map.set_weight(ServerIndex(2), 0);
        assert_eq!((ask(&mut map), ask_by(&mut map, 7)), (None, None));
    }

    proptest! {
        #[test]
        fn slots_are_shared_by_weight(weights in prop::collection::vec(0u32..20, 1..8)) {
            let total: u32 = weights.iter().sum();
            prop_assume!(total > 0);
            let mut map = Map::default();
            map_of(&mut map, &weights);
            let mut seen = vec![0u32; weights.len()];
            for _ in 0..total {
                seen[ask(&mut map).unwrap() - 1] += 1;
            }
            prop_assert_eq!(seen, weights);
        }

        #[test]
        fn a_key_stays_with_its_server(weights in prop::collection::vec(1u32..9, 1..8), key: u32) {
            let mut map = Map::default();
            map_of(&mut map, &weights);
            let first = ask_by(&mut map, key);
            ask(&mut map);
            prop_assert_eq!(ask_by(&mut map, key), first);
        }
    }
}
