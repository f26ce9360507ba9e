//! Questions, and what counts as an answer.

use super::fields::{Fields, Text};
use super::values::{self, yes};
use super::vocabulary::{ANSWER, QUESTION};
use crate::model::{Answer, Kind, Question};
use toml::de::DeValue;

/// The questions of a step: its `[[step.question]]`s, or the one that it is itself.
pub(crate) fn questions(step: &Fields<'_>, kind: Kind) -> Vec<Question> {
    let direct = ANSWER.iter().find(|key| step.has(key.name));
    if step.has("question") {
        if let Some(key) = direct {
            let message = format!("`{}` belongs to a question", key.name);
            let label = "this step has [[step.question]]s: move it into one";
            step.wrong(key.name, "one-too-many", message, label);
        }
        let read = |fields: &Fields<'_>| question(fields, kind);
        return step
            .all("question", &[QUESTION, ANSWER])
            .iter()
            .filter_map(read)
            .collect();
    }
    if direct.is_some() {
        return question(step, kind).into_iter().collect();
    }
    step.missing(
        "question",
        "a step of this kind asks something: `choices`, `number`, `contains`, `live`",
    );
    Vec::new()
}

/// `fields` are those of a question, or of a step whose text asks.
fn question(fields: &Fields<'_>, kind: Kind) -> Option<Question> {
    let ask = if fields.has("ask") {
        fields.string("ask")
    } else {
        None
    };
    let because = fields.texts("because");
    let answer = answer(fields, kind, &because)?;
    let because = match &answer {
        Answer::Several { .. } => None,
        _ => one_because(fields, kind, &because),
    };
    Some(Question {
        ask: ask.unwrap_or_default(),
        answer,
        because,
    })
}

fn one_because(fields: &Fields<'_>, kind: Kind, because: &[Text]) -> Option<String> {
    match because {
        [] => {
            if kind == Kind::Quiz && !fields.has("because") {
                fields.missing("because", "a quiz tells why its right answer is right");
            }
            None
        }
        [one] => Some(one.text.clone()),
        [_, second, ..] => {
            let message = "one `because` is enough where one answer is right";
            let report = fields.report;
            report.push(report.error("one-too-many", message, &second.place, "take it out"));
            None
        }
    }
}

/// The keys that say what is asked for; exactly one of them.
const FORMS: [&str; 4] = ["choices", "number", "contains", "live"];

fn answer(fields: &Fields<'_>, kind: Kind, because: &[Text]) -> Option<Answer> {
    let given: Vec<&str> = FORMS.into_iter().filter(|key| fields.has(key)).collect();
    if let [first, second, ..] = given.as_slice() {
        let message = format!("`{first}` and `{second}` exclude each other");
        fields.wrong(second, "one-too-many", message, "take one of them out");
    }
    if fields.has("truth") && !fields.has("choices") {
        let message = "`truth` says nothing without `choices`".to_owned();
        fields.wrong(
            "truth",
            "says-nothing",
            message,
            "the number of which choice?",
        );
    }
    match given.first() {
        Some(&"choices") => choices(fields, kind, because),
        Some(&"number") => number(fields, kind),
        Some(&"contains") => Some(Answer::Words {
            contains: fields.strings("contains"),
        }),
        Some(_) => live(fields),
        // Free words, nothing right or wrong.
        None if kind == Kind::Predict => Some(Answer::Words {
            contains: Vec::new(),
        }),
        None => {
            fields.missing(
                "choices",
                &format!("one of these is needed: {}", FORMS.join(" ")),
            );
            None
        }
    }
}

fn choices(fields: &Fields<'_>, kind: Kind, because: &[Text]) -> Option<Answer> {
    let choices = fields.strings("choices");
    if choices.len() < 2 {
        let message = "a choice needs at least two answers".to_owned();
        fields.wrong("choices", "too-few", message, "one is none");
    }
    let range = 1..=u32::try_from(choices.len()).unwrap_or(u32::MAX).max(1);
    let from_zero = |number: u32| usize::try_from(number).map_or(0, |number| number - 1);
    let Some(value) = fields.value("truth") else {
        if kind != Kind::Predict {
            fields.missing("truth", "the number of the right choice, counted from 1");
        }
        return Some(Answer::One {
            choices,
            truth: None,
        });
    };
    let DeValue::Array(list) = value.get_ref() else {
        let truth = fields.whole_of("truth", value, range).map(from_zero);
        return Some(Answer::One { choices, truth });
    };
    let truth = list
        .iter()
        .filter_map(|value| fields.whole_of("truth", value, range.clone()))
        .map(from_zero)
        .collect();
    if because.len() != choices.len() && (kind == Kind::Quiz || !because.is_empty()) {
        let message = format!(
            "{} choices, but {} times `because`",
            choices.len(),
            because.len()
        );
        fields.wrong(
            "because",
            "because-count",
            message,
            "one for each choice, in their order",
        );
    }
    Some(Answer::Several {
        choices,
        truth,
        because: because.iter().map(|because| because.text.clone()).collect(),
    })
}

fn number(fields: &Fields<'_>, kind: Kind) -> Option<Answer> {
    let value = fields.value("number")?;
    let truth = match value.get_ref() {
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .ok()
            .and_then(|number| i32::try_from(number).ok())
            .map(f64::from),
        DeValue::Float(number) => number.as_str().parse().ok(),
        DeValue::Boolean(_) => {
            if yes(fields, "number") && kind != Kind::Predict {
                let message = "a right number is needed".to_owned();
                fields.wrong("number", "no-truth", message, "only a guess has none");
            }
            return Some(Answer::Number { truth: None });
        }
        _ => None,
    };
    if truth.is_none_or(|truth: f64| !truth.is_finite()) {
        fields.wrong_type(
            "number",
            "a number, or `true` where none is right or wrong",
            value,
        );
        return None;
    }
    Some(Answer::Number { truth })
}

/// `server01.stot`.
fn live(fields: &Fields<'_>) -> Option<Answer> {
    let text = fields.text("live")?;
    match text.text.rsplit_once('.') {
        Some((server, column)) if values::is_server_name(server) && !column.is_empty() => {
            Some(Answer::Live {
                server: server.to_owned(),
                column: column.to_owned(),
            })
        }
        _ => {
            values::form(
                fields,
                "live",
                &text,
                "a server and a column of the statistics: `server01.stot`",
            );
            None
        }
    }
}
