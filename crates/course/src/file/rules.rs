//! What only the whole file shows.

pub(crate) mod plays;
pub(crate) mod steps;
pub(crate) mod text;
