//! `half-commented`: a section of which only some lines were uncommented, as happens with the statistics page.

use crate::raw::RawSection;
use crate::report::Report;
use diagnostics::{Diagnostic, Span};

pub(super) fn check(raw: &[RawSection], report: &mut Report<'_>) {
    for (index, section) in raw.iter().enumerate() {
        let next = raw.get(index + 1).map(|next| next.head.span);
        let comments = comments(section, next, report);
        head_still_commented(section, &comments, report);
        body_still_commented(section, &comments, report);
    }
}

/// A comment line, and the configuration line that it would be.
struct Comment<'a> {
    span: Span,
    text: &'a str,
}

/// The comment lines under a section's head.
fn comments<'a>(section: &RawSection, next: Option<Span>, report: &Report<'a>) -> Vec<Comment<'a>> {
    let head = section.head.span;
    let source = report.sources.get(head.source);
    let end = next
        .filter(|next| next.source == head.source)
        .map_or(source.text.len(), |next| next.start);
    let mut start = head.end;
    let mut comments = Vec::new();
    for line in source.text[head.end..end].split_inclusive('\n') {
        let shown = line.trim();
        if shown.starts_with('#') {
            let at = start + line.len() - line.trim_start().len();
            comments.push(Comment {
                span: Span {
                    source: head.source,
                    start: at,
                    end: at + shown.len(),
                },
                text: shown.trim_start_matches('#').trim(),
            });
        }
        start += line.len();
    }
    comments
}

/// `#listen stats_page` above `bind` or `stats` lines: they land in the section before.
fn head_still_commented(section: &RawSection, comments: &[Comment<'_>], report: &mut Report<'_>) {
    for comment in comments {
        let Some((kind, name)) = as_head(comment.text) else {
            continue;
        };
        let follows = section
            .lines
            .iter()
            .find(|line| line.span.start > comment.span.end);
        let Some(line) = follows.filter(|line| matches!(line.text(0), "bind" | "stats")) else {
            continue;
        };
        report.push(
            Diagnostic::warning(
                "half-commented",
                format!(
                    "this line belongs to `{} {}`, not to `{kind} {name}`",
                    section.head.text(0),
                    section.head.text(1)
                ),
            )
            .at(line.statement(), "")
            .beside(comment.span, "still a comment")
            .next(format!("take the # off  {kind} {name}")),
        );
    }
}

/// A comment that is nothing but a section's head.
fn as_head(text: &str) -> Option<(&str, &str)> {
    let mut words = text.split_whitespace();
    let kind = words
        .next()
        .filter(|kind| matches!(*kind, "listen" | "frontend"))?;
    let name = words.next()?;
    words.next().is_none().then_some((kind, name))
}

/// `listen stats_page` whose `bind` or `stats` lines still are comments.
fn body_still_commented(section: &RawSection, comments: &[Comment<'_>], report: &mut Report<'_>) {
    if !matches!(section.head.text(0), "listen" | "frontend") {
        return;
    }
    let has = |name: &str| section.lines.iter().any(|line| line.text(0) == name);
    let first_word =
        |comment: &Comment<'_>| comment.text.split_whitespace().next().map(str::to_owned);
    let hidden = |name: &str| -> Vec<&Comment<'_>> {
        let found = comments
            .iter()
            .filter(|c| first_word(c).as_deref() == Some(name));
        found.collect()
    };
    let serves = has("server") || has("stats") || has("default_backend") || has("use_backend");
    let missing: Vec<&Comment<'_>> = match (has("bind"), serves) {
        (false, _) => hidden("bind"),
        (true, false) => hidden("stats"),
        (true, true) => Vec::new(),
    };
    if missing.is_empty() {
        return;
    }
    let name = section.head.text(1);
    let mut diagnostic = Diagnostic::warning(
        "half-commented",
        format!("`{name}` is only half uncommented"),
    )
    .at(section.head.statement(), "")
    .next("take the # off these lines, too");
    for comment in missing {
        diagnostic = diagnostic.beside(comment.span, "still a comment");
    }
    report.push(diagnostic);
}
