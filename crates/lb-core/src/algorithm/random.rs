//! `balance random(N)`: of N servers drawn by weight, the one with the least to do.

use super::ring::Ring;
use super::{Algorithm, Ask};
use crate::server::ServerIndex;
use std::num::NonZeroU32;

#[derive(Debug)]
pub struct Random {
    ring: Ring,
    weights: Vec<u32>,
    draws: NonZeroU32,
    state: u32,
}

impl Random {
    /// For servers with these ids. Equal seeds make equal choices.
    pub fn new(ids: impl IntoIterator<Item = u32>, draws: NonZeroU32, seed: u32) -> Self {
        let ids: Vec<_> = ids.into_iter().collect();
        Self {
            weights: vec![0; ids.len()],
            ring: Ring::new(ids, 0),
            draws,
            state: seed.max(1),
        }
    }

    /// Marsaglia's xorshift.
    fn draw(&mut self) -> u32 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 17;
        self.state ^= self.state << 5;
        self.state
    }
}

impl Algorithm for Random {
    fn add(&mut self, server: ServerIndex, id: u32) {
        self.weights.push(0);
        self.ring.add(server, id);
    }

    fn set_weight(&mut self, server: ServerIndex, weight: u32) {
        self.weights[server.0] = weight;
        self.ring.set_weight(server, weight);
    }

    fn pick(&mut self, ask: &Ask<'_>) -> Option<ServerIndex> {
        let load = |server: ServerIndex| u64::from((ask.load)(server).served);
        let weight = |it: &Self, server: ServerIndex| u64::from(it.weights[server.0]);
        let mut best: Option<ServerIndex> = None;
        for _ in 0..self.draws.get() {
            let key = self.draw();
            let drawn = self.ring.closest(key, ask)?;
            best = match best {
                Some(best)
                    if load(drawn) * weight(self, best) > load(best) * weight(self, drawn) =>
                {
                    Some(best)
                }
                _ => Some(drawn),
            };
        }
        best.filter(|&server| (ask.load)(server).has_room())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Load;
    use super::super::testing::map_of;
    use super::*;

    fn share_of_first(draws: u32, weights: &[u32], busy: u32) -> u32 {
        let draws = NonZeroU32::new(draws).unwrap();
        let mut it = Random::new([1, 2], draws, 42);
        map_of(&mut it, weights);
        let load = |server: ServerIndex| Load {
            served: if server.0 == 0 { busy } else { 0 },
            ..Load::default()
        };
        let ask = Ask {
            key: None,
            avoid: None,
            served: busy,
            load: &load,
        };
        let firsts = (0..4000).filter(|_| it.pick(&ask) == Some(ServerIndex(0)));
        u32::try_from(firsts.count()).unwrap()
    }

    #[test]
    fn one_draw_follows_the_weights() {
        let share = share_of_first(1, &[30, 10], 0);
        assert!((2700..3300).contains(&share), "{share}");
    }

    #[test]
    fn two_draws_prefer_who_has_less_to_do() {
        assert!(share_of_first(1, &[10, 10], 5) > 1500);
        assert!(share_of_first(2, &[10, 10], 5) < 1500);
    }

    #[test]
    fn a_full_server_is_nobody() {
        let mut it = Random::new([1], NonZeroU32::MIN, 1);
        map_of(&mut it, &[1]);
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
        assert_eq!(it.pick(&ask), None);
    }
}
