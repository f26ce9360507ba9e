//! What the program says on the terminal, in HAProxy's form: `[WARNING]  (PID) : text`.

use crate::version;
use std::cell::Cell;

/// Prints messages on stderr, the two lines of introduction before the first alert or warning.
#[derive(Debug)]
pub struct Messages {
    quiet: bool,
    introduced: Cell<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    Notice,
    Warning,
    Alert,
}

impl Messages {
    pub fn new(quiet: bool) -> Self {
        Self {
            quiet,
            introduced: Cell::new(false),
        }
    }

    /// Of a process that runs already: it has introduced itself, or had no reason to.
    pub fn running(quiet: bool) -> Self {
        Self {
            quiet,
            introduced: Cell::new(true),
        }
    }

    /// Nothing is said at all.
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    pub fn alert(&self, text: &str) {
        self.say(Label::Alert, text);
    }

    pub fn warning(&self, text: &str) {
        self.say(Label::Warning, text);
    }

    pub fn notice(&self, text: &str) {
        self.say(Label::Notice, text);
    }

    /// Says one line.
    pub fn say(&self, label: Label, text: &str) {
        if label != Label::Notice && !self.introduced.replace(true) {
            self.plain(&line(
                Label::Notice,
                &format!("haproxy version is {}", version::VERSION),
            ));
            if let Ok(path) = std::env::current_exe() {
                let text = format!("path to executable is {}", path.display());
                self.plain(&line(Label::Notice, &text));
            }
        }
        self.plain(&line(label, text));
    }

    /// Prints text as it is.
    pub fn plain(&self, text: &str) {
        if !self.quiet {
            write_stderr(text);
        }
    }
}

/// One line in HAProxy's form, with its newline.
pub fn line(label: Label, text: &str) -> String {
    let label = match label {
        Label::Notice => "[NOTICE]",
        Label::Warning => "[WARNING]",
        Label::Alert => "[ALERT]",
    };
    format!(
        "{label:<10} ({}) : {}\n",
        std::process::id(),
        text.trim_end_matches('\n')
    )
}

/// A closed stderr is no reason to stop serving.
pub fn write_stderr(text: &str) {
    use std::io::Write;
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_padded_as_in_haproxy() {
        let pid = std::process::id();
        assert_eq!(line(Label::Alert, "x"), format!("[ALERT]    ({pid}) : x\n"));
        assert_eq!(
            line(Label::Warning, "x"),
            format!("[WARNING]  ({pid}) : x\n")
        );
        assert_eq!(
            line(Label::Notice, "x"),
            format!("[NOTICE]   ({pid}) : x\n")
        );
    }
}
