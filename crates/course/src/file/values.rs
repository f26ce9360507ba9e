//! Values with a small form of their own: counts, places, times, ids.

use super::fields::{Fields, Text};
use super::vocabulary;
use crate::model::{Count, Place, PortOf, Role, Since, Status};
use std::time::Duration;
use toml::de::DeValue;

/// The ids of the steps of an activity, in order, and which of them is being read.
pub(crate) struct Steps<'a> {
    pub(crate) ids: &'a [String],
    /// `None`: not inside a step.
    pub(crate) now: Option<usize>,
}

pub(crate) fn count(fields: &Fields<'_>, key: &str) -> Option<Count> {
    let value = fields.value(key)?;
    if value.get_ref().is_integer() {
        return fields
            .whole_of(key, value, 0..=u32::MAX)
            .map(Count::Exactly);
    }
    let text = fields.text(key)?;
    let found = read_count(&text.text);
    if found.is_none() {
        form(fields, key, &text, "a count is `3`, `\">=2\"` or `\"<=1\"`");
    }
    found
}

fn read_count(text: &str) -> Option<Count> {
    let number = |text: &str| text.trim().parse().ok();
    if let Some(rest) = text.strip_prefix(">=") {
        number(rest).map(Count::AtLeast)
    } else if let Some(rest) = text.strip_prefix("<=") {
        number(rest).map(Count::AtMost)
    } else {
        number(text).map(Count::Exactly)
    }
}

/// Servers by name.
pub(crate) fn servers(fields: &Fields<'_>, key: &str) -> Option<Place> {
    let text = fields.text(key)?;
    let name = text.text.strip_prefix('!').unwrap_or(&text.text);
    match text.text.as_str() {
        "*" => return Some(Place::Each),
        "echo" => return Some(Place::AnyEcho),
        _ if is_server_name(name) => {}
        _ => {
            form(
                fields,
                key,
                &text,
                "servers are `server01`, `!server02` (all others), `*` (each), `echo` (any echo server)",
            );
            return None;
        }
    }
    let name = name.to_owned();
    Some(if text.text.starts_with('!') {
        Place::AllBut(name)
    } else {
        Place::Server(name)
    })
}

/// A server's name: as HAProxy takes them, and `serverNN` with two digits.
pub(crate) fn is_server_name(name: &str) -> bool {
    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let two_digits = name
        .strip_prefix("server")
        .is_none_or(|digits| digits.len() >= 2 || !digits.chars().all(|c| c.is_ascii_digit()));
    !name.is_empty() && name.chars().all(letters) && two_digits
}

/// Exactly one of `server`, `role` and `port`.
pub(crate) fn place(fields: &Fields<'_>) -> Option<Place> {
    let given: Vec<&str> = ["server", "role", "port"]
        .into_iter()
        .filter(|key| fields.has(key))
        .collect();
    match given.as_slice() {
        ["server"] => servers(fields, "server"),
        ["role"] => fields.word("role").map(Place::Role),
        [_] => fields.port("port").map(Place::Number),
        [] => {
            fields.missing("server", "it says which one is meant; or `role`, or `port`");
            None
        }
        [_, second, ..] => {
            let message = format!("`{}` and `{second}` exclude each other", given[0]);
            fields.wrong(second, "one-too-many", message, "take one of them out");
            None
        }
    }
}

/// From when on; `None` where nothing is said.
pub(crate) fn since(fields: &Fields<'_>, steps: &Steps<'_>) -> Option<Since> {
    let text = fields.text("since")?;
    match text.text.as_str() {
        "step" => return Some(Since::Step),
        "activity" => return Some(Since::Activity),
        "ever" => return Some(Since::Ever),
        _ => {}
    }
    let before = &steps.ids[..steps.now.unwrap_or(0)];
    if before.contains(&text.text) {
        return Some(Since::Passed(text.text));
    }
    let mut known = vec!["step", "activity", "ever"];
    known.extend(before.iter().map(String::as_str));
    let label = match diagnostics::nearest(&text.text, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "no step before this one has this id".to_owned(),
    };
    let message = format!("`since` cannot be `{}`", text.text);
    let problem = fields
        .report
        .error("unknown-step", message, &text.place, label);
    fields
        .report
        .push(problem.why(format!("known here: {}", known.join(" "))));
    None
}

/// `500ms`, `3s`, `2m`.
pub(crate) fn time(fields: &Fields<'_>, key: &str) -> Option<Duration> {
    let text = fields.text(key)?;
    let digits = text
        .text
        .trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: Option<u64> = digits.parse::<u32>().ok().map(u64::from);
    let found = match (number, &text.text[digits.len()..]) {
        (Some(number), "ms") => Some(Duration::from_millis(number)),
        (Some(number), "s") => Some(Duration::from_secs(number)),
        (Some(number), "m") => Some(Duration::from_secs(60 * number)),
        _ => None,
    };
    if found.is_none() {
        form(fields, key, &text, "a time is `500ms`, `3s` or `2m`");
    }
    found
}

/// Small letters, digits and single `-` between them.
pub(crate) fn id(fields: &Fields<'_>, key: &str) -> Option<Text> {
    let text = fields.text(key)?;
    if is_id(&text.text) {
        return Some(text);
    }
    form(
        fields,
        key,
        &text,
        "small letters, digits, and `-` between them",
    );
    None
}

pub(crate) fn is_id(text: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    text.split('-').all(part)
}

/// `503`, or `5xx` for all that begin so.
pub(crate) fn status(fields: &Fields<'_>) -> Option<Status> {
    let value = fields.value("status")?;
    if value.get_ref().is_integer() {
        let number = fields.whole_of("status", value, 100..=599)?;
        return u16::try_from(number).ok().map(Status::Exactly);
    }
    let text = fields.text("status")?;
    let classes = vocabulary::classes();
    match classes.iter().position(|class| *class == text.text) {
        Some(at) => u8::try_from(at + 1).ok().map(Status::Class),
        None => {
            fields.unknown_word("status", &text, &classes);
            None
        }
    }
}

/// A role's port, a number, or `true` for any.
pub(crate) fn port_of(fields: &Fields<'_>, key: &str) -> Option<PortOf> {
    let value = fields.value(key)?;
    match value.get_ref() {
        DeValue::Integer(_) => fields.port(key).map(PortOf::Number),
        DeValue::Boolean(_) => yes(fields, key).then_some(PortOf::Any),
        _ => fields.word::<Role>(key).map(PortOf::Role),
    }
}

/// `true`: what can only be asked for, since `not` is what turns a condition round.
pub(crate) fn yes(fields: &Fields<'_>, key: &str) -> bool {
    let flag = fields.flag(key);
    if flag == Some(false) {
        let message = format!("`{key}` cannot be false");
        fields.wrong(
            key,
            "wrong-type",
            message,
            "write `not = true` beside it instead",
        );
    }
    flag == Some(true)
}

/// Reports that a text has not the form of its key.
pub(crate) fn form(fields: &Fields<'_>, key: &str, text: &Text, forms: &str) {
    let message = format!("`{key}` cannot be `{}`", text.text);
    let problem = fields
        .report
        .error("wrong-form", message, &text.place, "not understood");
    fields.report.push(problem.why(forms));
}
