//! `[[solve]]` and `[[trial]]`: how the author's machine plays an activity.

use super::fields::{Fields, Text, Value};
use super::report::Place;
use super::verbs;
use super::vocabulary::{SOLVE, TRIAL};
use crate::model::{Play, Trial};
use toml::de::DeValue;

/// A thing that names a step, and the place where it does.
pub(crate) struct Named<T> {
    pub(crate) value: T,
    pub(crate) step: Place,
    /// Of the answers, or of the mistake.
    pub(crate) what: Place,
}

pub(crate) fn solves(fields: &Fields<'_>) -> Vec<Named<Play>> {
    let read = |fields: &Fields<'_>| {
        let acts = acts(fields);
        let answers = answers(fields);
        let note = fields.string("note");
        let value = Play {
            step: fields.string("step")?,
            acts,
            answers,
            note,
        };
        Some(Named {
            value,
            step: fields.at("step"),
            what: fields.at("answer"),
        })
    };
    fields
        .all("solve", &[SOLVE])
        .iter()
        .filter_map(read)
        .collect()
}

pub(crate) fn trials(fields: &Fields<'_>) -> Vec<Named<Trial>> {
    let read = |fields: &Fields<'_>| {
        let (acts, mistake) = (acts(fields), fields.string("mistake"));
        let value = Trial {
            step: fields.string("step")?,
            acts,
            mistake: mistake?,
        };
        Some(Named {
            value,
            step: fields.at("step"),
            what: fields.at("mistake"),
        })
    };
    fields
        .all("trial", &[TRIAL])
        .iter()
        .filter_map(read)
        .collect()
}

fn acts(fields: &Fields<'_>) -> Vec<String> {
    let known = |text: Text| {
        verbs::check(&text, fields.report);
        text.text
    };
    fields.texts("do").into_iter().map(known).collect()
}

/// Numbers as they are typed; a list inside the list ticks several: `[1, 3]` is `1 3`.
fn answers(fields: &Fields<'_>) -> Vec<String> {
    let values = fields.list("answer").into_iter();
    let read = |value: &Value<'_>| match value.get_ref().as_array() {
        None => answer(fields, value),
        Some(ticked) => {
            let ticked = ticked.iter().filter_map(|value| answer(fields, value));
            Some(ticked.collect::<Vec<_>>().join(" "))
        }
    };
    values.filter_map(read).collect()
}

fn answer(fields: &Fields<'_>, value: &Value<'_>) -> Option<String> {
    match value.get_ref() {
        DeValue::Integer(number) => Some(number.as_str().to_owned()),
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::String(_) => fields.text_of("answer", value).map(|text| text.text),
        _ => {
            fields.wrong_type("answer", "a number or words, or a list of them", value);
            None
        }
    }
}
