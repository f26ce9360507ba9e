//! `balance leastconn`: the server with the fewest requests for its weight.
//!
//! A request is counted before it is given away, so that weights tell from the first request on. Idle servers come
//! before all others whatever their weight, so that light traffic does not stay with the heaviest one. Equals take
//! turns: who was used last stands last.

use super::{Algorithm, Ask, Load};
use crate::server::ServerIndex;
use std::collections::BTreeMap;

/// The largest effective weight: 256 times 16.
const MAX_WEIGHT: u64 = 4096;

#[derive(Debug, Default)]
pub struct LeastConnections {
    servers: Vec<Place>,
    order: BTreeMap<Key, ServerIndex>,
    arrivals: u64,
}

/// Load for the weight, then who came first.
type Key = (u64, u64);

#[derive(Clone, Debug, Default)]
struct Place {
    weight: u32,
    requests: u32,
    key: Option<Key>,
}

impl Algorithm for LeastConnections {
    fn set_weight(&mut self, server: ServerIndex, weight: u32) {
        let place = self.place(server);
        if place.weight != weight {
            place.weight = weight;
            self.reposition(server);
        }
    }

    fn set_load(&mut self, server: ServerIndex, requests: u32) {
        let place = self.place(server);
        if place.requests != requests {
            place.requests = requests;
            self.reposition(server);
        }
    }

    fn pick(&mut self, ask: &Ask<'_>) -> Option<ServerIndex> {
        let mut avoided = None;
        for &server in self.order.values() {
            if !has_room((ask.load)(server)) {
                continue;
            }
            if ask.avoid != Some(server) {
                return Some(server);
            }
            avoided = Some(server);
        }
        avoided
    }
}

/// Here `maxqueue` counts as room: a request waits for the server that would be best, where it may.
fn has_room(load: Load) -> bool {
    let limit = load.limit.map(|limit| limit.saturating_add(load.max_queue));
    limit.is_none_or(|limit| load.requests() < limit)
}

impl LeastConnections {
    fn place(&mut self, server: ServerIndex) -> &mut Place {
        if self.servers.len() <= server.0 {
            self.servers.resize_with(server.0 + 1, Place::default);
        }
        &mut self.servers[server.0]
    }

    fn reposition(&mut self, server: ServerIndex) {
        let place = &mut self.servers[server.0];
        if let Some(key) = place.key.take() {
            self.order.remove(&key);
        }
        if place.weight > 0 {
            self.arrivals += 1;
            let key = (place.load(), self.arrivals);
            place.key = Some(key);
            self.order.insert(key, server);
        }
    }
}

