//! `haproxy.cfg`: text to validated model.
//!
//! Pure: files are read, names resolved and sockets opened by the caller.
//!
//! The stages, in the order of the modules: text becomes words, words become raw sections (this cannot fail), the
//! keyword tables turn lines into settings, checks look at the whole, and what is left is the model.

pub mod model;

mod acl;
mod address;
mod by_mode;
mod check_script;
mod checks;
mod conditions;
mod dynamic;
mod error_file;
mod keywords;
mod proxy;
mod raw;
mod report;
mod resolve;
mod sample;
mod sections;
mod times;
mod value;
mod words;

use diagnostics::{Diagnostic, Severity, Sources};
pub use dynamic::{DynamicServer, dynamic_server};
use report::Report;
pub use sample::shared::ReadFile;
use std::collections::BTreeMap;

/// What surrounds the text: nothing is read from the process itself.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Environment variables, for `"${NAME}"`.
    pub variables: BTreeMap<String, String>,
    /// Reads a file that the configuration names: of patterns, of a map.
    pub read_file: ReadFile,
}

impl Default for Environment {
    /// No variables, and no files.
    fn default() -> Self {
        Self {
            variables: BTreeMap::new(),
            read_file: |_| None,
        }
    }
}

/// The outcome of reading a configuration: every problem of every file, and a model unless one of them is an error.
#[derive(Debug)]
pub struct Parsed {
    /// `None` when a diagnostic is an error.
    pub config: Option<model::Config>,
    /// In the order HAProxy reports them.
    pub diagnostics: Vec<Diagnostic>,
    /// How many of the diagnostics stem from single lines. The others look at the whole configuration: HAProxy comes
    /// to them only when the lines are free of errors, we always do.
    pub from_lines: usize,
}

impl Parsed {
    pub fn has_errors(&self) -> bool {
        self.diagnostics
            .iter()
            .any(|d| d.severity == Severity::Error)
    }
}

/// Whether an `.if` expression holds (`haproxy -cc`); the error is HAProxy's wording of what is wrong.
pub fn condition(text: &str, environment: &Environment) -> Result<bool, String> {
    conditions::expression::evaluate(text, environment).map_err(|error| error.words)
}

/// An address as `bind` lines write it, a single one (`haproxy -S`); the error is HAProxy's wording of what is wrong.
pub fn bind_address(text: &str) -> Result<model::BindAddress, String> {
    let mut addresses = keywords::bind::addresses(text).map_err(|error| error.0)?;
    match (addresses.pop(), addresses.is_empty()) {
        (Some(address), true) => Ok(address),
        _ => Err(format!("port range not permitted here in '{text}'")),
    }
}

pub use keywords::crt_list::parse as crt_list;

/// The reference page of all keywords, in Markdown: what HAProxy 2.6 knows, and what we do with it.
pub fn keywords_page() -> String {
    keywords::page::page()
}

/// Reads all sources, in order, as one configuration (as `haproxy -f A -f B` does).
pub fn parse(sources: &Sources, environment: &Environment) -> Parsed {
    let mut report = Report::new(sources);
    let raw = raw::read(environment, &mut report);
    let draft = sections::read(&raw, environment, &mut report);
    report.sort_by_place();
    let from_lines = report.len();
    checks::run(&raw, &draft, &mut report);
    let config = (report.errors() == 0).then(|| resolve::config(draft, sources));
    Parsed {
        config,
        diagnostics: report.into_diagnostics(),
        from_lines,
    }
}
