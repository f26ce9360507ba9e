//! Finds a value in a JSON text without reading more of it than that takes.

use std::ops::ControlFlow::{self, Break, Continue};

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// As written.
    Number(&'a str),
    /// Its escapes resolved; `\u00e9` is one byte, as in HAProxy.
    Text(Vec<u8>),
    Bool(bool),
    /// `null`, a list or an object.
    Other,
}

/// Deeper texts are not looked at.
const DEPTH_MAX: usize = 20;

/// The value at a path such as `$.a.b[2]`, in which a backslash takes a dot for a letter; `None`: there is none.
pub(crate) fn find<'a>(text: &'a [u8], path: &str) -> Option<Token<'a>> {
    let steps = steps(path)?;
    match (Scanner { text, at: 0 }).value(Some(&steps), 0)? {
        Break(token) => token,
        Continue(()) => None,
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Step {
    Key(Vec<u8>),
    Index(usize),
}

fn steps(path: &str) -> Option<Vec<Step>> {
    let mut rest = path.strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(inside) = rest.strip_prefix('[') {
            let (index, after) = inside.split_once(']')?;
            steps.push(Step::Index(index.parse().ok()?));
            rest = after;
        } else {
            let (key, after) = key(rest.strip_prefix('.')?);
            steps.push(Step::Key(key));
            rest = after;
        }
    }
    Some(steps)
}

fn key(text: &str) -> (Vec<u8>, &str) {
    let mut key = Vec::new();
    let mut letters = text.bytes().enumerate();
    while let Some((at, letter)) = letters.next() {
        match letter {
            b'.' | b'[' => return (key, &text[at..]),
            b'\\' => key.extend(letters.next().map(|(_, letter)| letter)),
            letter => key.push(letter),
        }
    }
    (key, "")
}

struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Scanner<'a> {
    /// Reads a value, and stops at the one that the steps lead to; `steps`: `None` where nothing is looked for.
    /// `None`: this is no JSON.
    fn value(
        &mut self,
        steps: Option<&[Step]>,
        depth: usize,
    ) -> Option<ControlFlow<Option<Token<'a>>>> {
        let wanted = steps.is_some_and(<[Step]>::is_empty);
        let token = match self.peek()? {
            b'{' if depth < DEPTH_MAX && !wanted => return self.object(steps, depth),
            b'[' if depth < DEPTH_MAX && !wanted => return self.list(steps, depth),
            b'{' | b'[' if wanted => return Some(Break(Some(Token::Other))),
            b'"' => {
                let raw = self.string()?;
                match wanted {
                    true => return Some(Break(unescaped(raw).map(Token::Text))),
                    false => Token::Other,
                }
            }
            b't' => self.word(b"true", Token::Bool(true))?,
            b'f' => self.word(b"false", Token::Bool(false))?,
            b'n' => self.word(b"null", Token::Other)?,
            b'-' | b'0'..=b'9' => Token::Number(self.number()?),
            _ => return None,
        };
        Some(match wanted {
            true => Break(Some(token)),
            false => Continue(()),
        })
    }

    fn object(
        &mut self,
        steps: Option<&[Step]>,
        depth: usize,
    ) -> Option<ControlFlow<Option<Token<'a>>>> {
        self.take(b'{')?;
        if self.take(b'}').is_some() {
            return Some(Continue(()));
        }
        loop {
            self.peek()?;
            let name = self.string()?;
            self.take(b':')?;
            let below = match steps {
                Some([Step::Key(key), rest @ ..]) if key == name => Some(rest),
                _ => None,
            };
            if let found @ Break(_) = self.value(below, depth + 1)? {
                return Some(found);
            }
            if self.take(b',').is_none() {
                self.take(b'}')?;
                return Some(Continue(()));
            }
        }
    }

    fn list(
        &mut self,
        steps: Option<&[Step]>,
        depth: usize,
    ) -> Option<ControlFlow<Option<Token<'a>>>> {
        self.take(b'[')?;
        if self.take(b']').is_some() {
            return Some(Continue(()));
        }
        for index in 0.. {
            let below = match steps {
                Some([Step::Index(wanted), rest @ ..]) if *wanted == index => Some(rest),
                _ => None,
            };
            if let found @ Break(_) = self.value(below, depth + 1)? {
                return Some(found);
            }
            if self.take(b',').is_none() {
                break;
            }
        }
        self.take(b']')?;
        Some(Continue(()))
    }

    /// The next byte that is no blank.
    fn peek(&mut self) -> Option<u8> {
        let rest = &self.text[self.at..];
        self.at += rest
            .iter()
            .position(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))?;
        self.text.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        self.peek().filter(|next| *next == byte)?;
        self.at += 1;
        Some(())
    }

    fn word(&mut self, word: &[u8], token: Token<'a>) -> Option<Token<'a>> {
        self.text[self.at..].starts_with(word).then(|| {
            self.at += word.len();
            token
        })
    }

    fn number(&mut self) -> Option<&'a str> {
        let rest = &self.text[self.at..];
        let belongs = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
        let end = rest.iter().position(|byte| !belongs(byte));
        let number = &rest[..end.unwrap_or(rest.len())];
        self.at += number.len();
        std::str::from_utf8(number).ok()
    }

    /// What stands between quotes, as written.
    fn string(&mut self) -> Option<&'a [u8]> {
        let inside = self.text[self.at..].strip_prefix(b"\"")?;
        let mut escaped = false;
        let end = inside.iter().position(|byte| {
            let ends = *byte == b'"' && !escaped;
            escaped = *byte == b'\\' && !escaped;
            ends
        })?;
        self.at += end + 2;
        Some(&inside[..end])
    }
}

