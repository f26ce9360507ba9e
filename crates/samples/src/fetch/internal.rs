//! The process, the clock, constants and variables.

use super::{Fetch, Needs, one};
use crate::argument::{Argument, Parameter};
use crate::value::{Kind, Value};
use crate::view::View;
use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use Kind::{Address, Any, Binary, Bool, Int, Method, Text};
use Needs::Nothing;

#[rustfmt::skip]
pub(super) const TABLE: &[Fetch] = &[
    one("always_true", Bool, Nothing, |_, _| Some(Value::Bool(true))),
    one("always_false", Bool, Nothing, |_, _| Some(Value::Bool(false))),
    one("bool", Bool, Nothing, |_, arguments| Some(Value::Bool(matches!(Argument::text(arguments, 0), "true" | "1")))).taking(TEXT, 1),
    one("int", Int, Nothing, |_, arguments| Argument::int(arguments, 0).map(Value::Int)).taking(&[Parameter::Int], 1),
    one("str", Text, Nothing, |_, arguments| constant(arguments)).taking(TEXT, 1),
    one("meth", Method, Nothing, |_, arguments| constant(arguments)).taking(TEXT, 1),
    one("ipv4", Address, Nothing, |_, arguments| constant(arguments)?.cast(Address)).taking(TEXT, 1),
    one("ipv6", Address, Nothing, |_, arguments| constant(arguments)?.cast(Address)).taking(TEXT, 1),
    one("bin", Binary, Nothing, |_, arguments| bytes(Argument::text(arguments, 0)).map(|bytes| Value::Binary(Cow::Owned(bytes)))).taking(TEXT, 1).checked(check_bytes),
    one("var", Any, Nothing, variable).taking(&[Parameter::Variable], 1),
    one("env", Text, Nothing, |view, arguments| view.world.environment(Argument::text(arguments, 0)).map(Value::owned)).taking(TEXT, 1),
    one("date", Int, Nothing, date).taking(&[Parameter::Int, Parameter::Text], 0),
    one("date_us", Int, Nothing, |view, _| Some(Value::Int(since_epoch(view.now).subsec_micros().into()))),
    one("rand", Int, Nothing, random).taking(&[Parameter::Int], 0),
    one("uuid", Text, Nothing, uuid).taking(&[Parameter::Int], 0),
    one("hostname", Text, Nothing, |view, _| Some(Value::owned(view.world.hostname()))),
    one("nbproc", Int, Nothing, |_, _| Some(Value::Int(1))),
    one("proc", Int, Nothing, |_, _| Some(Value::Int(1))),
];

const TEXT: &[Parameter] = &[Parameter::Text];

fn constant(arguments: &[Argument]) -> Option<Value<'_>> {
    Some(Value::text(Argument::text(arguments, 0).as_bytes()))
}

fn check_bytes(arguments: &[Argument]) -> Result<(), String> {
    let text = Argument::text(arguments, 0);
    if !text.len().is_multiple_of(2) {
        return Err("an even number of hex digit is expected".to_owned());
    }
    match text.chars().find(|digit| !digit.is_ascii_hexdigit()) {
        Some(odd) => Err(format!("an hex digit is expected (found '{odd}')")),
        None => Ok(()),
    }
}

/// Two hexadecimal digits a byte.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    let byte = |pair: &[u8]| match pair {
        [high, low] => {
            let digit = |digit: u8| char::from(digit).to_digit(16);
            u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()
        }
        _ => None,
    };
    pairs.map(byte).collect()
}

fn variable<'a>(view: &View<'a>, arguments: &'a [Argument]) -> Option<Value<'a>> {
    let Some(Argument::Variable(name)) = arguments.first() else {
        return None;
    };
    view.variable(name)
}

/// The date in seconds, with an offset; in milliseconds or microseconds where asked for.
fn date<'a>(view: &View<'a>, arguments: &'a [Argument]) -> Option<Value<'a>> {
    let offset = Argument::int(arguments, 0).unwrap_or(0);
    let since = since_epoch(view.now);
    let date = match Argument::text(arguments, 1) {
        "ms" => since.as_millis(),
        "us" => since.as_micros(),
        _ => since.as_secs().into(),
    };
    i64::try_from(date)
        .ok()
        .map(|date| Value::Int(date.saturating_add(offset)))
}

fn since_epoch(time: SystemTime) -> Duration {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
}

/// Below the given bound, or below 2^32.
fn random<'a>(view: &View<'a>, arguments: &'a [Argument]) -> Option<Value<'a>> {
    let bits = view.world.random() & u64::from(u32::MAX);
    let bound = Argument::int(arguments, 0).and_then(|bound| u64::try_from(bound).ok());
    let number = match bound {
        Some(bound) => (u128::from(bits) * u128::from(bound)) >> 32,
        None => u128::from(bits),
    };
    i64::try_from(number).ok().map(Value::Int)
}

/// Version 4 of RFC 9562; there is no other.
fn uuid<'a>(view: &View<'a>, _: &'a [Argument]) -> Option<Value<'a>> {
    let (high, low) = (view.world.random(), view.world.random());
    let text = format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 48 & 0x3fff | 0x8000,
        low & 0xffff_ffff_ffff,
    );
    Some(Value::owned(text))
}
