//! `resolvers-not-found`: a server whose name servers are not there.

use crate::model::{Host, ServerAddress};
use crate::proxy::{Proxy, ServerDraft};
use crate::report::Report;
use crate::sections::Draft;
use crate::words::Word;
use diagnostics::{Diagnostic, nearest};

pub(super) fn check(draft: &Draft, report: &mut Report<'_>) {
    for proxy in &draft.proxies {
        for server in &proxy.servers {
            let Some(wanted) = &server.settings.resolvers else {
                continue;
            };
            if !draft.has_resolvers(&wanted.text) {
                report.push(not_found(proxy, server, wanted, draft));
            } else if is_srv_label(server) {
                report.push(crate::keywords::refused(
                    "server ... _SERVICE (SRV records)",
                    server.address_span,
                ));
            }
        }
    }
}

/// HAProxy takes a name that begins with an underscore for one of SRV records.
fn is_srv_label(server: &ServerDraft) -> bool {
    matches!(&server.address, ServerAddress::Inet { host: Host::Name(name), .. } if name.starts_with('_'))
}

fn not_found(proxy: &Proxy, server: &ServerDraft, wanted: &Word, draft: &Draft) -> Diagnostic {
    let name = &wanted.text;
    let words = format!(
        "config : {}, server '{}': unable to find required resolvers '{name}'",
        proxy.titled(),
        server.name.text
    );
    let known = draft.resolvers.iter().map(|section| section.name.as_str());
    let label =
        nearest(name, known).map_or_else(String::new, |name| format!("did you mean `{name}`?"));
    let what = match name.as_str() {
        "" => "`resolvers` wants the name of a section".to_owned(),
        name => format!("there is no `resolvers {name}`"),
    };
    Diagnostic::error("resolvers-not-found", what)
        .at(wanted.span, label)
        .why("the section tells which name servers are asked")
        .next(format!(
            "add  resolvers {name}  with a line  nameserver dns1 127.0.0.1:5300"
        ))
        .haproxy(words)
}
