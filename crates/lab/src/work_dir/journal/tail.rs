//! Reading the journal: from its beginning, then only what is new.

use super::line::{self, Line};
use super::{merge, older};
use course::facts::Event;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The newest events are kept in memory up to so many: far more than an activity makes.
const MOST_EVENTS: usize = 20_000;

/// A reader that keeps its place between two looks.
#[derive(Debug)]
pub(crate) struct Tail {
    path: PathBuf,
    /// The file that was read, and up to where.
    place: Option<(u64, u64)>,
    events: Vec<Event>,
    /// Questions to the farm whose answers were not told so far.
    farm: Vec<merge::Farm>,
}

impl Tail {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            place: None,
            events: Vec::new(),
            farm: Vec::new(),
        }
    }

    /// All that is known to have happened, oldest first, each thing once. A journal that is not there is empty; lines
    /// that are no events (of another version, or half written at a crash) are passed over.
    pub(crate) fn read(&mut self) -> Vec<Event> {
        if let Err(error) = self.go_on()
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "journal not read");
        }
        let surplus = self.events.len().saturating_sub(MOST_EVENTS);
        self.events.drain(..surplus);
        merge::once_each(&self.events)
    }

    fn go_on(&mut self) -> io::Result<()> {
        let mut file = File::open(&self.path)?;
        let about = file.metadata()?;
        let from = match self.place {
            Some((inode, at)) if inode == about.ino() && at <= about.len() => at,
            Some((inode, at)) => {
                // Turned over since: its end is in the older file now.
                let old = older(&self.path);
                if old.metadata().is_ok_and(|old| old.ino() == inode) {
                    let mut old = File::open(old)?;
                    self.take(&mut old, at)?;
                }
                0
            }
            None => {
                self.read_older(&older(&self.path));
                0
            }
        };
        let taken = self.take(&mut file, from)?;
        self.place = Some((about.ino(), from + taken));
        Ok(())
    }

    fn read_older(&mut self, path: &Path) {
        let read = File::open(path).and_then(|mut file| self.take(&mut file, 0));
        if let Err(error) = read
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "older journal not read");
        }
    }

    /// Takes in the whole lines from `from` on; says how many bytes they were.
    fn take(&mut self, file: &mut File, from: u64) -> io::Result<u64> {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(from))?;
        file.read_to_end(&mut bytes)?;
        let whole = bytes
            .iter()
            .rposition(|b| *b == b'\n')
            .map_or(0, |at| at + 1);
        let text = String::from_utf8_lossy(&bytes[..whole]);
        for line in text.lines().filter_map(line::parse) {
            match line {
                Line::Event(event) => self.events.push(event),
                Line::Elsewhere(events) => self.events.extend(events),
                Line::Farm(farm) => self.farm.push(farm),
            }
        }
        merge::name_the_farm(&mut self.events, &mut self.farm);
        Ok(whole as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use course::facts::Happened;
    use std::fs::{self, OpenOptions};
    use std::io::Write;

    fn line(port: u16) -> String {
        format!(r#"{{"time":"2026-11-22T12:00:00Z","event":"refused","port":{port}}}"#)
    }

    fn ports(events: &[Event]) -> Vec<u16> {
        let port = |event: &Event| match event.what {
            Happened::Refused { port } => port,
            _ => 0,
        };
        events.iter().map(port).collect()
    }

    #[test]
    fn only_whole_lines_of_known_events_are_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let (first, second) = (line(1), line(2));
        let (half, rest) = second.split_at(20);
        fs::write(&path, format!("{first}\n{{\"event\":\"up\"}}\n\n{half}")).unwrap();
        let mut tail = Tail::new(path.clone());
        assert_eq!(ports(&tail.read()), [1]);
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        writeln!(file, "{rest}").unwrap();
        assert_eq!(ports(&tail.read()), [1, 2]);
    }

    #[test]
    fn nothing_is_lost_or_told_twice_when_the_file_is_turned_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        fs::write(&path, format!("{}\n", line(1))).unwrap();
        let mut tail = Tail::new(path.clone());
        assert_eq!(ports(&tail.read()), [1]);
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        writeln!(file, "{}", line(2)).unwrap();
        fs::rename(&path, older(&path)).unwrap();
        fs::write(&path, format!("{}\n", line(3))).unwrap();
        assert_eq!(ports(&tail.read()), [1, 2, 3]);
        assert_eq!(ports(&Tail::new(path).read()), [1, 2, 3]);
    }
}
