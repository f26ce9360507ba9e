//! Translations: `33-kill-a-server.es.md` holds nothing but texts, by the ids of what they stand for.

mod slots;

use crate::file::body::{self, Section};
use crate::file::report::{Place, Report};
use crate::file::{self, Beside, front, rules};
use crate::model::Activity;
use diagnostics::{Diagnostic, SourceId, Sources};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What became of a translation.
pub(super) struct Translated {
    /// The original with every text that could be put in its place.
    pub(super) activity: Activity,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// Texts of the original, and how many of them are translated.
    pub(super) texts: usize,
    pub(super) translated: usize,
}

/// One text of a translation: `step.kill.check.gone`, `## kill`, `## kill ### hint 1`.
pub(super) struct Text {
    key: String,
    text: String,
    place: Place,
    used: bool,
}

/// `33-kill-a-server.es.md` is `("33-kill-a-server", "es")`; `None` for an original.
pub(super) fn language(path: &str) -> Option<(&str, &str)> {
    let (stem, lang) = path.strip_suffix(".md")?.rsplit_once('.')?;
    let (short, region) = lang.split_once('-').unwrap_or((lang, ""));
    let is_lang = (2..=3).contains(&short.len())
        && short.bytes().all(|b| b.is_ascii_lowercase())
        && region.bytes().all(|b| b.is_ascii_alphanumeric());
    is_lang.then_some((stem, lang))
}

/// Lays a translation over the original; what is missing stays as it was, and is told.
pub(super) fn read(
    original: &Activity,
    sources: &Sources,
    id: SourceId,
    beside: Beside<'_>,
) -> Translated {
    let text = &sources.get(id).text;
    let mut activity = original.clone();
    let (report, mut texts) = match front::split(text) {
        Ok(parts) => {
            let report = Report::new(id, parts.front.start);
            let texts = read_texts(text, &parts, beside, &report);
            (report, texts)
        }
        Err(missing) => {
            let report = Report::new(id, 0);
            file::no_front_matter(text, missing, &report);
            (report, None)
        }
    };
    let slots = slots::of(&mut activity);
    let (count, mut translated) = (slots.len(), 0);
    if let Some(texts) = &mut texts {
        translated = fill(slots, texts, &report);
        slots::add_words(&mut activity, texts);
        report_unused(original, texts, &report);
    }
    Translated {
        activity,
        diagnostics: report.into_problems(),
        texts: count,
        translated,
    }
}

/// All texts of the file; `None` when it is not TOML.
fn read_texts(
    text: &str,
    parts: &front::Parts,
    beside: Beside<'_>,
    report: &Report,
) -> Option<Vec<Text>> {
    let front = &text[parts.front.clone()];
    let (table, errors) = DeTable::parse_recoverable(front);
    for error in &errors {
        file::not_toml(front, error, report);
    }
    rules::text::body(text, parts.body.clone(), beside, report);
    let mut texts = Vec::new();
    for section in body::sections(text, parts.body.clone(), report) {
        section_texts(section, &mut texts);
    }
    if !errors.is_empty() {
        return None;
    }
    rules::text::front(text, table.get_ref(), |_| true, report);
    for (key, value) in table.get_ref() {
        // the version of the form is no text
        if key.get_ref() != "format" {
            flatten(key.get_ref(), value, report, &mut texts);
        }
    }
    Some(texts)
}

fn section_texts(section: Section, texts: &mut Vec<Text>) {
    let head = format!("## {}", section.id);
    let mut push = |key: String, piece: body::Piece| {
        if !piece.text.is_empty() {
            texts.push(Text {
                key,
                text: piece.text,
                place: piece.heading,
                used: false,
            });
        }
    };
    for (at, hint) in section.hints.into_iter().enumerate() {
        push(format!("{head} ### hint {}", at + 1), hint);
    }
    if let Some(reveal) = section.reveal {
        push(format!("{head} ### reveal"), reveal);
    }
    push(head, section.text);
}

/// Tables by their keys, lists counted from 1, in one flat name.
fn flatten(key: &str, value: &Spanned<DeValue<'_>>, report: &Report, texts: &mut Vec<Text>) {
    let place = report.in_file(value.span());
    match value.get_ref() {
        DeValue::String(text) => texts.push(Text {
            key: key.to_owned(),
            text: text.to_string(),
            place,
            used: false,
        }),
        DeValue::Array(list) => {
            for (at, value) in list.iter().enumerate() {
                flatten(&format!("{key}.{}", at + 1), value, report, texts);
            }
        }
        DeValue::Table(table) => {
            for (inner, value) in table {
                flatten(&format!("{key}.{}", inner.get_ref()), value, report, texts);
            }
        }
        _ => {
            let message = format!("`{key}` is not a text");
            let problem = report.error("wrong-type", message, &place, "only texts are translated");
            report.push(problem);
        }
    }
}

/// Puts each text in its place; gives their number.
fn fill(slots: Vec<slots::Slot<'_>>, texts: &mut [Text], report: &Report) -> usize {
    let steps: Vec<String> = texts.iter().map(|text| text.key.clone()).collect();
    // of a step without any text, its hints need not be told one by one
    let has_step = |key: &str| match key.split_once(" ### ") {
        Some((step, _)) => steps.iter().any(|known| known == step),
        None => true,
    };
    let mut translated = 0;
    for slot in slots {
        let given = texts.iter_mut().find(|text| text.key == slot.key);
        match given {
            Some(text) => {
                text.used = true;
                slot.text.clone_from(&text.text);
                translated += 1;
            }
            None if slot.is_command() => translated += 1,
            None if has_step(&slot.key) => report.push(missing(&slot.key)),
            None => {}
        }
    }
    translated
}

fn missing(key: &str) -> Diagnostic {
    let message = match key.strip_prefix("## ") {
        Some(step) if !step.contains(' ') => format!("step `{step}` has no text yet"),
        _ => format!("`{key}` is not translated yet"),
    };
    Diagnostic::warning("not-translated", message)
}

/// Texts that stand for nothing: the original has changed, or a name is mistyped.
fn report_unused(original: &Activity, texts: &[Text], report: &Report) {
    let mut original = original.clone();
    let slots = slots::of(&mut original);
    for text in texts.iter().filter(|text| !text.used) {
        let label = file::nearest_label(&text.key, slots.iter().map(|slot| slot.key.as_str()));
        let message = format!("`{}` is not in the original", text.key);
        report.push(report.warning("not-in-original", message, &text.place, label));
    }
}
