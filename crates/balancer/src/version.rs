//! Which HAProxy this program follows, and what it calls itself where HAProxy tells its version.

/// The release whose behaviour, words and defaults we follow (Debian 12's).
pub const FOLLOWS: &str = "2.6.12";

/// As in `HAProxy version X`: the release we follow, and our own version so that nobody mistakes one for the other.
pub const VERSION: &str = concat!("2.6.12-lab", env!("CARGO_PKG_VERSION"));

/// The date of the release we follow.
pub const RELEASE_DATE: &str = "2026/10/17";
