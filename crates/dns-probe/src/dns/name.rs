//! Names as people type and read them (RFC 1035, section 5.1): labels, dots, and what is escaped how.

use hickory_proto::rr::Name;
use thiserror::Error;

/// Longest label, in bytes (RFC 1035, section 2.3.4).
const LONGEST_LABEL: usize = 63;
/// Longest name as sent, its length bytes and the root included.
const LONGEST_NAME: usize = 255;

/// Why a word is no domain name. The wording is dig's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum NotAName {
    #[error("empty label")]
    EmptyLabel,
    #[error("label too long")]
    LabelTooLong,
    #[error("ran out of space")]
    TooLong,
    #[error("bad escape")]
    BadEscape,
    #[error("unexpected end of input")]
    UnexpectedEnd,
}

/// Reads a name as typed. It is always taken as complete: `a.test` and `a.test.` are the same.
pub(crate) fn parse(text: &str) -> Result<Name, NotAName> {
    if text == "." {
        return Ok(Name::root());
    }
    let labels = labels(text.as_bytes())?;
    let sent = labels.iter().map(|label| label.len() + 1).sum::<usize>() + 1;
    if sent > LONGEST_NAME {
        return Err(NotAName::TooLong);
    }
    Name::from_labels(labels).map_err(|_| NotAName::TooLong)
}

/// The name as dig writes it: every label with its dot, `.` for the root.
pub(crate) fn text(name: &Name) -> String {
    if name.is_root() {
        return ".".to_owned();
    }
    let mut text = String::new();
    for label in name.iter() {
        label.iter().for_each(|&byte| push_byte(&mut text, byte));
        text.push('.');
    }
    text
}

fn push_byte(text: &mut String, byte: u8) {
    match byte {
        b'@' | b'$' | b'"' | b'(' | b')' | b'.' | b';' | b'\\' => {
            text.push('\\');
            text.push(char::from(byte));
        }
        0x21..=0x7e => text.push(char::from(byte)),
        _ => text.push_str(&format!("\\{byte:03}")),
    }
}

fn labels(mut rest: &[u8]) -> Result<Vec<Vec<u8>>, NotAName> {
    let mut labels = Vec::new();
    let mut label = Vec::new();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'.' => labels.push(ended(std::mem::take(&mut label))?),
            b'\\' => {
                let (byte, after) = unescape(rest)?;
                label.push(byte);
                rest = after;
            }
            byte => label.push(byte),
        }
        if label.len() > LONGEST_LABEL {
            return Err(NotAName::LabelTooLong);
        }
    }
    if !label.is_empty() {
        labels.push(label);
    }
    Ok(labels)
}

fn ended(label: Vec<u8>) -> Result<Vec<u8>, NotAName> {
    if label.is_empty() {
        return Err(NotAName::EmptyLabel);
    }
    Ok(label)
}

/// What follows a backslash: three decimal digits, or any one character.
fn unescape(rest: &[u8]) -> Result<(u8, &[u8]), NotAName> {
    match rest {
        [] => Err(NotAName::UnexpectedEnd),
        [a, b, c, after @ ..] if [a, b, c].iter().all(|d| d.is_ascii_digit()) => {
            let number = [a, b, c]
                .iter()
                .fold(0_u16, |n, d| n * 10 + u16::from(**d - b'0'));
            let byte = u8::try_from(number).map_err(|_| NotAName::BadEscape)?;
            Ok((byte, after))
        }
        [a, ..] if a.is_ascii_digit() && rest.len() < 3 => Err(NotAName::UnexpectedEnd),
        [a, ..] if a.is_ascii_digit() => Err(NotAName::BadEscape),
        [byte, after @ ..] => Ok((*byte, after)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(typed: &str, shown: &str) {
        assert_eq!(text(&parse(typed).unwrap()), shown);
    }

    #[test]
    fn a_name_is_complete_with_or_without_its_last_dot() {
        check("google.com", "google.com.");
        check("google.com.", "google.com.");
        check(".", ".");
    }

    #[test]
    fn letter_case_is_kept() {
        check("GooGle.COM", "GooGle.COM.");
    }

    #[test]
    fn escapes_are_read_and_written_as_dig_does() {
        check(r"odd\.name.test", r"odd\.name.test.");
        check(r"sp\032ace.test", r"sp\032ace.test.");
        check(r"a\065.test", "aA.test.");
        check(r"\255\000.test", r"\255\000.test.");
        check("at@dollar$.test", r"at\@dollar\$.test.");
        check(r#"q"(;)\\.test"#, r#"q\"\(\;\)\\.test."#);
        check("a b.test", r"a\032b.test.");
        check("caf\u{e9}.test", r"caf\195\169.test.");
    }

    #[test]
    fn what_is_no_name_is_told_in_digs_words() {
        let why = |typed: &str| parse(typed).unwrap_err().to_string();
        assert_eq!(why("a..b"), "empty label");
        assert_eq!(why(".a"), "empty label");
        assert_eq!(why(r"a\"), "unexpected end of input");
        assert_eq!(why(r"a\12"), "unexpected end of input");
        assert_eq!(why(r"a\12x"), "bad escape");
        assert_eq!(why(r"a\256"), "bad escape");
        assert_eq!(why(&"x".repeat(64)), "label too long");
        assert_eq!(
            why(&format!("{}.", "x".repeat(63)).repeat(4)),
            "ran out of space"
        );
    }
}
