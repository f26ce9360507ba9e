//! What came from a server, held against what was expected.

use crate::plan::{CheckExpect, CheckPattern};
use lb_core::check::CheckStatus;

/// What has come so far.
pub(super) struct Look<'a> {
    pub(super) bytes: &'a [u8],
    /// Nothing more is to come.
    pub(super) last: bool,
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
        None => return Judgement::Wait,
        Some(matched) => matched,
    };
    if matched != expect.negated {
        return Judgement::passed();
    }
    let what = match &expect.pattern {
        CheckPattern::Bytes { binary: true, .. } => " (binary)".to_owned(),
        CheckPattern::Bytes { bytes, .. } => format!(" '{}'", String::from_utf8_lossy(bytes)),
        CheckPattern::BinaryRegex(_) => " (binary regex)".to_owned(),
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
pub(super) fn judge_bytes(expect: &CheckExpect, look: &Look<'_>) -> Option<bool> {
    let enough = expect
        .min_recv
        .is_none_or(|least| look.bytes.len() >= least);
    if !enough && !look.last {
        return None;
    }
    let matched = match &expect.pattern {
        CheckPattern::Bytes { bytes, .. } => {
            if look.bytes.len() < bytes.len() && !look.last {
                return None;
            }
            memchr::memmem::find(look.bytes, bytes).is_some()
        }
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
    use super::super::testing::expectation;
    use super::*;

    #[track_caller]
    fn check(expect: &str, bytes: &str, last: bool, expected: &str) {
        let expect = expectation(&format!("option tcp-check\n tcp-check expect {expect}"));
        let look = Look {
            bytes: bytes.as_bytes(),
            last,
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
