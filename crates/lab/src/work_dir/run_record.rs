//! Who runs a lab in this folder: `.lab/run/lab.json`, and whether that is still true.

use super::{WorkDir, write_whole};
use crate::observe::process;
use crate::problem::{Problem, Result};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RunRecord {
    pub(crate) format: u32,
    pub(crate) supervisor: Identity,
    pub(crate) since: Timestamp,
    /// Folder of the sockets, in the temporary folder and owner-only.
    pub(crate) sockets: PathBuf,
    pub(crate) children: Vec<Identity>,
    /// Where the lab's name server listens, if it has one.
    #[serde(default)]
    pub(crate) name_server: Option<SocketAddr>,
    /// Where it was started.
    #[serde(default)]
    pub(crate) ports: Option<course::facts::Ports>,
}

/// A process that cannot be mistaken for a later one with the same number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    pub(crate) name: String,
    pub(crate) pid: u32,
    /// As the operating system counts; see [`process::start_time`].
    pub(crate) started: Option<u64>,
}

impl Identity {
    pub(crate) fn of(name: &str, pid: u32) -> Self {
        Self {
            name: name.to_owned(),
            pid,
            started: process::start_time(pid),
        }
    }

    /// The very process that was recorded still exists.
    pub(crate) fn is_alive(&self) -> bool {
        self.started.is_some() && process::start_time(self.pid) == self.started
    }
}

impl RunRecord {
    pub(crate) const FORMAT: u32 = 1;

    pub(crate) fn control_socket(&self) -> PathBuf {
        self.sockets.join("control")
    }

    /// The record of this folder, whether still true or not. One that cannot be read counts as none.
    pub(crate) fn load(work: &WorkDir) -> Option<Self> {
        let text = fs::read_to_string(path(work)).ok()?;
        let record: Self = serde_json::from_str(&text).ok()?;
        (record.format == Self::FORMAT).then_some(record)
    }

    pub(crate) fn save(&self, work: &WorkDir) -> Result<()> {
        let text = serde_json::to_string_pretty(self).expect("plain values");
        write_whole(&path(work), &text)
            .map_err(|error| Problem::io("write .lab/run/lab.json", &error))
    }

    /// Takes the record and the sockets away.
    pub(crate) fn remove(&self, work: &WorkDir) {
        for (what, outcome) in [
            ("record", fs::remove_file(path(work))),
            ("sockets", fs::remove_dir_all(&self.sockets)),
        ] {
            if let Err(error) = outcome {
                tracing::debug!(what, %error, "not removed");
            }
        }
    }
}

fn path(work: &WorkDir) -> PathBuf {
    work.run().join("lab.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_by_number_and_start_time() {
        let me = Identity::of("me", std::process::id());
        assert!(me.is_alive());
        let other = Identity {
            started: me.started.map(|t| t + 1),
            ..me.clone()
        };
        assert!(!other.is_alive());
        assert!(
            !Identity {
                started: None,
                ..me
            }
            .is_alive()
        );
    }

    #[test]
    fn a_record_of_another_format_is_no_record() {
        let folder = tempfile::tempdir().unwrap();
        let work = WorkDir::at(folder.path());
        work.create().unwrap();
        let mut record = RunRecord {
            format: RunRecord::FORMAT,
            supervisor: Identity::of("lab", std::process::id()),
            since: Timestamp::now(),
            sockets: folder.path().join("sockets"),
            name_server: None,
            children: Vec::new(),
            ports: None,
        };
        record.save(&work).unwrap();
        assert!(RunRecord::load(&work).is_some());
        record.format += 1;
        record.save(&work).unwrap();
        assert!(RunRecord::load(&work).is_none());
    }
}
