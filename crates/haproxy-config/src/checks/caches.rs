//! `not-found`: caches that rules name, and that are not there.

use crate::proxy::Proxy;
use crate::report::Report;
use crate::sections::Draft;
use diagnostics::Diagnostic;

pub(super) fn check(proxy: &Proxy, draft: &Draft, report: &mut Report<'_>) {
    let mut told: Vec<&str> = Vec::new();
    for used in &proxy.caches {
        let name = &*used.name.text;
        let known = draft.caches.iter().map(|cache| &*cache.name);
        if known.clone().any(|known| known == name) || told.contains(&name) {
            continue;
        }
        told.push(name);
        let words = format!(
            "config : config: {}: unable to find the cache '{name}' referenced by the filter 'cache'.",
            proxy.titled()
        );
        let nearest = diagnostics::nearest(name, known);
        report.push(
            Diagnostic::error("not-found", format!("there is no `cache {name}`"))
                .at(
                    used.name.span,
                    nearest.map_or_else(String::new, |name| format!("did you mean `{name}`?")),
                )
                .next(format!(
                    "add a section  cache {name}  with  total-max-size 4"
                ))
                .haproxy(words),
        );
    }
}
