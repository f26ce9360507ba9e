//! Lines of a configuration, as words: what can be asked of it even where it has errors.

/// The number of the line that says `wanted` (and maybe more behind it), comments and blanks aside.
pub(super) fn line_in(text: &str, section: Option<&str>, wanted: &str) -> Option<usize> {
    let wanted: Vec<&str> = wanted.split_whitespace().collect();
    let section: Vec<&str> = section.unwrap_or_default().split_whitespace().collect();
    let mut inside = section.is_empty();
    for (at, line) in text.lines().enumerate() {
        let words: Vec<&str> = without_comment(line).split_whitespace().collect();
        if !section.is_empty() && words.first().is_some_and(|word| SECTIONS.contains(word)) {
            inside = words.starts_with(&section);
        }
        if inside && words.starts_with(&wanted) {
            return Some(at + 1);
        }
    }
    None
}

const SECTIONS: [&str; 15] = [
    "global",
    "defaults",
    "frontend",
    "backend",
    "listen",
    "userlist",
    "peers",
    "resolvers",
    "mailers",
    "cache",
    "program",
    "http-errors",
    "ring",
    "log-forward",
    "fcgi-app",
];

pub(super) fn without_comment(line: &str) -> &str {
    let mut quoted = None;
    for (at, c) in line.char_indices() {
        match (quoted, c) {
            (None, '#') => return &line[..at],
            (None, '"' | '\'') => quoted = Some(c),
            (Some(open), c) if open == c => quoted = None,
            _ => {}
        }
    }
    line
}

/// The number of the line that holds `part`, comments and all; runs of blanks are one.
pub(super) fn raw_in(text: &str, part: &str) -> Option<usize> {
    let single = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let part = single(part);
    let at = text.lines().position(|line| single(line).contains(&part))?;
    Some(at + 1)
}

/// The port of a `server` line.
pub(super) fn server_port(line: &str) -> Option<u16> {
    let mut words = without_comment(line).split_whitespace();
    (words.next()? == "server").then_some(())?;
    let (_, port) = words.nth(1)?.rsplit_once(':')?;
    port.parse().ok()
}
