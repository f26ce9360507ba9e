//! The words of each action on messages.

use super::http_rules::Action;
use super::log::LEVELS;
use crate::model::{BodyWait, Capture, Direction, End, HeaderNames, HttpAction, Service, UriPart};
use crate::sample;
use crate::value::{TimeError, Unit, size, time};
use samples::pattern::regex;
use samples::variables::{Name, SetIf};
use samples::{Expression, Format, Matching};

type Read = Result<HttpAction, String>;

pub(super) fn set_header(action: &mut Action<'_, '_, '_>) -> Read {
    let (name, value) = name_and_format(action)?;
    Ok(HttpAction::SetHeader { name, value })
}

pub(super) fn add_header(action: &mut Action<'_, '_, '_>) -> Read {
    let (name, value) = name_and_format(action)?;
    Ok(HttpAction::AddHeader { name, value })
}

pub(super) fn wait_for_body(action: &mut Action<'_, '_, '_>) -> Read {
    const WORDS: &str = "expects time <time> [ at-least <bytes> ]";
    let mut wait = BodyWait {
        time: None,
        at_least: None,
    };
    loop {
        let word = action.peek().to_owned();
        match word.as_str() {
            "time" | "at-least" => action.take(),
            _ if wait.time.is_none() => return Err(WORDS.to_owned()),
            _ => return Ok(HttpAction::WaitForBody(wait)),
        };
        if action.peek().is_empty() {
            return Err(format!("missing argument for '{word}'"));
        }
        let value = action.take();
        let odd = |odd: char| format!("unexpected character '{odd}'");
        if word == "time" {
            let read = time(&value, Unit::Milliseconds).map_err(|error| match error {
                TimeError::Unexpected(letter) => odd(letter),
                _ => format!("'{value}' is out of range for a time"),
            })?;
            wait.time = Some(read.duration);
        } else {
            wait.at_least = Some(size(&value).map_err(odd)?);
        }
    }
}

pub(super) fn use_service(action: &mut Action<'_, '_, '_>) -> Read {
    match action.take().as_str() {
        "prometheus-exporter" => Ok(HttpAction::UseService(Service::Prometheus)),
        "" | "if" | "unless" => Err("'use-service' expects a service name.".to_owned()),
        other => Err(format!("'{other}' unknown service name.")),
    }
}

fn name_and_format(action: &mut Action<'_, '_, '_>) -> Result<(String, Format), String> {
    if action.words_left() < 2 {
        return Err("expects exactly 2 arguments".to_owned());
    }
    let name = action.take().to_ascii_lowercase();
    let text = action.take();
    Ok((name, action.format(&text)?))
}

pub(super) fn del_header(action: &mut Action<'_, '_, '_>) -> Read {
    if action.words_left() == 0 {
        return Err("expects at least 1 argument".to_owned());
    }
    let name = action.take();
    if action.peek() != "-m" {
        return Ok(HttpAction::DelHeader(HeaderNames::Exact(
            name.to_ascii_lowercase(),
        )));
    }
    action.take();
    if action.peek().is_empty() {
        return Err("-m flag expects exactly 1 argument".to_owned());
    }
    let method = action.take();
    let matching = match method.as_str() {
        "str" => {
            return Ok(HttpAction::DelHeader(HeaderNames::Exact(
                name.to_ascii_lowercase(),
            )));
        }
        "beg" | "end" | "sub" | "reg" => Matching::find(&method),
        _ => None,
    };
    let matching =
        matching.ok_or_else(|| format!("-m with unsupported matching method '{method}'"))?;
    let pattern = matching.parse(&name, true)?;
    Ok(HttpAction::DelHeader(HeaderNames::Like(matching, pattern)))
}

pub(super) fn replace_header(action: &mut Action<'_, '_, '_>) -> Read {
    replace(action, false)
}

pub(super) fn replace_value(action: &mut Action<'_, '_, '_>) -> Read {
    replace(action, true)
}

fn replace(action: &mut Action<'_, '_, '_>, each_value: bool) -> Read {
    if action.words_left() < 3 {
        return Err("expects exactly 3 arguments".to_owned());
    }
    let name = action.take().to_ascii_lowercase();
    let pattern = regex(&action.take(), false)?;
    let text = action.take();
    Ok(HttpAction::ReplaceHeader {
        name,
        pattern,
        by: action.format(&text)?,
        each_value,
    })
}

pub(super) fn replace_path(action: &mut Action<'_, '_, '_>) -> Read {
    replace_part(action, UriPart::Path)
}

pub(super) fn replace_path_and_query(action: &mut Action<'_, '_, '_>) -> Read {
    replace_part(action, UriPart::PathAndQuery)
}

pub(super) fn replace_uri(action: &mut Action<'_, '_, '_>) -> Read {
    replace_part(action, UriPart::Whole)
}

fn replace_part(action: &mut Action<'_, '_, '_>, part: UriPart) -> Read {
    if action.words_left() != 2 {
        return Err("expects exactly 2 arguments <match-regex> and <replace-format>".to_owned());
    }
    let pattern = regex(&action.take(), false);
    let pattern = pattern.map_err(|words| format!("failed to parse the regex : {words}"))?;
    let text = action.take();
    let by = action.format(&text)?;
    Ok(HttpAction::ReplaceUri { part, pattern, by })
}

