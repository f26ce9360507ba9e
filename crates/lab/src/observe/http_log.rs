//! The lines HAProxy writes to its log (manual, section 8.2.3 "HTTP log format"), read back.

use serde::{Deserialize, Serialize};

/// One line that came from the balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LogLine {
    Request(Request),
    /// Anything else, in the balancer's own words: a change of state, a stopped proxy.
    Message(String),
}

/// One HTTP exchange, as the balancer saw it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) frontend: String,
    pub(crate) backend: String,
    /// `None`: no server was chosen (`<NOSRV>`), or the balancer itself answered (`<STATS>`).
    pub(crate) server: Option<String>,
    /// The balancer's own statistics page answered.
    pub(crate) statistics: bool,
    /// `None`: the caller left before an answer.
    pub(crate) status: Option<u16>,
    /// From the first byte of the request to the last of the answer, in milliseconds.
    pub(crate) ms: u64,
    /// Of them in a queue, waiting for a free server.
    #[serde(default)]
    pub(crate) queued_ms: u64,
    /// Attempts after the first one.
    pub(crate) retries: u32,
    /// Another server than the first one chosen was tried.
    pub(crate) redispatched: bool,
    /// The four letters that say who ended it, and when.
    pub(crate) termination: String,
    pub(crate) user_agent: Option<String>,
    pub(crate) method: String,
    pub(crate) uri: String,
}

impl Request {
    /// A connection that closed or stayed silent without a request, as browsers open them in advance: nobody asked
    /// anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.method == "<BADREQ>" && self.termination.to_ascii_uppercase().starts_with("CR")
    }

    pub(crate) fn is_error(&self) -> bool {
        self.status.is_none_or(|status| status >= 500)
    }

    /// Why there was no good answer, in words; `None` when there was one.
    pub(crate) fn trouble(&self) -> Option<String> {
        let tries = match self.retries {
            0 => String::new(),
            n => format!(
                " {} times (1 + {n} {})",
                n + 1,
                if n == 1 { "retry" } else { "retries" }
            ),
        };
        let cause = match self.termination.get(..2)? {
            "SC" if self.server.is_none() => "no server is available".to_owned(),
            "SC" => format!("refused{tries}"),
            "sC" => format!("no connection{tries}"),
            "sQ" => "waited too long for a free server".to_owned(),
            "SH" => "the server closed without an answer".to_owned(),
            "sH" => "the server did not answer in time".to_owned(),
            "PH" => "the server's answer was not HTTP".to_owned(),
            "SD" | "sD" => "the server stopped in the middle".to_owned(),
            "CD" | "cD" | "CH" | "CC" | "CQ" => "the caller left".to_owned(),
            "CR" | "cR" | "PR" => "the request was not complete or not HTTP".to_owned(),
            _ if self.redispatched => "another server was tried".to_owned(),
            _ if self.retries > 0 => format!("tried{tries}"),
            _ => return None,
        };
        Some(cause)
    }
}

