//! The two ways a diagnostic is shown.

use crate::{Diagnostic, Severity, Sources};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

/// How the full form is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// The first word in colour, and only that; the caller knows whether the text goes to a terminal that shows it.
    pub color: bool,
    /// Columns of the terminal: quoted lines are cut to it and explanations wrapped.
    pub width: usize,
}

impl Style {
    /// No colour, 100 columns: for files, pipes and tests.
    pub const PLAIN: Self = Self {
        color: false,
        width: 100,
    };
}

/// The full form: what, the quoted lines with carets, why, and what to do next. Ends with a newline.
pub fn full(diagnostic: &Diagnostic, sources: &Sources, style: Style) -> String {
    let renderer = Renderer::plain().term_width(style.width.max(MIN_WIDTH));
    let mut text = renderer.render(&[group(diagnostic, sources)]);
    text.push('\n');
    if style.color {
        text = in_color(diagnostic.severity, &text);
    }
    if let Some(why) = &diagnostic.why {
        hanging(&mut text, "why", why, style.width);
    }
    for (index, next) in diagnostic.next.iter().enumerate() {
        hanging(
            &mut text,
            if index == 0 { "next" } else { "" },
            next,
            style.width,
        );
    }
    text
}

/// HAProxy's form: `[ALERT]    (4711) : config : parsing [FILE:9] : text`, for a process with this pid, without the
/// final newline; several lines where HAProxy tells each occurrence by itself. A problem HAProxy has no words for is
/// told in ours, in its shape.
pub fn one_line(diagnostic: &Diagnostic, sources: &Sources, pid: u32) -> String {
    let label = match diagnostic.severity {
        Severity::Error => "[ALERT]",
        Severity::Warning if diagnostic.alert => "[ALERT]",
        Severity::Warning => "[WARNING]",
        Severity::Note => "[NOTICE]",
    };
    let lines = haproxy_words(diagnostic, sources).into_iter();
    let labelled: Vec<_> = lines
        .map(|words| format!("{label:<10} ({pid}) : {words}"))
        .collect();
    labelled.join("\n")
}

/// What stands after the label and pid in HAProxy's form, for each line.
pub fn haproxy_words(diagnostic: &Diagnostic, sources: &Sources) -> Vec<String> {
    if diagnostic.haproxy.is_empty() {
        vec![own_words(diagnostic, sources)]
    } else {
        diagnostic.haproxy.clone()
    }
}

fn own_words(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let message = &diagnostic.message;
    let Some(label) = diagnostic.labels.first() else {
        return format!("config : {message}.");
    };
    let source = sources.get(label.span.source);
    let line = source.location(label.span.start).line;
    format!("config : parsing [{}:{line}] : {message}.", source.name)
}

/// The severity word that the text begins with, bold and in its colour.
fn in_color(severity: Severity, text: &str) -> String {
    let (word, color) = match severity {
        Severity::Error => ("error", 31),
        Severity::Warning => ("warning", 33),
        Severity::Note => ("note", 36),
    };
    let rest = text.strip_prefix(word).unwrap_or(text);
    format!("\u{1b}[1;{color}m{word}\u{1b}[0m{rest}")
}

/// Narrower than this, quoting makes no sense.
const MIN_WIDTH: usize = 40;

fn group<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut group = Group::with_title(level.primary_title(diagnostic.message.as_str()));
    for (id, source) in sources.iter() {
        let labels = diagnostic.labels.iter().filter(|l| l.span.source == id);
        let mut annotations = labels
            .map(|label| {
                let kind = if label.context {
                    AnnotationKind::Context
                } else {
                    AnnotationKind::Primary
                };
                let text = (!label.text.is_empty()).then_some(label.text.as_str());
                kind.span(label.span.start..label.span.end).label(text)
            })
            .peekable();
        if annotations.peek().is_some() {
            let snippet = Snippet::source(source.text.as_str())
                .path(source.name.as_str())
                .annotations(annotations);
            group = group.element(snippet);
        }
    }
    group
}

/// One explanation under its head word, `  why   `, wrapped with the following lines under the first.
fn hanging(out: &mut String, head: &str, text: &str, width: usize) {
    const INDENT: usize = 8;
    let room = width.max(MIN_WIDTH) - INDENT;
    let mut start = format!("  {head:<6}");
    for paragraph in text.lines() {
        for line in wrap(paragraph, room) {
            out.push_str(&start);
            out.push_str(&line);
            out.push('\n');
            start = " ".repeat(INDENT);
        }
    }
}

/// Breaks at single spaces; runs of spaces (two commands side by side) are kept, long words stay whole.
fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("starts with one line");
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= room {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests;
