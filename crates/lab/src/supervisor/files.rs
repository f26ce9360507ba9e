//! The configuration: what is loaded, what is on the disk, and the copy that the balancer runs.

use super::{Phase, Supervisor};
use crate::config_file::{self, ConfigFile};
use crate::observe::facts;
use crate::observe::runtime_api::Running;
use crate::plan::change;
use crate::plan::instrument::{Faces, instrument};
use crate::problem::{Problem, Result};
use crate::work_dir::write_whole;
use jiff::Timestamp;
use std::path::PathBuf;

/// The text that the balancer runs.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) file: ConfigFile,
    pub(crate) at: Timestamp,
    /// Frontends whose first captured header is the user agent.
    pub(crate) agent_captured: Vec<String>,
    /// As the balancer tells it.
    pub(crate) running: Option<Running>,
}

impl Loaded {
    pub(crate) fn new(file: ConfigFile) -> Self {
        Self {
            file,
            at: Timestamp::now(),
            agent_captured: Vec::new(),
            running: None,
        }
    }
}

/// What was last seen on the disk.
#[derive(Debug)]
pub(crate) struct Seen {
    saved: Option<Timestamp>,
    text: String,
}

impl Seen {
    pub(super) fn new(loaded: Option<&Loaded>) -> Self {
        Self {
            saved: loaded.and_then(|loaded| config_file::saved(&loaded.file.path)),
            text: loaded
                .map(|loaded| loaded.file.text().to_owned())
                .unwrap_or_default(),
        }
    }
}

impl Supervisor {
    pub(super) fn copy_path(&self) -> PathBuf {
        self.work.run().join("balancer.cfg")
    }

    /// Writes the copy that the balancer runs: the user's text, and what lets the lab watch.
    pub(super) fn write_copy(&mut self) -> Result<()> {
        let stats_socket = self.stats_socket();
        let copy = self.copy_path();
        let Some(loaded) = &mut self.loaded else {
            return Ok(());
        };
        let faces = Faces {
            stats_socket: &stats_socket,
            log: self.log,
            log_checks: self.options.log_checks,
        };
        let made = instrument(&loaded.file.sources, &loaded.file.config, faces);
        loaded.agent_captured = made.agent_captured;
        write_whole(&copy, &made.text)
            .map_err(|error| Problem::io(&format!("write {}", copy.display()), &error))
    }

    /// Since when the file on disk says something else than what runs.
    pub(super) fn newer(&self) -> Option<Timestamp> {
        let loaded = self.loaded.as_ref()?;
        self.seen
            .saved
            .filter(|_| self.seen.text != loaded.file.text())
    }

    /// Notices a save.
    pub(super) fn look_at_the_file(&mut self) {
        let Some(loaded) = &self.loaded else { return };
        let path = loaded.file.path.clone();
        let saved = config_file::saved(&path);
        if saved.is_none() || saved == self.seen.saved || facts::is_being_saved(&path) {
            return;
        }
        // A file that cannot be read now is being saved, or will be told about by `lab reload`.
        let Ok(text) = std::fs::read_to_string(&path) else {
            return;
        };
        self.seen.saved = saved;
        self.changed = true;
        if text == self.seen.text || !matches!(self.phase, Phase::Running) {
            return;
        }
        facts::notice_save(&self.work, &loaded.file.name(), &text);
        let loaded_text = loaded.file.text().to_owned();
        self.seen.text.clone_from(&text);
        self.saved(path, text, &loaded_text);
    }

    fn saved(&mut self, path: PathBuf, text: String, loaded: &str) {
        let name = path.display().to_string();
        let Some(change) = change::describe(loaded, &text) else {
            return self.lab_line(format!("{name} was saved: it is again as loaded"));
        };
        if self.options.watch {
            self.lab_line(format!("{name} was saved: {change}"));
            return self.reload(None);
        }
        let line = match ConfigFile::parse(&path, text) {
            Ok(_) => format!("{name} was saved: {change}.  Not loaded yet: lab reload"),
            Err(problem) => {
                let first = problem
                    .facts
                    .get("first")
                    .and_then(|first| first.as_str())
                    .unwrap_or(&problem.what);
                format!("{name} was saved, and `lab reload` would refuse it: {first}")
            }
        };
        self.lab_line(line);
    }
}
