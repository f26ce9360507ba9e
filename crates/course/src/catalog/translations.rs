//! Translations of activities: which original each belongs to, and what became of it.

use super::sentences::Sentences;
use super::{FileKind, Lab, LabFile, Layer, beside, translation};
use crate::file;
use crate::model::Activity;
use diagnostics::{Diagnostic, SourceId, Sources};

/// A translation, and the activity that it makes of its original.
pub(super) struct Translation {
    /// The original's path without `.md`.
    stem: String,
    pub(super) lang: String,
    /// `None`: there is no original without errors, or the translation has some.
    pub(super) activity: Option<Activity>,
    pub(super) file: LabFile,
}

/// All translations of all layers.
pub(super) fn read(layers: &[Layer], labs: &[Lab], sources: &mut Sources) -> Vec<Translation> {
    let mut translations = Vec::new();
    for (at, layer) in layers.iter().enumerate() {
        for (path, bytes) in &layer.files {
            let Some((stem, lang)) = translation::language(path) else {
                continue;
            };
            let name = format!("{}/{path}", layer.name);
            let id = sources.add(name.as_str(), String::from_utf8_lossy(bytes));
            let same = |lab: &&Lab| lab.path.strip_suffix(".md") == Some(stem);
            let original = labs.iter().rev().find(same);
            let beside = |other: &str| layer.files.get(&beside(path, other)?).cloned();
            let (lang, file) = (lang.to_owned(), (at, name));
            let read = translate(original, lang, file, id, sources, &beside);
            translations.push(Translation {
                stem: stem.to_owned(),
                ..read
            });
        }
    }
    translations
}

fn translate(
    original: Option<&Lab>,
    lang: String,
    (layer, name): (usize, String),
    id: SourceId,
    sources: &Sources,
    beside: file::Beside<'_>,
) -> Translation {
    let sound = original.and_then(Lab::sound);
    let read = sound.map(|original| translation::read(original, sources, id, beside));
    let (texts, translated) = read
        .as_ref()
        .map_or((0, 0), |read| (read.texts, read.translated));
    let kind = FileKind::Translation {
        of: sound.map(|original| original.id.clone()),
        lang: lang.clone(),
        texts,
        translated,
    };
    let (activity, diagnostics) = match (read, original) {
        (Some(read), _) => (Some(read.activity), read.diagnostics),
        // the original's own errors are told where they are
        (None, Some(_)) => (None, Vec::new()),
        (None, None) => {
            let message = "there is no original beside this translation";
            let problem = Diagnostic::error("no-original", message);
            let next = "the original of NAME.xx.md is NAME.md in the same folder";
            (None, vec![problem.why(next)])
        }
    };
    Translation {
        activity: activity.filter(|_| !file::is_wrong(&diagnostics)),
        lang,
        stem: String::new(),
        file: LabFile {
            name,
            layer,
            kind,
            diagnostics,
        },
    }
}

/// Where one activity of a folder speaks a language, the others are expected to speak it too.
pub(super) fn report_missing(labs: &mut [Lab], translations: &[Translation]) {
    for lab in labs {
        let stem = lab.path.strip_suffix(".md").unwrap_or(&lab.path);
        let name = stem.rsplit('/').next().unwrap_or(stem);
        let of_layer = translations
            .iter()
            .filter(|file| file.file.layer == lab.layer);
        let mut languages: Vec<&str> = of_layer.map(|file| file.lang.as_str()).collect();
        languages.sort_unstable();
        languages.dedup();
        let here = |lang: &str| {
            translations
                .iter()
                .any(|file| file.lang == lang && file.stem == stem)
        };
        let missing = languages
            .into_iter()
            .filter(|lang| !here(lang))
            .map(|lang| {
                let message = format!("there is no {name}.{lang}.md beside it yet");
                Diagnostic::warning("not-translated", message)
            });
        lab.parsed.diagnostics.extend(missing);
    }
}

/// In which there is something, each once.
pub(super) fn languages(translations: &[Translation], sentences: &[Sentences]) -> Vec<String> {
    let texts = translations.iter().map(|file| file.lang.clone());
    let words = sentences.iter().map(|file| file.lang.clone());
    let mut languages: Vec<String> = texts.chain(words).collect();
    languages.sort();
    languages.dedup();
    languages
}
