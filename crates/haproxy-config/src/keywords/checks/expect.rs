//! `expect`: what must come, or must not.

use super::{Step, plain};
use crate::model::{
    CheckAction, CheckExpect, CheckPattern, CheckProtocol, CheckStep, HeaderPattern, Pattern,
    TextPattern,
};
use samples::{Expression, Format};

/// The words of the line so far.
#[derive(Default)]
struct Draft {
    pattern: Option<CheckPattern>,
    negated: bool,
    min_recv: Option<usize>,
    ok_status: Option<&'static str>,
    error_status: Option<&'static str>,
    timeout_status: Option<&'static str>,
    on_success: Option<Format>,
    on_error: Option<Format>,
    status_code: Option<Expression>,
    comment: Option<String>,
}

impl Step<'_, '_, '_> {
    pub(super) fn expect(&mut self) -> Option<CheckStep> {
        if self.line.text(2).is_empty() {
            let words = "expects at least a matching pattern as arguments";
            return self.wrong(1, "`expect` wants a pattern".into(), words);
        }
        let mut draft = Draft::default();
        while let Some(word) = self.next() {
            let name = word.text.trim_start_matches('!');
            let bangs = word.text.len() - name.len();
            draft.negated ^= bangs % 2 == 1;
            let name = match name {
                "" => match self.next() {
                    Some(word) => word.text.as_str(),
                    None => break,
                },
                name => name,
            };
            self.expect_word(name, bangs > 0, &mut draft)?;
        }
        let Some(pattern) = draft.pattern else {
            let words = "pattern not found";
            return self.wrong(2, "`expect` wants a pattern".into(), words);
        };
        Some(CheckStep {
            action: CheckAction::Expect(Box::new(CheckExpect {
                pattern,
                negated: draft.negated,
                min_recv: draft.min_recv,
                ok_status: draft.ok_status,
                error_status: draft.error_status,
                timeout_status: draft.timeout_status,
                on_success: draft.on_success,
                on_error: draft.on_error,
                status_code: draft.status_code,
            })),
            comment: draft.comment,
        })
    }

    fn expect_word(&mut self, name: &str, negated: bool, draft: &mut Draft) -> Option<()> {
        const SETTINGS: [&str; 8] = [
            "min-recv",
            "comment",
            "on-success",
            "on-error",
            "ok-status",
            "error-status",
            "tout-status",
            "status-code",
        ];
        if !SETTINGS.contains(&name) {
            return self.pattern(name, draft);
        }
        if negated {
            let words = format!("[!] not supported with '{name}'");
            return self.wrong(
                self.at - 1,
                format!("`!` does not go with `{name}`"),
                &words,
            );
        }
        match name {
            "min-recv" => draft.min_recv = self.min_recv()?,
            "comment" => draft.comment = Some(self.comment_text("")?),
            "on-success" => draft.on_success = Some(self.message(name)?),
            "on-error" => draft.on_error = Some(self.message(name)?),
            "status-code" => {
                let words = "'status-code' expects an expression as argument";
                let text = self.value(name, words)?.text.clone();
                draft.status_code = Some(self.sample(&text, "status-code")?);
            }
            "ok-status" => {
                let known = ["L7OK", "L7OKC", "L6OK", "L4OK"];
                draft.ok_status =
                    Some(self.status(name, &known, "'L4OK', 'L6OK', 'L7OK' or 'L7OKC'")?);
            }
            "error-status" => {
                let known = ["L7RSP", "L7STS", "L7OKC", "L6RSP", "L4CON"];
                let shown = "'L4CON', 'L6RSP', 'L7RSP' or 'L7STS'";
                draft.error_status = Some(self.status(name, &known, shown)?);
            }
            _ => {
                let known = ["L7TOUT", "L6TOUT", "L4TOUT"];
                let shown = "'L4TOUT', 'L6TOUT' or 'L7TOUT'";
                draft.timeout_status = Some(self.status(name, &known, shown)?);
            }
        }
        Some(())
    }

    fn min_recv(&mut self) -> Option<Option<usize>> {
        let word = self.value("min-recv", "'min-recv' expects a integer as argument")?;
        match super::super::lenient(word, self.context.report) {
            -1 => Some(None),
            number => match u32::try_from(number) {
                Ok(number) => Some(Some(number as usize)),
                Err(_) => {
                    let words = "'min-recv' expects -1 or an integer from 0 to INT_MAX";
                    self.wrong(self.at - 1, format!("`{number}` bytes cannot come"), words)
                }
            },
        }
    }

    fn message(&mut self, name: &str) -> Option<Format> {
        let word = self.value(name, &format!("'{name}' expects a string as argument"))?;
        self.format(&word.text, &word.text)
    }

    fn status(&mut self, name: &str, known: &[&'static str], shown: &str) -> Option<&'static str> {
        let word = self.value(name, &format!("'{name}' expects a string as argument"))?;
        let mut same = known
            .iter()
            .filter(|code| word.text.eq_ignore_ascii_case(code));
        if let Some(code) = same.next() {
            return Some(code);
        }
        let words = format!(
            "'{name}' only supports {shown} status (got '{}').",
            word.text
        );
        let text = format!("`{}` is no result for `{name}`", word.text);
        self.wrong(self.at - 1, text, &words)
    }

    fn pattern(&mut self, name: &str, draft: &mut Draft) -> Option<()> {
        let http = self.protocol == CheckProtocol::Http;
        match (name, http) {
            ("string" | "rstring" | "string-lf", _)
            | ("binary" | "rbinary" | "binary-lf", false)
            | ("status" | "rstatus" | "hdr" | "fhdr", true) => {}
            ("custom", _) => return self.not_yet(self.at - 1),
            (got, http) => {
                let known = if http {
                    "min-recv, [!]string', '[!]rstring', '[!]string-lf', '[!]status', '[!]rstatus', [!]hdr, [!]fhdr"
                } else {
                    "min-recv, '[!]binary', '[!]string', '[!]rstring', '[!]string-lf''[!]rbinary', '[!]binary-lf'"
                };
                let words =
                    format!("'only supports {known} or comment but got '{got}' as argument.");
                let text = format!("`expect` has no word `{got}` here");
                return self.wrong(self.at - 1, text, &words);
            }
        }
        if draft.pattern.is_some() {
            let text = "an `expect` has one pattern".into();
            return self.wrong(self.at - 1, text, "only on pattern expected");
        }
        draft.pattern = Some(match name {
            "hdr" | "fhdr" => self.header_pattern(name)?,
            _ => self.simple_pattern(name)?,
        });
        Some(())
    }

    fn simple_pattern(&mut self, name: &str) -> Option<CheckPattern> {
        let words = format!("'{name}' expects a <pattern> as argument");
        let text = self.value(name, &words)?.text.as_str();
        Some(match name {
            "status" => CheckPattern::Status(self.codes(text)?),
            "rstatus" => CheckPattern::StatusRegex(self.regex(text)?),
            "rstring" => CheckPattern::Regex(self.regex(text)?),
            "rbinary" => CheckPattern::BinaryRegex(self.regex(text)?),
            "string-lf" => CheckPattern::Text(self.format(text, text)?),
            "binary-lf" => CheckPattern::Hexadecimal(self.format(text, text)?),
            "binary" => CheckPattern::Bytes {
                bytes: self.binary(text, &|_, why| format!("invalid binary string ({why})"))?,
                binary: true,
            },
            _ => CheckPattern::Bytes {
                bytes: text.as_bytes().to_vec(),
                binary: false,
            },
        })
    }

    fn regex(&mut self, text: &str) -> Option<Pattern> {
        match Pattern::new(text) {
            Ok(pattern) => Some(pattern),
            Err(error) => {
                let why = error.to_string();
                let why = why.lines().last().unwrap_or_default();
                let why = why.trim_start_matches("error: ");
                let words = format!("regex '{text}' is invalid (error={why})");
                self.wrong(
                    self.at - 1,
                    format!("`{text}` is no regular expression: {why}"),
                    &words,
                )
            }
        }
    }

    /// `200,300-399`
    fn codes(&mut self, text: &str) -> Option<Vec<(u16, u16)>> {
        let mut codes = Vec::new();
        for part in text.split(',') {
            let (low, high) = part.split_once('-').unwrap_or((part, part));
            let odd = |text: &str| text.chars().find(|c| !c.is_ascii_digit());
            if let Some(odd) = odd(low).or_else(|| odd(high)) {
                let words = format!("invalid character '{odd}' in the list of status codes");
                let text = format!("`{text}` are no status codes");
                return self.wrong(self.at - 1, text, &words);
            }
            let number = |text: &str| text.parse::<u16>().unwrap_or(0);
            let range = (number(low), number(high));
            if range.0 > range.1 {
                let words = format!("invalid range of status codes '{part}'");
                let text = format!("`{part}` runs backwards");
                return self.wrong(self.at - 1, text, &words);
            }
            codes.push(range);
        }
        Some(codes)
    }

    /// `hdr name [-m M] NAME [value [-m M] VALUE]`; after `name-lf` and `value-lf` stand formats.
    fn header_pattern(&mut self, shown: &str) -> Option<CheckPattern> {
        let keyword = self.next().map(|word| word.text.as_str());
        let missing = format!(
            "'{shown}' expects at the name keyword as first argument followed by a pattern"
        );
        let is_format = match keyword {
            Some("name") => false,
            Some("name-lf") => true,
            _ => return self.wrong(self.at - 1, format!("`{shown}` wants a name"), &missing),
        };
        let of_name = Wanted {
            shown,
            missing: &missing,
            is_format,
            named: None,
        };
        let (name, name_text) = self.text_pattern(&of_name)?;
        let keyword = self.line.text(self.at);
        let value = match keyword {
            "value" | "value-lf" => {
                self.at += 1;
                let of_value = Wanted {
                    shown,
                    missing: &format!("'{shown}' expect a pattern with the value keyword"),
                    is_format: keyword == "value-lf",
                    // HAProxy names the wrong one of the two
                    named: Some(&name_text),
                };
                Some(self.text_pattern(&of_value)?.0)
            }
            _ => None,
        };
        Some(CheckPattern::Header(HeaderPattern {
            full: shown == "fhdr",
            name,
            value,
        }))
    }

    /// A pattern, and how it is written.
    fn text_pattern(&mut self, wanted: &Wanted<'_>) -> Option<(TextPattern, String)> {
        let shown = wanted.shown;
        let mut method = "str";
        if self.line.text(self.at) == "-m" {
            self.at += 1;
            let words = format!(
                "'{shown}' : '-m' expects at a matching pattern ('str', 'beg', 'end', 'sub' or 'reg')"
            );
            method = self.value("-m", &words)?.text.as_str();
            if !["str", "beg", "end", "sub", "reg"].contains(&method) {
                let words = format!(
                    "'{shown}' : '-m' only supports 'str', 'beg', 'end', 'sub' or 'reg' (got '{method}')"
                );
                let text = format!("there is no way to match `{method}`");
                return self.wrong(self.at - 1, text, &words);
            }
        }
        let text = self.value(shown, wanted.missing)?.text.clone();
        if method == "reg" {
            if wanted.is_format {
                let words = format!(
                    "'{shown}': log-format string is not supported with a regex matching method"
                );
                let why = "a regular expression is no format".to_owned();
                return self.wrong(self.at - 1, why, &words);
            }
            return Some((TextPattern::Regex(self.regex(&text)?), text));
        }
        let format = match wanted.is_format {
            true => self.format(&text, wanted.named.unwrap_or(&text))?,
            false => plain(&text),
        };
        let pattern = match method {
            "beg" => TextPattern::Begin(format),
            "end" => TextPattern::End(format),
            "sub" => TextPattern::Contain(format),
            _ => TextPattern::Equal(format),
        };
        Some((pattern, text))
    }
}

/// One of the two patterns of a header.
struct Wanted<'a> {
    /// `hdr` or `fhdr`.
    shown: &'a str,
    /// What HAProxy says when it is not there.
    missing: &'a str,
    is_format: bool,
    /// The text that messages name in its place.
    named: Option<&'a str>,
}
