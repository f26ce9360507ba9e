//! `i18n/es.toml`: what the program itself says, in another language.

use super::{FileKind, LabFile, Layer};
use crate::file::report::Report;
use crate::file::{is_wrong, nearest_label, not_toml};
use crate::words::{Sentence, Unusable, Words};
use diagnostics::{Diagnostic, SourceId, Sources};
use toml::de::DeTable;

/// One such file.
pub(super) struct Sentences {
    pub(super) lang: String,
    texts: Vec<(String, String)>,
    pub(super) file: LabFile,
}

pub(super) fn read(layers: &[Layer], sources: &mut Sources) -> Vec<Sentences> {
    let mut all = Vec::new();
    for (at, layer) in layers.iter().enumerate() {
        for (path, bytes) in &layer.files {
            let Some(lang) = language(path) else { continue };
            let name = format!("{}/{path}", layer.name);
            let id = sources.add(name.as_str(), String::from_utf8_lossy(bytes));
            all.push(read_one(at, name, lang, id, sources));
        }
    }
    all
}

/// The sentences of a language: a later layer's stand before an earlier one's, English where there is none.
pub(super) fn words(all: &[Sentences], lang: Option<&str>) -> Words {
    let spoken = all.iter().filter(|file| lang == Some(file.lang.as_str()));
    let sound = spoken.filter(|file| !file.file.has_errors());
    Words::translated(sound.flat_map(|file| file.texts.clone())).0
}

fn language(path: &str) -> Option<&str> {
    path.strip_prefix("i18n/")?.strip_suffix(".toml")
}

fn read_one(layer: usize, name: String, lang: &str, id: SourceId, sources: &Sources) -> Sentences {
    let text = &sources.get(id).text;
    let report = Report::new(id, 0);
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        not_toml(text, error, &report);
    }
    let texts = read_texts(table.get_ref(), &report);
    let (words, unusable) = Words::translated(texts.clone());
    for why in unusable {
        report_unusable(&why, table.get_ref(), &report);
    }
    let missing: Vec<Sentence> = words.missing().collect();
    if errors.is_empty() {
        for sentence in &missing {
            let message = format!(
                "`{}` is not translated yet: {}",
                sentence.key(),
                sentence.english()
            );
            report.push(Diagnostic::warning("not-translated", message));
        }
    }
    let diagnostics = report.into_problems();
    Sentences {
        lang: lang.to_owned(),
        texts: if is_wrong(&diagnostics) {
            Vec::new()
        } else {
            texts
        },
        file: LabFile {
            name,
            layer,
            kind: FileKind::Sentences {
                lang: lang.to_owned(),
                texts: Sentence::ALL.len(),
                translated: Sentence::ALL.len() - missing.len(),
            },
            diagnostics,
        },
    }
}

fn read_texts(table: &DeTable<'_>, report: &Report) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for (key, value) in table {
        match value.get_ref().as_str() {
            Some(text) => texts.push((key.get_ref().to_string(), text.to_owned())),
            None => {
                let message = format!("`{}` is not a text", key.get_ref());
                let place = report.in_file(value.span());
                report.push(report.error("wrong-type", message, &place, "a sentence in quotes"));
            }
        }
    }
    texts
}

fn report_unusable(why: &Unusable, table: &DeTable<'_>, report: &Report) {
    let (key, problem) = match why {
        Unusable::UnknownKey(key) => (key, None),
        Unusable::UnknownPlaceholder { key, name } => (key, Some(name)),
    };
    let Some((word, value)) = table.get_key_value(key.as_str()) else {
        return;
    };
    match problem {
        None => {
            let place = report.in_file(word.span());
            let label = nearest_label(key, Sentence::ALL.iter().map(|sentence| sentence.key()));
            let message = format!("there is no sentence `{key}`");
            report.push(report.warning("not-in-original", message, &place, label));
        }
        Some(name) => {
            let place = report.in_file(value.span());
            let message = format!("`{key}` has no value {{{name}}} to show");
            let problem = report.error("unknown-placeholder", message, &place, "");
            let english = Sentence::by_key(key).map_or("", |sentence| sentence.english());
            report.push(problem.why(format!("in English it is: {english}")));
        }
    }
}
