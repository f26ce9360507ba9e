//! The texts of an activity, each under a name of its own.

use super::Text;
use crate::model::{Activity, Answer, Question, Step};

/// One text that can be translated.
pub(super) struct Slot<'a> {
    pub(super) key: String,
    pub(super) text: &'a mut String,
}

impl Slot<'_> {
    /// A command to paste is the same in every language.
    pub(super) fn is_command(&self) -> bool {
        let may_be = self.key.contains(".next.") || self.key.contains(" ### hint ");
        may_be && self.text.trim_start().starts_with("lab ") && !self.text.contains('\n')
    }
}

/// All texts, in the order of the file.
pub(super) fn of(activity: &mut Activity) -> Vec<Slot<'_>> {
    let mut slots = vec![Slot {
        key: "title".to_owned(),
        text: &mut activity.title,
    }];
    for step in &mut activity.steps {
        step_slots(step, &mut slots);
    }
    slots
}

fn step_slots<'a>(step: &'a mut Step, slots: &mut Vec<Slot<'a>>) {
    let key = format!("step.{}", step.id);
    let head = format!("## {}", step.id);
    let mut push = |key: String, text: &'a mut String| slots.push(Slot { key, text });
    for check in &mut step.checks {
        push(format!("{key}.check.{}", check.id), &mut check.say);
    }
    for mistake in &mut step.mistakes {
        let key = format!("{key}.mistake.{}", mistake.id);
        push(format!("{key}.say"), &mut mistake.say);
        list(&key, "next", &mut mistake.next, &mut push);
    }
    if let Some(compare) = &mut step.compare {
        list(&key, "was", &mut compare.was, &mut push);
    }
    if let Some(note) = &mut step.note {
        push(format!("{key}.note"), note);
    }
    let keys = question_keys(&key, &step.questions);
    for (key, question) in keys.iter().zip(&mut step.questions) {
        question_slots(key, question, &mut push);
    }
    push(head.clone(), &mut step.text);
    for (at, hint) in step.hints.iter_mut().enumerate() {
        push(format!("{head} ### hint {}", at + 1), hint);
    }
    if let Some(reveal) = &mut step.reveal {
        push(format!("{head} ### reveal"), reveal);
    }
}

fn list<'a>(
    key: &str,
    name: &str,
    texts: &'a mut [String],
    push: &mut impl FnMut(String, &'a mut String),
) {
    for (at, text) in texts.iter_mut().enumerate() {
        push(format!("{key}.{name}.{}", at + 1), text);
    }
}

/// A step that is itself the question has its texts directly.
fn question_keys(step: &str, questions: &[Question]) -> Vec<String> {
    match questions {
        [one] if one.ask.is_empty() => vec![step.to_owned()],
        several => (1..=several.len())
            .map(|at| format!("{step}.question.{at}"))
            .collect(),
    }
}

fn question_slots<'a>(
    key: &str,
    question: &'a mut Question,
    push: &mut impl FnMut(String, &'a mut String),
) {
    if !question.ask.is_empty() {
        push(format!("{key}.ask"), &mut question.ask);
    }
    match &mut question.answer {
        Answer::One { choices, .. } => list(key, "choices", choices, push),
        Answer::Several {
            choices, because, ..
        } => {
            list(key, "choices", choices, push);
            list(key, "because", because, push);
        }
        Answer::Number { .. } | Answer::Words { .. } | Answer::Live { .. } => {}
    }
    if let Some(because) = &mut question.because {
        push(format!("{key}.because"), because);
    }
}

/// Words that count as right in the other language, beside those of the original.
pub(super) fn add_words(activity: &mut Activity, texts: &mut [Text]) {
    for step in &mut activity.steps {
        let keys = question_keys(&format!("step.{}", step.id), &step.questions);
        for (key, question) in keys.iter().zip(&mut step.questions) {
            let Answer::Words { contains } = &mut question.answer else {
                continue;
            };
            let prefix = format!("{key}.contains.");
            for text in texts
                .iter_mut()
                .filter(|text| text.key.starts_with(&prefix))
            {
                text.used = true;
                contains.push(text.text.clone());
            }
        }
    }
}
