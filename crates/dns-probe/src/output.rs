//! Where text goes: answers to standard output, all talk to standard error.

use std::io::Write;

/// The two streams. A reader that went away is no error.
pub(crate) struct Output {
    out: Box<dyn Write>,
    aside: Box<dyn Write>,
}

impl Output {
    pub(crate) fn standard() -> Self {
        Self {
            out: Box::new(std::io::stdout()),
            aside: Box::new(std::io::stderr()),
        }
    }

    /// Writes to standard output at once.
    pub(crate) fn print(&mut self, text: &str) {
        let _ = self
            .out
            .write_all(text.as_bytes())
            .and_then(|()| self.out.flush());
    }

    /// Writes to standard error.
    pub(crate) fn aside(&mut self, text: &str) {
        let _ = self
            .aside
            .write_all(text.as_bytes())
            .and_then(|()| self.aside.flush());
    }
}
