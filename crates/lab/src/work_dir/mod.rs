//! `.lab/` in the work folder: where the lab keeps what must outlive one command.

pub(crate) mod journal;
pub(crate) mod log_file;
pub(crate) mod registration;
pub(crate) mod run_record;
pub(crate) mod settings;

use crate::problem::{Problem, Result};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

const GIT_IGNORE: &str = "run/\njournal.jsonl*\nbackup/\n";

/// The `.lab` folder of a work folder. All commands run with the work folder as their current one.
#[derive(Clone, Debug)]
pub(crate) struct WorkDir {
    root: PathBuf,
}

impl WorkDir {
    pub(crate) fn here() -> Self {
        Self {
            root: PathBuf::from(".lab"),
        }
    }

    /// That of another folder than the current one.
    pub(crate) fn at(folder: &Path) -> Self {
        Self {
            root: folder.join(".lab"),
        }
    }

    /// The work folder itself; an empty path for the current one.
    pub(crate) fn folder(&self) -> &Path {
        self.root.parent().unwrap_or(Path::new(""))
    }

    /// Somebody works here: nothing is written where there is no `.lab`.
    pub(crate) fn exists(&self) -> bool {
        self.root.is_dir()
    }

    /// Makes the folders. Does nothing where they are.
    pub(crate) fn create(&self) -> Result<()> {
        let ignore = self.root.join(".gitignore");
        fs::create_dir_all(self.run())
            .and_then(|()| {
                if ignore.exists() {
                    Ok(())
                } else {
                    fs::write(&ignore, GIT_IGNORE)
                }
            })
            .map_err(|error| Problem::io("make the folder .lab", &error))
    }

    pub(crate) fn run(&self) -> PathBuf {
        self.root.join("run")
    }

    /// The log of a unit: `.lab/run/server01.log`. A name with a backend (`api/s1`) loses its slash.
    pub(crate) fn log(&self, unit: &str) -> PathBuf {
        self.run().join(format!("{}.log", unit.replace('/', "-")))
    }

    pub(crate) fn journal(&self) -> PathBuf {
        self.root.join("journal.jsonl")
    }

    /// How far the name servers that live for one command have come.
    pub(crate) fn turn(&self) -> PathBuf {
        self.run().join("turn")
    }

    pub(crate) fn progress(&self) -> PathBuf {
        self.root.join("progress.toml")
    }

    pub(crate) fn notebook(&self) -> PathBuf {
        self.root.join("notebook.md")
    }

    pub(crate) fn backup(&self) -> PathBuf {
        self.root.join("backup")
    }

    pub(crate) fn settings(&self) -> PathBuf {
        self.root.join("config.toml")
    }

    /// Keeps a copy of `file` in `backup/DATE/`; says where.
    pub(crate) fn back_up(&self, file: &Path) -> Result<PathBuf> {
        self.create()?;
        let date = jiff::Zoned::now().strftime("%Y-%m-%d-%H%M%S").to_string();
        let folder = self.backup().join(date);
        let copy = folder.join(file.file_name().unwrap_or(file.as_os_str()));
        fs::create_dir_all(&folder)
            .and_then(|()| fs::copy(file, &copy))
            .map_err(|error| Problem::io(&format!("keep a copy of {}", file.display()), &error))?;
        Ok(copy)
    }
}

/// Writes a file whole or not at all: beside it first, then renamed.
pub(crate) fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let mut file = fs::File::create(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_data()?;
    fs::rename(&beside, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_folder_keeps_its_running_state_out_of_git() {
        let folder = tempfile::tempdir().unwrap();
        let work = WorkDir::at(folder.path());
        work.create().unwrap();
        work.create().unwrap();
        let ignore = fs::read_to_string(folder.path().join(".lab/.gitignore")).unwrap();
        assert!(ignore.lines().any(|line| line == "run/"));
    }

    #[test]
    fn what_is_replaced_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let work = WorkDir::at(folder.path());
        let file = folder.path().join("my.cfg");
        fs::write(&file, "old").unwrap();
        let copy = work.back_up(&file).unwrap();
        assert_eq!(fs::read_to_string(copy).unwrap(), "old");
    }

    #[test]
    fn unit_names_with_a_backend_make_one_file_name() {
        let log = WorkDir::here().log("api/s1");
        assert_eq!(log, Path::new(".lab/run/api-s1.log"));
    }
}
