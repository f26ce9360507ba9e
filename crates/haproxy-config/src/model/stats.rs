//! The statistics page.

use std::time::Duration;

/// The statistics page of a proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stats {
    /// Prefix of the path; default `/haproxy?stats`.
    pub uri: String,
    pub refresh: Option<Duration>,
    /// Default `HAProxy Statistics`.
    pub realm: String,
    /// `user`, `password` pairs; none: open to all.
    pub auth: Vec<(String, String)>,
    pub admin: StatsAdmin,
    pub hide_version: bool,
    pub show_legends: bool,
    pub show_node: bool,
    /// `Some("")`: the global description.
    pub show_desc: Option<String>,
    /// `scope .` is kept as the proxy's own name.
    pub scope: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StatsAdmin {
    #[default]
    Never,
    /// `stats admin if TRUE`.
    Always,
    /// `stats admin if LOCALHOST`.
    Localhost,
}
