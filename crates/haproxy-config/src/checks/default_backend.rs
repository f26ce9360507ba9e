//! `backend-not-found`, `backend-loop`, `backend-mode`, `servers-unused`: what `default_backend` names.

use crate::model::Mode;
use crate::proxy::{BackendName, Proxy, ServerName};
use crate::report::Report;
use crate::sections::Draft;
use crate::words::Word;
use diagnostics::{Diagnostic, nearest};

/// What `use_backend` names.
pub(super) fn check_rules(proxy: &Proxy, draft: &Draft, all_read: bool, report: &mut Report<'_>) {
    for rule in &proxy.use_backends {
        let BackendName::Written(wanted) = &rule.to else {
            continue;
        };
        let mut backends = draft.proxies.iter();
        match backends.find(|other| other.kind.has_backend() && other.name.text == wanted.text) {
            None => report.push(not_found(proxy, wanted, draft, "use_backend")),
            Some(backend)
                if backend.settings.mode.value != proxy.settings.mode.value && all_read =>
            {
                let within = "in a 'use_backend' rule";
                report.push(other_mode(proxy, backend, wanted, within, report));
            }
            Some(_) => {}
        }
    }
}

/// What `use-server` names.
pub(super) fn check_servers(proxy: &Proxy, report: &mut Report<'_>) {
    for rule in &proxy.use_servers {
        let ServerName::Written(wanted) = &rule.to else {
            continue;
        };
        let known: Vec<&str> = proxy
            .servers
            .iter()
            .map(|server| server.name.text.as_str())
            .collect();
        if known.contains(&wanted.text.as_str()) {
            continue;
        }
        let title = proxy.titled();
        let words = format!(
            "config : {title} : unable to find server '{}' referenced in a 'use-server' rule.",
            wanted.text
        );
        let label = nearest(&wanted.text, known.iter().copied())
            .map_or_else(String::new, |name| format!("did you mean `{name}`?"));
        report.push(
            Diagnostic::error(
                "server-not-found",
                format!("there is no server `{}`", wanted.text),
            )
            .at(wanted.span, label)
            .haproxy(words),
        );
    }
}

/// `all_read`: no line was left out for an error, so modes are what the file says.
pub(super) fn check(proxy: &Proxy, draft: &Draft, all_read: bool, report: &mut Report<'_>) {
    let wanted = proxy.settings.default_backend.as_ref();
    let Some(wanted) = wanted.filter(|_| proxy.kind.has_frontend()) else {
        return;
    };
    let mut backends = draft
        .proxies
        .iter()
        .filter(|other| other.kind.has_backend());
    match backends.find(|other| other.name.text == wanted.text) {
        None => report.push(not_found(proxy, wanted, draft, "default_backend")),
        Some(backend) if backend.head == proxy.head => report.push(looped(proxy, wanted)),
        Some(backend) => {
            if all_read && backend.settings.mode.value != proxy.settings.mode.value {
                let within = "as its default backend";
                report.push(other_mode(proxy, backend, wanted, within, report));
            }
            if !proxy.servers.is_empty() {
                report.push(unused_servers(proxy, wanted));
            }
        }
    }
}

fn not_found(proxy: &Proxy, wanted: &Word, draft: &Draft, keyword: &str) -> Diagnostic {
    let words = format!(
        "config : Proxy '{}': unable to find required {keyword}: '{}'.",
        proxy.name.text, wanted.text
    );
    let backends = draft
        .proxies
        .iter()
        .filter(|other| other.kind.has_backend());
    let names: Vec<&str> = backends.map(|other| other.name.text.as_str()).collect();
    let label = nearest(&wanted.text, names.iter().copied())
        .map_or_else(String::new, |name| format!("did you mean `{name}`?"));
    let diagnostic = Diagnostic::error(
        "backend-not-found",
        format!("there is no backend `{}`", wanted.text),
    )
    .at(wanted.span, label)
    .haproxy(words);
    match names.as_slice() {
        [] => diagnostic.next(format!("add a section:  backend {}", wanted.text)),
        names => diagnostic.why(format!("backends here: {}", names.join(", "))),
    }
}

fn looped(proxy: &Proxy, wanted: &Word) -> Diagnostic {
    let words = format!(
        "config : Proxy '{}': loop detected for default_backend: '{}'.",
        proxy.name.text, wanted.text
    );
    Diagnostic::error("backend-loop", format!("`{}` names itself", wanted.text))
        .at(wanted.span, "")
        .why("a `listen` uses its own servers without this line")
        .haproxy(words)
}

fn other_mode(
    proxy: &Proxy,
    backend: &Proxy,
    wanted: &Word,
    within: &str,
    report: &Report<'_>,
) -> Diagnostic {
    let mode = |proxy: &Proxy| match proxy.settings.mode.value {
        Mode::Http => "http",
        Mode::Tcp => "tcp",
    };
    let words = format!(
        "config : {} {} ({}) tries to use incompatible {} {} ({}) {within} (see 'mode').",
        mode(proxy),
        proxy.titled(),
        report.place(proxy.head),
        mode(backend),
        backend.titled(),
        report.place(backend.head),
    );
    Diagnostic::error(
        "backend-mode",
        format!(
            "`{}` is in mode {}, `{}` in mode {}",
            proxy.name.text,
            mode(proxy),
            backend.name.text,
            mode(backend)
        ),
    )
    .at(wanted.span, "")
    .beside(backend.name.span, "this one")
    .next("give both the same `mode`")
    .haproxy(words)
}

fn unused_servers(proxy: &Proxy, wanted: &Word) -> Diagnostic {
    let words = format!(
        "config : In proxy '{}', the 'default_backend' rule always has precedence over the servers, which will never be used.",
        proxy.name.text
    );
    Diagnostic::warning(
        "servers-unused",
        format!("the servers of `{}` are never used", proxy.name.text),
    )
    .at(wanted.span, "every request goes there")
    .haproxy(words)
}
