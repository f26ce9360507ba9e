//! What a replacement makes of a match.

use crate::pattern::Regex;
use regex::bytes::Captures;

/// The replacement for a text that a pattern matches somewhere; `None`: it does not.
pub fn replaced(pattern: &Regex, text: &[u8], replacement: &[u8]) -> Option<Vec<u8>> {
    let found = pattern.captures(text)?;
    let mut out = Vec::new();
    expand(replacement, &found, &mut out);
    Some(out)
}

/// Appends a replacement in which `\1` to `\9` stand for the groups of a match, `\0` for all of it, and `\x41` for a
/// byte (manual, `http-request replace-header`).
pub(crate) fn expand(replacement: &[u8], found: &Captures<'_>, out: &mut Vec<u8>) {
    let mut rest = replacement;
    while let [first, after @ ..] = rest {
        rest = after;
        match (first, after) {
            (b'\\', [digit @ b'0'..=b'9', after @ ..]) => {
                let group = found.get(usize::from(digit - b'0'));
                out.extend_from_slice(group.map_or(&[], |group| group.as_bytes()));
                rest = after;
            }
            (b'\\', [b'x', high, low, after @ ..]) if is_hex(*high) && is_hex(*low) => {
                out.push(hex(*high) * 16 + hex(*low));
                rest = after;
            }
            (b'\\', [other, after @ ..]) => {
                out.push(*other);
                rest = after;
            }
            _ => out.push(*first),
        }
    }
}

fn is_hex(byte: u8) -> bool {
    byte.is_ascii_hexdigit()
}

fn hex(byte: u8) -> u8 {
    char::from(byte).to_digit(16).unwrap_or(0) as u8
}
