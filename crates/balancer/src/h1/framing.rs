//! How long a body is (RFC 9112 section 6.3), and whether the connection outlives it.

use super::facts::Facts;
use super::head::{RequestHead, ResponseHead, Version};

/// Where a body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// After so many bytes; 0 without a body.
    Length(u64),
    /// With its last chunk.
    Chunked,
    /// With the connection.
    Close,
    /// Not at all: both sides say what they like from here on.
    Tunnel,
}

impl Framing {
    pub const NONE: Self = Self::Length(0);
}

/// Of a request. Without any sign of a body there is none.
pub fn of_request(facts: &Facts) -> Framing {
    if facts.chunked {
        Framing::Chunked
    } else {
        Framing::Length(facts.length.unwrap_or(0))
    }
}

/// Of the final response to `request`; `upgrade` when it asked to leave HTTP.
pub fn of_response(
    request: &RequestHead,
    upgrade: bool,
    response: &ResponseHead,
    facts: &Facts,
) -> Framing {
    let connected = request.method() == b"CONNECT" && response.status / 100 == 2;
    if connected || (upgrade && response.status == 101) {
        Framing::Tunnel
    } else if request.method() == b"HEAD" || matches!(response.status, 100..=199 | 204 | 304) {
        Framing::NONE
    } else if facts.chunked {
        Framing::Chunked
    } else {
        facts.length.map_or(Framing::Close, Framing::Length)
    }
}

/// Whether the sender of a message is ready for another one on the same connection (RFC 9112 section 9.3).
pub fn persists(version: Version, facts: &Facts) -> bool {
    match version {
        Version::Http11 => !facts.close,
        Version::Http10 => !facts.close && facts.keep_alive,
    }
}

/// The `connection` field that a response carries to the client: HAProxy says only what the version does not.
pub fn response_connection(
    request: Version,
    response: Version,
    stays_open: bool,
) -> Option<&'static [u8]> {
    match (stays_open, request, response) {
        (true, Version::Http11, Version::Http11) => None,
        (true, ..) => Some(b"keep-alive"),
        (false, _, Version::Http11) => Some(b"close"),
        (false, _, Version::Http10) => None,
    }
}

/// The `connection` field that a request carries to the server, which a request of version 1.0 has to ask to
/// stay; one with a chunked body does not, because that version knows no such thing, nor one that speaks of an upgrade.
pub fn request_connection(version: Version, facts: &Facts) -> Option<&'static [u8]> {
    match version {
        Version::Http10 if !facts.chunked && !facts.names_upgrade => Some(b"keep-alive"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::h1::{facts, parse};

    fn request(method: &str) -> RequestHead {
        let mut head = RequestHead::default();
        let text = format!("{method} /x HTTP/1.1\r\n\r\n");
        parse::request(text.as_bytes(), &mut head).unwrap().unwrap();
        head
    }

    #[track_caller]
    fn check(method: &str, upgrade: bool, response: &str, expected: Framing) {
        let mut head = ResponseHead::default();
        let text = format!("HTTP/1.1 {response}\r\n\r\n");
        parse::response(text.as_bytes(), &mut head)
            .unwrap()
            .unwrap();
        let facts = facts::of_response(&mut head).unwrap();
        let framing = of_response(&request(method), upgrade, &head, &facts);
        assert_eq!(framing, expected, "{method} {response}");
    }

    #[test]
    fn the_body_of_a_response_ends_where_rfc_9112_says() {
        check(
            "GET",
            false,
            "200 OK\r\nContent-Length: 5",
            Framing::Length(5),
        );
        check(
            "GET",
            false,
            "200 OK\r\nTransfer-Encoding: chunked",
            Framing::Chunked,
        );
        check("GET", false, "200 OK", Framing::Close);
        check("HEAD", false, "200 OK\r\nContent-Length: 5", Framing::NONE);
        check(
            "HEAD",
            false,
            "200 OK\r\nTransfer-Encoding: chunked",
            Framing::NONE,
        );
        check(
            "GET",
            false,
            "204 No Content\r\nContent-Length: 5",
            Framing::NONE,
        );
        check(
            "GET",
            false,
            "304 Not Modified\r\nContent-Length: 5",
            Framing::NONE,
        );
        check("GET", true, "101 Switching Protocols", Framing::Tunnel);
        check(
            "GET",
            true,
            "200 OK\r\nContent-Length: 5",
            Framing::Length(5),
        );
        check("CONNECT", false, "200 OK", Framing::Tunnel);
        check(
            "CONNECT",
            false,
            "403 Forbidden\r\nContent-Length: 5",
            Framing::Length(5),
        );
        check(
            "GET",
            false,
            "200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5",
            Framing::Chunked,
        );
    }

    #[test]
    fn haproxy_says_only_what_the_versions_do_not() {
        use Version::{Http10, Http11};
        assert_eq!(response_connection(Http11, Http11, true), None);
        assert_eq!(
            response_connection(Http11, Http11, false),
            Some(&b"close"[..])
        );
        assert_eq!(
            response_connection(Http10, Http11, false),
            Some(&b"close"[..])
        );
        assert_eq!(
            response_connection(Http10, Http11, true),
            Some(&b"keep-alive"[..])
        );
        assert_eq!(
            response_connection(Http11, Http10, true),
            Some(&b"keep-alive"[..])
        );
        assert_eq!(response_connection(Http11, Http10, false), None);
    }
}
