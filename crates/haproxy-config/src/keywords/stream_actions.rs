//! The words of actions on how a request is carried: its timeouts, its place in queues, its packets.

use super::http_actions::expression_at;
use super::http_rules::Action;
use crate::model::{HttpAction, SetTimeout, TimeoutValue};
use crate::sample;
use crate::value::{TimeError, Unit, time};
use std::time::Duration;

type Read = Result<HttpAction, String>;

/// `set-timeout server|tunnel TIME|EXPRESSION`.
pub(super) fn timeout(action: &mut Action<'_, '_, '_>) -> Read {
    if action.words_left() < 2 {
        return Err("expects exactly 2 arguments".to_owned());
    }
    let proxy = &action.context.proxy;
    if !proxy.kind.has_backend() {
        let name = &proxy.name.text;
        return Err(format!("proxy '{name}' has no backend capability"));
    }
    let name = action.take();
    let which = match name.as_str() {
        "server" => SetTimeout::Server,
        "tunnel" => SetTimeout::Tunnel,
        other => {
            return Err(format!(
                "'set-timeout' rule supports 'server'/'tunnel' (got '{other}')"
            ));
        }
    };
    let text = action.take();
    let value = match time(&text, Unit::Milliseconds) {
        Ok(read) if read.duration == Duration::ZERO => {
            return Err(format!(
                "null value is not valid for a 'set-timeout {name}' rule"
            ));
        }
        Ok(read) => TimeoutValue::Fixed(read.duration),
        Err(TimeError::Overflow) => {
            return Err(format!(
                "timer overflow in argument '{text}' to rule 'set-timeout {name}' (maximum value is 2147483647 ms \
                 or ~24.8 days)"
            ));
        }
        Err(TimeError::Unexpected(odd)) => {
            let expression = sample::expression(&text, &mut action.place());
            TimeoutValue::Milliseconds(expression.map_err(|_| {
                format!("unexpected character '{odd}' in rule 'set-timeout {name}'")
            })?)
        }
    };
    Ok(HttpAction::SetTimeout(which, value))
}

pub(super) fn early_hint(action: &mut Action<'_, '_, '_>) -> Read {
    if action.words_left() < 2 {
        return Err("expects exactly 2 arguments".to_owned());
    }
    let name = action.take().to_ascii_lowercase();
    let text = action.take();
    let value = action.format(&text)?;
    Ok(HttpAction::EarlyHint { name, value })
}

pub(super) fn strict_mode(action: &mut Action<'_, '_, '_>) -> Read {
    match action.peek() {
        "" => return Err("expects exactly 1 arguments".to_owned()),
        "on" | "off" => {}
        odd => {
            return Err(format!(
                "Unexpected value '{odd}'. Only 'on' and 'off' are supported"
            ));
        }
    }
    Ok(HttpAction::StrictMode(action.take() == "on"))
}

pub(super) fn priority_class(action: &mut Action<'_, '_, '_>) -> Read {
    priority(action, HttpAction::SetPriorityClass)
}

pub(super) fn priority_offset(action: &mut Action<'_, '_, '_>) -> Read {
    priority(action, HttpAction::SetPriorityOffset)
}

fn priority(action: &mut Action<'_, '_, '_>, make: fn(samples::Expression) -> HttpAction) -> Read {
    if action.peek().is_empty() {
        return Err("missing fetch method".to_owned());
    }
    expression_at(action).map(make)
}

pub(super) fn mark(action: &mut Action<'_, '_, '_>) -> Read {
    let number = number(action)?;
    // HAProxy keeps as much of it as fits.
    Ok(HttpAction::SetMark(number as u32))
}

pub(super) fn tos(action: &mut Action<'_, '_, '_>) -> Read {
    let number = number(action)?;
    Ok(HttpAction::SetTos(number as u8))
}

/// As C's `strtoul` reads it: `0x` for hexadecimal, `0` for octal.
fn number(action: &mut Action<'_, '_, '_>) -> Result<u64, String> {
    if action.peek().is_empty() {
        return Err("expects exactly 1 argument (integer/hex value)".to_owned());
    }
    let text = action.take();
    let (digits, radix) = match text.as_bytes() {
        [b'0', b'x' | b'X', _, ..] => (&text[2..], 16),
        [b'0', _, ..] => (&text[1..], 8),
        _ => (&text[..], 10),
    };
    let end = digits
        .find(|letter: char| !letter.is_digit(radix))
        .unwrap_or(digits.len());
    let rest = &digits[end..];
    if !rest.is_empty() {
        return Err(format!(
            "invalid character starting at '{rest}' (integer/hex value expected)"
        ));
    }
    Ok(u64::from_str_radix(digits, radix).unwrap_or(u64::MAX))
}

/// Every request is as urgent to us as any other.
pub(super) fn nice(action: &mut Action<'_, '_, '_>) -> Read {
    if action.peek().is_empty() {
        return Err("expects exactly 1 argument (integer value)".to_owned());
    }
    action.take();
    Ok(HttpAction::NoEffect)
}
