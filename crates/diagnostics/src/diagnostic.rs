//! One problem in a user's text: what, where, why, and what to type instead.

use crate::Span;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Note,
    Warning,
    Error,
}

/// A piece of text that is underlined, and the words beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub span: Span,
    /// May be empty: then the piece is only underlined.
    pub text: String,
    /// Drawn with dashes instead of carets: not the mistake itself, but what it has to do with.
    pub context: bool,
}

/// A problem. Built with the methods below: `Diagnostic::error("code", "what").at(span, "here").why("...").next("...")`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Kebab-case and searchable, for example `unknown-keyword`.
    pub code: &'static str,
    pub severity: Severity,
    /// HAProxy raises its voice as at an error, and goes on.
    pub alert: bool,
    /// What was found: lower case, no final stop, names in backticks.
    pub message: String,
    /// The first one is the place itself.
    pub labels: Vec<Label>,
    pub why: Option<String>,
    /// What to type or do, one line each.
    pub next: Vec<String>,
    /// HAProxy's own words for this problem, each complete after `[ALERT]    (PID) : `: none where it says nothing,
    /// several where it tells each occurrence by itself.
    pub haproxy: Vec<String>,
}

impl Diagnostic {
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message)
    }

    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message)
    }

    pub fn note(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Note, message)
    }

    fn new(code: &'static str, severity: Severity, message: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            alert: false,
            message: message.into(),
            labels: Vec::new(),
            why: None,
            next: Vec::new(),
            haproxy: Vec::new(),
        }
    }

    /// HAProxy says it as an alert, though it goes on.
    #[must_use]
    pub fn as_alert(mut self) -> Self {
        self.alert = true;
        self
    }

    /// Underlines the mistake with carets.
    #[must_use]
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            span,
            text: text.into(),
            context: false,
        });
        self
    }

    /// Underlines with dashes what the mistake has to do with.
    #[must_use]
    pub fn beside(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            span,
            text: text.into(),
            context: true,
        });
        self
    }

    #[must_use]
    pub fn why(mut self, text: impl Into<String>) -> Self {
        self.why = Some(text.into());
        self
    }

    #[must_use]
    pub fn next(mut self, text: impl Into<String>) -> Self {
        self.next.push(text.into());
        self
    }

    #[must_use]
    pub fn haproxy(mut self, text: impl Into<String>) -> Self {
        self.haproxy.push(text.into());
        self
    }
}
