//! What went wrong, told as dig tells it, with what to do next below.

/// Exit codes of dig, which `lab dig` keeps.
pub(crate) mod code {
    /// The command line was wrong.
    pub(crate) const USAGE: u8 = 1;
    /// With `--fail`: no such name, or no record of the type asked for. dig has no such code.
    pub(crate) const NO_ANSWER: u8 = 1;
    /// A file could not be read or written.
    pub(crate) const FILE: u8 = 8;
    /// No server answered.
    pub(crate) const NO_REPLY: u8 = 9;
    /// A value that dig itself calls fatal.
    pub(crate) const FATAL: u8 = 10;
}

/// Why nothing, or no more, was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The lines of dig, or our own first line.
    pub(crate) what: Vec<String>,
    pub(crate) why: Vec<String>,
    pub(crate) next: Vec<String>,
    pub(crate) code: u8,
}

impl Failure {
    /// The command line is wrong.
    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self::new(code::USAGE, what)
    }

    pub(crate) fn new(code: u8, what: impl Into<String>) -> Self {
        Self {
            what: vec![what.into()],
            why: Vec::new(),
            next: Vec::new(),
            code,
        }
    }

    /// One more line of dig's own.
    pub(crate) fn and(mut self, what: impl Into<String>) -> Self {
        self.what.push(what.into());
        self
    }

    pub(crate) fn why(mut self, line: impl Into<String>) -> Self {
        self.why.push(line.into());
        self
    }

    pub(crate) fn next(mut self, line: impl Into<String>) -> Self {
        self.next.push(line.into());
        self
    }

    /// The whole message, with its line ends.
    pub(crate) fn text(&self) -> String {
        let what = self.what.iter().map(|line| format!("{line}\n"));
        what.chain(labelled("why", &self.why))
            .chain(labelled("next", &self.next))
            .collect()
    }
}

/// Lines under a word that stands before the first of them.
pub(crate) fn labelled(label: &str, lines: &[String]) -> impl Iterator<Item = String> {
    lines.iter().enumerate().map(move |(i, line)| {
        let label = if i == 0 { label } else { "" };
        format!("  {label:<4}  {line}\n")
    })
}
