//! Hashes with `hash-type consistent`: servers have points on a ring, as many as their weight says, and a key belongs to
//! the closest one. When a server comes or goes, only the keys next to its points move.

use super::hash::avalanche;
use super::{Algorithm, Ask, Verdict};
use crate::server::ServerIndex;
use std::collections::BTreeMap;
use std::ops::Bound;

/// Points of a server: `id * RANGE` and what follows.
const RANGE: u32 = 4096;

#[derive(Debug, Default)]
pub struct Ring {
    ids: Vec<u32>,
    /// How many points each server has.
    weights: Vec<u32>,
    points: BTreeMap<Point, ServerIndex>,
    arrivals: u32,
    /// The last point given to someone who came without a key.
    last: Option<Point>,
    /// `hash-balance-factor`; 0: none.
    factor: u32,
    keys: Vec<Vec<Point>>,
}

/// A place on the ring, and who of several came first.
type Point = (u32, u32);

impl Ring {
    /// For servers with these ids. With a `factor`, no server works on more than so many percent of its share.
    pub fn new(ids: impl IntoIterator<Item = u32>, factor: u32) -> Self {
        let ids: Vec<_> = ids.into_iter().collect();
        Self {
            weights: vec![0; ids.len()],
            keys: vec![Vec::new(); ids.len()],
            ids,
            factor,
            ..Self::default()
        }
    }
}

impl Algorithm for Ring {
    fn add(&mut self, _: ServerIndex, id: u32) {
        self.weights.push(0);
        self.keys.push(Vec::new());
        self.ids.push(id);
    }

    fn set_weight(&mut self, server: ServerIndex, weight: u32) {
        let wanted = weight as usize;
        while self.keys[server.0].len() > wanted {
            if let Some(point) = self.keys[server.0].pop() {
                self.remove(point);
            }
        }
        while self.keys[server.0].len() < wanted {
            let number = self.keys[server.0].len() as u32;
            let key = avalanche(self.ids[server.0].wrapping_mul(RANGE).wrapping_add(number));
            self.arrivals = self.arrivals.wrapping_add(1);
            let point = (key, self.arrivals);
            self.keys[server.0].push(point);
            self.points.insert(point, server);
        }
        self.weights[server.0] = weight;
    }

    fn pick(&mut self, ask: &Ask<'_>) -> Option<ServerIndex> {
        match ask.key {
            Some(key) => self.closest(key, ask),
            None => self.take_turn(ask),
        }
    }
}

impl Ring {
    fn remove(&mut self, point: Point) {
        if self.last == Some(point) {
            self.last = self.after(Some(point)).filter(|next| *next != point);
        }
        self.points.remove(&point);
    }

    /// The point that follows, around the ring.
    fn after(&self, point: Option<Point>) -> Option<Point> {
        let from = point.map_or(Bound::Unbounded, Bound::Excluded);
        let following = self.points.range((from, Bound::Unbounded)).next();
        let first = || self.points.first_key_value();
        following.or_else(first).map(|(&point, _)| point)
    }

    /// The server next to a key; from there on the first that is not to be avoided and not too busy.
    pub(super) fn closest(&self, key: u32, ask: &Ask<'_>) -> Option<ServerIndex> {
        let first = || self.points.first_key_value();
        let next = self.points.range((key, 0)..).next().or_else(first)?;
        let before = self.points.range(..(key, 0)).next_back();
        let before = before.or_else(|| self.points.last_key_value())?;
        let (back, ahead) = (key.wrapping_sub(before.0.0), next.0.0.wrapping_sub(key));
        let (&start, &server) = if back <= ahead { before } else { next };
        let from_there = self.points.range(start..).chain(self.points.range(..start));
        let mut servers = from_there.map(|(_, &server)| server);
        let fitting = servers.find(|&server| {
            ask.avoid != Some(server) && (self.factor == 0 || self.has_share_left(server, ask))
        });
        Some(fitting.unwrap_or(server))
    }

    /// Manual "hash-balance-factor": all requests and this one, times the factor, shared by weight; at least one.
    fn has_share_left(&self, server: ServerIndex, ask: &Ask<'_>) -> bool {
        let total: u64 = self.weights.iter().map(|&weight| u64::from(weight)).sum();
        let before: u64 = self.weights[..server.0].iter().map(|&w| u64::from(w)).sum();
        let weight = u64::from(self.weights[server.0]);
        let slots = (u64::from(ask.served) + 1) * u64::from(self.factor);
        let slots = slots.div_ceil(100);
        let (each, rest) = (slots / total, slots % total);
        let share = weight * each + (before + weight) * rest / total - before * rest / total;
        u64::from((ask.load)(server).served) < share.max(1)
    }

