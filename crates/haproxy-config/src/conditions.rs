//! `.if`, `.elif`, `.else`, `.endif` and the messages `.notice`, `.warning`, `.alert`, `.diag` (manual, section 2.4).

pub(crate) mod expression;

use crate::Environment;
use crate::raw::Line;
use crate::report::Report;
use diagnostics::{Diagnostic, Severity, Span};
use expression::evaluate;
use std::ops::ControlFlow::{self, Break, Continue};

/// A line that begins with a dot.
pub(crate) struct Directive<'a> {
    pub(crate) line: &'a Line,
    pub(crate) environment: &'a Environment,
}

/// The open `.if` blocks of one file.
#[derive(Debug, Default)]
pub(crate) struct Nesting(Vec<Block>);

#[derive(Debug)]
struct Block {
    /// The `.if` line.
    opened: Span,
    branch: Branch,
    /// The block as a whole stands in a branch that counts.
    reachable: bool,
    after_else: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Branch {
    /// Its lines count.
    Taken,
    /// No condition was true so far.
    Waiting,
    /// A former branch was taken.
    Done,
}

/// Reading the file ends here; the second flag tells whether open blocks are still told.
pub(crate) struct Stop {
    pub(crate) tell_open_blocks: bool,
}

const HARD: Stop = Stop {
    tell_open_blocks: false,
};
const SOFT: Stop = Stop {
    tell_open_blocks: true,
};

impl Nesting {
    /// Whether the lines at hand count.
    pub(crate) fn active(&self) -> bool {
        self.0
            .last()
            .is_none_or(|block| block.reachable && block.branch == Branch::Taken)
    }

    pub(crate) fn directive(
        &mut self,
        directive: &Directive<'_>,
        report: &mut Report<'_>,
    ) -> ControlFlow<Stop> {
        match directive.line.text(0) {
            ".if" => self.open(directive, report),
            ".elif" => self.elif(directive, report),
            ".else" => self.otherwise(directive.line, report),
            ".endif" => self.close(directive.line, report),
            _ if !self.active() => Continue(()),
            ".diag" => Continue(()),
            ".notice" => message(directive.line, Severity::Note, report),
            ".warning" => message(directive.line, Severity::Warning, report),
            ".alert" => message(directive.line, Severity::Error, report),
            name => {
                let words = format!("unknown directive '{name}'.");
                let diagnostic =
                    Diagnostic::error("unknown-directive", format!("there is no `{name}`")).why(
                        "lines that begin with a dot: .if .elif .else .endif .notice .warning .alert .diag",
                    );
                tell(diagnostic, directive.line, &words, report);
                Break(SOFT)
            }
        }
    }

    /// The end of the file, or of what was read of it; `last` is the last line.
    pub(crate) fn finish(self, last: Span, report: &mut Report<'_>) {
        let Some(block) = self.0.last() else { return };
        let words = report.tight(last, "non-terminated '.if' block.");
        report.push(
            Diagnostic::error("open-if", "this `.if` has no `.endif`")
                .at(last, "reading ended here")
                .beside(block.opened, "opened here")
                .haproxy(words),
        );
    }

    fn open(&mut self, directive: &Directive<'_>, report: &mut Report<'_>) -> ControlFlow<Stop> {
        let reachable = self.active();
        let holds = if reachable {
            condition(directive, report)?
        } else {
            false
        };
        self.0.push(Block {
            opened: directive.line.statement(),
            branch: if holds {
                Branch::Taken
            } else {
                Branch::Waiting
            },
            reachable,
            after_else: false,
        });
        Continue(())
    }

    fn elif(&mut self, directive: &Directive<'_>, report: &mut Report<'_>) -> ControlFlow<Stop> {
        let block = self.block(directive.line, report)?;
        block.branch = match block.branch {
            Branch::Waiting if block.reachable && condition(directive, report)? => Branch::Taken,
            Branch::Waiting => Branch::Waiting,
            Branch::Taken | Branch::Done => Branch::Done,
        };
        Continue(())
    }

