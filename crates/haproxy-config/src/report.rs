//! Collects what is found, and knows how HAProxy spells places.

use diagnostics::{Diagnostic, Severity, Sources, Span};

/// The problems so far.
pub(crate) struct Report<'a> {
    pub(crate) sources: &'a Sources,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Report<'a> {
    pub(crate) fn new(sources: &'a Sources) -> Self {
        Self {
            sources,
            diagnostics: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Gives the last problem HAProxy's words.
    pub(crate) fn amend_last(&mut self, words: String) {
        if let Some(last) = self.diagnostics.last_mut() {
            last.haproxy = vec![words];
        }
    }

    /// Words and keywords are read in two passes; HAProxy reads them in one.
    pub(crate) fn sort_by_place(&mut self) {
        self.diagnostics.sort_by_key(|diagnostic| {
            let span = diagnostic.labels.first().map(|label| label.span);
            span.map(|span| (span.source, self.sources.location(span).line))
        });
    }

    pub(crate) fn errors(&self) -> usize {
        let error = |d: &&Diagnostic| d.severity == Severity::Error;
        self.diagnostics.iter().filter(error).count()
    }

    pub(crate) fn len(&self) -> usize {
        self.diagnostics.len()
    }

    pub(crate) fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    pub(crate) fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics
    }

    /// `FILE:LINE`.
    pub(crate) fn place(&self, span: Span) -> String {
        let source = self.sources.get(span.source);
        format!("{}:{}", source.name, source.location(span.start).line)
    }

    /// The spelling of most keywords: `config : parsing [FILE:LINE] : TEXT`.
    pub(crate) fn spaced(&self, span: Span, text: &str) -> String {
        format!("config : parsing [{}] : {text}", self.place(span))
    }

    /// The spelling of `stats`, `id`, conditionals and some more: `config : parsing [FILE:LINE]: TEXT`.
    pub(crate) fn tight(&self, span: Span, text: &str) -> String {
        format!("config : parsing [{}]: {text}", self.place(span))
    }

    /// The spelling of `server` lines: `config : [FILE:LINE] : TEXT`.
    pub(crate) fn bare(&self, span: Span, text: &str) -> String {
        format!("config : [{}] : {text}", self.place(span))
    }
}
