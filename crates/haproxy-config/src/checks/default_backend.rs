//! `backend-not-found`: `default_backend` names a backend that is nowhere.

use crate::proxy::Proxy;
use crate::report::Report;
use crate::sections::Draft;
use diagnostics::{Diagnostic, nearest};

pub(super) fn check(proxy: &Proxy, draft: &Draft, report: &mut Report<'_>) {
    let Some(wanted) = proxy
        .settings
        .default_backend
        .as_ref()
        .filter(|_| proxy.kind.has_frontend())
    else {
        return;
    };
    let backends = || {
        draft
            .proxies
            .iter()
            .filter(|other| other.kind.has_backend())
    };
    if backends().any(|other| other.name.text == wanted.text) {
        return;
    }
    let words = format!(
        "config : Proxy '{}': unable to find required default_backend: '{}'.",
        proxy.name.text, wanted.text
    );
    let label = nearest(
        &wanted.text,
        backends().map(|other| other.name.text.as_str()),
    );
    report.push(
        Diagnostic::error(
            "backend-not-found",
            format!("there is no backend `{}`", wanted.text),
        )
        .at(
            wanted.span,
            label.map_or_else(String::new, |name| format!("did you mean `{name}`?")),
        )
        .haproxy(words),
    );
}