pub(super) fn set_status(action: &mut Action<'_, '_, '_>) -> Read {
    let wanted = "expects 1 argument: <status>; or 3 arguments: <status> reason <fmt>";
    if action.peek().is_empty() {
        return Err(wanted.to_owned());
    }
    let code = action.take();
    let status = code
        .parse()
        .ok()
        .filter(|status| (100..=999).contains(status));
    let status = status.ok_or_else(|| {
        format!("expects an integer status code between 100 and 999 (got '{code}')")
    })?;
    let reason = match action.peek() {
        "reason" if action.words_left() == 2 => {
            action.take();
            Some(action.take())
        }
        _ => None,
    };
    Ok(HttpAction::SetStatus { status, reason })
}

pub(super) fn set_variable(action: &mut Action<'_, '_, '_>) -> Read {
    let (name, when) = variable_name(action)?;
    let value = expression_at(action)?;
    Ok(HttpAction::SetVariable { name, when, value })
}

pub(super) fn set_variable_text(action: &mut Action<'_, '_, '_>) -> Read {
    let (name, when) = variable_name(action)?;
    let text = action.peek().to_owned();
    if !text.is_empty() {
        action.take();
    }
    let value = action.format(&text)?;
    Ok(HttpAction::SetVariableText { name, when, value })
}

pub(super) fn unset_variable(action: &mut Action<'_, '_, '_>) -> Read {
    sample::unset(action.name()).map(HttpAction::UnsetVariable)
}

fn variable_name(action: &Action<'_, '_, '_>) -> Result<(Name, Vec<SetIf>), String> {
    sample::to_set(action.name())
}

/// The next word as an expression that has a value here.
pub(super) fn expression_at(action: &mut Action<'_, '_, '_>) -> Result<Expression, String> {
    let text = action.take();
    let expression = sample::expression(&text, &mut action.place())?;
    let needs = expression.fetch.needs;
    if action.site.has(needs) {
        return Ok(expression);
    }
    Err(format!(
        "fetch method '{}' extracts information from '{}', none of which is available here",
        action.name(),
        needs.title()
    ))
}

pub(super) fn address(action: &mut Action<'_, '_, '_>, end: End) -> Read {
    expression_at(action).map(|value| HttpAction::SetAddress(end, value))
}

pub(super) fn port(action: &mut Action<'_, '_, '_>, end: End) -> Read {
    expression_at(action).map(|value| HttpAction::SetPort(end, value))
}

pub(super) fn auth(action: &mut Action<'_, '_, '_>) -> Read {
    if action.peek() != "realm" {
        return Ok(HttpAction::Auth { realm: None });
    }
    action.take();
    if action.peek().is_empty() {
        // HAProxy ends this one with an empty line
        return Err("missing realm value.\n".to_owned());
    }
    let text = action.take();
    Ok(HttpAction::Auth {
        realm: Some(action.format(&text)?),
    })
}

/// `capture EXPRESSION len N`: a place of its own; `id N`: one that `capture` or `declare` made.
pub(super) fn capture(action: &mut Action<'_, '_, '_>) -> Read {
    let value = expression_at(action)?;
    let wanted = "expects <expression> [ 'len' <length> | id <idx> ]";
    let is_response = matches!(
        action.site,
        crate::acl::Site::FrontendResponse | crate::acl::Site::BackendResponse
    );
    let direction = if is_response {
        Direction::Response
    } else {
        Direction::Request
    };
    let how = action.peek().to_owned();
    if !matches!(how.as_str(), "len" | "id") || action.words_left() < 2 {
        return Err(wanted.to_owned());
    }
    action.take();
    let number: i64 = action.take().parse().unwrap_or(0);
    let place = match how.as_str() {
        "len" => {
            let len = usize::try_from(number).ok().filter(|len| *len > 0);
            let len = len.ok_or_else(|| "length must be > 0".to_owned())?;
            let captures = &mut action.context.proxy.captures;
            let places = captures
                .iter()
                .filter(|capture| capture.direction == direction);
            let place = places.count();
            captures.push(Capture {
                direction,
                header: None,
                len,
            });
            place
        }
        _ => usize::try_from(number).map_err(|_| wanted.to_owned())?,
    };
    if how == "id" {
        let span = action.line.span;
        let list = action.line.text(0).to_owned();
        action
            .context
            .proxy
            .capture_places
            .push((direction, place, list, span));
    }
    Ok(HttpAction::Capture { place, value })
}

pub(super) fn log_level(action: &mut Action<'_, '_, '_>) -> Read {
    let wanted = "expects exactly 1 argument (log level name or 'silent')";
    let word = action.take();
    if word == "silent" {
        return Ok(HttpAction::SetLogLevel(None));
    }
    let level = LEVELS.iter().position(|level| *level == word);
    let level = level.and_then(|level| u8::try_from(level).ok());
    let level = level.ok_or_else(|| wanted.to_owned())?;
    Ok(HttpAction::SetLogLevel(Some(level)))
}
