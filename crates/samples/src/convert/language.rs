//! `language`: which of the languages that there are a client likes best.

use super::{Converter, row};
use crate::argument::{Argument, Parameter};
use crate::value::{Kind, Value};
use crate::view::View;

use Kind::Text;

pub(super) const TABLE: &[Converter] =
    &[row("language", Text, Text, preferred).taking(&[Parameter::Text, Parameter::Text], 1)];

/// Of values with the same weight the first that is asked for; else the default, else none.
fn preferred<'a>(value: Value<'a>, arguments: &'a [Argument], _: &View<'a>) -> Option<Value<'a>> {
    let text = value.into_text();
    let mut best: Option<(&str, u32)> = None;
    for (wanted, weight) in weighted(&text) {
        let known = offered(wanted, Argument::text(arguments, 0));
        let better = weight > best.map_or(0, |(_, weight)| weight);
        if let Some(known) = known.filter(|_| better) {
            best = Some((known, weight));
        }
    }
    match (best, arguments.get(1)) {
        (Some((known, _)), _) => Some(Value::text(known.as_bytes())),
        (None, Some(Argument::Text(default))) => Some(Value::text(default.as_bytes())),
        (None, _) => None,
    }
}

/// `de-AT, en;q=0.5`: values and their weights in thousandths.
fn weighted(text: &[u8]) -> impl Iterator<Item = (&[u8], u32)> {
    text.split(|byte| *byte == b',').map(|item| {
        let mut parts = item.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
        let value = parts.next().unwrap_or_default();
        let weight = parts.find_map(|part| part.strip_prefix(b"q="));
        (value, weight.map_or(1000, thousandths))
    })
}

/// `0.25` as 250.
fn thousandths(text: &[u8]) -> u32 {
    let weight: Option<f64> = std::str::from_utf8(text)
        .ok()
        .and_then(|it| it.parse().ok());
    (weight.unwrap_or(0.0).clamp(0.0, 1.0) * 1000.0) as u32
}

/// The value of a list like `de;en` that is asked for: itself, or without its variant.
fn offered<'a>(wanted: &[u8], list: &'a str) -> Option<&'a str> {
    let find = |wanted: &[u8]| list.split(';').find(|known| known.as_bytes() == wanted);
    let base = wanted.split(|byte| *byte == b'-').next()?;
    find(wanted).or_else(|| find(base))
}
