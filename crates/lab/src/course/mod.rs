//! The lab files: those built into the program, and those of the work folder or of `--labs DIR`.

mod built_in;
mod folder;

pub(crate) use built_in::{built_in, text as built_in_text};
pub(crate) use folder::read as read_folder;

use crate::cli::Labs;
use crate::exit::Exit;
use crate::problem::{Problem, Result};
use crate::work_dir::WorkDir;
use crate::work_dir::settings::Settings;
use course::catalog::{Catalog, Layer};
use std::path::PathBuf;

/// Looked into when nothing else is said.
pub(crate) const FOLDER: &str = "labs";

/// Everything that can be walked here: the files of the work folder stand before those built in.
#[expect(dead_code, reason = "the walk reads the course through it")]
pub(crate) fn load(labs: &Labs, work: &WorkDir) -> Result<Catalog> {
    let settings = Settings::load(&work.settings())?;
    let own = own_folder(labs, &settings);
    let own = own.map(|folder| read_folder(&folder)).transpose()?;
    let layers: Vec<Layer> = std::iter::once(built_in()).chain(own).collect();
    let lang = language(labs, &settings);
    let catalog = Catalog::read(&layers, lang.as_deref());
    check_language(&catalog, lang.as_deref())?;
    Ok(catalog)
}

/// The folder of `--labs`, of the settings, or `labs` where that is there.
pub(crate) fn own_folder(labs: &Labs, settings: &Settings) -> Option<PathBuf> {
    let named = labs.labs.clone().or_else(|| settings.labs.clone());
    named.or_else(|| Some(PathBuf::from(FOLDER)).filter(|folder| folder.is_dir()))
}

/// `es`: of `--lang`, the settings, or the environment; `None` is the language of the original.
fn language(labs: &Labs, settings: &Settings) -> Option<String> {
    let named = labs.lang.clone().or_else(|| settings.lang.clone());
    let named = named.or_else(|| std::env::var("LAB_LANG").ok());
    named.filter(|lang| !lang.is_empty() && lang != ORIGINAL)
}

/// The language that the built-in labs are written in.
pub(crate) const ORIGINAL: &str = "en";

/// Refuses a language that no file is in: silence would be taken for a translation that is not there.
fn check_language(catalog: &Catalog, lang: Option<&str>) -> Result<()> {
    let Some(lang) = lang.filter(|lang| !catalog.languages.iter().any(|known| known == lang))
    else {
        return Ok(());
    };
    let mut known = vec![ORIGINAL];
    known.extend(catalog.languages.iter().map(String::as_str));
    let problem = Problem::new(
        "no-such-language",
        Exit::Usage,
        format!("no lab is in the language `{lang}`"),
    );
    Err(problem
        .why(format!("there is {}", known.join(", ")))
        .next(format!(
            "translate one:  33-kill-a-server.{lang}.md beside 33-kill-a-server.md"
        )))
}
