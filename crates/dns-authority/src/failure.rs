//! Why the name server did not start, for whoever typed the command.

use std::io::Write;
use std::process::ExitCode;

use diagnostics::{Diagnostic, Sources, Style};

/// What could not be done: shown as `error:`, `why`, `next`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    code: u8,
    problem: Box<Diagnostic>,
}

impl Failure {
    /// The command line is wrong: exit code 2.
    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self {
            code: 2,
            problem: Box::new(Diagnostic::error("usage", what)),
        }
    }

    /// The command line is fine, the world is not: exit code 3.
    pub(crate) fn not_ready(code: &'static str, what: impl Into<String>) -> Self {
        Self {
            code: 3,
            problem: Box::new(Diagnostic::error(code, what)),
        }
    }

    pub(crate) fn why(mut self, why: impl Into<String>) -> Self {
        self.problem.why = Some(why.into());
        self
    }

    pub(crate) fn next(mut self, next: impl Into<String>) -> Self {
        self.problem.next.push(next.into());
        self
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }

    pub(crate) fn problem(&self) -> &Diagnostic {
        &self.problem
    }
}

/// Shows problems on standard error, with colour where that is wanted.
pub(crate) fn show<'a>(problems: impl IntoIterator<Item = &'a Diagnostic>, sources: &Sources) {
    let style = style();
    let mut stderr = anstream::stderr().lock();
    for problem in problems {
        let text = diagnostics::full(problem, sources, style);
        // Without a standard error there is nobody to tell.
        let _ = stderr.write_all(text.as_bytes());
    }
}

/// Colours are taken out again by the stream where nobody wants them.
fn style() -> Style {
    const USUAL: usize = 100;
    let width = match procs::terminal_width(std::io::stderr()) {
        0 => USUAL,
        width => width.min(USUAL),
    };
    Style { color: true, width }
}
