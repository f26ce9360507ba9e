//! Texts.

use super::{Converter, row};
use crate::argument::{Argument, Parameter};
use crate::expand::expand;
use crate::value::{Kind, Value};
use crate::variables::Name;
use crate::view::View;
use std::borrow::Cow;

use Kind::{Any, Binary, Bool, Int, Text};

#[rustfmt::skip]
pub(super) const TABLE: &[Converter] = &[
    row("lower", Text, Text, |value, _, _| Some(Value::owned(value.into_text().to_ascii_lowercase()))),
    row("upper", Text, Text, |value, _, _| Some(Value::owned(value.into_text().to_ascii_uppercase()))),
    row("length", Text, Int, |value, _, _| Some(Value::Int(value.into_text().len() as i64))),
    row("field", Text, Text, |value, arguments, _| part(value, arguments, field)).taking(PART, 2),
    row("word", Text, Text, |value, arguments, _| part(value, arguments, word)).taking(PART, 2),
    row("ltrim", Text, Text, |value, arguments, _| trim(value, arguments, true, false)).taking(TEXT, 1),
    row("rtrim", Text, Text, |value, arguments, _| trim(value, arguments, false, true)).taking(TEXT, 1),
    row("strcmp", Text, Int, compare).taking(&[Parameter::Variable], 1),
    row("concat", Text, Text, concat).taking(&[Parameter::Text, Parameter::Variable, Parameter::Text], 0),
    row("add_item", Text, Text, add_item).taking(&[Parameter::Text, Parameter::Variable, Parameter::Text], 2),
    row("cut_crlf", Text, Text, |value, _, _| Some(cut_crlf(value))),
    row("host_only", Text, Text, |value, _, _| Some(Value::owned(host_and_port(&value.into_text()).0))),
    row("port_only", Text, Int, |value, _, _| Some(Value::Int(host_and_port(&value.into_text()).1))),
    row("secure_memcmp", Binary, Bool, |value, arguments, view| {
        let other = variable(view, arguments.first())?.into_bytes();
        Some(Value::Bool(same(&value.into_bytes(), &other)))
    }).taking(&[Parameter::Variable], 1),
    row("regsub", Text, Text, substitute).taking(&[Parameter::Regex, Parameter::Text, Parameter::Text], 2),
    row("bytes", Binary, Binary, bytes).taking(&[Parameter::Int, Parameter::Int], 1),
    row("set-var", Any, Any, |value, arguments, view| {
        let Some(Argument::Variable(name)) = arguments.first() else {
            return None;
        };
        if !set_if(view, arguments, name, &value) {
            return None;
        }
        view.world.set_variable(name, Some(value.clone().into_owned()));
        Some(value)
    }).taking(SET, 1),
    row("unset-var", Any, Any, |value, arguments, view| {
        if let Some(Argument::Variable(name)) = arguments.first() {
            view.world.set_variable(name, None);
        }
        Some(value)
    }).taking(&[Parameter::Variable], 1),
];

const SET: &[Parameter] = &[
    Parameter::Variable,
    Parameter::SetIf,
    Parameter::SetIf,
    Parameter::SetIf,
    Parameter::SetIf,
];
const TEXT: &[Parameter] = &[Parameter::Text];
const PART: &[Parameter] = &[Parameter::Int, Parameter::Text, Parameter::Int];

/// Finds a part of a text: its start and end.
type Find = fn(text: &[u8], delimiters: &[u8], number: i64, count: i64) -> Option<(usize, usize)>;

/// `field` and `word`: the part of this number, from the end if negative, and so many more (0: all).
fn part<'a>(value: Value<'a>, arguments: &[Argument], find: Find) -> Option<Value<'a>> {
    let text = value.into_text();
    let number = Argument::int(arguments, 0)?;
    let delimiters = Argument::text(arguments, 1).as_bytes();
    let count = Argument::int(arguments, 2).unwrap_or(1);
    let (start, end) = find(&text, delimiters, number, count)?;
    Some(Value::Text(match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[start..end]),
        Cow::Owned(mut text) => {
            text.truncate(end);
            Cow::Owned(text.split_off(start))
        }
    }))
}

/// Between single delimiters, empty ones included.
fn field(text: &[u8], delimiters: &[u8], number: i64, count: i64) -> Option<(usize, usize)> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, byte) in text.iter().enumerate() {
        if delimiters.contains(byte) {
            parts.push((start, at));
            start = at + 1;
        }
    }
    parts.push((start, text.len()));
    pick(&parts, number, count).or(Some((0, 0)))
}

/// Between runs of delimiters, never empty.
fn word(text: &[u8], delimiters: &[u8], number: i64, count: i64) -> Option<(usize, usize)> {
    let mut parts = Vec::new();
    let mut start = None;
    for (at, byte) in text.iter().enumerate() {
        if !delimiters.contains(byte) {
            start.get_or_insert(at);
        } else if let Some(start) = start.take() {
            parts.push((start, at));
        }
    }
    parts.extend(start.map(|start| (start, text.len())));
    pick(&parts, number, count).or(Some((0, 0)))
}

fn pick(parts: &[(usize, usize)], number: i64, count: i64) -> Option<(usize, usize)> {
    let last = parts.len().checked_sub(1)?;
    let more = match usize::try_from(count).ok()? {
        0 => usize::MAX,
        count => count - 1,
    };
    if number > 0 {
        let first = usize::try_from(number - 1).ok()?;
        let until = first.saturating_add(more).min(last);
        Some((parts.get(first)?.0, parts[until].1))
    } else {
        let until = last.checked_sub(usize::try_from(-number - 1).ok()?)?;
        let first = until.saturating_sub(more);
        Some((parts[first].0, parts[until].1))
    }
}

