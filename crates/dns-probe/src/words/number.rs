//! Numbers in words, refused as dig refuses them.

use crate::failure::{Failure, code};

/// Why a word is not the number that was wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotANumber {
    /// dig's first line.
    pub(crate) line: String,
}

/// A whole number from 0 to `max`, in decimal. `what` is what it counts.
pub(crate) fn parse(word: &str, max: u32, what: &str) -> Result<u32, NotANumber> {
    in_base(word, max, what, 10)
}

/// As [`parse`], in C's three bases: `0x10`, `020`, `16`.
pub(crate) fn any_base(word: &str, max: u32, what: &str) -> Result<u32, NotANumber> {
    let hexadecimal = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X"));
    match (hexadecimal, word.strip_prefix('0')) {
        (Some(digits), _) => in_base(digits, max, what, 16),
        (None, Some(digits)) if !digits.is_empty() => in_base(digits, max, what, 8),
        _ => in_base(word, max, what, 10),
    }
}

fn in_base(word: &str, max: u32, what: &str, base: u32) -> Result<u32, NotANumber> {
    let refuse = |why: &str| NotANumber {
        line: format!("invalid {what} '{word}': {why}"),
    };
    let digits = !word.is_empty() && word.chars().all(|c| c.is_digit(base));
    if !digits {
        return Err(refuse("not a valid number"));
    }
    u32::from_str_radix(word, base)
        .ok()
        .filter(|number| *number <= max)
        .ok_or_else(|| refuse("out of range"))
}

impl NotANumber {
    /// dig's two lines about a value of an option.
    pub(crate) fn fatal(self, program: &str, what: &str) -> Failure {
        Failure::new(code::FATAL, self.line).and(format!("{program}: Couldn't parse {what}"))
    }
}
