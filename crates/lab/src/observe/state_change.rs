//! The balancer's words about a server's state, read back from its log (HAProxy's `src/server.c`, `srv_append_status`).

use course::facts::Happened;

/// `Server nodes/server02 is DOWN, reason: ...` as an event; `None` for any other message.
pub(crate) fn event(message: &str) -> Option<Happened> {
    let rest = message
        .strip_prefix("Server ")
        .or_else(|| message.strip_prefix("Backup Server "))?;
    let (place, news) = rest.split_once(' ')?;
    // A server with a looked-up address is named with its host: `('site.lab') is UP/READY (resolves again).`
    let news = match news.strip_prefix("('") {
        Some(host) => host.split_once("') ")?.1,
        None => news,
    };
    let (backend, server) = place.split_once('/')?;
    Some(Happened::Health {
        backend: backend.to_owned(),
        server: server.to_owned(),
        state: state(news)?.to_owned(),
    })
}

fn state(news: &str) -> Option<&'static str> {
    let begins = |head: &str| news.starts_with(head);
    if begins("is going DOWN for maintenance") || begins("was DOWN and now enters maintenance") {
        return Some("MAINT");
    }
    if begins("enters drain") || begins("remains in forced drain") {
        return Some("DRAIN");
    }
    if begins("is stopping") {
        return Some("NOLB");
    }
    let word = news
        .strip_prefix("is ")?
        .split([' ', ',', '/', '.'])
        .next()?;
    ["UP", "DOWN"].into_iter().find(|state| *state == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(message: &str, expected: Option<&str>) {
        let state = event(message).map(|event| match event {
            Happened::Health {
                state,
                backend,
                server,
            } => {
                assert_eq!((backend.as_str(), server.as_str()), ("nodes", "server02"));
                state
            }
            other => panic!("{other:?}"),
        });
        assert_eq!(state.as_deref(), expected, "{message}");
    }

    #[test]
    fn changes_of_state_are_read() {
        check(
            "Server nodes/server02 is DOWN, reason: Layer4 connection problem, info: \"Connection refused\"",
            Some("DOWN"),
        );
        check(
            "Server nodes/server02 is UP, reason: Layer4 check passed, check duration: 0ms.",
            Some("UP"),
        );
        check(
            "Server nodes/server02 is UP/READY (leaving forced maintenance).",
            Some("UP"),
        );
        check(
            "Server nodes/server02 is going DOWN for maintenance. 3 active and 0 backup servers left.",
            Some("MAINT"),
        );
        check(
            "Server nodes/server02 ('site.lab') is UP/READY (resolves again).",
            Some("UP"),
        );
        check(
            "Server nodes/server02 enters drain state. 3 active and 0 backup servers online.",
            Some("DRAIN"),
        );
        check(
            "Backup Server nodes/server02 is DOWN, reason: Layer4 timeout",
            Some("DOWN"),
        );
    }

    #[test]
    fn other_messages_are_none() {
        check(
            "Health check for server nodes/server02 failed, reason: Layer4",
            None,
        );
        check(
            "Server nodes/server02 is leaving forced maintenance but remains in maintenance.",
            None,
        );
        check("backend nodes has no server available!", None);
    }
}
