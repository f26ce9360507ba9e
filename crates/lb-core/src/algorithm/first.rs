//! `balance first`: the server with the lowest id that has a free slot, so that the others may be switched off.

use super::{Algorithm, Ask, Verdict};
use crate::server::ServerIndex;

#[derive(Debug, Default)]
pub struct First {
    /// By place.
    ids: Vec<u32>,
    /// By id.
    order: Vec<ServerIndex>,
    usable: Vec<bool>,
}

impl First {
    /// For servers with these ids.
    pub fn new(ids: impl IntoIterator<Item = u32>) -> Self {
        let ids: Vec<_> = ids.into_iter().collect();
        let mut order: Vec<_> = (0..ids.len()).map(ServerIndex).collect();
        order.sort_by_key(|server| ids[server.0]);
        Self {
            usable: vec![false; ids.len()],
            order,
            ids,
        }
    }
}

impl Algorithm for First {
    fn add(&mut self, server: ServerIndex, id: u32) {
        self.usable.push(false);
        self.ids.push(id);
        let place = self.order.partition_point(|other| self.ids[other.0] <= id);
        self.order.insert(place, server);
    }

    fn set_weight(&mut self, server: ServerIndex, weight: u32) {
        self.usable[server.0] = weight > 0;
    }

    fn pick(&mut self, ask: &Ask<'_>) -> Option<ServerIndex> {
        let mut avoided = None;
        for &server in self.order.iter().filter(|server| self.usable[server.0]) {
            match ask.judge(server) {
                Verdict::Take => return Some(server),
                Verdict::Avoid => avoided = Some(server),
                Verdict::Full => {}
            }
        }
        avoided
    }
}

#[cfg(test)]
mod tests {
    use super::super::Load;
    use super::super::testing::map_of;
    use super::*;

    #[test]
    fn servers_fill_up_one_after_another() {
        let mut it = First::new([7, 3, 5]);
        map_of(&mut it, &[1, 1, 1]);
        let mut busy = [0u32; 3];
        let mut seen = Vec::new();
        for served in 0..7 {
            let load = |server: ServerIndex| Load {
                served: busy[server.0],
                limit: Some(2),
                ..Load::default()
            };
            let ask = Ask {
                key: None,
                avoid: None,
                served,
                load: &load,
            };
            let chosen = it.pick(&ask);
            seen.push(chosen.map(|server| server.0));
            if let Some(server) = chosen {
                busy[server.0] += 1;
            }
        }
        assert_eq!(
            seen,
            [1, 1, 2, 2, 0, 0]
                .map(Some)
                .into_iter()
                .chain([None])
                .collect::<Vec<_>>()
        );
    }

    #[test]
    fn who_left_is_passed_over() {
        let mut it = First::new([1, 2]);
        map_of(&mut it, &[0, 1]);
        assert_eq!(super::super::testing::ask(&mut it), Some(2));
    }
}
