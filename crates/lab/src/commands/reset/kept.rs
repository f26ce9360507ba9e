//! What a reset replaces, kept in `.lab/backup/DATE/` with a list of where each file was.

use crate::exit::Exit;
use crate::problem::{Problem, Result};
use crate::walk::Session;
use crate::work_dir::write_whole;
use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};

/// The list: one path a line. A folder without it was kept by something else.
const LIST: &str = "reset.txt";

pub(super) struct Kept {
    folder: PathBuf,
    paths: RefCell<Vec<PathBuf>>,
}

impl Kept {
    /// A new folder, named after the time.
    pub(super) fn new(session: &Session) -> Result<Self> {
        session.work.create()?;
        let date = jiff::Zoned::now()
            .strftime("%Y-%m-%d-%H%M%S%.3f")
            .to_string();
        let folder = session.work.backup().join(date);
        fs::create_dir_all(&folder)
            .map_err(|error| Problem::io(&format!("make {}", folder.display()), &error))?;
        Ok(Self {
            folder,
            paths: RefCell::default(),
        })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Copies a file, if it is there, and notes where it was.
    pub(super) fn keep(&self, path: &Path) -> Result<()> {
        if !path.exists() {
            return Ok(());
        }
        self.paths.borrow_mut().push(path.to_owned());
        let copy = self
            .folder
            .join(path.file_name().unwrap_or(path.as_os_str()));
        let lines: Vec<String> = self
            .paths
            .borrow()
            .iter()
            .map(|path| format!("{}\n", path.display()))
            .collect();
        fs::copy(path, copy)
            .and_then(|_| write_whole(&self.folder.join(LIST), &lines.concat()))
            .map_err(|error| Problem::io(&format!("keep a copy of {}", path.display()), &error))
    }
}

/// Puts back what the last reset replaced; each reset can be taken back once.
pub(super) fn restore(session: &Session) -> Result<Vec<PathBuf>> {
    let nothing = || {
        Problem::new(
            "nothing-to-undo",
            Exit::NotReady,
            "there is no reset to take back",
        )
        .next("older copies lie in .lab/backup")
    };
    let folders = fs::read_dir(session.work.backup()).map_err(|_| nothing())?;
    let mut folders: Vec<PathBuf> = folders
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    folders.sort();
    let last = folders
        .into_iter()
        .rev()
        .find(|folder| folder.join(LIST).exists())
        .ok_or_else(nothing)?;
    let list = fs::read_to_string(last.join(LIST))
        .map_err(|error| Problem::io("read what was kept", &error))?;
    let mut restored = Vec::new();
    for path in list.lines().map(PathBuf::from) {
        let copy = last.join(path.file_name().unwrap_or(path.as_os_str()));
        let text = fs::read_to_string(&copy)
            .map_err(|error| Problem::io(&format!("read {}", copy.display()), &error))?;
        write_whole(&path, &text)
            .map_err(|error| Problem::io(&format!("write {}", path.display()), &error))?;
        restored.push(path);
    }
    fs::rename(last.join(LIST), last.join("undone.txt"))
        .map_err(|error| Problem::io("note that the reset was taken back", &error))?;
    Ok(restored)
}
