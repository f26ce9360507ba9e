//! The statistics page.

use super::HttpRule;
use samples::Condition;
use std::time::Duration;

/// The statistics page of a proxy.
#[derive(Clone, Debug)]
pub struct Stats {
    /// Prefix of the path; default `/haproxy?stats`.
    pub uri: String,
    pub refresh: Option<Duration>,
    /// `None`: [`Self::DEFAULT_REALM`].
    pub realm: Option<String>,
    /// `user`, `password` pairs; none: open to all.
    pub auth: Vec<(String, String)>,
    /// `allow`, `deny` and `auth`, in order; never beside `auth`.
    pub rules: Vec<HttpRule>,
    /// Who may change servers on the page: those for whom one of these holds.
    pub admin: Vec<Condition>,
    pub hide_version: bool,
    pub show_legends: bool,
    pub show_node: bool,
    /// `Some("")`: the global description.
    pub show_desc: Option<String>,
    /// `scope .` is kept as the proxy's own name.
    pub scope: Vec<String>,
}

impl Stats {
    /// What the browser asks a password for, unless another realm is given.
    pub const DEFAULT_REALM: &str = "HAProxy Statistics";
}