/// `None`: an escape that HAProxy does not know.
fn unescaped(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'\\' {
            out.push(*first);
            continue;
        }
        let (letter, after) = rest.split_first()?;
        rest = after;
        out.push(match letter {
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'\\' | b'"' => *letter,
            b'u' => {
                let digits = rest.strip_prefix(b"00")?.get(..2)?;
                rest = &rest[4..];
                u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?
            }
            _ => return None,
        });
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, path: &str, expected: Option<Token<'_>>) {
        assert_eq!(find(text.as_bytes(), path), expected, "{path} in {text}");
    }

    fn text(text: &str) -> Option<Token<'static>> {
        Some(Token::Text(text.into()))
    }

    #[test]
    fn a_path_leads_through_objects_and_lists() {
        check(r#"{"a":{"b":[1,{"c":"x"}]}}"#, "$.a.b[1].c", text("x"));
        check(r#"{"a":1,"a":2}"#, "$.a", Some(Token::Number("1")));
        check(r#"{"my.key": true}"#, r"$.my\.key", Some(Token::Bool(true)));
        check(" [ 1 , 2 ] ", "$[1]", Some(Token::Number("2")));
        check(r#""x""#, "$", text("x"));
        check(r#"{"a":{}}"#, "$.a", Some(Token::Other));
        check(r#"{"x":{"a":5}}"#, "$.a", None);
        check(r#"{"a":1}"#, "a", None);
    }

    #[test]
    fn what_is_no_json_has_no_values() {
        for odd in ["", "{", "{'a':1}", r#"{"a""#, r#"{"b":nul,"a":1}"#, "[1"] {
            check(odd, "$.a", None);
        }
        let deep = "[".repeat(100_000);
        check(&deep, "$[0][0]", Some(Token::Other));
        check(&deep, "$.a", None);
    }

    #[test]
    fn escapes_are_resolved() {
        let escaped = find(br#"{"a":"\n\"\u0041\u00e9"}"#, "$.a");
        assert_eq!(escaped, Some(Token::Text(b"\n\"A\xe9".to_vec())));
        check(r#"{"a":"\ud83d"}"#, "$.a", None);
        check(r#"{"a":"\/"}"#, "$.a", None);
    }
}
