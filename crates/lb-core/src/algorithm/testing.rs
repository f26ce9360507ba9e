//! What tests of several algorithms share.

use super::{Algorithm, Ask, Load};
use crate::server::ServerIndex;

/// Tells the configured weights.
pub(super) fn map_of(it: &mut dyn Algorithm, weights: &[u32]) {
    for (index, weight) in weights.iter().enumerate() {
        it.set_weight(ServerIndex(index), weight * 16);
    }
}

/// The next one, counted from 1, where everyone has room.
pub(super) fn ask(it: &mut dyn Algorithm) -> Option<usize> {
    choose(it, None)
}

/// The one of a key.
pub(super) fn ask_by(it: &mut dyn Algorithm, key: u32) -> Option<usize> {
    choose(it, Some(key))
}

fn choose(it: &mut dyn Algorithm, key: Option<u32>) -> Option<usize> {
    let chosen = it.pick(&Ask {
        key,
        avoid: None,
        served: 0,
        load: &|_| Load::default(),
    });
    chosen.map(|server| server.0 + 1)
}
