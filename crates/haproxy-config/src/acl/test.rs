//! One test: an expression, flags, patterns.

use super::keywords;
use crate::report::Report;
use crate::sample::{self, Place, Within};
use crate::words::Word;
use diagnostics::Diagnostic;
use samples::fetch::Needs;
use samples::{Expression, Matching, PatternSet, Test};
use std::sync::Arc;

/// Reads the words of a test; the error is HAProxy's.
pub(super) fn read(
    words: &[Word],
    place: &mut Place<'_>,
    report: &mut Report<'_>,
) -> Result<Test, String> {
    let first = words.first().map_or("", |word| word.text.as_str());
    place.within = Within::Acl;
    let (expression, by_keyword) = expression(first, place)?;
    if matches!(
        expression.fetch.needs,
        Needs::Buffer | Needs::ResponseBuffer
    ) {
        let found = (place.proxy.to_owned(), place.span);
        place.shared.raw_fetches.push(found);
    }
    let mut reader = Reader {
        name: sample::name(first).0,
        expression: &expression,
        matching: by_keyword.or(Matching::of(expression.kind())),
        ignore_case: false,
        files: Vec::new(),
    };
    let rest = reader.flags(words.get(1..).unwrap_or_default())?;
    let matching = reader.matching.ok_or_else(|| {
        format!(
            "matching method must be specified first (using '-m') when using a sample fetch of this type ('{}')",
            reader.name
        )
    })?;
    let patterns = reader.patterns(matching, rest, place)?;
    let nothing_said = words.len() <= 1;
    if nothing_said && !matching.needs_no_pattern() {
        report.push(never_matches(first, words, place));
    }
    Ok(Test {
        expression,
        matching,
        patterns,
    })
}

/// The expression, and the way to match that its first word brings along.
fn expression(text: &str, place: &mut Place<'_>) -> Result<(Expression, Option<Matching>), String> {
    let (name, rest) = sample::name(text);
    let Some(keyword) = keywords::find(name) else {
        let read = sample::expression(text, place);
        let expression = read.map_err(|words| format!("{words} in ACL expression '{text}'"))?;
        return Ok((expression, None));
    };
    let arguments = sample::acl_arguments(keyword.fetch, name, rest, place)?;
    let (arguments, rest) = arguments;
    let odd = |words: &str| format!("ACL keyword '{name}' : {words}.");
    if !rest.is_empty() && !rest.starts_with(',') {
        return Err(odd("missing comma after fetch keyword"));
    }
    let converters = sample::conversions(rest, keyword.fetch.kind, place);
    let (converters, rest) = converters.map_err(|words| odd(&words))?;
    if !rest.is_empty() {
        return Err(odd("missing comma after converter"));
    }
    let expression = Expression {
        fetch: keyword.fetch,
        arguments,
        converters,
    };
    Ok((expression, keyword.matching))
}

struct Reader<'a> {
    /// The first word's name.
    name: &'a str,
    expression: &'a Expression,
    matching: Option<Matching>,
    ignore_case: bool,
    files: Vec<&'a str>,
}