    /// Around the ring, point by point.
    fn take_turn(&mut self, ask: &Ask<'_>) -> Option<ServerIndex> {
        let mut avoided = None;
        let mut at = self.last;
        for _ in 0..self.points.len() {
            at = self.after(at);
            let point = at?;
            let server = self.points[&point];
            match ask.judge(server) {
                Verdict::Take => {
                    self.last = at;
                    return Some(server);
                }
                Verdict::Avoid => avoided = Some((point, server)),
                Verdict::Full => {}
            }
        }
        self.last = avoided.map(|(point, _)| point);
        avoided.map(|(_, server)| server)
    }
}

#[cfg(test)]
mod tests {
    use super::super::hash::Hashing;
    use super::super::testing::{ask, ask_by, map_of};
    use super::*;
    use proptest::prelude::*;

    fn ring(weights: &[u32]) -> Ring {
        let mut ring = Ring::new((1..).take(weights.len()), 0);
        map_of(&mut ring, weights);
        ring
    }

    #[test]
    fn paths_go_where_haproxy_sends_them() {
        let mut ring = ring(&[1, 1, 1, 1]);
        let hashing = Hashing {
            avalanche: true,
            ..Hashing::default()
        };
        let by_path = |n: u8| hashing.of_bytes(format!("/p{n}").as_bytes());
        let seen: Vec<_> = (0..10)
            .map(|n| ask_by(&mut ring, by_path(n)).unwrap())
            .collect();
        assert_eq!(seen, [1, 4, 4, 1, 1, 2, 3, 1, 4, 3]);
        let by_address = |n: u8| hashing.of_address([127, 0, 0, n].into());
        let seen: Vec<_> = (1..11)
            .map(|n| ask_by(&mut ring, by_address(n)).unwrap())
            .collect();
        assert_eq!(seen, [4, 4, 3, 1, 4, 1, 3, 1, 1, 4]);
    }

    #[test]
    fn nobody_is_there() {
        let mut ring = ring(&[0, 0]);
        assert_eq!((ask(&mut ring), ask_by(&mut ring, 5)), (None, None));
    }

    #[test]
    fn without_a_key_all_get_their_turn() {
        let mut ring = ring(&[1, 2]);
        let mut seen = [0; 2];
        for _ in 0..48 {
            seen[ask(&mut ring).unwrap() - 1] += 1;
        }
        assert_eq!(seen, [16, 32]);
    }

    proptest! {
        #[test]
        fn only_keys_of_who_left_move(
            weights in prop::collection::vec(1u32..4, 2..6),
            gone in 0usize..6,
            keys in prop::collection::vec(any::<u32>(), 1..50),
        ) {
            let gone = gone % weights.len();
            let mut ring = ring(&weights);
            let before: Vec<_> = keys.iter().map(|&key| ask_by(&mut ring, key).unwrap()).collect();
            ring.set_weight(ServerIndex(gone), 0);
            for (&key, &former) in keys.iter().zip(&before) {
                let now = ask_by(&mut ring, key).unwrap();
                if former != gone + 1 {
                    prop_assert_eq!(now, former);
                } else {
                    prop_assert_ne!(now, former);
                }
            }
            ring.set_weight(ServerIndex(gone), weights[gone] * 16);
            let after: Vec<_> = keys.iter().map(|&key| ask_by(&mut ring, key).unwrap()).collect();
            prop_assert_eq!(after, before);
        }

        #[test]
        fn a_factor_bounds_the_load(key: u32, requests in 1u32..60) {
            let mut ring = Ring::new(1..4, 150);
            map_of(&mut ring, &[1, 1, 1]);
            let mut busy = [0u32; 3];
            for served in 0..requests {
                let load = |server: ServerIndex| super::super::Load {
                    served: busy[server.0],
                    ..super::super::Load::default()
                };
                let chosen = ring.pick(&Ask { key: Some(key), avoid: None, served, load: &load });
                busy[chosen.unwrap().0] += 1;
            }
            let most = (f64::from(requests) * 1.5 / 3.0).ceil() + 1.0;
            prop_assert!(busy.iter().all(|&busy| f64::from(busy) <= most), "{:?}", busy);
        }
    }
}
