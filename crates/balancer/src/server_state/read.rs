//! Reads the files that a configuration names.

use super::files::told;
use super::{Kept, KeptBackend, StateLine, lines};
use crate::load::os_text;
use haproxy_config::model::{self, Backend, Global, StateSource};
use std::io;

/// Reads what earlier processes have left for the servers of a configuration.
pub(crate) fn read(config: &model::Config) -> Kept {
    let mut kept = Kept::default();
    let global = match global_file(&config.global) {
        Some(Ok(lines)) => lines,
        Some(Err(why)) => {
            kept.words.push(format!("config: {why}"));
            Vec::new()
        }
        None => Vec::new(),
    };
    for backend in config.backends.iter().filter(|it| !it.disabled) {
        let of_backend = match &backend.states {
            StateSource::None => continue,
            StateSource::Global => KeptBackend::of_all(&global, &backend.name),
            StateSource::Local(_) if backend.servers.is_empty() => continue,
            StateSource::Local(file) => local_file(&config.global, backend, file),
        };
        kept.backends.insert(backend.name.clone(), of_backend);
    }
    kept
}

fn global_file(global: &Global) -> Option<Result<Vec<StateLine>, String>> {
    const KIND: &str = "global server state file";
    let path = path(global, global.state_file.as_deref()?);
    let text = match text(&path) {
        Ok(text) => text,
        Err(error) => {
            let why = os_text(&error);
            return Some(Err(format!("Can't open {KIND} '{path}': {why}")));
        }
    };
    Some(lines(&text).map_err(|defect| told(defect, KIND, &path)))
}

fn local_file(global: &Global, backend: &Backend, file: &str) -> KeptBackend {
    let path = path(global, file);
    let name = &backend.name;
    match text(&path) {
        Ok(text) => {
            let servers: Vec<_> = backend.servers.iter().map(|it| it.name.as_str()).collect();
            KeptBackend::of_one(&text, &path, (backend.id.0, name), &servers)
        }
        Err(error) => {
            let why = os_text(&error);
            KeptBackend::nothing(format!(
                "Proxy '{name}': Can't open server state file '{path}': {why}."
            ))
        }
    }
}

/// Names that do not begin at the root begin in `server-state-base`.
fn path(global: &Global, file: &str) -> String {
    match &global.state_base {
        Some(base) if !file.starts_with('/') => {
            format!("{}/{file}", base.strip_suffix('/').unwrap_or(base))
        }
        _ => file.to_owned(),
    }
}

fn text(path: &str) -> io::Result<String> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        // A folder can be opened: only then there is nothing to read.
        Err(error) if error.kind() == io::ErrorKind::IsADirectory => Ok(String::new()),
        Err(error) => Err(error),
    }
}
