//! `.lab/journal.jsonl`: what happened, one JSON object a line, bounded. Several programs write to it at once.

mod fold;
mod line;
mod merge;
mod tail;

pub(crate) use fold::Fold;
pub(crate) use tail::Tail;

use super::WorkDir;
use course::facts::{Event, Happened};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Past this size the file is renamed to `journal.jsonl.1` (one is kept) and begun anew.
const MOST_BYTES: u64 = 5 * 1024 * 1024;

#[derive(Serialize)]
struct Note<'a> {
    time: Timestamp,
    event: &'a str,
    #[serde(flatten)]
    facts: Value,
}

/// The journal of a work folder. Writing never fails for the caller: an error goes to the trace.
#[derive(Clone, Debug)]
pub(crate) struct Journal {
    path: PathBuf,
}

impl Journal {
    pub(crate) fn of(work: &WorkDir) -> Self {
        Self {
            path: work.journal(),
        }
    }

    /// Adds what happened just now.
    pub(crate) fn write(&self, what: Happened) {
        self.add(&[Event {
            time: Timestamp::now(),
            what,
        }]);
    }

    /// Adds a line of another form, with facts of the writer's own; readers translate it.
    pub(crate) fn note(&self, event: &str, facts: Value) {
        let note = Note {
            time: Timestamp::now(),
            event,
            facts,
        };
        self.lines(&format!(
            "{}\n",
            serde_json::to_string(&note).expect("plain values")
        ));
    }

    /// Adds events, in one piece.
    pub(crate) fn add(&self, events: &[Event]) {
        let mut text = String::new();
        for event in events {
            text.push_str(&serde_json::to_string(event).expect("plain values"));
            text.push('\n');
        }
        self.lines(&text);
    }

    /// Nothing is begun in a folder that is not the lab's.
    fn lines(&self, text: &str) {
        if text.is_empty() || !self.path.parent().is_some_and(Path::is_dir) {
            return;
        }
        if let Err(error) = append(&self.path, text, MOST_BYTES) {
            tracing::warn!(%error, "journal not written");
        }
    }

    /// A reader that keeps its place.
    pub(crate) fn tail(&self) -> Tail {
        Tail::new(self.path.clone())
    }
}

fn older(path: &Path) -> PathBuf {
    path.with_extension("jsonl.1")
}

/// Adds whole lines in one write, which the system keeps apart from those of others, to a file that is turned over once
/// it holds more than `most` bytes.
fn append(path: &Path, lines: &str, most: u64) -> io::Result<()> {
    let mut file = open(path)?;
    if file.metadata()?.len() > most {
        turn_over(path, &file, most)?;
        file = open(path)?;
    }
    file.write_all(lines.as_bytes())
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

/// Of several writers that meet a full file, the first turns it over: the others find another file under its name.
fn turn_over(path: &Path, full: &File, most: u64) -> io::Result<()> {
    full.lock()?;
    if fs::metadata(path).is_ok_and(|file| file.len() > most) {
        fs::rename(path, older(path))?;
    }
    full.unlock()
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
        for line in ["first, long enough\n", "second\n", "third\n"] {
            append(&path, line, 10).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "second\nthird\n");
        let old = fs::read_to_string(folder.path().join("journal.jsonl.1")).unwrap();
        assert_eq!(old, "first, long enough\n");
    }

    #[test]
    fn what_many_write_at_once_is_kept_line_by_line() {
        let folder = tempfile::tempdir().unwrap();
        let work = WorkDir::at(folder.path());
        work.create().unwrap();
        let writers: Vec<_> = (0..4)
            .map(|port| {
                let journal = Journal::of(&work);
                std::thread::spawn(move || {
                    for _ in 0..50 {
                        journal.write(Happened::Refused { port });
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.join().unwrap();
        }
        assert_eq!(Journal::of(&work).tail().read().len(), 200);
    }

    #[test]
    fn a_journal_that_cannot_be_written_stops_nobody() {
        let journal = Journal::of(&WorkDir::at(Path::new("/nonexistent")));
        journal.write(Happened::Refused { port: 1 });
        assert!(journal.tail().read().is_empty());
    }
}
