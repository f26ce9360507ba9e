//! The zone: which names exist, what they hold, and how their addresses are handed out.
//!
//! Pure. [`parse`] turns a TOML text into a checked [`Zone`] or into every mistake in it at once; the format is told in
//! `labs/zone.toml`, which is also the zone the program carries in itself.

mod key;
pub use key::Key;

mod model;
pub use model::{Address, Check, Found, Give, NameData, Pool, PoolId, Pools, TargetId, View, Zone};

mod apex;
pub use apex::Apex;

mod fields;
mod names;
mod parse;
mod pools;
mod records;
mod values;
pub use parse::{Parsed, parse};

/// The zone that needs no file: `labs/zone.toml`.
pub const BUILT_IN: &str = include_str!("../../../labs/zone.toml");

#[cfg(test)]
mod tests;
