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
use course::words::Words;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Looked into when nothing else is said.
pub(crate) const FOLDER: &str = "labs";

/// Everything that can be walked here: the files of the work folder stand before those built in.
pub(crate) fn load(labs: &Labs, work: &WorkDir) -> Result<Catalog> {
    let settings = Settings::load(&work.settings())?;
    let lang = language(labs, &settings);
    let catalog = Catalog::read(&layers(labs, &settings)?, lang.as_deref());
    check_language(&catalog, lang.as_deref())?;
    Ok(catalog)
}

/// The program's own sentences, in the language that was asked for: `i18n/es.toml`. What it lacks stays English.
pub(crate) fn words(labs: &Labs, work: &WorkDir) -> Result<Words> {
    let settings = Settings::load(&work.settings())?;
    let Some(lang) = language(labs, &settings) else {
        return Ok(Words::english());
    };
    let path = format!("i18n/{lang}.toml");
    let mut sentences = Vec::new();
    for text in texts(&layers(labs, &settings)?, &path) {
        let table: BTreeMap<String, String> = toml::from_str(&text).map_err(|error| {
            let what = format!("{path} cannot be read: {}", error.message());
            Problem::new("lab-file-wrong", Exit::FileWrong, what)
                .next("correct it, or leave --lang out")
        })?;
        sentences.extend(table);
    }
    let (words, unusable) = Words::translated(sentences);
    for line in unusable {
        tracing::warn!(?line, path, "a sentence that cannot be used");
    }
    Ok(words)
}

/// The texts of a glossary, that of the language first.
pub(crate) fn glossaries(labs: &Labs, work: &WorkDir) -> Result<Vec<String>> {
    let settings = Settings::load(&work.settings())?;
    let layers = layers(labs, &settings)?;
    let own = language(labs, &settings).map(|lang| format!("glossary.{lang}.toml"));
    let paths = own.into_iter().chain(["glossary.toml".to_owned()]);
    Ok(paths.flat_map(|path| texts(&layers, &path)).collect())
}

/// The files built in, and before them those of the work folder.
fn layers(labs: &Labs, settings: &Settings) -> Result<Vec<Layer>> {
    let own = own_folder(labs, settings);
    let own = own.map(|folder| read_folder(&folder)).transpose()?;
    Ok(std::iter::once(built_in()).chain(own).collect())
}

/// A file of every layer that has it; a later layer's words win.
fn texts(layers: &[Layer], path: &str) -> Vec<String> {
    let found = layers.iter().filter_map(|layer| layer.files.get(path));
    found
        .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
        .collect()
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
