//! The mistakes of one file, collected while it is read.

use diagnostics::{Diagnostic, SourceId, Span};
use std::cell::RefCell;
use std::ops::Range;

/// Bytes of the whole file.
pub(crate) type Place = Range<usize>;

/// Collects; every reader has a shared reference to it.
pub(crate) struct Report {
    source: SourceId,
    /// Where the front matter begins: the parser of TOML counts from there.
    front: usize,
    problems: RefCell<Vec<Diagnostic>>,
}

impl Report {
    pub(crate) fn new(source: SourceId, front: usize) -> Self {
        Self {
            source,
            front,
            problems: RefCell::default(),
        }
    }

    /// A place that the parser of the front matter gave, in the whole file.
    pub(crate) fn in_file(&self, place: Place) -> Place {
        place.start + self.front..place.end + self.front
    }

    /// The first line of the file, where something is missing from all of it.
    pub(crate) fn head(&self) -> Place {
        0..self.front.saturating_sub(1)
    }

    pub(crate) fn span(&self, place: &Place) -> Span {
        Span {
            source: self.source,
            start: place.start,
            end: place.end,
        }
    }

    /// A mistake with its place, to be completed and given to [`Self::push`].
    pub(crate) fn error(
        &self,
        code: &'static str,
        message: impl Into<String>,
        place: &Place,
        label: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic::error(code, message).at(self.span(place), label)
    }

    pub(crate) fn warning(
        &self,
        code: &'static str,
        message: impl Into<String>,
        place: &Place,
        label: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic::warning(code, message).at(self.span(place), label)
    }

    pub(crate) fn push(&self, problem: Diagnostic) {
        self.problems.borrow_mut().push(problem);
    }

    /// All of them, in the order of their places.
    pub(crate) fn into_problems(self) -> Vec<Diagnostic> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|problem| problem.labels.first().map_or(0, |l| l.span.start));
        problems
    }
}
