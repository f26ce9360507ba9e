//! Text into sections of lines of words. Whatever the text holds, sections come out: this stage cannot fail.

mod addresses;

use crate::Environment;
use crate::conditions::{Directive, Nesting, Stop};
use crate::keywords::sections;
use crate::report::Report;
use crate::words::{Origin, Word, WordError, WordErrorKind, split};
use diagnostics::{Diagnostic, Source, SourceId, Span};
use std::ops::ControlFlow::{self, Break, Continue};

/// A section's head line and the lines under it.
#[derive(Debug)]
pub(crate) struct RawSection {
    pub(crate) head: Line,
    pub(crate) lines: Vec<Line>,
}

/// One line of words, at least one.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) words: Vec<Word>,
    /// The line without its end.
    pub(crate) span: Span,
    /// A leading `no` or `default`, already taken off `words`.
    pub(crate) switch: Switch,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Switch {
    #[default]
    On,
    No,
    Default,
}

impl Line {
    /// The keyword.
    pub(crate) fn keyword(&self) -> &Word {
        &self.words[0]
    }

    /// The n-th word's text, empty where there is none (as in HAProxy, an empty word ends the arguments).
    pub(crate) fn text(&self, index: usize) -> &str {
        self.words.get(index).map_or("", |word| word.text.as_str())
    }

    /// The n-th word's place, or the keyword's where there is none.
    pub(crate) fn span(&self, index: usize) -> Span {
        self.words.get(index).map_or(self.words[0].span, |w| w.span)
    }

    /// From the first to the last word.
    pub(crate) fn statement(&self) -> Span {
        let last = self.words.last().map_or(self.words[0].span, |w| w.span);
        Span {
            end: last.end,
            ..self.words[0].span
        }
    }
}

/// Reads all sources, in order, into sections.
pub(crate) fn read(environment: &Environment, report: &mut Report<'_>) -> Vec<RawSection> {
    let mut environment = environment.clone();
    let mut sections = Vec::new();
    let sources = report.sources;
    for (id, source) in sources.iter() {
        let reader = Reader {
            id,
            source,
            environment: &mut environment,
            report,
            sections: Vec::new(),
            nesting: Nesting::default(),
        };
        sections.extend(reader.run());
    }
    sections
}

struct Reader<'a, 'r> {
    id: SourceId,
    source: &'a Source,
    environment: &'r mut Environment,
    report: &'r mut Report<'a>,
    sections: Vec<RawSection>,
    nesting: Nesting,
}

impl Reader<'_, '_> {
    fn run(mut self) -> Vec<RawSection> {
        let mut start = 0;
        let mut last = Span {
            source: self.id,
            start,
            end: start,
        };
        for text in self.source.text.split_inclusive('\n') {
            let span = Span {
                source: self.id,
                start,
                end: start + text.trim_end_matches('\n').trim_end_matches('\r').len(),
            };
            start += text.len();
            last = span;
            if let Break(stop) = self.line(span) {
                if stop.tell_open_blocks {
                    self.nesting.finish(span, self.report);
                }
                return self.sections;
            }
        }
        self.last_line();
        self.nesting.finish(last, self.report);
        self.sections
    }

    fn line(&mut self, span: Span) -> ControlFlow<Stop> {
        let text = self.report.sources.text(span);
        let origin = Origin {
            source: span.source,
            start: span.start,
        };
        let variable = |name: &str| self.variable(name, span);
        let words = match split(text, origin, &variable) {
            Ok(words) => words,
            Err(error) => {
                let diagnostic = self.word_error(text, span, error);
                self.report.push(diagnostic);
                return Continue(());
            }
        };
        if words.len() > MOST_WORDS {
            let diagnostic = too_many_words(span, &words, self.report);
            self.report.push(diagnostic);
            return Continue(());
        }
        if words.first().is_none_or(|word| word.text.is_empty()) {
            return Continue(());
        }
        let line = Line {
            words,
            span,
            switch: Switch::On,
        };
        if line.keyword().text.starts_with('.') {
            let directive = Directive {
                line: &line,
                environment: self.environment,
            };
            return self.nesting.directive(&directive, self.report);
        }
        if self.nesting.active() {
            self.statement(line);
        }
        Continue(())
    }

    /// An environment variable, or one of the pseudo variables of the place (manual, section 2.3).
    fn variable(&self, name: &str, span: Span) -> Option<String> {
        let section = || self.sections.last().map_or("", |s| s.head.text(0));
        match name {
            ".FILE" => Some(self.source.name.clone()),
            ".LINE" => Some(self.source.location(span.start).line.to_string()),
            ".SECTION" => Some(section().to_owned()),
            _ => self.environment.variables.get(name).cloned(),
        }
    }

    fn statement(&mut self, mut line: Line) {
        self.take_switch(&mut line);
        if sections::find(line.text(0)).is_some() {
            self.sections.push(RawSection {
                head: line,
                lines: Vec::new(),
            });
            return;
        }
        let Some(section) = self.sections.last_mut() else {
            let diagnostic = out_of_section(&line, self.report);
            self.report.push(diagnostic);
            return;
        };
        if section.head.text(0) == "global" {
            set_environment(&line, &mut self.environment.variables);
        }
        addresses::expand(&mut line, &self.environment.variables);
        section.lines.push(line);
    }

