//! The lab's own screens: tables of many answers. Pure: what was seen goes in, text comes out.

pub(crate) mod compare;
pub(crate) mod json;
pub(crate) mod repeat;
pub(crate) mod words;

use crate::tally::Observation;
use crate::vantage::Kind;

/// A question that was asked many times, and all that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    /// As typed, without the last dot.
    pub(crate) name: String,
    pub(crate) rtype: String,
    pub(crate) kind: Kind,
    /// The servers that could be asked, as `127.0.0.1#5300`.
    pub(crate) servers: Vec<String>,
    /// The server told that the data is its own.
    pub(crate) authoritative: bool,
    pub(crate) tcp: bool,
    /// `recorded 2020-10`, `illustrative`, or nothing.
    pub(crate) source: Option<String>,
    pub(crate) observations: Vec<Observation>,
}