impl Place {
    fn load(&self) -> u64 {
        match u64::from(self.requests) {
            0 => 0,
            requests => (requests + 1) * MAX_WEIGHT / u64::from(self.weight),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Servers with weights, and the requests they work on.
    struct Bench {
        it: LeastConnections,
        busy: Vec<u32>,
        limit: Option<u32>,
        max_queue: u32,
    }

    impl Bench {
        fn new(weights: &[u32]) -> Self {
            let mut it = LeastConnections::default();
            for (index, weight) in weights.iter().enumerate() {
                it.set_weight(ServerIndex(index), weight * 16);
            }
            Self {
                it,
                busy: vec![0; weights.len()],
                limit: None,
                max_queue: 0,
            }
        }

        fn begin(&mut self, avoid: Option<usize>) -> Option<usize> {
            let (busy, limit, max_queue) = (&self.busy, self.limit, self.max_queue);
            let load = |server: ServerIndex| Load {
                served: busy[server.0],
                limit,
                max_queue,
                ..Load::default()
            };
            let avoid = avoid.map(ServerIndex);
            let chosen = self
                .it
                .pick(&Ask {
                    key: None,
                    avoid,
                    served: 0,
                    load: &load,
                })?
                .0;
            self.busy[chosen] += 1;
            self.it.set_load(ServerIndex(chosen), self.busy[chosen]);
            Some(chosen)
        }

        fn end(&mut self, server: usize) {
            self.busy[server] -= 1;
            self.it.set_load(ServerIndex(server), self.busy[server]);
        }

        fn one_after_another(&mut self, count: usize) -> Vec<usize> {
            let turn = |_| {
                let server = self.begin(None).expect("a server is up");
                self.end(server);
                server + 1
            };
            (0..count).map(turn).collect()
        }
    }

    #[test]
    fn idle_servers_take_turns_whatever_their_weight() {
        assert_eq!(Bench::new(&[3, 1]).one_after_another(4), [1, 2, 1, 2]);
    }

    #[test]
    fn many_at_once_are_shared_by_weight() {
        let mut bench = Bench::new(&[3, 1]);
        for _ in 0..8 {
            bench.begin(None);
        }
        assert_eq!(bench.busy, [6, 2]);
    }

    #[test]
    fn a_busy_server_is_left_alone() {
        let mut bench = Bench::new(&[1, 1, 1]);
        assert_eq!(bench.begin(None), Some(0));
        assert_eq!(bench.one_after_another(4), [2, 3, 2, 3]);
    }

    #[test]
    fn the_server_that_failed_is_the_last_resort() {
        let mut bench = Bench::new(&[1, 1]);
        assert_eq!(bench.begin(Some(0)), Some(1));
        assert_eq!(bench.begin(Some(0)), Some(1), "though it is busier");
        assert_eq!(Bench::new(&[1]).begin(Some(0)), Some(0));
    }

    #[test]
    fn full_servers_are_passed_over_unless_they_have_a_queue() {
        let mut bench = Bench::new(&[1, 1]);
        bench.limit = Some(1);
        let all: Vec<_> = (0..3).map(|_| bench.begin(None)).collect();
        assert_eq!(all, [Some(0), Some(1), None]);
        bench.max_queue = 1;
        let all: Vec<_> = (0..3).map(|_| bench.begin(None)).collect();
        assert_eq!(all, [Some(0), Some(1), None]);
    }

    #[test]
    fn a_server_without_weight_gets_nothing_and_returns_last() {
        let mut bench = Bench::new(&[1, 1]);
        bench.it.set_weight(ServerIndex(0), 0);
        assert_eq!(bench.one_after_another(2), [2, 2]);
        bench.it.set_weight(ServerIndex(0), 16);
        assert_eq!(bench.one_after_another(3), [2, 1, 2]);
    }

    proptest! {
        #[test]
        fn load_stays_within_one_request_of_the_weights(
            weights in prop::collection::vec(1u32..20, 1..8),
            requests in 1usize..200,
        ) {
            let mut bench = Bench::new(&weights);
            for _ in 0..requests {
                bench.begin(None);
            }
            let total: u32 = weights.iter().sum();
            for (busy, weight) in bench.busy.iter().zip(&weights) {
                let fair = requests as f64 * f64::from(*weight) / f64::from(total);
                // Whoever is idle is served first, whatever its weight.
                let most = fair + f64::from(*weight).max(1.0) + 1.0;
                prop_assert!(f64::from(*busy) <= most, "{:?} for {:?}", bench.busy, weights);
            }
        }

        #[test]
        fn no_server_is_lost(
            weights in prop::collection::vec(0u32..5, 1..6),
            changes in prop::collection::vec((0usize..6, 0u32..5, any::<bool>()), 0..40),
        ) {
            let mut bench = Bench::new(&weights);
            let mut weights = weights;
            for (server, weight, ends) in changes {
                let server = server % weights.len();
                if ends && bench.busy[server] > 0 {
                    bench.end(server);
                } else {
                    bench.it.set_weight(ServerIndex(server), weight * 16);
                    weights[server] = weight;
                    bench.begin(None);
                }
                let there = bench.it.order.values().map(|s| s.0);
                let mut there: Vec<_> = there.collect();
                there.sort_unstable();
                let expected: Vec<_> = (0..weights.len()).filter(|&s| weights[s] > 0).collect();
                prop_assert_eq!(there, expected);
            }
        }
    }
}
