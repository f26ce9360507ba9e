//! `track`: a server that takes its state from another one.

use super::server_parameters::{Parameter, ServerContext};
use diagnostics::{Diagnostic, Span};

pub(super) fn track(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    match parameter.value {
        Some(value) => context.settings.track = Some(value.clone()),
        None => context.missing(parameter, "'track' expects [<proxy>/]<server> as argument."),
    }
}

impl ServerContext<'_, '_> {
    /// Whoever takes its state from another one has no checks of its own.
    pub(super) fn check_track(&mut self, line: Span) {
        let Some(tracked) = self.settings.track.as_ref().filter(|_| self.settings.check) else {
            return;
        };
        let words = format!(
            "{}unable to enable checks and tracking at the same time!",
            self.title
        );
        self.report.push(
            Diagnostic::error("check-and-track", "checked, or tracking another one?")
                .at(tracked.span, "")
                .why("a server that tracks another one has the state of that one, whatever a check would find")
                .next("leave out `check` or `track`")
                .haproxy(self.report.bare(line, &words)),
        );
    }
}
