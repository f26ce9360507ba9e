//! `server-state-file` and its kin: servers begin in the state in which an earlier process left them.

use super::global::{GlobalContext, already, missing};
use crate::model::StateSource;
use crate::proxy::ProxyContext;
use crate::raw::Line;
use diagnostics::{Diagnostic, Span, nearest};

/// What the lines of a section say.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeptStates {
    wanted: Wanted,
    at: Option<Span>,
    /// Of this section alone: sections do not take it over from `defaults`.
    file: Option<String>,
}

#[derive(Clone, Copy, Debug, Default)]
enum Wanted {
    #[default]
    None,
    Global,
    Local,
}

impl KeptStates {
    /// The line that asks for states of the file of all backends.
    pub(crate) fn wants_global(&self) -> Option<Span> {
        self.at.filter(|_| matches!(self.wanted, Wanted::Global))
    }

    /// For a section that takes over what `defaults` say.
    pub(crate) fn taken_over(self) -> Self {
        Self { file: None, ..self }
    }

    /// For the backend of this name.
    pub(crate) fn of(&self, backend: &str) -> StateSource {
        match self.wanted {
            Wanted::None => StateSource::None,
            Wanted::Global => StateSource::Global,
            Wanted::Local => {
                let file = self.file.as_deref().unwrap_or(backend);
                StateSource::Local(file.to_owned())
            }
        }
    }
}

pub(super) fn global_file(context: &mut GlobalContext<'_, '_>, line: &Line) {
    if context.global.state_file.is_some() {
        already(context, line);
        return;
    }
    match line.text(1) {
        "" => missing(
            context,
            line,
            "'server-state-file' expect one argument: a file path.",
        ),
        path => context.global.state_file = Some(path.to_owned()),
    }
}

pub(super) fn base(context: &mut GlobalContext<'_, '_>, line: &Line) {
    if context.global.state_base.is_some() {
        already(context, line);
        return;
    }
    match line.text(1) {
        "" => missing(
            context,
            line,
            "'server-state-base' expects one argument: a directory path.",
        ),
        path => context.global.state_base = Some(path.to_owned()),
    }
}

pub(super) fn source(context: &mut ProxyContext<'_, '_>, line: &Line) {
    const KNOWN: [&str; 3] = ["global", "local", "none"];
    let word = line.text(1);
    let states = &mut context.proxy.settings.states;
    states.at = Some(line.statement());
    states.wanted = match word {
        "global" => Wanted::Global,
        "local" => Wanted::Local,
        "none" => Wanted::None,
        _ => {
            let words = format!(
                "'load-server-state-from-file' expects 'global', 'local' or 'none'. Got '{word}'"
            );
            let what = format!("`{word}` is no place where states of servers are kept");
            let meant = nearest(word, KNOWN);
            let label = meant.map_or_else(String::new, |name| format!("did you mean `{name}`?"));
            let diagnostic = Diagnostic::error("unknown-source", what)
                .at(line.statement(), label)
                .next("load-server-state-from-file global")
                .haproxy(context.report.spaced(line.span, &words));
            context.report.push(diagnostic);
            return;
        }
    };
}

pub(super) fn file_name(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let name = line.text(1);
    let own = !matches!(name, "" | "use-backend-name");
    context.proxy.settings.states.file = own.then(|| name.to_owned());
}
