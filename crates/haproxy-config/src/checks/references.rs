//! `not-found`: backends, servers and users that the arguments of fetches name.

use crate::proxy::Proxy;
use crate::report::Report;
use crate::sample::shared::{Reference, Target};
use crate::sections::Draft;
use diagnostics::Diagnostic;

pub(super) fn check(proxy: &Proxy, draft: &Draft, report: &mut Report<'_>) {
    let references = draft.shared.references.iter();
    for reference in references.filter(|reference| reference.proxy == proxy.name.text) {
        if let Some(what) = missing(reference, draft) {
            let words = format!(
                "{what} referenced in arg {} of {} in proxy '{}'.",
                reference.argument, reference.keyword, reference.proxy
            );
            report.push(
                Diagnostic::error("not-found", what.trim_end_matches(','))
                    .at(reference.span, "")
                    .haproxy(report.tight(reference.span, &words)),
            );
        }
    }
}

/// What HAProxy says of a name that is not there.
fn missing(reference: &Reference, draft: &Draft) -> Option<String> {
    let name = &reference.name;
    let is_there = |wanted: &str, side: fn(&Proxy) -> bool| {
        let mut proxies = draft.proxies.iter();
        proxies.any(|proxy| proxy.name.text == wanted && side(proxy))
    };
    let side: fn(&Proxy) -> bool = match reference.to {
        Target::Frontend => |proxy| proxy.kind.has_frontend(),
        _ => |proxy| proxy.kind.has_backend(),
    };
    match reference.to {
        Target::Backend => (!is_there(name, side)).then(|| format!("unable to find backend '{name}'")),
        Target::Frontend => {
            (!is_there(name, side)).then(|| format!("unable to find frontend '{name}'"))
        }
        Target::Users => Some(format!("unable to find userlist '{name}'")),
        Target::Server => {
            let (backend, server) = name
                .split_once('/')
                .unwrap_or((&reference.proxy, name.as_str()));
            let mut proxies = draft.proxies.iter();
            let Some(proxy) = proxies.find(|proxy| proxy.name.text == backend) else {
                return Some(format!("unable to find proxy '{backend}'"));
            };
            let known = proxy.servers.iter().any(|known| known.name.text == server);
            (!known).then(|| format!("unable to find server '{server}' in proxy '{backend}',"))
        }
    }
}
