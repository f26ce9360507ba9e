//! The zone's file, opened and read.

use std::path::Path;

use diagnostics::{Severity, Sources};

use crate::failure::{self, Failure};
use crate::zone::{self, Zone};

/// The name under which the built-in zone's text is shown.
pub(crate) const BUILT_IN: &str = "labs/zone.toml (built in)";

/// Reads a zone, or the built-in one. Mistakes in it are shown; what is left to say is returned.
pub(crate) fn load(program: &str, path: Option<&Path>) -> Result<Zone, Failure> {
    let (name, text) = match path {
        None => (BUILT_IN.to_owned(), zone::BUILT_IN.to_owned()),
        Some(path) => {
            let name = path.display().to_string();
            let text = std::fs::read_to_string(path).map_err(|error| {
                Failure::not_ready("zone-missing", format!("cannot read the zone file {name}"))
                    .why(error.to_string())
                    .next(format!("{program}      with the zone that is built in"))
            })?;
            (name, text)
        }
    };
    let mut sources = Sources::new();
    let id = sources.add(name.clone(), text);
    let parsed = zone::parse(&sources, id);
    failure::show(&parsed.problems, &sources);
    let errors = parsed
        .problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .count();
    parsed.zone.ok_or_else(|| {
        let mistakes = match errors {
            1 => "a mistake is".to_owned(),
            many => format!("{many} mistakes are"),
        };
        Failure::not_ready(
            "zone-wrong",
            format!("{name} was not loaded: {mistakes} shown above"),
        )
        .next(format!(
            "{program} --check --zone {name}      after each change"
        ))
    })
}
