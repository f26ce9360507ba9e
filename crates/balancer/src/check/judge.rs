//! What came from a server, held against what was expected.

use crate::plan::{CheckExpect, CheckPattern};
use lb_core::check::CheckStatus;
use samples::Format;

/// What has come so far.
pub(super) struct Look<'a> {
    pub(super) bytes: &'a [u8],
    /// Nothing more is to come.
    pub(super) last: bool,
    /// What a format comes to now.
    pub(super) render: &'a dyn Fn(&Format) -> Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Judgement {
    /// More must come before anything can be said.
    Wait,
    Passed {
        code: u16,
    },
    Failed(Failure),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) status: CheckStatus,
    pub(super) code: u16,
    pub(super) info: String,
    /// Told whatever the step says of its errors.
    pub(super) firm: bool,
}

/// A format of a pattern came to nothing, or to no digits.
pub(super) struct Unmade(&'static str);

impl From<Unmade> for Judgement {
    fn from(unmade: Unmade) -> Self {
        Self::Failed(Failure {
            status: CheckStatus::L7Response,
            code: 0,
            info: unmade.0.to_owned(),
            firm: true,
        })
    }
}

impl Judgement {
    pub(super) fn passed() -> Self {
        Self::Passed { code: 0 }
    }

    pub(super) fn failed(status: CheckStatus, info: &str) -> Self {
        Self::Failed(Failure {
            status,
            code: 0,
            info: info.to_owned(),
            firm: false,
        })
    }

    /// The status of an answer goes with it.
    pub(super) fn with_code(self, code: u16) -> Self {
        match self {
            Self::Wait => Self::Wait,
            Self::Passed { .. } => Self::Passed { code },
            Self::Failed(failure) => Self::Failed(Failure { code, ..failure }),
        }
    }
}

/// A step of a `tcp-check`; `number` is the step's in messages.
pub(super) fn judge(expect: &CheckExpect, look: &Look<'_>, number: usize) -> Judgement {
    let matched = match judge_bytes(expect, look) {
        Err(unmade) => return unmade.into(),
        Ok(None) => return Judgement::Wait,
        Ok(Some(matched)) => matched,
    };
    if matched != expect.negated {
        return Judgement::passed();
    }
    let what = match &expect.pattern {
        CheckPattern::Bytes { binary: true, .. } => " (binary)".to_owned(),
        CheckPattern::Bytes { bytes, .. } => format!(" '{}'", String::from_utf8_lossy(bytes)),
        CheckPattern::BinaryRegex(_) => " (binary regex)".to_owned(),
        CheckPattern::Text(_) => " (log-format string)".to_owned(),
        CheckPattern::Hexadecimal(_) => " (log-format binary)".to_owned(),
        _ => " (regex)".to_owned(),
    };
    let how = if matched {
        "TCPCHK matched unwanted content"
    } else {
        "TCPCHK did not match content"
    };
    Judgement::failed(
        CheckStatus::L7Response,
        &format!("{how}{what} at step {number}"),
    )
}

/// Whether the pattern is found; `None`: it may still come.
pub(super) fn judge_bytes(expect: &CheckExpect, look: &Look<'_>) -> Result<Option<bool>, Unmade> {
    let made = match &expect.pattern {
        CheckPattern::Text(format) => made(format, look)?,
        CheckPattern::Hexadecimal(format) => bytes(&made(format, look)?).ok_or(Unmade(
            "Failed to parse hexastring resulting of eval of a log-format string",
        ))?,
        _ => Vec::new(),
    };
    Ok(search(expect, look, &made))
}

/// What a format comes to.
pub(super) fn made(format: &Format, look: &Look<'_>) -> Result<Vec<u8>, Unmade> {
    let made = (look.render)(format);
    if made.is_empty() {
        return Err(Unmade("log-format string evaluated to an empty string"));
    }
    Ok(made)
}

/// Two hexadecimal digits a byte.
pub(super) fn bytes(digits: &[u8]) -> Option<Vec<u8>> {
    if !digits.len().is_multiple_of(2) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let pairs = digits.chunks(2).map(std::str::from_utf8);
    pairs
        .map(|pair| u8::from_str_radix(pair.ok()?, 16).ok())
        .collect()
}

/// `made`: what the pattern's own format came to.
fn search(expect: &CheckExpect, look: &Look<'_>, made: &[u8]) -> Option<bool> {
    let enough = expect
        .min_recv
        .is_none_or(|least| look.bytes.len() >= least);
    if !enough && !look.last {
        return None;
    }
    let matched = match &expect.pattern {
        CheckPattern::Bytes { bytes, .. } => find(look, bytes)?,
        CheckPattern::Text(_) | CheckPattern::Hexadecimal(_) => find(look, made)?,
        CheckPattern::Regex(regex) => regex.is_match(look.bytes),
        CheckPattern::BinaryRegex(regex) => {
            let digits: String = look.bytes.iter().map(|b| format!("{b:02X}")).collect();
            regex.is_match(digits.as_bytes())
        }
        // of answers, which are looked at elsewhere
        CheckPattern::Status(_) | CheckPattern::StatusRegex(_) | CheckPattern::Header(_) => false,
    };
    let conclusive = matched || look.last || expect.min_recv.is_some();
    conclusive.then_some(matched)
}

/// `None`: too little has come.
fn find(look: &Look<'_>, wanted: &[u8]) -> Option<bool> {
    if look.bytes.len() < wanted.len() && !look.last {
        return None;
    }
    Some(memchr::memmem::find(look.bytes, wanted).is_some())
}

#[cfg(test)]
impl std::fmt::Display for Judgement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Wait => f.write_str("wait"),
            Self::Passed { code } => write!(f, "passed {code}"),
            Self::Failed(failure) => {
                let code = match failure.code {
                    0 => String::new(),
                    code => format!(" {code}"),
                };
                let text = format!("{}{code} {}", failure.status.code(), failure.info);
                f.write_str(text.trim_end())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{expectation, plainly};
    use super::*;

    #[track_caller]
    fn check(expect: &str, bytes: &str, last: bool, expected: &str) {
        let expect = expectation(&format!("option tcp-check\n tcp-check expect {expect}"));
        let look = Look {
            bytes: bytes.as_bytes(),
            last,
            render: &plainly,
        };
        assert_eq!(judge(&expect, &look, 2).to_string(), expected);
    }

    #[test]
    fn a_string_is_waited_for_until_the_end() {
        check("string ell", "hello", false, "passed 0");
        check("string ell", "he", false, "wait");
        check("string elx", "hello", false, "wait");
        let missing = "L7RSP TCPCHK did not match content 'elx' at step 2";
        check("string elx", "hello", true, missing);
    }

    #[test]
    fn enough_bytes_are_conclusive() {
        check("min-recv 9 string elx", "hello", false, "wait");
        let missing = "L7RSP TCPCHK did not match content 'elx' at step 2";
        check("min-recv 3 string elx", "hello", false, missing);
        check("min-recv 3 ! string elx", "hello", false, "passed 0");
    }

    #[test]
    fn unwanted_content_is_told() {
        let unwanted = "L7RSP TCPCHK matched unwanted content 'ell' at step 2";
        check("! string ell", "hello", false, unwanted);
        check("! string elx", "hello", false, "wait");
        check("! string elx", "hello", true, "passed 0");
    }

    #[test]
    fn bytes_and_expressions() {
        check("binary 6c6C", "hello", false, "passed 0");
        let missing = "L7RSP TCPCHK did not match content (binary) at step 2";
        check("binary ff", "hello", true, missing);
        check("rbinary 6[CD]6F$", "hello", false, "passed 0");
        check("rstring ^h.*o$", "hello", false, "passed 0");
        let missing = "L7RSP TCPCHK did not match content (regex) at step 2";
        check("rstring ^x", "hello", true, missing);
    }
}
