//! The expression of an `.if`: predicates joined by `!`, `&&`, `||` and parentheses.

use crate::Environment;

/// What may stand in an expression.
pub(crate) const KNOWN: &str = "known: integers, defined(), feature(), streq(), strneq(), version_atleast(), \
                                version_before(), openssl_version_atleast(), openssl_version_before(), ! && || ( )";

/// The HAProxy version we are like.
const VERSION: &str = "2.6.12";

/// HAProxy's features that this program has, too.
const FEATURES: [&str; 3] = ["EPOLL", "POLL", "THREAD"];

/// Why an expression cannot be read: in HAProxy's words, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExpressionError {
    pub(crate) words: String,
    /// Byte offset.
    pub(crate) at: usize,
}

/// Whether the expression holds; an empty one does not.
pub(crate) fn evaluate(text: &str, environment: &Environment) -> Result<bool, ExpressionError> {
    let mut reader = Reader {
        text,
        at: 0,
        environment,
    };
    let holds = reader.any()?;
    reader.blanks();
    match reader.rest().chars().next() {
        None => Ok(holds),
        Some('&' | '|') => Err(reader.unparsable(reader.at)),
        Some(odd) => Err(ExpressionError {
            words: format!(
                "unexpected character '{odd}' at the end of conditional expression '{text}'"
            ),
            at: reader.at,
        }),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    environment: &'a Environment,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn accept(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn unparsable(&self, at: usize) -> ExpressionError {
        let rest = &self.text[at..];
        ExpressionError {
            words: format!("unparsable conditional expression '{rest}'"),
            at,
        }
    }

    /// Terms joined by `||`.
    fn any(&mut self) -> Result<bool, ExpressionError> {
        let mut holds = self.all()?;
        while self.joint("||") {
            holds |= self.all()?;
        }
        Ok(holds)
    }

    /// Terms joined by `&&`.
    fn all(&mut self) -> Result<bool, ExpressionError> {
        let mut holds = self.term()?;
        while self.joint("&&") {
            holds &= self.term()?;
        }
        Ok(holds)
    }

    /// A joint with something after it.
    fn joint(&mut self, token: &str) -> bool {
        self.blanks();
        let start = self.at;
        if self.accept(token) {
            self.blanks();
            if !self.rest().is_empty() {
                return true;
            }
            self.at = start;
        }
        false
    }

    fn term(&mut self) -> Result<bool, ExpressionError> {
        self.blanks();
        let start = self.at;
        if self.accept("!") {
            return self.term().map(|holds| !holds);
        }
        if self.accept("(") {
            let holds = self.any()?;
            self.blanks();
            if !self.accept(")") {
                let words = format!(
                    "expected ')' after conditional expression '{}'",
                    &self.text[start..]
                );
                return Err(ExpressionError { words, at: start });
            }
            return Ok(holds);
        }
        if self.rest().is_empty() {
            return Ok(false);
        }
        self.integer().map_or_else(|| self.predicate(), Ok)
    }

    fn integer(&mut self) -> Option<bool> {
        let rest = self.rest();
        let digits = rest.trim_start_matches(['-', '+']);
        let sign = rest.len() - digits.len();
        let length = digits.len()
            - digits
                .trim_start_matches(|c: char| c.is_ascii_digit())
                .len();
        if length == 0 || sign > 1 {
            return None;
        }
        self.at += sign + length;
        Some(digits[..length].chars().any(|c| c != '0'))
    }

    fn predicate(&mut self) -> Result<bool, ExpressionError> {
        let start = self.at;
        let Some((name, _)) = self.rest().split_once('(') else {
            return Err(self.unparsable(start));
        };
        let wanted = match name {
            "defined"
            | "feature"
            | "version_atleast"
            | "version_before"
            | "openssl_version_atleast"
            | "openssl_version_before" => 1,
            "streq" | "strneq" => 2,
            _ => return Err(self.unparsable(start)),
        };
        self.at += name.len() + 1;
        let arguments = self.arguments(name, wanted)?;
        let first = arguments[0];
        Ok(match name {
            "defined" => self.environment.variables.contains_key(first),
            "feature" => FEATURES.contains(&first),
            "streq" => first == arguments[1],
            "strneq" => first != arguments[1],
            "version_atleast" => version(VERSION) >= version(first),
            "version_before" => version(VERSION) < version(first),
            // there is no OpenSSL here, so no version of it is reached or passed
            _ => false,
        })
    }

    fn arguments(&mut self, name: &str, wanted: usize) -> Result<Vec<&'a str>, ExpressionError> {
        let open = self.at;
        let closed = self.rest().split_once(')');
        let inner = closed.map_or(self.rest(), |(inner, _)| inner);
        let mut given: Vec<&str> = inner.splitn(wanted, ',').map(str::trim).collect();
        if given.len() < wanted {
            let got = given.len();
            let words = format!(
                "missing arguments (got {got}/{wanted}), type 'string' expected in argument {got} of predicate \
                 '{name}' used in conditional expression"
            );
            return Err(ExpressionError {
                words,
                at: open + inner.len(),
            });
        }
        let last = given[wanted - 1];
        if let Some(comma) = last.find(',') {
            let rest = &self.rest()[inner.len() - last.len() + comma..];
            // HAProxy counts no further where too much is given
            let words = format!(
                "expected ')' before '{rest}' in argument 1 of predicate '{name}' used in conditional expression"
            );
            return Err(ExpressionError {
                words,
                at: open + inner.len() - last.len() + comma,
            });
        }
        if closed.is_none() {
            let words = format!(
                "expected ')' in argument 1 of predicate '{name}' used in conditional expression"
            );
            return Err(ExpressionError {
                words,
                at: open + inner.len(),
            });
        }
        given.truncate(wanted);
        self.at += inner.len() + 1;
        Ok(given)
    }
}

/// A version's parts, comparable; `-dev1` sorts before the release it leads to. What cannot be read is newer than all.
fn version(text: &str) -> (u32, u32, u32, u32) {
    const UNREADABLE: (u32, u32, u32, u32) = (u32::MAX, 0, 0, 0);
    let (numbers, suffix) = text.split_once('-').unwrap_or((text, ""));
    let mut parts = numbers.split('.').map(str::parse::<u32>);
    let mut next = || parts.next().unwrap_or(Ok(0));
    let (Ok(major), Ok(minor), Ok(patch)) = (next(), next(), next()) else {
        return UNREADABLE;
    };
    let step = match suffix.strip_prefix("dev") {
        Some(number) => number.parse().unwrap_or(0),
        None => u32::MAX,
    };
    (major, minor, patch, step)
}

#[cfg(test)]
mod tests;
