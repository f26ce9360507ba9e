//! One event as one line.

use super::paint;
use super::words;
use crate::observe::http_log::{self, Request};
use crate::supervisor::protocol::{Event, What};

/// The ports of servers by name.
pub(crate) type Ports = [(String, u16)];

/// `12:41:03  balancer  GET /           -> server01 8080   200   1 ms   Firefox`, names in colour.
pub(crate) fn line(event: &Event, ports: &Ports) -> String {
    let width = ports
        .iter()
        .map(|(name, _)| name.len())
        .max()
        .unwrap_or(0)
        .max("balancer".len());
    let source = format!("{:<width$}", event.source);
    let source = match ports.iter().position(|(name, _)| *name == event.source) {
        Some(index) => paint::server(index, &source),
        None => source,
    };
    let time = words::time_of_day(event.time);
    format!(
        "{}  {source}  {}",
        paint::dim(&time),
        body(event, ports, true)
    )
}

/// The same without time, source and colour: for log files.
pub(crate) fn text(event: &Event, ports: &Ports) -> String {
    body(event, ports, false)
}

fn body(event: &Event, ports: &Ports, colored: bool) -> String {
    match &event.what {
        What::Wrote(text) | What::Notice(text) => text.clone(),
        What::Request(request) => request_line(request, ports, colored),
    }
}

fn request_line(request: &Request, ports: &Ports, colored: bool) -> String {
    let asked = format!("{} {}", request.method, request.uri);
    let at = request.server.as_ref().and_then(|server| {
        ports
            .iter()
            .position(|(name, _)| is_called(name, request, server))
    });
    let who = match (&request.server, at.and_then(|at| ports.get(at))) {
        (_, Some((name, port))) => format!("{name} {port}"),
        (Some(server), None) => server.clone(),
        (None, _) if request.statistics => "statistics".to_owned(),
        (None, _) => "nobody".to_owned(),
    };
    let who = match at {
        Some(index) if colored => paint::server(index, &who),
        _ => who,
    };
    let status = request
        .status
        .map_or("---".to_owned(), |status| status.to_string());
    let took = took(request.ms);
    let mut line = format!("{asked:<14} -> {who}   {status}   {took}");
    let caller = request
        .user_agent
        .as_deref()
        .map(|agent| http_log::caller(agent).to_owned());
    for extra in [caller, request.trouble()].into_iter().flatten() {
        line.push_str("   ");
        line.push_str(&extra);
    }
    line
}

/// A unit goes by the name of its server, or by `backend/server` where names would clash.
fn is_called(name: &str, request: &Request, server: &str) -> bool {
    name == server || name.split_once('/') == Some((&request.backend, server))
}

/// The log counts whole milliseconds: what took less has no number.
pub(crate) fn took(ms: u64) -> String {
    match ms {
        0 => "<1 ms".to_owned(),
        1..1000 => format!("{ms} ms"),
        _ => words::took(std::time::Duration::from_millis(ms)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn request() -> Request {
        Request {
            frontend: "http-in".into(),
            backend: "nodes".into(),
            server: Some("server01".into()),
            status: Some(200),
            termination: "----".into(),
            method: "GET".into(),
            uri: "/".into(),
            user_agent: Some("curl/7.88.1".into()),
            ..Request::default()
        }
    }

    fn told(request: Request) -> String {
        let event = Event {
            time: Timestamp::now(),
            source: "balancer".into(),
            what: What::Request(request),
        };
        text(&event, &[("server01".into(), 8080), ("api/s".into(), 9001)])
    }

    #[test]
    fn a_request_tells_who_answered_and_who_asked() {
        assert_eq!(
            told(request()),
            "GET /          -> server01 8080   200   <1 ms   curl"
        );
    }

    #[test]
    fn a_failed_request_tells_why() {
        let failed = Request {
            status: Some(503),
            ms: 3006,
            retries: 3,
            termination: "SC--".into(),
            user_agent: None,
            ..request()
        };
        assert_eq!(
            told(failed),
            "GET /          -> server01 8080   503   3.0 s   refused 4 times (1 + 3 retries)"
        );
    }

    #[test]
    fn a_server_named_twice_is_found_by_its_backend() {
        let other = Request {
            backend: "api".into(),
            server: Some("s".into()),
            ..request()
        };
        assert!(told(other).contains("-> api/s 9001"));
    }

    #[test]
    fn without_a_server_nobody_answered() {
        let none = Request {
            server: None,
            status: None,
            termination: "CR--".into(),
            ..request()
        };
        assert_eq!(
            told(none),
            "GET /          -> nobody   ---   <1 ms   curl   the request was not complete or not HTTP"
        );
    }
}
