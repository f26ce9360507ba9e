//! Files of the work folder, for checks that ask about them; and the moment when an editor is done writing.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// A file that is being saved may be empty or cut for a moment: it is looked at once it has been still for so long.
const STILL: Duration = Duration::from_millis(150);
/// A file that never is still is looked at all the same.
const PATIENCE: Duration = Duration::from_millis(600);
/// More files are not looked at, nor longer ones.
const MOST_FILES: usize = 64;
const LONGEST: u64 = 256 * 1024;

/// The texts of small files at the top of the work folder, read again when they have changed.
#[derive(Debug, Default)]
pub(super) struct Folder {
    known: Vec<Known>,
}

#[derive(Debug)]
struct Known {
    path: PathBuf,
    version: Version,
    text: Option<String>,
}

type Version = (Option<SystemTime>, u64);

impl Folder {
    pub(super) fn look(&mut self, folder: &Path) -> Vec<(String, Option<String>)> {
        let here = match folder.as_os_str().is_empty() {
            true => Path::new("."),
            false => folder,
        };
        let mut found: Vec<(PathBuf, Version)> = fs::read_dir(here)
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| Some((entry.path(), version(&entry.metadata().ok()?)?)))
            .collect();
        found.sort();
        found.truncate(MOST_FILES);
        let mut old = std::mem::take(&mut self.known);
        for (path, version) in found {
            let same = old
                .iter()
                .position(|known| known.path == path && known.version == version);
            self.known.push(match same {
                Some(at) => old.swap_remove(at),
                None => Known {
                    text: fs::read_to_string(&path).ok(),
                    path,
                    version,
                },
            });
        }
        let named = |known: &Known| {
            let name = known.path.file_name()?.to_str()?.to_owned();
            Some((name, known.text.clone()))
        };
        self.known.iter().filter_map(named).collect()
    }
}

/// `None` for what is no file, or too long.
fn version(about: &Metadata) -> Option<Version> {
    (about.is_file() && about.len() <= LONGEST).then(|| (about.modified().ok(), about.len()))
}

/// Waits while an editor writes the file: until it is there, not empty, and has not changed for a moment.
pub(super) fn wait_until_saved(path: &Path) {
    const PAUSE: Duration = Duration::from_millis(20);
    let began = Instant::now();
    while is_being_saved(path) && began.elapsed() < PATIENCE {
        std::thread::sleep(PAUSE);
    }
}

/// The file, or its place, has changed a moment ago: what it holds now may be half of it.
pub(crate) fn is_being_saved(path: &Path) -> bool {
    // Some editors take the file away for a moment: then its folder has changed.
    let folder = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let about = fs::metadata(path).or_else(|_| fs::metadata(folder.unwrap_or(Path::new("."))));
    let modified = about.and_then(|about| about.modified());
    // A time in the future (a clock that was set back) says nothing.
    modified.is_ok_and(|time| time.elapsed().is_ok_and(|age| age < STILL))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_follow_the_files() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("a.txt", "one");
        let mut seen = Folder::default();
        assert_eq!(
            seen.look(folder.path()),
            [("a.txt".into(), Some("one".into()))]
        );
        write("a.txt", "two!");
        write("b.txt", "");
        let texts: Vec<_> = seen
            .look(folder.path())
            .into_iter()
            .map(|(_, text)| text)
            .collect();
        assert_eq!(texts, [Some("two!".to_owned()), Some(String::new())]);
        fs::remove_file(folder.path().join("a.txt")).unwrap();
        assert_eq!(seen.look(folder.path()).len(), 1);
    }

    #[test]
    fn a_file_that_was_just_written_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("my.cfg");
        fs::write(&path, "half").unwrap();
        let began = Instant::now();
        wait_until_saved(&path);
        assert!(began.elapsed() >= STILL / 2, "{:?}", began.elapsed());
        assert!(!is_being_saved(&path));
        wait_until_saved(&folder.path().join("none"));
    }
}
