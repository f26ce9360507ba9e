//! Bytes written as numbers, some at a time.

use super::{Converter, row};
use crate::argument::{Argument, Parameter};
use crate::value::{Kind, Value, hexadecimal};
use crate::view::View;

use Kind::{Binary, Text};

/// What stands between, bytes at a time, whether an incomplete rest is left out.
const PARAMETERS: &[Parameter] = &[Parameter::Text, Parameter::Int, Parameter::Int];

#[rustfmt::skip]
pub(super) const TABLE: &[Converter] = &[
    row("be2dec", Binary, Text, |value, arguments, view| write(value, arguments, view, decimal)).taking(PARAMETERS, 1).checked(check_decimal),
    row("be2hex", Binary, Text, |value, arguments, view| write(value, arguments, view, hexadecimal)).taking(PARAMETERS, 0).checked(check_hexadecimal),
];

/// Numbers of HAProxy have eight bytes.
const LONGEST: i64 = 8;

fn check_decimal(arguments: &[Argument]) -> Result<(), String> {
    let size = Argument::int(arguments, 1).unwrap_or(0);
    if !(1..=LONGEST).contains(&size) {
        return Err(format!("chunk_size out of [1..{LONGEST}] range ({size})"));
    }
    check_truncate(arguments)
}

fn check_hexadecimal(arguments: &[Argument]) -> Result<(), String> {
    let size = Argument::int(arguments, 1).unwrap_or(0);
    let is_plain = Argument::text(arguments, 0).is_empty() && size == 0;
    if size <= 0 && !is_plain {
        return Err(format!("chunk_size needs to be positive ({size})"));
    }
    check_truncate(arguments)
}

fn check_truncate(arguments: &[Argument]) -> Result<(), String> {
    match Argument::int(arguments, 2) {
        None | Some(0 | 1) => Ok(()),
        Some(odd) => Err(format!("Unsupported truncate value ({odd})")),
    }
}

fn write<'a>(
    value: Value<'a>,
    arguments: &'a [Argument],
    _: &View<'a>,
    digits: fn(&[u8]) -> String,
) -> Option<Value<'a>> {
    let bytes = value.into_bytes();
    let size = Argument::int(arguments, 1).unwrap_or(1).max(1);
    let size = usize::try_from(size).ok()?;
    let whole_only = Argument::int(arguments, 2) == Some(1);
    let chunks = bytes.chunks(size);
    let written: Vec<String> = chunks
        .filter(|chunk| !whole_only || chunk.len() == size)
        .map(digits)
        .collect();
    Some(Value::owned(written.join(Argument::text(arguments, 0))))
}

fn decimal(chunk: &[u8]) -> String {
    let number = chunk
        .iter()
        .fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
    number.to_string()
}
