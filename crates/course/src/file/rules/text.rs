//! Rules for prose: placeholders, links, images, the length of lines.

use crate::file::Beside;
use crate::file::body::Fence;
use crate::file::front::{Line, lines};
use crate::file::report::{Place, Report};
use crate::placeholder;
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// Columns of the narrowest window that a text is written for, without its frame.
const COLUMNS: usize = 100;

/// Looks at the texts of the body, which is this part of the file.
pub(crate) fn body(file: &str, body: Range<usize>, beside: Beside<'_>, report: &Report) {
    let mut fence = Fence::default();
    for line in lines(&file[body.clone()]) {
        let start = body.start + line.start;
        let is_code = fence.covers(line.text) || line.text.starts_with("    ");
        placeholders(line.text, start, report);
        columns(&line, start, report);
        if !is_code {
            links(line.text, start, beside, report);
        }
    }
}

/// Keys of the front matter whose texts may hold placeholders.
const PROSE: [&str; 9] = [
    "title", "say", "next", "was", "ask", "because", "choices", "note", "try",
];

pub(crate) fn is_prose(key: &str) -> bool {
    PROSE.contains(&key)
}

/// Looks at the texts of the front matter, below the keys that hold some.
pub(crate) fn front(file: &str, table: &DeTable<'_>, is_text: fn(&str) -> bool, report: &Report) {
    for (key, value) in table {
        let here = is_text(key.get_ref());
        front_value(file, here, value, is_text, report);
    }
}

fn front_value(
    file: &str,
    here: bool,
    value: &toml::Spanned<DeValue<'_>>,
    is_text: fn(&str) -> bool,
    report: &Report,
) {
    match value.get_ref() {
        DeValue::String(_) if here => {
            let place = report.in_file(value.span());
            placeholders(&file[place.clone()], place.start, report);
        }
        DeValue::Array(list) => {
            for value in list {
                front_value(file, here, value, is_text, report);
            }
        }
        DeValue::Table(table) => front(file, table, is_text, report),
        _ => {}
    }
}

fn placeholders(text: &str, start: usize, report: &Report) {
    for (range, name) in placeholder::all(text) {
        if placeholder::is_known(name) {
            continue;
        }
        let place = start + range.start..start + range.end;
        let label = match placeholder::nearest(name) {
            Some(meant) => format!("did you mean {{{meant}}}?"),
            None => "not known".to_owned(),
        };
        let message = format!("unknown placeholder {{{name}}}");
        let problem = report.error("unknown-placeholder", message, &place, label);
        report.push(problem.next("all of them:  lab validate --vocabulary"));
    }
}

/// A long line is broken by the terminal, in the middle of a word. One that cannot be broken is left alone.
fn columns(line: &Line<'_>, start: usize, report: &Report) {
    let count = line.text.chars().count();
    let breakable = line.text.trim().contains(' ');
    if count > COLUMNS && breakable {
        let message = format!("a line of {count} columns");
        let beyond = line
            .text
            .char_indices()
            .nth(COLUMNS)
            .map_or(0, |(at, _)| at);
        let place = start + beyond..start + line.text.len();
        report.push(report.warning(
            "long-line",
            message,
            &place,
            format!("beyond column {COLUMNS}"),
        ));
    }
}

/// `[text](target)` and `![alternative](image)`.
fn links(line: &str, start: usize, beside: Beside<'_>, report: &Report) {
    for link in Links::new(line) {
        let place = |range: &Range<usize>| start + range.start..start + range.end;
        let target = &line[link.target.clone()];
        if link.is_image && line[link.text.clone()].trim().is_empty() {
            let message = format!("the image {target} has no text alternative");
            let problem = report.error(
                "missing-alternative",
                message,
                &place(&link.whole),
                "`![ ]` is empty",
            );
            report.push(
                problem.why("whoever cannot see it, or reads in a terminal, is told what it shows"),
            );
        }
        if is_local(target) && beside(without_anchor(target)).is_none() {
            not_there(target, &place(&link.target), report);
        }
    }
}

fn is_local(target: &str) -> bool {
    let has_scheme = target
        .split('/')
        .next()
        .is_some_and(|first| first.contains(':'));
    !has_scheme && !target.starts_with(['#', '{']) && !target.is_empty()
}

fn without_anchor(target: &str) -> &str {
    target.split('#').next().unwrap_or(target)
}

fn not_there(target: &str, place: &Place, report: &Report) {
    let message = format!("there is no file {target}");
    report.push(report.error(
        "missing-file",
        message,
        place,
        "looked for from this file's folder",
    ));
}

struct Link {
    is_image: bool,
    whole: Range<usize>,
    text: Range<usize>,
    target: Range<usize>,
}

/// The links of one line, outside of `code`.
struct Links<'l> {
    line: &'l str,
    at: usize,
}

impl<'l> Links<'l> {
    fn new(line: &'l str) -> Self {
        Self { line, at: 0 }
    }
}

impl Iterator for Links<'_> {
    type Item = Link;

    fn next(&mut self) -> Option<Link> {
        loop {
            let rest = &self.line[self.at..];
            let found = self.at + rest.find(['`', '['])?;
            if self.line[found..].starts_with('`') {
                let code = &self.line[found + 1..];
                self.at = found + 1 + code.find('`').map_or(code.len(), |end| end + 1);
                continue;
            }
            let open = found + 1;
            let Some(middle) = self.line[open..].find("](") else {
                self.at = self.line.len();
                continue;
            };
            let target = open + middle + 2;
            let Some(length) = self.line[target..].find(')') else {
                self.at = self.line.len();
                continue;
            };
            self.at = target + length + 1;
            let is_image = self.line[..found].ends_with('!');
            return Some(Link {
                is_image,
                whole: found - usize::from(is_image)..self.at,
                text: open..open + middle,
                target: target..target + length,
            });
        }
    }
}
