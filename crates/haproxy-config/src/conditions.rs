//! `.if`, `.elif`, `.else`, `.endif` and the messages `.notice`, `.warning`, `.alert`, `.diag` (manual, section 2.4).

use crate::Environment;
use crate::raw::Line;
use crate::report::Report;
use diagnostics::SourceId;
use std::ops::ControlFlow;

/// A line that begins with a dot.
pub(crate) struct Directive<'a> {
    pub(crate) line: &'a Line,
    pub(crate) environment: &'a Environment,
}

/// The open `.if` blocks of one file.
#[derive(Debug, Default)]
pub(crate) struct Nesting {}

impl Nesting {
    pub(crate) fn active(&self) -> bool {
        true
    }
    pub(crate) fn directive(
        &mut self,
        _directive: &Directive<'_>,
        _report: &mut Report<'_>,
    ) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
    pub(crate) fn finish(self, _source: SourceId, _report: &mut Report<'_>) {}
}
