//! `localhost`: a name that may mean an address where nobody listens.

use crate::model::{Host, ServerAddress};
use crate::proxy::ServerDraft;
use crate::report::Report;
use crate::sections::Draft;
use diagnostics::Diagnostic;

pub(super) fn check(draft: &Draft, report: &mut Report<'_>) {
    let mut servers = draft
        .proxies
        .iter()
        .filter(|proxy| !proxy.settings.disabled)
        .flat_map(|proxy| &proxy.servers)
        .filter(|server| is_localhost(server))
        .peekable();
    if servers.peek().is_none() {
        return;
    }
    let mut diagnostic = Diagnostic::warning("localhost", "`localhost` may mean `::1`")
        .why(
            "a name stands for the first address the system gives for it: 127.0.0.1 or, on many machines, ::1,\n\
             where the app servers do not listen",
        )
        .next("write 127.0.0.1 instead");
    for server in servers {
        diagnostic = diagnostic.at(server.address_span, "");
    }
    report.push(diagnostic);
}

fn is_localhost(server: &ServerDraft) -> bool {
    matches!(&server.address, ServerAddress::Inet { host: Host::Name(name), .. } if name == "localhost")
}