impl<'a> Reader<'a> {
    /// `-i`, `-m`, `-f`, `-n`, `-M`, `-u`, `--`; gives the words after them.
    fn flags(&mut self, mut words: &'a [Word]) -> Result<&'a [Word], String> {
        while let [flag, rest @ ..] = words {
            let value = rest.first().map_or("", |word| word.text.as_str());
            let mut taken = 0;
            match flag.text.as_str() {
                "--" => return Ok(rest),
                "-i" => self.ignore_case = true,
                // No name is looked up for a pattern, so there is nothing to forbid.
                "-n" => {}
                "-u" => {
                    return Err("'-u' gives a list a number of its own, which is not there yet; the runtime API names it by the number that 'show acl' tells".to_owned());
                }
                "-f" => {
                    self.files.push(value);
                    taken = 1;
                }
                "-m" => {
                    self.choose(value)?;
                    taken = 1;
                }
                "-M" => {
                    return Err("'-M' is for maps that the runtime API fills; use '-f'".to_owned());
                }
                odd if odd.starts_with('-') && odd.len() > 1 => {
                    return Err(format!(
                        "'{odd}' is not a valid ACL option. Please use '--' before any pattern beginning with a '-'"
                    ));
                }
                _ => return Ok(words),
            }
            words = rest.get(taken..).unwrap_or_default();
        }
        Ok(words)
    }

    fn choose(&mut self, method: &str) -> Result<(), String> {
        let matching = Matching::find(method).ok_or_else(|| {
            format!("unknown matching method '{method}' when parsing ACL expression")
        })?;
        let kind = self.expression.kind();
        if !kind.becomes(matching.wants()) {
            return Err(format!(
                "matching method '{method}' cannot be used with fetch keyword '{}'",
                self.name
            ));
        }
        self.matching = Some(matching);
        Ok(())
    }

    fn patterns(
        &self,
        matching: Matching,
        words: &[Word],
        place: &mut Place<'_>,
    ) -> Result<Vec<Arc<PatternSet>>, String> {
        let mut sets = Vec::new();
        for file in &self.files {
            let shared = &mut *place.shared;
            sets.push(shared.read_patterns(
                file,
                matching,
                self.ignore_case,
                false,
                self.name,
                place.span,
            )?);
        }
        let set = PatternSet::new(matching, self.ignore_case, false);
        let mut operator = Operator::Equal;
        for word in words {
            let text = &word.text;
            let dotted = dotted_version(text);
            let text = match &dotted {
                Some(version) if self.expression.fetch.name.ends_with("ssl_ver") => version,
                _ => text,
            };
            if matching == Matching::Int || matching == Matching::Len {
                if let Some(next) = Operator::find(text) {
                    operator = next;
                    continue;
                }
                set.add(&operator.range(text)?, None)?;
            } else {
                set.add(text, None)?;
            }
        }
        sets.push(place.shared.keep(place.span, self.name, None, set));
        Ok(sets)
    }
}

/// `3.1` as the number that stands for this version of TLS.
fn dotted_version(text: &str) -> Option<String> {
    let (major, minor) = text.split_once('.')?;
    let (major, minor): (u32, u32) = (major.parse().ok()?, minor.parse().ok()?);
    Some((major << 16 | minor & 0xffff).to_string())
}

/// How the numbers after it are compared.
#[derive(Clone, Copy)]
enum Operator {
    Equal,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Operator {
    fn find(text: &str) -> Option<Self> {
        Some(match text {
            "eq" => Self::Equal,
            "gt" => Self::Greater,
            "ge" => Self::GreaterOrEqual,
            "lt" => Self::Less,
            "le" => Self::LessOrEqual,
            _ => return None,
        })
    }

    /// The range that an operator makes of a number.
    fn range(self, text: &str) -> Result<String, String> {
        if text.contains([':', '-']) {
            return Ok(text.to_owned());
        }
        let number = || {
            samples::value::number(text.as_bytes())
                .ok_or_else(|| format!("'{text}' is neither a number nor a supported operator"))
        };
        Ok(match self {
            Self::Equal => text.to_owned(),
            Self::Greater => format!("{}:", number()?.saturating_add(1)),
            Self::GreaterOrEqual => format!("{}:", number()?),
            Self::Less => format!(":{}", number()?.saturating_sub(1)),
            Self::LessOrEqual => format!(":{}", number()?),
        })
    }
}

fn never_matches(shown: &str, words: &[Word], place: &Place<'_>) -> Diagnostic {
    let at = words.first().map_or(place.span, |word| word.span);
    Diagnostic::warning(
        "acl-without-pattern",
        format!("`{shown}` is compared with nothing, so it never holds"),
    )
    .at(at, "")
    .next("write what it is compared with, or `-m found` to ask only whether it is there")
    .haproxy(format!(
        "config : parsing acl keyword '{shown}' :\n  \
             no pattern to match against were provided, so this ACL will never match.\n  \
             If this is what you intended, please add '--' to get rid of this warning.\n  \
             If you intended to match only for existence, please use '-m found'.\n  \
             If you wanted to force an int to match as a bool, please use '-m bool'.\n"
    ))
}
