//! `.lab/journal.jsonl`: what happened, one JSON object a line, bounded.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Past this size the file is renamed to `journal.jsonl.1` (one is kept) and begun anew.
const MOST_BYTES: u64 = 5 * 1024 * 1024;

#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
}

#[derive(Serialize)]
struct Entry<'a> {
    time: Timestamp,
    event: &'a str,
    #[serde(flatten)]
    facts: Value,
}

impl Journal {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub(crate) fn of(work: &super::WorkDir) -> Self {
        Self::new(work.journal())
    }

    /// Adds a line where the folder is one of the lab's; otherwise there is nothing to keep a journal of, and none is begun.
    pub(crate) fn note(&self, event: &str, facts: Value) {
        if self.path.parent().is_some_and(Path::is_dir) {
            self.write(event, facts);
        }
    }

    /// Adds a line. A journal that cannot be written never stops the lab: the error goes to the trace.
    pub(crate) fn write(&self, event: &str, facts: Value) {
        let entry = Entry {
            time: Timestamp::now(),
            event,
            facts,
        };
        let written = serde_json::to_string(&entry)
            .map_err(io::Error::other)
            .and_then(|line| append(&self.path, &line, MOST_BYTES));
        if let Err(error) = written {
            tracing::warn!(%error, "journal not written");
        }
    }
}

/// Adds one line to a file that is turned over once it holds more than `most` bytes.
fn append(path: &Path, line: &str, most: u64) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|file| file.len() > most) {
        fs::rename(path, path.with_extension("jsonl.1"))?;
    }
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    file.write_all(format!("{line}\n").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_kept_only_in_a_folder_of_the_labs() {
        let folder = tempfile::tempdir().unwrap();
        let work = crate::work_dir::WorkDir::at(folder.path());
        let journal = Journal::of(&work);
        journal.note("dig", serde_json::json!({ "name": "a.test" }));
        assert!(!work.journal().exists());
        work.create().unwrap();
        journal.note("dig", serde_json::json!({ "name": "a.test" }));
        let text = fs::read_to_string(work.journal()).unwrap();
        let entry: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (&entry["event"], &entry["name"]),
            (&"dig".into(), &"a.test".into())
        );
        assert!(entry["time"].is_string());
    }

    #[test]
    fn a_full_journal_is_turned_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        for line in ["first, long enough", "second", "third"] {
            append(&path, line, 10).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "second\nthird\n");
        let old = fs::read_to_string(folder.path().join("journal.jsonl.1")).unwrap();
        assert_eq!(old, "first, long enough\n");
    }
}
