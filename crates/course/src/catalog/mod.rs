//! All lab files together: which activities there are, in which order.
//!
//! Files come in layers, those built into the program first. A later layer adds activities, or replaces those with the
//! same id.

mod course_file;
mod needs;
mod sentences;
mod translation;
mod translations;

use crate::file::{self, Outline, Parsed};
use crate::model::{Activity, Course, Entry, Group};
use crate::words::Words;
use course_file::CourseFile;
use diagnostics::{Diagnostic, Sources};
use sentences::Sentences;
use std::collections::BTreeMap;
use translations::Translation;

/// The files of one folder of labs.
#[derive(Clone, Debug, Default)]
pub struct Layer {
    /// What is shown before each path: `labs`.
    pub name: String,
    /// By their paths from the folder, with `/` between names: `load-balancing/33-kill-a-server.md`.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// Everything that can be walked, and everything that is wrong.
#[derive(Debug, Default)]
pub struct Catalog {
    pub course: Course,
    /// Those without errors, in the order of the course.
    pub activities: Vec<Activity>,
    /// In which there are translations: `es`.
    pub languages: Vec<String>,
    /// What the program itself says, in the language that was asked for.
    pub words: Words,
    /// Every file that was read, in the order of layers and paths.
    pub files: Vec<LabFile>,
    /// What the diagnostics point into.
    pub sources: Sources,
}

/// One file of a folder of labs.
#[derive(Debug)]
pub struct LabFile {
    /// As it is shown: `labs/load-balancing/33-kill-a-server.md`.
    pub name: String,
    pub layer: usize,
    pub kind: FileKind,
    pub diagnostics: Vec<Diagnostic>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileKind {
    Course,
    Activity {
        /// `None`: it cannot be read.
        id: Option<String>,
        outline: Outline,
    },
    /// What the program itself says, in another language.
    Sentences {
        lang: String,
        /// Sentences of the program, and how many of them are translated.
        texts: usize,
        translated: usize,
    },
    Translation {
        /// The id of the original; `None`: there is none, or it has errors.
        of: Option<String>,
        lang: String,
        /// Texts of the original, and how many of them are translated.
        texts: usize,
        translated: usize,
    },
}

impl LabFile {
    pub fn has_errors(&self) -> bool {
        file::is_wrong(&self.diagnostics)
    }
}

impl Catalog {
    /// Reads all layers; with `lang`, texts that are translated into that language stand for those of the originals.
    pub fn read(layers: &[Layer], lang: Option<&str>) -> Self {
        let mut sources = Sources::new();
        let mut labs = read_labs(layers, &mut sources);
        let mut course = read_course(layers, &mut sources);
        report_twice(&mut labs);
        labs = without_replaced(labs);
        needs::check(&mut labs);
        if let Some(course) = &mut course {
            course.report_unknown(&labs);
        }
        let order = order(course.as_ref(), &labs);
        let translations = translations::read(layers, &labs, &mut sources);
        translations::report_missing(&mut labs, &translations);
        let sentences = sentences::read(layers, &mut sources);
        let spoken = translations
            .iter()
            .filter(|file| lang == Some(file.lang.as_str()));
        let spoken: Vec<&Activity> = spoken.filter_map(|file| file.activity.as_ref()).collect();
        let originals: Vec<&Activity> = labs.iter().filter_map(Lab::sound).collect();
        let activities = order.entries.iter().filter_map(|entry| {
            let mut either = spoken.iter().rev().chain(&originals);
            either.find(|activity| activity.id == entry.id)
        });
        Self {
            activities: activities.map(|activity| (*activity).clone()).collect(),
            languages: translations::languages(&translations, &sentences),
            words: sentences::words(&sentences, lang),
            course: order,
            files: files(course, labs, translations, sentences),
            sources,
        }
    }

    pub fn activity(&self, id: &str) -> Option<&Activity> {
        self.activities.iter().find(|activity| activity.id == id)
    }

    /// The file of an activity, also of one with errors.
    pub fn file_of(&self, activity: &str) -> Option<&LabFile> {
        self.files.iter().find(
            |file| matches!(&file.kind, FileKind::Activity { id: Some(id), .. } if id == activity),
        )
    }
}

/// A lab file and where it came from.
struct Lab {
    layer: usize,
    /// From the layer's folder.
    path: String,
    name: String,
    parsed: Parsed,
}

impl Lab {
    fn id(&self) -> Option<&str> {
        self.parsed.id()
    }

