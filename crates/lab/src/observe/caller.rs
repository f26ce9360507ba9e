//! Who asked, from what they say of themselves: a browser, `curl`, `lab hit`, the lab's own probe, an editor that looks
//! whether a port it forwards is alive.

use super::http_log;
use course::facts;

/// A request of the balancer's log as an event of the journal; `None` where nobody asked anything, and for the lab's own
/// looks at the statistics. `port` knows the ports of servers.
pub(crate) fn event(
    request: &http_log::Request,
    port: impl Fn(&str, &str) -> Option<u16>,
) -> Option<facts::Request> {
    let agent = request.user_agent.as_deref();
    let name = agent.map_or("somebody", http_log::caller);
    let caller = kind(agent, in_the_cloud());
    let counts = caller != "probe" && !request.is_empty();
    counts.then(|| facts::Request {
        caller,
        agent: name.to_owned(),
        path: request.uri.clone(),
        frontend: request.frontend.clone(),
        backend: request.backend.clone(),
        port: request
            .server
            .as_ref()
            .and_then(|server| port(&request.backend, server)),
        server: request.server.clone(),
        status: request.status,
        ms: request.ms,
        queued_ms: request.queued_ms,
        retries: request.retries,
        termination: request.termination.clone(),
        statistics: request.statistics,
        count: 1,
    })
}

/// A machine of a cloud editor, whose forwarder asks for pages itself.
fn in_the_cloud() -> bool {
    ["CODESPACES", "GITPOD_WORKSPACE_ID"]
        .iter()
        .any(|name| std::env::var_os(name).is_some())
}

fn kind(agent: Option<&str>, in_the_cloud: bool) -> String {
    /// What forwarders call themselves, as far as they do: they are written in Go or run on Node.
    const FORWARDERS: [&str; 4] = ["Go-http-client", "node", "undici", "axios"];
    let Some(agent) = agent else {
        return if in_the_cloud { "editor" } else { "somebody" }.to_owned();
    };
    let known = [
        ("lab-hit/", "hit"),
        ("lab-probe/", "probe"),
        ("lab-check/", "check"),
        ("curl/", "curl"),
        // Every browser since Mosaic's first rival.
        ("Mozilla/", "browser"),
    ];
    let name = http_log::caller(agent);
    if in_the_cloud
        && FORWARDERS
            .iter()
            .any(|forwarder| agent.starts_with(forwarder))
    {
        return "editor".to_owned();
    }
    known
        .iter()
        .find(|(mark, _)| agent.starts_with(mark))
        .map_or(name, |(_, kind)| kind)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_are_told_apart() {
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0";
        for (agent, expected) in [
            (firefox, "browser"),
            ("curl/7.88.1", "curl"),
            ("lab-hit/0.1.0 (a1)", "hit"),
            ("lab-probe/0.1.0", "probe"),
            ("python-requests/2.32", "python"),
            ("Go-http-client/1.1", "Go-http-client"),
        ] {
            assert_eq!(kind(Some(agent), false), expected);
        }
        assert_eq!(kind(None, false), "somebody");
    }

    #[test]
    fn the_forwarder_of_a_cloud_editor_is_no_learner() {
        assert_eq!(kind(Some("Go-http-client/1.1"), true), "editor");
        assert_eq!(kind(Some("node"), true), "editor");
        assert_eq!(kind(None, true), "editor");
        assert_eq!(
            kind(Some("Mozilla/5.0 Code/1.96 Chrome/128"), true),
            "browser"
        );
        assert_eq!(kind(Some("curl/7.88.1"), true), "curl");
    }

    #[test]
    fn the_labs_own_looks_are_no_requests() {
        let request = http_log::Request {
            user_agent: Some("lab-probe/0.1.0".into()),
            ..http_log::Request::default()
        };
        assert_eq!(event(&request, |_, _| None), None);
    }

    #[test]
    fn a_request_knows_the_port_of_its_server() {
        let request = http_log::Request {
            backend: "nodes".into(),
            server: Some("server02".into()),
            uri: "/x".into(),
            user_agent: Some("curl/8".into()),
            ..http_log::Request::default()
        };
        let event = event(&request, |backend, server| {
            (backend == "nodes" && server == "server02").then_some(8081)
        });
        let event = event.unwrap();
        assert_eq!((event.port, event.path.as_str()), (Some(8081), "/x"));
    }
}
