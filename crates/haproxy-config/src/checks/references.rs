//! `not-found`: backends, servers and users that the arguments of fetches name.

use crate::proxy::Proxy;
use crate::report::Report;
use crate::sample::shared::{Reference, Target};
use crate::sections::Draft;
use diagnostics::Diagnostic;
use samples::Argument;

pub(super) fn check(proxy: &Proxy, draft: &Draft, report: &mut Report<'_>) {
    let references = draft.shared.references.iter();
    for reference in references.filter(|reference| reference.proxy == proxy.name.text) {
        if let Some(words) = missing(reference, proxy, draft) {
            report.push(
                Diagnostic::error("not-found", words.trim_end_matches('.'))
                    .at(reference.span, "")
                    .haproxy(report.tight(reference.span, &words)),
            );
        }
    }
    check_groups(proxy, report);
}

/// What HAProxy says of a name that is not there.
fn missing(reference: &Reference, proxy: &Proxy, draft: &Draft) -> Option<String> {
    let Reference {
        name,
        argument,
        keyword,
        ..
    } = reference;
    let own = &proxy.name.text;
    let place = format!("arg {argument} of {keyword} in proxy '{own}'");
    let (side, fits): (_, fn(&Proxy) -> bool) = match reference.to {
        Target::Frontend => ("frontend", |proxy| proxy.kind.has_frontend()),
        Target::Backend => ("backend", |proxy| proxy.kind.has_backend()),
        Target::Users if name.is_empty() => {
            return Some(format!("missing userlist name in {place}."));
        }
        Target::Users => {
            return Some(format!(
                "unable to find userlist '{name}' referenced in {place}."
            ));
        }
        Target::Table => {
            let mut tables = draft
                .proxies
                .iter()
                .filter_map(|proxy| proxy.table.as_ref());
            let there = tables.any(|table| table.name == *name);
            return (!there)
                .then(|| format!("unable to find table '{name}' referenced in {place}."));
        }
        Target::Server => return missing_server(name, &place, proxy, draft),
    };
    if name.is_empty() {
        return (!fits(proxy))
            .then(|| format!("proxy '{own}', referenced in {place}, has not {side} capability."));
    }
    let mut proxies = draft.proxies.iter();
    let there = proxies.any(|proxy| proxy.name.text == *name && fits(proxy));
    (!there).then(|| format!("unable to find {side} '{name}' referenced in {place}."))
}

fn missing_server(name: &str, place: &str, proxy: &Proxy, draft: &Draft) -> Option<String> {
    if name.is_empty() {
        return Some(format!("missing server name in {place}."));
    }
    let (backend, server) = name.split_once('/').unwrap_or((&proxy.name.text, name));
    let mut proxies = draft.proxies.iter();
    let Some(proxy) = proxies.find(|proxy| proxy.name.text == backend) else {
        return Some(format!(
            "unable to find proxy '{backend}' referenced in {place}."
        ));
    };
    let known = proxy.servers.iter().any(|known| known.name.text == server);
    (!known).then(|| {
        format!("unable to find server '{server}' in proxy '{backend}', referenced in {place}.")
    })
}

/// `http_auth_group` is compared with groups of its list alone.
fn check_groups(proxy: &Proxy, report: &mut Report<'_>) {
    for (span, acl) in proxy.acls.iter() {
        for test in &acl.tests {
            let Some(Argument::Users(list)) = test.expression.arguments.first() else {
                continue;
            };
            if test.expression.fetch.name != "http_auth_group" {
                continue;
            }
            let entries = test.patterns.iter().flat_map(|set| set.entries());
            for entry in entries.filter(|entry| !list.groups.contains(&entry.key)) {
                let (name, own) = (&acl.name, &proxy.name.text);
                let words = format!(
                    "config : proxy {own}: acl {name} http_auth_group(): invalid group '{}'.",
                    entry.key
                );
                report.push(
                    Diagnostic::error(
                        "not-found",
                        format!("`{}` is no group of `{}`", entry.key, list.name),
                    )
                    .at(span, "")
                    .haproxy(words),
                );
            }
        }
    }
}
