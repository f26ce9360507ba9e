//! Rules and what they refer to.

use samples::{Condition, Format, PatternSet};
use std::sync::Arc;

/// `use_backend NAME [if|unless CONDITION]`.
#[derive(Clone, Debug)]
pub struct UseBackend {
    pub to: BackendChoice,
    pub condition: Option<Condition>,
}

#[derive(Clone, Debug)]
pub enum BackendChoice {
    /// Index into [`super::Config::backends`].
    Named(usize),
    /// The name is made for each request.
    Computed(Format),
}

/// `use-server NAME if|unless CONDITION`.
#[derive(Clone, Debug)]
pub struct UseServer {
    pub to: ServerChoice,
    pub condition: Condition,
}

#[derive(Clone, Debug)]
pub enum ServerChoice {
    /// Index into the backend's servers.
    Named(usize),
    /// The name is made for each request.
    Computed(Format),
}

/// A file of patterns, or those written on one line: what the runtime API lists and changes.
#[derive(Clone, Debug)]
pub struct PatternReference {
    /// `None`: written in the configuration itself.
    pub file: Option<String>,
    /// One for each use of a file.
    pub sets: Vec<Arc<PatternSet>>,
    /// The lines that use it.
    pub uses: Vec<PatternUse>,
}

/// A line that uses patterns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternUse {
    /// `acl` or `map`.
    pub kind: &'static str,
    /// The ACL's first word, without arguments.
    pub keyword: String,
    pub file: String,
    /// From 1.
    pub line: usize,
}