/// Who asks, from a user agent.
pub(crate) fn caller(user_agent: &str) -> &str {
    // A browser names all its ancestors, so the youngest name is looked for first.
    const KNOWN: [(&str, &str); 11] = [
        ("lab-hit/", "lab hit"),
        ("Firefox/", "Firefox"),
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("HeadlessChrome", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
        ("Wget/", "wget"),
        ("python-requests", "python"),
        ("Mozilla/", "a browser"),
    ];
    KNOWN
        .iter()
        .find(|(mark, _)| user_agent.contains(mark))
        .map_or_else(
            || user_agent.split(['/', ' ']).next().unwrap_or(user_agent),
            |(_, name)| name,
        )
}

/// Reads one datagram. `<134>Nov 22 06:32:19 haproxy[32591]: ` in front is taken off.
///
/// `agent_captured`: the first captured request header is the user agent.
pub(crate) fn parse(datagram: &str, agent_captured: bool) -> LogLine {
    let line = datagram.trim_end();
    let message = line
        .strip_prefix('<')
        .and_then(|rest| rest.split_once("]: "))
        .map_or(line, |(_, message)| message);
    match request(message, agent_captured) {
        Some(request) => LogLine::Request(request),
        None => LogLine::Message(message.to_owned()),
    }
}

fn request(message: &str, agent_captured: bool) -> Option<Request> {
    let mut words = message.splitn(13, ' ');
    let _client = words.next()?;
    words.next()?.strip_prefix('[')?.strip_suffix(']')?;
    let frontend = words.next()?.trim_end_matches('~').to_owned();
    let (backend, server) = words.next()?.split_once('/')?;
    let mut timers = words.next()?.split('/');
    let queued = timers.nth(1)?;
    let total = timers.next_back()?;
    let status = words.next()?.parse::<i32>().ok()?;
    let _bytes = words.next()?;
    let _cookies = (words.next()?, words.next()?);
    let termination = words.next()?.to_owned();
    let retries = words.next()?.rsplit('/').next()?;
    let _queues = words.next()?;
    let (captured, line) = words
        .next()?
        .split_at_checked(0)
        .map(|(_, rest)| split_captures(rest))?;
    let mut line = line.strip_prefix('"')?.trim_end_matches('"').split(' ');
    Some(Request {
        frontend,
        backend: backend.to_owned(),
        server: (!server.starts_with('<')).then(|| server.to_owned()),
        statistics: server == "<STATS>",
        status: u16::try_from(status).ok(),
        queued_ms: queued.parse().unwrap_or(0),
        ms: total.trim_start_matches('+').parse().unwrap_or(0),
        retries: retries.trim_start_matches('+').parse().ok()?,
        redispatched: retries.starts_with('+'),
        termination,
        user_agent: captured.filter(|_| agent_captured).and_then(first_capture),
        method: line.next()?.to_owned(),
        uri: line.next().unwrap_or_default().to_owned(),
    })
}

/// The first `{..}` block, and what stands behind all of them.
fn split_captures(text: &str) -> (Option<&str>, &str) {
    let Some(inside) = text.strip_prefix('{') else {
        return (None, text);
    };
    match inside.split_once("} ") {
        Some((block, rest)) => (Some(block), split_captures(rest).1),
        None => (None, text),
    }
}

/// The first of the captured values, HAProxy's `#XX` for bytes it will not print taken back.
fn first_capture(block: &str) -> Option<String> {
    let value = block.split('|').next().filter(|value| !value.is_empty())?;
    let mut text = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('#') {
        text.push_str(before);
        let byte = after
            .get(..2)
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match byte.filter(u8::is_ascii) {
            Some(byte) => {
                text.push(char::from(byte));
                rest = &after[2..];
            }
            None => {
                text.push('#');
                rest = after;
            }
        }
    }
    Some(text + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Observed with HAProxy 2.6.12.
    const ANSWERED: &str = r#"<134>Nov 22 06:32:19 haproxy[32591]: 127.0.0.1:34206 [22/Nov/2026:06:32:19.696] http-in nodes/server01 0/0/0/0/1 200 90 - - ---- 1/1/0/0/0 0/0 {curl/7.88.1} "GET /a?b=1 HTTP/1.1""#;
    const REFUSED: &str = r##"<134>Nov 22 08:33:45 haproxy[6267]: 127.0.0.1:46828 [22/Nov/2026:08:33:42.747] http-in nodes/server01 0/0/-1/-1/3006 503 217 - - SC-- 1/1/0/0/3 0/0 {Mozi #7Blla#7D #22x#22} "GET /a%20b HTTP/1.1"
"##;

    fn request_of(line: &str) -> Request {
        match parse(line, true) {
            LogLine::Request(request) => request,
            LogLine::Message(message) => panic!("not a request: {message}"),
        }
    }

    #[test]
    fn an_answered_request_names_its_server() {
        let request = request_of(ANSWERED);
        assert_eq!(request.server.as_deref(), Some("server01"));
        assert_eq!(
            (request.status, request.ms, request.retries),
            (Some(200), 1, 0)
        );
        assert_eq!(
            (request.method.as_str(), request.uri.as_str()),
            ("GET", "/a?b=1")
        );
        assert_eq!(request.user_agent.as_deref(), Some("curl/7.88.1"));
        assert_eq!(request.trouble(), None);
        assert!(!request.is_error());
    }

    #[test]
    fn the_wait_in_a_queue_is_read() {
        assert_eq!(request_of(ANSWERED).queued_ms, 0);
        let waited = ANSWERED.replace(" 0/0/0/0/1 ", " 0/1200/0/0/1201 ");
        assert_eq!(
            (request_of(&waited).queued_ms, request_of(&waited).ms),
            (1200, 1201)
        );
        let given_up = ANSWERED.replace(" 0/0/0/0/1 ", " 0/-1/-1/-1/5000 ");
        assert_eq!(request_of(&given_up).queued_ms, 0);
    }

    #[test]
    fn a_refused_request_tells_its_retries() {
        let request = request_of(REFUSED);
        assert!(request.is_error());
        assert_eq!(request.ms, 3006);
        assert_eq!(
            request.trouble().unwrap(),
            "refused 4 times (1 + 3 retries)"
        );
        assert_eq!(request.user_agent.as_deref(), Some("Mozi {lla} \"x\""));
    }

    #[test]
    fn a_redispatched_request_is_no_error() {
        let line = ANSWERED.replace("1/1/0/0/0", "1/1/0/0/+1");
        let request = request_of(&line);
        assert!(request.redispatched && !request.is_error());
        assert_eq!(request.trouble().unwrap(), "another server was tried");
    }

    #[test]
    fn requests_without_server_or_capture_are_read() {
        let line = r#"<134>Nov 22 06:32:19 haproxy[1]: 127.0.0.1:3 [22/Nov/2026:06:32:19.696] http-in nodes/<NOSRV> 0/-1/-1/-1/0 503 217 - - SC-- 1/1/0/0/0 0/0 "GET / HTTP/1.1""#;
        let request = request_of(line);
        assert_eq!(
            (request.server.clone(), request.user_agent.clone()),
            (None, None)
        );
        assert_eq!(request.trouble().unwrap(), "no server is available");
    }

    #[test]
    fn the_statistics_page_is_told_apart() {
        let line = r#"<134>Nov 22 06:32:19 haproxy[1]: 127.0.0.1:3 [22/Nov/2026:06:32:19.696] stats stats/<STATS> 0/-1/-1/-1/0 200 20000 - - LR-- 1/1/0/0/0 0/0 "GET / HTTP/1.1""#;
        assert!(request_of(line).statistics);
    }

    #[test]
    fn a_broken_request_has_no_status() {
        let line = r#"<134>Nov 22 06:32:19 haproxy[1]: 127.0.0.1:3 [22/Nov/2026:06:32:19.696] http-in http-in/<NOSRV> -1/-1/-1/-1/0 -1 0 - - CR-- 1/1/0/0/0 0/0 {} "<BADREQ>""#;
        let request = request_of(line);
        assert_eq!(
            (request.status, request.method.as_str()),
            (None, "<BADREQ>")
        );
        assert!(request.is_empty());
        assert!(!request_of(&line.replace("CR--", "PR--")).is_empty());
    }

    #[test]
    fn a_change_of_state_is_a_message() {
        let line = "<129>Nov 22 08:33:42 haproxy[6267]: Server nodes/server02 is DOWN, reason: Layer4 connection problem.\n";
        let text = "Server nodes/server02 is DOWN, reason: Layer4 connection problem.";
        assert_eq!(parse(line, true), LogLine::Message(text.to_owned()));
    }

    #[test]
    fn callers_are_called_by_their_usual_names() {
        for (agent, name) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0",
                "Firefox",
            ),
            (
                "Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36",
                "Chrome",
            ),
            ("curl/7.88.1", "curl"),
            ("lab-hit/0.1.0 (a1)", "lab hit"),
            ("Mozilla/5.0 (X11; Linux x86_64", "a browser"),
            ("tool/3", "tool"),
        ] {
            assert_eq!(caller(agent), name);
        }
    }
}
