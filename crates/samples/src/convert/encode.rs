//! Encodings.

use super::{Converter, row};
use crate::argument::{Argument, Parameter};
use crate::value::{Kind, Value, hexadecimal};
use std::borrow::Cow;
use std::fmt::Write as _;

use Kind::{Binary, Int, Text};

#[rustfmt::skip]
pub(super) const TABLE: &[Converter] = &[
    row("base64", Binary, Text, |value, _, _| Some(Value::owned(encode_base64(&value.into_bytes())))),
    row("b64dec", Text, Binary, |value, _, _| decode_base64(&value.into_text()).map(binary)),
    row("ub64enc", Binary, Text, |value, _, _| Some(Value::owned(url_safe(encode_base64(&value.into_bytes()))))),
    row("ub64dec", Text, Binary, |value, _, _| decode_url_safe(&value.into_text()).map(binary)),
    row("hex", Binary, Text, |value, _, _| Some(Value::owned(hexadecimal(&value.into_bytes())))),
    row("htonl", Int, Binary, |value, _, _| Some(binary((value.int()? as u32).to_be_bytes().to_vec()))),
    row("hex2i", Text, Int, |value, _, _| i64::from_str_radix(std::str::from_utf8(&value.into_text()).ok()?, 16).ok().map(Value::Int)),
    row("url_dec", Text, Text, |value, arguments, _| decode_url(&value.into_text(), Argument::int(arguments, 0)).map(Value::owned)).taking(&[Parameter::Int], 0),
    row("url_enc", Text, Text, |value, _, _| Some(Value::owned(encode_url(&value.into_text())))).taking(&[Parameter::Text], 0),
    row("json", Text, Text, |value, arguments, _| json(&value.into_text(), Argument::text(arguments, 0)).map(Value::owned)).taking(&[Parameter::Text], 0),
];

fn binary(bytes: Vec<u8>) -> Value<'static> {
    Value::Binary(Cow::Owned(bytes))
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn encode_base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            let bits = bits >> (18 - 6 * digit) & 63;
            let filled = digit <= group.len();
            text.push(if filled {
                char::from(DIGITS[bits as usize])
            } else {
                '='
            });
        }
    }
    text
}

/// The bytes of a base64 text with its padding; `None`: it is none.
pub fn decode_base64(text: &[u8]) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let padding = text.iter().rev().take_while(|byte| **byte == b'=').count();
    if padding > 2 {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for group in text[..text.len() - padding].chunks(4) {
        let mut bits = 0u32;
        for digit in 0..4 {
            let value = match group.get(digit) {
                Some(byte) => DIGITS.iter().position(|known| known == byte)?,
                None => 0,
            };
            bits = bits << 6 | value as u32;
        }
        bytes.extend_from_slice(&bits.to_be_bytes()[1..group.len()]);
    }
    Some(bytes)
}

fn url_safe(text: String) -> String {
    text.trim_end_matches('=')
        .replace('+', "-")
        .replace('/', "_")
}

pub(super) fn decode_url_safe(text: &[u8]) -> Option<Vec<u8>> {
    let mut text: Vec<u8> = text
        .iter()
        .map(|byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => *other,
        })
        .collect();
    while !text.len().is_multiple_of(4) {
        text.push(b'=');
    }
    decode_base64(&text)
}

/// `%41` and, behind a question mark or where asked for (`form`), `+` as a space; `None`: a `%` without two digits.
fn decode_url(text: &[u8], form: Option<i64>) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut in_form = form.is_some_and(|form| form != 0);
    let mut rest = text;
    while let [first, after @ ..] = rest {
        rest = after;
        match first {
            b'+' if in_form => out.push(b' '),
            b'%' => {
                let (digits, after) = after.split_at_checked(2)?;
                let digits = std::str::from_utf8(digits).ok()?;
                out.push(u8::from_str_radix(digits, 16).ok()?);
                rest = after;
            }
            other => {
                in_form |= *other == b'?';
                out.push(*other);
            }
        }
    }
    Some(out)
}

fn encode_url(text: &[u8]) -> String {
    text.iter().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(*byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// The inside of a JSON string. The input is bytes (the default) or UTF-8, whose wrong sequences end it, are left out
/// or passed on.
fn json(text: &[u8], coding: &str) -> Option<String> {
    let decoded: Cow<'_, str> = match coding {
        "" | "ascii" => text.iter().map(|byte| char::from(*byte)).collect(),
        "utf8" => std::str::from_utf8(text).ok()?.into(),
        "utf8s" | "utf8ps" => text
            .utf8_chunks()
            .map(|chunk| chunk.valid())
            .collect::<String>()
            .into(),
        _ => String::from_utf8_lossy(text),
    };
    let mut out = String::new();
    for letter in decoded.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '/' => out.push_str("\\/"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            ' '..='~' => out.push(letter),
            other => {
                let mut units = [0; 2];
                for unit in other.encode_utf16(&mut units) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    Some(out)
}
