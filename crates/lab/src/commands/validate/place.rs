//! Which files are meant.

use crate::cli::Labs;
use crate::course::{built_in, own_folder, read_folder};
use crate::exit::Exit;
use crate::problem::{Problem, Result};
use crate::work_dir::WorkDir;
use crate::work_dir::settings::Settings;
use course::catalog::Layer;
use std::path::{Path, PathBuf};

/// A folder of labs, and which of its files are looked at.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// `None`: the files built into the program.
    pub(super) folder: Option<PathBuf>,
    /// One file, by its path from the folder; `None`: all of them.
    pub(super) only: Option<String>,
}

impl Place {
    /// The layers to read, of which the last one is looked at.
    pub(super) fn layers(&self) -> Result<Vec<Layer>> {
        match &self.folder {
            None => Ok(vec![built_in()]),
            Some(folder) => Ok(vec![built_in(), read_folder(folder)?]),
        }
    }

    /// The path from the folder of a file with this name.
    pub(super) fn path_in(&self, name: &str) -> String {
        let folder = self
            .folder
            .as_ref()
            .map(|folder| folder.display().to_string());
        let prefix = folder.map(|folder| format!("{}/", folder.trim_end_matches('/')));
        let inside = prefix.and_then(|prefix| name.strip_prefix(&prefix).map(str::to_owned));
        inside.unwrap_or_else(|| name.to_owned())
    }

    /// Whether a file of the last layer is meant; a translation belongs to its original.
    pub(super) fn holds(&self, path: &str) -> bool {
        let stem = |path: &str| path.split('.').next().map(str::to_owned);
        match &self.only {
            None => true,
            Some(only) if only.ends_with(".md") => {
                stem(path) == stem(only) && path.ends_with(".md")
            }
            Some(only) => only == path,
        }
    }
}

/// What was typed; without a word of it the folder of the settings, `labs`, or what is built in.
pub(super) fn wanted_of(paths: &[PathBuf], work: &WorkDir) -> Result<Vec<Place>> {
    if !paths.is_empty() {
        return paths.iter().map(|path| place(path)).collect();
    }
    let settings = Settings::load(&work.settings())?;
    match own_folder(&Labs::default(), &settings) {
        Some(folder) => Ok(vec![place(&folder)?]),
        None => Ok(vec![Place {
            folder: None,
            only: None,
        }]),
    }
}

fn place(path: &Path) -> Result<Place> {
    if path.is_dir() {
        return Ok(Place {
            folder: Some(path.to_owned()),
            only: None,
        });
    }
    if !path.is_file() {
        let what = format!("there is no file or folder {}", path.display());
        return Err(Problem::new("no-such-file", Exit::Usage, what)
            .next("the folder of labs:  lab validate labs")
            .next("a lab file to begin with:  lab eject lab NAME"));
    }
    let folder = folder_of(path);
    let inside = path.strip_prefix(&folder).unwrap_or(path);
    let names: Vec<_> = inside.iter().map(|name| name.to_string_lossy()).collect();
    Ok(Place {
        only: Some(names.join("/")),
        folder: Some(folder),
    })
}

/// The folder above a file in which its course is described; without one, the file's own.
fn folder_of(path: &Path) -> PathBuf {
    let parent = path.parent().unwrap_or(Path::new(""));
    let here = |folder: &Path| match folder.as_os_str().is_empty() {
        true => PathBuf::from("."),
        false => folder.to_owned(),
    };
    let mut above = parent.ancestors().map(here);
    above
        .find(|folder| folder.join("course.toml").is_file())
        .unwrap_or_else(|| here(parent))
}
