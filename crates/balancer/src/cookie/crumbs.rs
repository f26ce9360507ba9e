//! The pieces of a `cookie` or `set-cookie` field.

use std::ops::Range;

/// One cookie of a field: places in its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Crumb {
    /// From the delimiter before it to the one after it.
    pub(super) whole: Range<usize>,
    /// Without the spaces around it.
    pub(super) name: Range<usize>,
    /// Without the spaces around it; `None`: there is no `=`.
    pub(super) value: Option<Range<usize>>,
}

impl Crumb {
    /// From its name to its end, without the spaces around `=`.
    pub(super) fn tidy(&self, text: &[u8]) -> Vec<u8> {
        match &self.value {
            Some(value) => {
                let mut tidy = text[self.name.clone()].to_vec();
                tidy.push(b'=');
                tidy.extend_from_slice(&text[value.start..self.whole.end]);
                tidy
            }
            None => text[self.name.start..self.whole.end].to_vec(),
        }
    }

    /// `$Path` and the like belong to the cookie before them (RFC 2109).
    pub(super) fn is_attribute(&self, text: &[u8]) -> bool {
        text.get(self.name.start) == Some(&b'$')
    }
}

/// The cookies of a request's field, which `;` and `,` part outside of quotes.
pub(super) fn of_request(text: &[u8]) -> Vec<Crumb> {
    let mut crumbs: Vec<Crumb> = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let after_delimiter = start + usize::from(!crumbs.is_empty());
        let crumb = crumb(text, start, after_delimiter, b"=,;");
        start = crumb.whole.end;
        crumbs.push(crumb);
    }
    crumbs
}

/// The cookie of an answer's field: there is one in each, whatever follows it.
pub(super) fn of_response(text: &[u8]) -> Crumb {
    crumb(text, 0, 0, b"=;")
}

fn crumb(text: &[u8], start: usize, from: usize, delimiters: &[u8]) -> Crumb {
    let name_start = skip_spaces(text, from.min(text.len()));
    let name_end = position(text, name_start, |byte| delimiters.contains(&byte));
    let name = name_start..trim_end(text, name_start, name_end);
    if text.get(name_end) != Some(&b'=') {
        return Crumb {
            whole: start..name_end,
            name,
            value: None,
        };
    }
    let value_start = skip_spaces(text, name_end + 1);
    let end = value_end(text, value_start);
    Crumb {
        whole: start..end,
        name,
        value: Some(value_start..trim_end(text, value_start, end)),
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

pub(super) fn skip_spaces(text: &[u8], from: usize) -> usize {
    position(text, from, |byte| !is_space(byte))
}

pub(super) fn trim_end(text: &[u8], start: usize, end: usize) -> usize {
    let spaces = text[start..end].iter().rev().take_while(|b| is_space(**b));
    end - spaces.count()
}

fn position(text: &[u8], from: usize, wanted: impl Fn(u8) -> bool) -> usize {
    let found = text[from..].iter().position(|byte| wanted(*byte));
    found.map_or(text.len(), |at| from + at)
}

/// The delimiter that ends a value, not counting those in quotes, where a backslash hides the next byte.
fn value_end(text: &[u8], from: usize) -> usize {
    let (mut quoted, mut hidden) = (false, false);
    position_with(text, from, |byte| {
        if hidden {
            hidden = false;
        } else if quoted {
            hidden = byte == b'\\';
            quoted = byte != b'"';
        } else {
            quoted = byte == b'"';
            return matches!(byte, b',' | b';');
        }
        false
    })
}

fn position_with(text: &[u8], from: usize, mut wanted: impl FnMut(u8) -> bool) -> usize {
    let found = text[from..].iter().position(|byte| wanted(*byte));
    found.map_or(text.len(), |at| from + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, Option<&str>)]) {
        let crumbs = of_request(text.as_bytes());
        let seen: Vec<_> = crumbs
            .iter()
            .map(|crumb| {
                let value = crumb.value.clone().map(|value| &text[value]);
                (&text[crumb.name.clone()], value)
            })
            .collect();
        assert_eq!(seen, expected, "{text}");
    }

    #[test]
    fn cookies_are_parted_by_semicolons_and_commas() {
        check("a=b", &[("a", Some("b"))]);
        check(
            "a=b; c =  d ;e, f=",
            &[
                ("a", Some("b")),
                ("c", Some("d")),
                ("e", None),
                ("f", Some("")),
            ],
        );
    }

    #[test]
    fn quotes_hide_delimiters() {
        check(
            r#"a="b;c\";d"; e=f"#,
            &[("a", Some(r#""b;c\";d""#)), ("e", Some("f"))],
        );
        check(r#"a="b; c=d"#, &[("a", Some(r#""b; c=d"#))]);
    }

    #[test]
    fn odd_fields_come_to_an_end() {
        check("", &[]);
        check(";", &[("", None), ("", None)]);
        check(" ; =;=", &[("", None), ("", Some("")), ("", Some(""))]);
    }

    #[test]
    fn an_answer_sets_one_cookie() {
        let text = b"a = b, c; Path=/";
        let crumb = of_response(text);
        assert_eq!(crumb.tidy(text), b"a=b");
    }
}