    /// The activity, unless it has errors, those included that only all files together show.
    fn sound(&self) -> Option<&Activity> {
        self.parsed
            .activity
            .as_ref()
            .filter(|_| !self.parsed.has_errors())
    }
}

fn read_labs(layers: &[Layer], sources: &mut Sources) -> Vec<Lab> {
    let mut labs = Vec::new();
    for (at, layer) in layers.iter().enumerate() {
        for (path, bytes) in layer.files.iter().filter(|(path, _)| is_lab(path)) {
            let name = format!("{}/{path}", layer.name);
            let id = sources.add(name.as_str(), String::from_utf8_lossy(bytes));
            let beside = |other: &str| layer.files.get(&beside(path, other)?).cloned();
            let mut parsed = file::parse(sources, id, &beside);
            if let Err(error) = std::str::from_utf8(bytes) {
                parsed.activity = None;
                parsed.diagnostics = vec![not_text(error.valid_up_to())];
            }
            labs.push(Lab {
                layer: at,
                path: path.clone(),
                name,
                parsed,
            });
        }
    }
    labs
}

/// What stood in its place would only be called wrong for the wrong reason.
fn not_text(at: usize) -> Diagnostic {
    let message = format!("this file is not text in UTF-8 (byte {at})");
    Diagnostic::error("not-text", message).next("save it as UTF-8")
}

/// Markdown, but for what a folder says of itself, and translations.
fn is_lab(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_readme = name.eq_ignore_ascii_case("readme.md");
    name.ends_with(".md") && translation::language(name).is_none() && !is_readme
}

/// The path of a file that another one names; `None` when that leaves the folder of labs.
fn beside(path: &str, other: &str) -> Option<String> {
    let mut names: Vec<&str> = path.split('/').collect();
    names.pop();
    for name in other.split('/') {
        match name {
            "" | "." => {}
            ".." => drop(names.pop()?),
            name => names.push(name),
        }
    }
    Some(names.join("/"))
}

fn read_course(layers: &[Layer], sources: &mut Sources) -> Option<CourseFile> {
    let mut layers = layers.iter().enumerate().rev();
    let (at, layer, bytes) = layers.find_map(|(at, layer)| {
        let bytes = layer.files.get("course.toml")?;
        Some((at, layer, bytes))
    })?;
    let name = format!("{}/course.toml", layer.name);
    let id = sources.add(name.as_str(), String::from_utf8_lossy(bytes));
    Some(CourseFile::read(at, name, id, sources))
}

/// Two files of one layer with the same id.
fn report_twice(labs: &mut [Lab]) {
    for at in 1..labs.len() {
        let (before, rest) = labs.split_at_mut(at);
        let later = &mut rest[0];
        let same =
            |lab: &&Lab| lab.layer == later.layer && lab.id().is_some() && lab.id() == later.id();
        let Some((first, id)) = before
            .iter()
            .find(same)
            .zip(later.parsed.references.id.clone())
        else {
            continue;
        };
        let (id, place) = id;
        let message = format!("two activities are called `{id}`");
        let mut problem = Diagnostic::error("duplicate-id", message);
        problem = problem.at(later.parsed.span(&place), "again here");
        if let Some((_, place)) = &first.parsed.references.id {
            problem = problem.beside(first.parsed.span(place), "first here");
        }
        later.parsed.diagnostics.push(problem);
    }
}

/// A file of a later layer stands in for one with the same id.
fn without_replaced(labs: Vec<Lab>) -> Vec<Lab> {
    let later: Vec<(usize, Option<String>)> = labs
        .iter()
        .map(|lab| (lab.layer, lab.id().map(str::to_owned)))
        .collect();
    let is_replaced = |lab: &Lab| {
        let mut same = later
            .iter()
            .filter(|(_, id)| id.is_some() && id.as_deref() == lab.id());
        same.any(|(layer, _)| *layer > lab.layer)
    };
    labs.into_iter().filter(|lab| !is_replaced(lab)).collect()
}

/// The course as it is written, and behind it what it does not list.
fn order(course: Option<&CourseFile>, labs: &[Lab]) -> Course {
    let mut order = course.map(|file| file.course.clone()).unwrap_or_default();
    let listed = |entries: &[Entry], id: &str| entries.iter().any(|entry| entry.id == id);
    for id in labs.iter().filter_map(Lab::id) {
        if !listed(&order.entries, id) {
            let group = if course.is_some() {
                Group::Bonus
            } else {
                Group::Activity
            };
            let id = id.to_owned();
            order.entries.push(Entry { id, group });
        }
    }
    order
}

fn files(
    course: Option<CourseFile>,
    labs: Vec<Lab>,
    translations: Vec<Translation>,
    sentences: Vec<Sentences>,
) -> Vec<LabFile> {
    let course = course.map(|file| LabFile {
        name: file.name,
        layer: file.layer,
        kind: FileKind::Course,
        diagnostics: file.diagnostics,
    });
    let labs = labs.into_iter().map(|lab| LabFile {
        kind: FileKind::Activity {
            id: lab.id().map(str::to_owned),
            outline: lab.parsed.outline,
        },
        name: lab.name,
        layer: lab.layer,
        diagnostics: lab.parsed.diagnostics,
    });
    let translations = translations.into_iter().map(|read| read.file);
    let sentences = sentences.into_iter().map(|read| read.file);
    let mut files: Vec<LabFile> = course.into_iter().chain(labs).collect();
    files.extend(translations.chain(sentences));
    files.sort_by_key(|file| file.layer);
    files
}

#[cfg(test)]
mod tests;
