//! Environment variables in addresses: HAProxy expands these whatever the quotes, where an address is looked at, so that
//! `bind :$PORT` listens on the port that the environment tells.

use super::Line;
use std::collections::BTreeMap;

/// Which word of a line is an address, counted from 0.
fn place(line: &Line) -> Option<usize> {
    match (line.text(0), line.text(1)) {
        ("bind" | "log", _) => Some(1),
        ("server" | "nameserver", _) | ("stats", "socket") => Some(2),
        ("server-template", _) => Some(3),
        _ => None,
    }
}

/// Puts the values of variables into the address of a line.
pub(super) fn expand(line: &mut Line, variables: &BTreeMap<String, String>) {
    let Some(word) = place(line).and_then(|at| line.words.get_mut(at)) else {
        return;
    };
    if word.text.contains('$') {
        word.text = expanded(&word.text, variables);
    }
}

/// `$NAME` and `${NAME}`; nothing for a variable that is not there.
fn expanded(text: &str, variables: &BTreeMap<String, String>) -> String {
    let mut pieces = text.split('$');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (name, rest) = match piece.strip_prefix('{').and_then(|it| it.split_once('}')) {
            Some(braced) => braced,
            None => piece.split_at(name_length(piece)),
        };
        out.push_str(variables.get(name).map_or("", String::as_str));
        out.push_str(rest);
    }
    out
}

fn name_length(text: &str) -> usize {
    let belongs = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    text.bytes().take_while(|byte| belongs(byte)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_expanded_with_and_without_braces() {
        let variables = [("HOST", "::1"), ("PORT", "80")].map(|(n, v)| (n.into(), v.into()));
        let variables = BTreeMap::from(variables);
        let check = |text: &str, expected: &str| {
            assert_eq!(expanded(text, &variables), expected, "{text}");
        };
        check(":$PORT", ":80");
        check("${HOST}:${PORT}", "::1:80");
        check("$HOST:$PORT", "::1:80");
        check(":$NOBODY", ":");
        check("a$", "a");
        check("${PORT", "{PORT");
        check("*:80", "*:80");
    }
}
