//! A cache of answers (manual, section 6): which are kept and for how long, which may be used, and who makes room.
//!
//! What is said here of messages is what HAProxy 2.6 does with them, which is simpler than RFC 9111.

pub mod date;
mod fields;
mod judge;
mod store;
mod vary;

pub use fields::Field;
pub use judge::{Asked, Life, life, not_modified};
pub use store::{Found, Shown, Store};
pub use vary::{Variant, Wanted, variant};

/// What fits a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Of [`BLOCK`] bytes each.
    pub blocks: usize,
    /// Largest answer, in bytes.
    pub object: usize,
    /// Longest life, in seconds.
    pub age: u32,
    /// Answers that vary by what is known are kept.
    pub vary: bool,
    /// Most answers of one address that differ by that.
    pub variants: usize,
}

/// Bytes of the pieces that a cache is made of.
pub const BLOCK: usize = 1_024;
