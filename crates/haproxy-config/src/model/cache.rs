//! `cache` sections.

/// A memory for answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cache {
    pub name: String,
    /// `total-max-size`, 1 to 4095 megabytes.
    pub megabytes: usize,
    /// `max-object-size` in bytes, at most half of all; default a 256th of it.
    pub object: usize,
    /// `max-age` in seconds; default 60.
    pub age: u32,
    /// `process-vary`.
    pub vary: bool,
    /// `max-secondary-entries`, at least 1; default 10.
    pub variants: usize,
}
