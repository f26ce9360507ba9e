//! `haproxy.cfg`: text to validated model.
//!
//! Pure: files are read, names resolved and sockets opened by the caller.

pub mod model;

use diagnostics::{Diagnostic, Severity, Sources};
use std::collections::BTreeMap;

/// What surrounds the text: nothing is read from the process itself.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// Environment variables, for `"${NAME}"`.
    pub variables: BTreeMap<String, String>,
}

/// The outcome of reading a configuration: every problem of every file, and a model unless one of them is an error.
#[derive(Debug)]
pub struct Parsed {
    /// `None` when a diagnostic is an error.
    pub config: Option<model::Config>,
    /// In the order HAProxy reports them.
    pub diagnostics: Vec<Diagnostic>,
}

impl Parsed {
    pub fn has_errors(&self) -> bool {
        self.diagnostics
            .iter()
            .any(|d| d.severity == Severity::Error)
    }
}

/// Reads all sources, in order, as one configuration (as `haproxy -f A -f B` does).
pub fn parse(sources: &Sources, environment: &Environment) -> Parsed {
    let _ = (sources, environment);
    Parsed {
        config: None,
        diagnostics: Vec::new(),
    }
}
