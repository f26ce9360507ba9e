//! `no-state-file`: a backend wants states of servers from a file that nobody names.

use crate::proxy::Proxy;
use crate::report::Report;
use crate::sections::Draft;
use diagnostics::Diagnostic;

pub(super) fn check(proxy: &Proxy, draft: &Draft, report: &mut Report<'_>) {
    let Some(at) = proxy.settings.states.wants_global() else {
        return;
    };
    if !proxy.kind.has_backend() || draft.global.state_file.is_some() {
        return;
    }
    let name = &proxy.name.text;
    let words = format!(
        "config : backend '{name}' configured to load server state file from global section \
         'server-state-file' directive. Unfortunately, 'server-state-file' is not set!"
    );
    report.push(
        Diagnostic::warning(
            "no-state-file",
            format!("the servers of `{name}` begin anew: no file keeps their states"),
        )
        .at(at, "this asks for the file of all backends")
        .next("name it in `global`:  server-state-file /var/lib/haproxy/server-state")
        .haproxy(words),
    );
}