    /// `no` and `default` before the few keywords that know them.
    fn take_switch(&mut self, line: &mut Line) {
        let switch = match line.text(0) {
            "no" if line.words.len() > 1 => Switch::No,
            "default" if line.words.len() > 1 => Switch::Default,
            _ => return,
        };
        const NEGATABLE: [&str; 7] = [
            "option",
            "log",
            "busy-polling",
            "set-dumpable",
            "strict-limits",
            "insecure-fork-wanted",
            "numa-cpu-mapping",
        ];
        let word = line.words.remove(0);
        line.switch = switch;
        let name = line.text(0).to_owned();
        let known = NEGATABLE.contains(&name.as_str());
        if !known || (switch == Switch::Default && name == "log") {
            let words = "negation/default currently supported only for options, log, busy-polling, \
                         set-dumpable, strict-limits, insecure-fork-wanted and numa-cpu-mapping.";
            self.report.push(
                Diagnostic::error(
                    "cannot-negate",
                    format!("`{}` does not go with `{name}`", word.text),
                )
                .at(word.span, "")
                .why("only `option ...`, `log` and a few global words can be switched off")
                .haproxy(self.report.tight(line.span, words)),
            );
        }
    }

    fn word_error(&self, text: &str, span: Span, error: WordError) -> Diagnostic {
        let (code, what, words) = match error.kind {
            WordErrorKind::UnmatchedQuote => (
                "unmatched-quote",
                "this quote is never closed",
                "unmatched quote",
            ),
            WordErrorKind::UnmatchedBrace => (
                "unmatched-brace",
                "this variable's brace is never closed",
                "unmatched brace in environment variable name",
            ),
            WordErrorKind::VariableName => (
                "variable-name",
                "a variable's name begins with a letter or `_`",
                "forbidden first char in environment variable name",
            ),
            WordErrorKind::Hexadecimal => (
                "bad-escape",
                "`\\x` wants two hexadecimal digits",
                "truncated or invalid hexadecimal sequence",
            ),
            WordErrorKind::Expansion => (
                "bad-expansion",
                "only `[*]` may follow a variable's name",
                "truncated or invalid word expansion sequence",
            ),
        };
        let at = Span {
            start: span.start + error.at,
            end: span.start + error.at + text[error.at..].chars().next().map_or(0, char::len_utf8),
            ..span
        };
        let position = error.at + 1;
        let shown = text.trim_start();
        let caret = " ".repeat(error.at.saturating_sub(text.len() - shown.len())) + "^";
        let echo = format!("{words} at position {position}:\n  {shown}\n  {caret}");
        Diagnostic::error(code, what)
            .at(at, "")
            .haproxy(self.report.tight(span, &echo))
    }

    /// A file that does not end in LF: HAProxy refuses it, we only say so.
    fn last_line(&mut self) {
        let text = self.source.text.as_str();
        if text.is_empty() || text.ends_with('\n') {
            return;
        }
        let start = text.rfind('\n').map_or(0, |at| at + 1);
        let length = text.len() - start;
        let span = Span {
            source: self.id,
            start,
            end: text.len(),
        };
        let words = format!(
            "Missing LF on last line, file might have been truncated at position {}.",
            length + 1
        );
        self.report.push(
            Diagnostic::warning(
                "missing-newline",
                "the last line does not end with a newline",
            )
            .at(span, "")
            .why("I read it, but HAProxy 2.x refuses such a file (\"Missing LF on last line\")")
            .next("add an empty line at the end")
            .haproxy(self.report.tight(span, &words)),
        );
    }
}

/// HAProxy's limit (`MAX_LINE_ARGS`).
const MOST_WORDS: usize = 64;

fn too_many_words(line: Span, words: &[Word], report: &Report<'_>) -> Diagnostic {
    let last = &words[MOST_WORDS - 1];
    // HAProxy counts in the line as it keeps it: words, quotes taken off, one byte apart
    let before = words[..MOST_WORDS - 1].iter();
    let position = before.map(|word| word.text.len() + 1).sum::<usize>() + 1;
    let told = format!(
        "too many words, truncating after word {MOST_WORDS}, position {position}: <{}>.",
        last.text
    );
    Diagnostic::error(
        "too-many-words",
        format!("more than {MOST_WORDS} words on a line"),
    )
    .at(words[MOST_WORDS].span, "too many from here on")
    .haproxy(report.tight(line, &told))
}

fn out_of_section(line: &Line, report: &Report<'_>) -> Diagnostic {
    let word = line.keyword();
    let words = format!("unknown keyword '{}' out of section.", word.text);
    Diagnostic::error(
        "out-of-section",
        format!("`{}` stands before the first section", word.text),
    )
    .at(word.span, "")
    .why("every file begins with `global`, `defaults`, `frontend`, `backend` or `listen`")
    .haproxy(report.tight(line.span, &words))
}

/// `setenv`, `presetenv`, `unsetenv`, `resetenv`, and `localpeer`, which sets one too: in force from the next line on.
fn set_environment(line: &Line, variables: &mut std::collections::BTreeMap<String, String>) {
    let (name, value) = (line.text(1).to_owned(), line.text(2).to_owned());
    match line.text(0) {
        "setenv" if line.words.len() > 2 => {
            variables.insert(name, value);
        }
        "presetenv" if line.words.len() > 2 => {
            variables.entry(name).or_insert(value);
        }
        "localpeer" if line.words.len() == 2 => {
            variables.insert("HAPROXY_LOCALPEER".to_owned(), name);
        }
        "unsetenv" => variables.retain(|name, _| !line.words[1..].iter().any(|w| w.text == *name)),
        "resetenv" => variables.retain(|name, _| line.words[1..].iter().any(|w| w.text == *name)),
        _ => {}
    }
}
