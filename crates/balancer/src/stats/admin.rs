//! Actions sent from the page.

use super::query::{Outcome, Query};
use super::{Answer, Request};
use crate::announce::announce;
use crate::logger::Logger;
use crate::plan::{Backend, Plan, Stats};
use lb_core::Uptime;
use lb_core::backend::{AdminChange, HealthChange};
use lb_core::server::ServerIndex;
use lb_core::transition::{Reason, Transition};
use std::sync::Arc;

/// Longest form taken: HAProxy's buffer.
const FORM_MAX: usize = 16 * 1024;

/// Does what the form says, and sends the browser back to the page.
pub(super) fn post(
    request: &Request<'_>,
    stats: &Stats,
    query: &Query,
    plan: &Plan,
    logger: &Logger,
    now: Uptime,
) -> Answer {
    let outcome = if !request.admin {
        Outcome::Denied
    } else if request.body.len() > FORM_MAX {
        Outcome::TooLarge
    } else {
        let (outcome, news) = apply(&Form::parse(request.body), plan, now);
        for (backend, transition) in &news {
            announce(logger, backend, transition);
        }
        outcome
    };
    see_other(stats, query, outcome)
}

fn see_other(stats: &Stats, query: &Query, outcome: Outcome) -> Answer {
    let mut location = format!("{};st={}", stats.uri, outcome.code());
    for (holds, option) in [(query.hide_down, ";up"), (query.no_refresh, ";norefresh")] {
        if holds {
            location += option;
        }
    }
    if !query.scope.is_empty() {
        location += &format!("?scope={}", query.scope);
    }
    Answer {
        status: 303,
        reason: "See Other",
        headers: vec![
            ("cache-control", "no-cache".into()),
            ("content-type", "text/plain".into()),
            ("content-length", "0".into()),
            ("location", location),
        ],
        body: Vec::new(),
        chunked: false,
        like_a_servers: false,
    }
}

/// What was filled in.
#[derive(Debug, Default, PartialEq, Eq)]
struct Form {
    /// A name, or `#` and a number.
    backend: Option<String>,
    action: Option<String>,
    servers: Vec<String>,
}

impl Form {
    /// Reads `application/x-www-form-urlencoded`.
    fn parse(body: &[u8]) -> Self {
        let mut form = Self::default();
        for pair in body.split(|&byte| byte == b'&') {
            let at = pair.iter().position(|&byte| byte == b'=');
            let Some((name, value)) = at.map(|at| (&pair[..at], &pair[at + 1..])) else {
                continue;
            };
            let value = decode(value);
            match name {
                b"b" => form.backend = Some(value),
                b"action" => form.action = Some(value),
                b"s" => form.servers.push(value),
                _ => {}
            }
        }
        form
    }
}

/// What can be done to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Admin(AdminChange),
    Health(HealthChange),
    Checks(bool),
    /// On agent checks, which no server has.
    Agent,
}

impl Action {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "ready" | "enable" => Self::Admin(AdminChange::Ready),
            "drain" => Self::Admin(AdminChange::Drain),
            "maint" | "disable" | "stop" => Self::Admin(AdminChange::Maint),
            "hrunn" => Self::Health(HealthChange::Up),
            "hnolb" => Self::Health(HealthChange::Stopping),
            "hdown" => Self::Health(HealthChange::Down),
            "ehlth" => Self::Checks(true),
            "dhlth" => Self::Checks(false),
            "eagent" | "dagent" | "arunn" | "adown" => Self::Agent,
            _ => return None,
        })
    }
}

type News = Vec<(Arc<Backend>, Transition)>;

fn apply(form: &Form, plan: &Plan, now: Uptime) -> (Outcome, News) {
    let mut news = Vec::new();
    let (Some(backend), Some(action)) = (&form.backend, &form.action) else {
        return (Outcome::None, news);
    };
    if form.servers.is_empty() {
        return (Outcome::None, news);
    }
    let Some(action) = Action::parse(action) else {
        return (Outcome::InvalidParameters, news);
    };
    let is_wanted = |candidate: &&Arc<Backend>| match backend.strip_prefix('#') {
        Some(number) => number.parse() == Ok(candidate.id),
        None => candidate.name == *backend,
    };
    let Some(backend) = plan.backends.iter().find(is_wanted) else {
        return (Outcome::InvalidParameters, news);
    };
    let (mut concerned, mut altered) = (0, 0);
    for name in &form.servers {
        let Some(index) = backend.live().find(name) else {
            concerned += 1;
            continue;
        };
        if applies(action, backend, index) {
            concerned += 1;
            altered += 1;
            let changed = act(action, backend, index, now);
            news.extend(changed.map(|changed| (Arc::clone(backend), changed)));
        }
    }
    let outcome = match (concerned, altered) {
        (0, _) => Outcome::None,
        (_, 0) => Outcome::InvalidParameters,
        _ if altered == concerned => Outcome::Done,
        _ => Outcome::Part,
    };
    (outcome, news)
}

fn applies(action: Action, backend: &Backend, index: ServerIndex) -> bool {
    match action {
        Action::Admin(_) => true,
        Action::Health(_) => backend.live().server(index).tracks().is_none(),
        Action::Checks(_) => backend.server(index).check.is_some(),
        Action::Agent => false,
    }
}

fn act(action: Action, backend: &Backend, index: ServerIndex, now: Uptime) -> Option<Transition> {
    let mut live = backend.live();
    match action {
        Action::Admin(wanted) => live.set_admin(index, wanted, now),
        Action::Health(wanted) => live.set_health(index, wanted, Reason::WebInterface, now),
        Action::Checks(enabled) => {
            live.set_check_enabled(index, enabled);
            None
        }
        Action::Agent => None,
    }
}

/// `+` is a blank, `%23` the byte 0x23; what is no such code stays as it is.
fn decode(text: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        let code = after
            .get(..2)
            .and_then(|digits| std::str::from_utf8(digits).ok());
        let code = code.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        rest = after;
        bytes.push(match (byte, code) {
            (b'%', Some(code)) => {
                rest = &after[2..];
                code
            }
            (b'+', _) => b' ',
            _ => byte,
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_decoded() {
        let form = Form::parse(b"s=web+1&s=%3cx%3E&action=drain&b=%233&other=1&broken");
        let expected = Form {
            backend: Some("#3".into()),
            action: Some("drain".into()),
            servers: vec!["web 1".into(), "<x>".into()],
        };
        assert_eq!(form, expected);
        assert_eq!(Form::parse(b""), Form::default());
        assert_eq!(Form::parse(b"s=100%&s=%zz").servers, ["100%", "%zz"]);
    }
}
