//! The words of actions on counters of stick tables: `track-sc0`, `sc-inc-gpc0(0)`, `sc-set-gpt0(0)`.

use super::http_rules::Action;
use crate::model::{HttpAction, TagValue};
use crate::proxy::TrackDraft;
use crate::sample;
use samples::fetch::TRACKED;
use samples::tables::Datum;

type Read = Result<HttpAction, String>;

/// `track-scN KEY [table T]`.
pub(super) fn track(action: &mut Action<'_, '_, '_>) -> Read {
    let counter = tracked(action.name())?;
    let text = action.take();
    if text.is_empty() {
        return Err("missing fetch method".to_owned());
    }
    let key = sample::expression(&text, &mut action.place())?;
    let needs = key.fetch.needs;
    if !action.site.has(needs) {
        return Err(format!(
            "fetch method '{text}' extracts information from '{}', none of which is available here",
            needs.title()
        ));
    }
    let mut table = action.context.proxy.name.text.clone();
    if action.peek() == "table" {
        action.take();
        if action.peek().is_empty() {
            return Err("missing table name".to_owned());
        }
        table = action.take();
    }
    let draft = TrackDraft {
        counter,
        table: table.clone(),
        kind: key.kind(),
        span: action.line.statement(),
    };
    action.context.proxy.tracks.push(draft);
    Ok(HttpAction::Track {
        counter,
        key,
        table,
    })
}

/// The number behind `track-sc`; none is 0.
fn tracked(name: &str) -> Result<usize, String> {
    let number = name.strip_prefix("track-sc").unwrap_or_default();
    if number.is_empty() {
        return Ok(0);
    }
    let counter = number
        .parse::<usize>()
        .map_err(|_| "invalid stick table track ID".to_owned())?;
    if counter < TRACKED {
        return Ok(counter);
    }
    let most = TRACKED - 1;
    Err(format!(
        "{counter} track-sc number exceeding {most} (MAX_SESS_STKCTR-1) value"
    ))
}

pub(super) fn increment_gpc(action: &mut Action<'_, '_, '_>) -> Read {
    let (element, counter) = element_and_counter(action)?;
    let datum = Datum {
        name: "gpc",
        element,
    };
    Ok(HttpAction::Increment { counter, datum })
}

pub(super) fn increment_gpc0(action: &mut Action<'_, '_, '_>) -> Read {
    let datum = Datum::plain("gpc0");
    counter(action).map(|counter| HttpAction::Increment { counter, datum })
}

pub(super) fn increment_gpc1(action: &mut Action<'_, '_, '_>) -> Read {
    let datum = Datum::plain("gpc1");
    counter(action).map(|counter| HttpAction::Increment { counter, datum })
}

pub(super) fn set_gpt(action: &mut Action<'_, '_, '_>) -> Read {
    let (element, counter) = element_and_counter(action)?;
    let datum = Datum {
        name: "gpt",
        element,
    };
    set_tag(action, counter, datum)
}

pub(super) fn set_gpt0(action: &mut Action<'_, '_, '_>) -> Read {
    let counter = counter(action)?;
    set_tag(action, counter, Datum::plain("gpt0"))
}

/// A number, or an expression that gives one; nothing is 0.
fn set_tag(action: &mut Action<'_, '_, '_>, counter: usize, datum: Datum) -> Read {
    let text = action.peek().to_owned();
    let value = match text.parse::<u32>() {
        _ if text.is_empty() => TagValue::Number(0),
        Ok(number) => TagValue::Number(number),
        Err(_) => TagValue::Expression(super::http_actions::expression_at(action)?),
    };
    if matches!(value, TagValue::Number(_)) && !text.is_empty() {
        action.take();
    }
    Ok(HttpAction::SetTag {
        counter,
        datum,
        value,
    })
}

/// `(COUNTER)`; without brackets it is 0.
fn counter(action: &Action<'_, '_, '_>) -> Result<usize, String> {
    let name = action.name();
    if !name.contains('(') {
        return Ok(0);
    }
    let number = action.bracketed().and_then(|text| text.parse().ok());
    let number = number
        .ok_or_else(|| format!("invalid stick table track ID. Expects {name}(<Track ID>)"))?;
    checked(number)
}

/// `(ELEMENT,COUNTER)`.
fn element_and_counter(action: &Action<'_, '_, '_>) -> Result<(usize, usize), String> {
    let name = action.name();
    let plain = name.split('(').next().unwrap_or_default();
    let kind = plain.rsplit('-').next().unwrap_or_default();
    let usage = format!("Expects {plain}(<{} ID>,<Track ID>)", kind.to_uppercase());
    let inside = action.bracketed().and_then(|text| text.split_once(','));
    let (element, counter) =
        inside.ok_or_else(|| format!("Missing {kind} ID '{name}'. {usage}"))?;
    let element = element
        .parse()
        .map_err(|_| format!("Missing {kind} ID '{name}'. {usage}"))?;
    let counter: usize = counter
        .parse()
        .map_err(|_| format!("invalid stick table track ID '{name}'. {usage}"))?;
    match checked(counter) {
        Ok(counter) => Ok((element, counter)),
        Err(words) => Err(words.replacen(". ", &format!(" '{name}'. "), 1)),
    }
}

fn checked(counter: usize) -> Result<usize, String> {
    if counter < TRACKED {
        return Ok(counter);
    }
    let most = TRACKED - 1;
    Err(format!(
        "invalid stick table track ID. The max allowed ID is {most}"
    ))
}