    fn otherwise(&mut self, line: &Line, report: &mut Report<'_>) -> ControlFlow<Stop> {
        no_argument(line, report)?;
        let block = self.block(line, report)?;
        block.after_else = true;
        block.branch = match block.branch {
            Branch::Waiting => Branch::Taken,
            Branch::Taken | Branch::Done => Branch::Done,
        };
        Continue(())
    }

    fn close(&mut self, line: &Line, report: &mut Report<'_>) -> ControlFlow<Stop> {
        no_argument(line, report)?;
        if self.0.pop().is_none() {
            return Break(alone(line, report));
        }
        Continue(())
    }

    /// The block that an `.elif` or `.else` belongs to.
    fn block(&mut self, line: &Line, report: &mut Report<'_>) -> ControlFlow<Stop, &mut Block> {
        let Some(block) = self.0.last_mut() else {
            return Break(alone(line, report));
        };
        if block.after_else {
            let name = line.text(0);
            let words = format!("'{name}' after '.else' is not permitted.");
            let diagnostic =
                Diagnostic::error("stray-directive", format!("`{name}` after `.else`"));
            tell(diagnostic, line, &words, report);
            return Break(HARD);
        }
        Continue(block)
    }
}

fn alone(line: &Line, report: &mut Report<'_>) -> Stop {
    let name = line.text(0);
    let words = format!("lone '{name}' with no matching '.if'.");
    let diagnostic = Diagnostic::error("stray-directive", format!("`{name}` without an `.if`"));
    tell(diagnostic, line, &words, report);
    HARD
}

fn no_argument(line: &Line, report: &mut Report<'_>) -> ControlFlow<Stop> {
    let Some(extra) = line.words.get(1) else {
        return Continue(());
    };
    let name = line.text(0);
    let words = format!("Unexpected argument '{}' for '{name}'.", extra.text);
    let diagnostic = Diagnostic::error("unexpected-word", format!("`{name}` stands alone"));
    tell(diagnostic, line, &words, report);
    Break(SOFT)
}

fn tell(diagnostic: Diagnostic, line: &Line, words: &str, report: &mut Report<'_>) {
    let words = report.tight(line.span, words);
    report.push(diagnostic.at(line.statement(), "").haproxy(words));
}

fn condition(directive: &Directive<'_>, report: &mut Report<'_>) -> ControlFlow<Stop, bool> {
    let line = directive.line;
    let texts: Vec<&str> = line.words[1..].iter().map(|w| w.text.as_str()).collect();
    let text = texts.join(" ");
    match evaluate(&text, directive.environment) {
        Ok(holds) => Continue(holds),
        Err(error) => {
            let name = line.text(0);
            let caret = " ".repeat(name.len() + 1 + error.at) + "^";
            let words = format!(
                "{} in '{name}' at position {}:\n  {name} {text}\n  {caret}",
                error.words,
                error.at + 1
            );
            let diagnostic =
                Diagnostic::error("bad-condition", format!("`{text}` is not a condition"))
                    .why(format!("{}; {}", error.words, expression::KNOWN));
            tell(diagnostic, line, &words, report);
            Break(HARD)
        }
    }
}

/// What the file itself wants to say.
fn message(line: &Line, severity: Severity, report: &mut Report<'_>) -> ControlFlow<Stop> {
    let name = line.text(0);
    if let Some(extra) = line.words.get(2) {
        let words = format!(
            "Unexpected argument '{}' for '{name}'. Use quotes if the message should contain spaces.",
            extra.text
        );
        let diagnostic = Diagnostic::error("unexpected-word", format!("`{name}` takes one text"))
            .next(format!("{name} \"...\""));
        tell(diagnostic, line, &words, report);
        return Continue(());
    }
    let text = line.text(1);
    let diagnostic = match severity {
        Severity::Error => Diagnostic::error("message", text),
        Severity::Warning => Diagnostic::warning("message", text),
        Severity::Note => Diagnostic::note("message", text),
    };
    tell(diagnostic, line, &format!("'{text}'."), report);
    match severity {
        Severity::Error => Break(HARD),
        Severity::Warning | Severity::Note => Continue(()),
    }
}
