//! Heads to bytes.

use super::head::{Fields, RequestHead, ResponseHead, Version};

/// What a head says besides its own fields.
#[derive(Clone, Copy, Debug, Default)]
pub struct Added<'a> {
    /// Whether the connection stays.
    pub connection: Option<&'a [u8]>,
    /// The body comes in chunks.
    pub chunks: bool,
}

/// Appends the head of a request for this target.
pub fn request(head: &RequestHead, target: &[u8], added: Added<'_>, out: &mut Vec<u8>) {
    let version = match head.version {
        // Whatever minor or major version came, this hop speaks 1.1.
        Version::Http11 => b"HTTP/1.1",
        Version::Http10 => head.version_text(),
    };
    for piece in [head.method(), b" ", target, b" ", version, b"\r\n"] {
        out.extend_from_slice(piece);
    }
    for (name, value) in head.fields.iter() {
        field(name, value, out);
    }
    end(added, out);
}

/// Appends the head of a response.
pub fn response(head: &ResponseHead, added: Added<'_>, out: &mut Vec<u8>) {
    let version = match head.version {
        Version::Http11 => b"HTTP/1.1",
        Version::Http10 => head.version_text(),
    };
    let digits = [100, 10, 1].map(|unit| b'0' + (head.status / unit % 10) as u8);
    for piece in [version, b" ", &digits, b" ", head.reason(), b"\r\n"] {
        out.extend_from_slice(piece);
    }
    // RFC 9110 section 15.3.5: a 204 has no content, whatever is said of its length.
    let empty = head.status == 204;
    let says_length = |name: &[u8]| matches!(name, b"content-length" | b"transfer-encoding");
    for (name, value) in head
        .fields
        .iter()
        .filter(|(name, _)| !(empty && says_length(name)))
    {
        field(name, value, out);
    }
    end(added, out);
}

/// Appends fields and the empty line that ends them.
pub fn fields(fields: &Fields, out: &mut Vec<u8>) {
    for (name, value) in fields.iter() {
        field(name, value, out);
    }
    end(Added::default(), out);
}

fn field(name: &[u8], value: &[u8], out: &mut Vec<u8>) {
    for piece in [name, b": ", value, b"\r\n"] {
        out.extend_from_slice(piece);
    }
}

fn end(added: Added<'_>, out: &mut Vec<u8>) {
    if let Some(value) = added.connection {
        field(b"connection", value, out);
    }
    if added.chunks {
        field(b"transfer-encoding", b"chunked", out);
    }
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::h1::{facts, parse};

    #[track_caller]
    fn check_request(input: &str, expected: &str) {
        let mut head = RequestHead::default();
        parse::request(input.as_bytes(), &mut head)
            .unwrap()
            .unwrap();
        let facts = facts::of_request(&mut head).unwrap();
        let mut out = Vec::new();
        let added = Added {
            connection: crate::h1::framing::request_connection(head.version, &facts),
            chunks: false,
        };
        request(&head, head.target_for_http1(), added, &mut out);
        assert_eq!(String::from_utf8_lossy(&out), expected);
    }

    #[test]
    fn names_become_lower_case_and_nothing_else_changes() {
        check_request(
            "GET /a?b HTTP/1.1\r\nHost: Example.COM:3000\r\nX-A: 1\r\nx-b:  two \r\nX-A: 3\r\nX-Empty:\r\n\r\n",
            "GET /a?b HTTP/1.1\r\nhost: Example.COM:3000\r\nx-a: 1\r\nx-b: two\r\nx-a: 3\r\nx-empty: \r\n\r\n",
        );
    }

    #[test]
    fn later_versions_go_on_as_1_1_and_earlier_ones_as_they_are() {
        check_request("GET / HTTP/1.5\r\n\r\n", "GET / HTTP/1.1\r\n\r\n");
        check_request("GET / HTTP/2.0\r\n\r\n", "GET / HTTP/1.1\r\n\r\n");
        check_request(
            "GET / HTTP/1.0\r\n\r\n",
            "GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n",
        );
        check_request(
            "GET / HTTP/0.9\r\n\r\n",
            "GET / HTTP/0.9\r\nconnection: keep-alive\r\n\r\n",
        );
    }

    #[test]
    fn a_204_says_nothing_of_a_length() {
        let mut head = ResponseHead::default();
        let text = b"HTTP/1.1 204 No Content\r\nContent-Length: 3\r\nA: b\r\n\r\n";
        parse::response(text, &mut head).unwrap().unwrap();
        let mut out = Vec::new();
        response(&head, Added::default(), &mut out);
        assert_eq!(out, b"HTTP/1.1 204 No Content\r\na: b\r\n\r\n");
    }

    #[test]
    fn a_response_without_a_reason_keeps_the_space() {
        let mut head = ResponseHead::default();
        parse::response(b"HTTP/1.1 200\r\nA: b\r\n\r\n", &mut head)
            .unwrap()
            .unwrap();
        let mut out = Vec::new();
        let added = Added {
            connection: Some(b"close"),
            chunks: true,
        };
        response(&head, added, &mut out);
        let expected =
            "HTTP/1.1 200 \r\na: b\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n";
        assert_eq!(String::from_utf8_lossy(&out), expected);
    }
}