fn trim<'a>(
    value: Value<'a>,
    arguments: &[Argument],
    left: bool,
    right: bool,
) -> Option<Value<'a>> {
    let characters = Argument::text(arguments, 0).as_bytes();
    let text = value.into_text();
    let kept = |byte: &u8| !characters.contains(byte);
    let start = text.iter().position(kept).filter(|_| left);
    let end = text.iter().rposition(kept).filter(|_| right);
    let empty = !text.iter().any(kept);
    let (start, end) = match (empty, start, end) {
        (true, ..) => (0, 0),
        (_, start, end) => (start.unwrap_or(0), end.map_or(text.len(), |end| end + 1)),
    };
    Some(Value::owned(&text[start..end]))
}

/// Whether the conditions behind a variable's name let it take a value.
fn set_if(view: &View<'_>, arguments: &[Argument], name: &Name, new: &Value<'_>) -> bool {
    let former = variable(view, arguments.first());
    let mut conditions = arguments.iter().filter_map(|argument| match argument {
        Argument::SetIf(condition) => Some(condition),
        _ => None,
    });
    conditions.all(|condition| condition.allows(name, former.as_ref(), new))
}

pub(super) fn variable<'a>(view: &View<'a>, argument: Option<&Argument>) -> Option<Value<'a>> {
    match argument? {
        Argument::Variable(name) => view.variable(name),
        _ => None,
    }
}

/// 0 when the text is the variable's, else which comes first.
fn compare<'a>(value: Value<'a>, arguments: &'a [Argument], view: &View<'a>) -> Option<Value<'a>> {
    let other = variable(view, arguments.first())?.into_text();
    let text = value.into_text();
    let shorter = text.len().min(other.len());
    let differing = (0..shorter).find(|at| text[*at] != other[*at]);
    let order = match differing {
        Some(at) => i64::from(text[at]) - i64::from(other[at]),
        None => (text.len() as i64 - other.len() as i64).signum(),
    };
    Some(Value::Int(order))
}

/// The text, a start, a variable, an end.
fn concat<'a>(value: Value<'a>, arguments: &'a [Argument], view: &View<'a>) -> Option<Value<'a>> {
    let mut text = value.into_text().into_owned();
    text.extend(Argument::text(arguments, 0).as_bytes());
    if let Some(value) = variable(view, arguments.get(1)) {
        text.extend_from_slice(&value.into_text());
    }
    text.extend(Argument::text(arguments, 2).as_bytes());
    Some(Value::owned(text))
}

/// The text, a delimiter unless it is empty, a variable and an end; nothing is added where neither of these is there.
fn add_item<'a>(value: Value<'a>, arguments: &'a [Argument], view: &View<'a>) -> Option<Value<'a>> {
    let mut text = value.into_text().into_owned();
    let item = variable(view, arguments.get(1)).map(Value::into_text);
    let end = Argument::text(arguments, 2).as_bytes();
    let adds = item.is_some() || !end.is_empty();
    if adds && !text.is_empty() {
        text.extend(Argument::text(arguments, 0).as_bytes());
    }
    text.extend_from_slice(&item.unwrap_or_default());
    text.extend_from_slice(end);
    Some(Value::owned(text))
}

/// Up to the first end of a line.
fn cut_crlf(value: Value<'_>) -> Value<'_> {
    let text = value.into_text();
    let end = text.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
    match end {
        Some(end) => Value::owned(&text[..end]),
        None => Value::Text(text),
    }
}

/// The two parts of a `host` field; without a port, 0. What is no digit counts by its distance from `0`.
fn host_and_port(text: &[u8]) -> (&[u8], i64) {
    // A bracketed address of IPv6 has colons of its own.
    let last = text.iter().rposition(|byte| matches!(byte, b':' | b']'));
    let Some(colon) = last.filter(|at| text[*at] == b':') else {
        return (text, 0);
    };
    let port = text[colon + 1..].iter().fold(0u32, |port, byte| {
        let digit = u32::from(*byte).wrapping_sub(u32::from(b'0'));
        port.wrapping_mul(10).wrapping_add(digit)
    });
    (&text[..colon], port.into())
}

/// Compared in a time that does not tell where they differ.
pub(super) fn same(one: &[u8], other: &[u8]) -> bool {
    let differing = one.iter().zip(other).fold(0, |bits, (a, b)| bits | (a ^ b));
    one.len() == other.len() && differing == 0
}

fn substitute<'a>(value: Value<'a>, arguments: &'a [Argument], _: &View<'a>) -> Option<Value<'a>> {
    let Argument::Regex(regex) = arguments.first()? else {
        return None;
    };
    let text = value.into_text();
    let replacement = Argument::text(arguments, 1).as_bytes();
    let all = Argument::text(arguments, 2).contains('g');
    let mut out = Vec::new();
    let mut at = 0;
    for found in regex.captures_iter(&text) {
        let whole = found.get_match();
        out.extend_from_slice(&text[at..whole.start()]);
        expand(replacement, &found, &mut out);
        at = whole.end();
        if !all {
            break;
        }
    }
    out.extend_from_slice(&text[at..]);
    Some(Value::owned(out))
}

fn bytes<'a>(value: Value<'a>, arguments: &[Argument], _: &View<'a>) -> Option<Value<'a>> {
    let bytes = value.into_bytes();
    let start = usize::try_from(Argument::int(arguments, 0)?).ok()?;
    if start >= bytes.len() {
        return None;
    }
    let end = match Argument::int(arguments, 1) {
        None => bytes.len(),
        Some(length) => start
            .saturating_add(usize::try_from(length).ok()?)
            .min(bytes.len()),
    };
    Some(Value::Binary(Cow::Owned(bytes[start..end].to_vec())))
}
