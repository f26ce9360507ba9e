//! `.lab/run/NAME.log`: what a unit wrote, each line with its time, bounded.

use jiff::Timestamp;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

/// Past this size the file is renamed to `NAME.log.1` (one is kept) and begun anew.
const MOST_BYTES: u64 = 10 * 1024 * 1024;

#[derive(Debug)]
pub(crate) struct LogFile {
    path: PathBuf,
    file: File,
    size: u64,
    most: u64,
}

/// One line as it was read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) time: Timestamp,
    pub(crate) text: String,
}

impl LogFile {
    /// Opens the file for adding to it.
    pub(crate) fn open(path: PathBuf) -> io::Result<Self> {
        Self::bounded(path, MOST_BYTES)
    }

    fn bounded(path: PathBuf, most: u64) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(&path)?;
        let size = file.metadata()?.len();
        Ok(Self {
            path,
            file,
            size,
            most,
        })
    }

    pub(crate) fn write(&mut self, time: Timestamp, text: &str) -> io::Result<()> {
        if self.size > self.most {
            fs::rename(&self.path, older(&self.path))?;
            *self = Self::bounded(self.path.clone(), self.most)?;
        }
        let line = format!("{time:.3} {text}\n");
        self.size += line.len() as u64;
        self.file.write_all(line.as_bytes())
    }
}

/// Every line of a log, the turned-over part first. A file that is not there has none.
pub(crate) fn read(path: &Path) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for part in [older(path), path.to_owned()] {
        match File::open(&part) {
            Ok(file) => {
                for line in BufReader::new(file).lines() {
                    entries.extend(parse(&line?));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(entries)
}

/// One line of a log; `None` where it does not begin with a time.
pub(crate) fn parse(line: &str) -> Option<Entry> {
    let (time, text) = line.split_once(' ')?;
    Some(Entry {
        time: time.parse().ok()?,
        text: text.to_owned(),
    })
}

fn older(path: &Path) -> PathBuf {
    path.with_extension("log.1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_back_in_order_across_the_turn() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("server01.log");
        let mut log = LogFile::bounded(path.clone(), 40).unwrap();
        let time: Timestamp = "2026-11-22T12:41:17.120Z".parse().unwrap();
        for text in ["GET /  200", "got SIGINT", "exit 0"] {
            log.write(time, text).unwrap();
        }
        let texts: Vec<_> = read(&path)
            .unwrap()
            .into_iter()
            .map(|entry| entry.text)
            .collect();
        assert_eq!(texts, ["GET /  200", "got SIGINT", "exit 0"]);
        assert!(older(&path).exists());
    }

    #[test]
    fn a_missing_log_is_empty() {
        assert!(read(Path::new("/nonexistent/x.log")).unwrap().is_empty());
    }
}
