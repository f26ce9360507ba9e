//! A little chance, without a dependency: the hash of nothing under the keys that the standard library draws.

use std::hash::{BuildHasher, Hasher, RandomState};

/// 64 bits that nobody can foretell.
pub(crate) fn bits() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// A query id.
pub(crate) fn id() -> u16 {
    let [a, b, ..] = bits().to_be_bytes();
    u16::from_be_bytes([a, b])
}

/// One of `n`, from 0; `n` must not be 0.
pub(crate) fn one_of(n: usize) -> usize {
    usize::try_from(bits() >> 1).unwrap_or(0) % n
}
