//! `track`: a server that cannot take its state from the one it names.

use crate::proxy::{Proxy, ServerDraft};
use crate::report::Report;
use crate::sections::Draft;
use diagnostics::Diagnostic;

pub(super) fn check(proxy: &Proxy, draft: &Draft, report: &mut Report<'_>) {
    for server in &proxy.servers {
        let Some(wanted) = &server.settings.track else {
            continue;
        };
        if let Err(wrong) = tracked(proxy, server, draft) {
            let words = format!(
                "'server {}/{}' : {}.",
                proxy.name.text, server.name.text, wrong.words
            );
            report.push(
                Diagnostic::error("track", wrong.what)
                    .at(wanted.span, "")
                    .why(wrong.why)
                    .haproxy(report.bare(server.line, &words)),
            );
        }
    }
}

/// Why a server cannot be tracked.
struct Wrong {
    what: String,
    why: &'static str,
    /// HAProxy's.
    words: String,
}

/// A place in the draft.
type Place<'a> = (&'a Proxy, &'a ServerDraft);

fn tracked(proxy: &Proxy, server: &ServerDraft, draft: &Draft) -> Result<(), Wrong> {
    let place = find(proxy, server, draft)?;
    let (other, leader) = place;
    let (backend, name) = (&other.name.text, &leader.name.text);
    let settings = &leader.settings;
    if !settings.check && !settings.agent_check && settings.track.is_none() {
        return Err(Wrong {
            what: format!("nobody looks after `{backend}/{name}`"),
            why: "only a server with a check, an agent or a `track` of its own has a state to take over",
            words: format!(
                "unable to use {backend}/{name} for tracking as it does not have any check nor agent enabled"
            ),
        });
    }
    if closes_loop((proxy, server), place, draft) {
        let (own, me) = (&proxy.name.text, &server.name.text);
        return Err(Wrong {
            what: format!("`{own}/{me}` would track itself"),
            why: "at the end of a chain there must be a server with a check or an agent",
            words: format!(
                "unable to track {backend}/{name} as it belongs to a tracking chain looping back to {own}/{me}"
            ),
        });
    }
    let stopping = |proxy: &Proxy| proxy.settings.check.disable_on_404;
    if backend != &proxy.name.text && stopping(other) != stopping(proxy) {
        return Err(Wrong {
            what: format!("`{backend}` and this section read a 404 differently"),
            why: "`http-check disable-on-404` must stand in both sections or in none",
            // HAProxy's letters
            words: format!(
                "unable to use {backend}/{name} fortracking: disable-on-404 option inconsistency"
            ),
        });
    }
    Ok(())
}

fn find<'a>(proxy: &'a Proxy, server: &ServerDraft, draft: &'a Draft) -> Result<Place<'a>, Wrong> {
    let wanted = server.settings.track.as_ref();
    let text = wanted.map_or("", |word| word.text.as_str());
    let (backend, name) = split(text);
    let missing = |kind: &str, name: &str| Wrong {
        what: format!("there is no {kind} `{name}` to track"),
        why: "write  track BACKEND/SERVER , or  track SERVER  for one of the same section",
        words: format!("unable to find required {kind} '{name}' for tracking"),
    };
    let other = match backend {
        None => proxy,
        Some(wanted) => {
            let mut proxies = draft.proxies.iter();
            proxies
                .find(|proxy| proxy.kind.has_backend() && proxy.name.text == wanted)
                .ok_or_else(|| missing("proxy", wanted))?
        }
    };
    let mut servers = other.servers.iter();
    let leader = servers
        .find(|server| server.name.text == name)
        .ok_or_else(|| missing("server", name))?;
    Ok((other, leader))
}

/// `BACKEND/SERVER`, split at the last slash.
pub(crate) fn split(text: &str) -> (Option<&str>, &str) {
    match text.rsplit_once('/') {
        Some((backend, server)) => (Some(backend), server),
        None => (None, text),
    }
}

/// HAProxy links one server after the other in file order, and looks for a loop each time: the last one is told.
fn closes_loop<'a>(me: Place<'a>, leader: Place<'a>, draft: &'a Draft) -> bool {
    let mut at = leader;
    let mut last = me.1.line.start;
    let servers: usize = draft.proxies.iter().map(|proxy| proxy.servers.len()).sum();
    for _ in 0..=servers {
        if std::ptr::eq(at.1, me.1) {
            return me.1.line.start == last;
        }
        last = last.max(at.1.line.start);
        let next =
            at.1.settings
                .track
                .as_ref()
                .map(|_| find(at.0, at.1, draft));
        match next {
            Some(Ok(next)) => at = next,
            _ => return false,
        }
    }
    false
}
