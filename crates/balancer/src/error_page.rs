//! The answers that the balancer makes itself, byte for byte HAProxy's.

use crate::h1::head::ResponseHead;
use crate::h1::{parse, write};

/// A status with its reason and the sentence of its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Page {
    status: u16,
    reason: &'static str,
    text: &'static str,
}

/// Appends the answer to a request that was understood. `to_head`: without the body. The result is what
/// HAProxy counts as bytes sent.
pub fn append(status: u16, connection: Option<&[u8]>, to_head: bool, out: &mut Vec<u8>) -> u64 {
    let page = page(status);
    let body = page.body();
    let head = format!(
        "HTTP/1.1 {status} {}\r\ncontent-length: {}\r\ncache-control: no-cache\r\ncontent-type: text/html\r\n\r\n",
        page.reason,
        body.len(),
    );
    let mut parsed = ResponseHead::default();
    parse::response(head.as_bytes(), &mut parsed).expect("the head above is well-formed");
    write::response(&parsed, connection, out);
    // HAProxy's page of 400 brings its `connection: close` along, which then counts as part of it.
    let own_close = if status == 400 {
        "connectionclose".len() as u64
    } else {
        0
    };
    let counted = parsed.weight() + own_close;
    if to_head {
        return counted;
    }
    out.extend_from_slice(body.as_bytes());
    counted + body.len() as u64
}

/// The answer to bytes that are no request: another layout, and the connection is closed.
pub fn to_no_request(status: u16) -> Vec<u8> {
    let page = page(status);
    let body = page.body();
    // HAProxy's pages of these two say so, those of other statuses do not, and it closes after all of them.
    let connection = match status {
        400 | 408 => "Connection: close\r\n",
        _ => "",
    };
    format!(
        "HTTP/1.1 {status} {}\r\nContent-length: {}\r\nCache-Control: no-cache\r\n{connection}Content-Type: text/html\r\n\r\n{body}",
        page.reason,
        body.len(),
    )
    .into_bytes()
}

impl Page {
    fn body(self) -> String {
        format!(
            "<html><body><h1>{} {}</h1>\n{}\n</body></html>\n",
            self.status, self.reason, self.text
        )
    }
}

fn page(status: u16) -> Page {
    let known = PAGES.iter().find(|page| page.status == status);
    *known.unwrap_or(&INTERNAL)
}

const INTERNAL: Page = Page {
    status: 500,
    reason: "Internal Server Error",
    text: "An internal server error occurred.",
};

const PAGES: &[Page] = &[
    Page {
        status: 400,
        reason: "Bad request",
        text: "Your browser sent an invalid request.",
    },
    Page {
        status: 403,
        reason: "Forbidden",
        text: "Request forbidden by administrative rules.",
    },
    Page {
        status: 408,
        reason: "Request Time-out",
        text: "Your browser didn't send a complete request in time.",
    },
    Page {
        status: 413,
        reason: "Payload Too Large",
        text: "The request entity exceeds the maximum allowed.",
    },
    Page {
        status: 422,
        reason: "Unprocessable Content",
        text: "The server cannot process the contained instructions.",
    },
    INTERNAL,
    Page {
        status: 502,
        reason: "Bad Gateway",
        text: "The server returned an invalid or incomplete response.",
    },
    Page {
        status: 503,
        reason: "Service Unavailable",
        text: "No server is available to handle this request.",
    },
    Page {
        status: 504,
        reason: "Gateway Time-out",
        text: "The server didn't respond in time.",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_503_is_haproxys() {
        let mut out = Vec::new();
        let counted = append(503, None, false, &mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 107\r\ncache-control: no-cache\r\n\
             content-type: text/html\r\n\r\n<html><body><h1>503 Service Unavailable</h1>\n\
             No server is available to handle this request.\n</body></html>\n"
        );
        assert_eq!(counted, 217, "as HAProxy's log line says");
    }

    #[test]
    fn the_page_to_a_head_request_has_no_body() {
        let mut out = Vec::new();
        append(502, Some(b"close"), true, &mut out);
        assert!(out.ends_with(b"content-type: text/html\r\nconnection: close\r\n\r\n"));
    }

    #[test]
    fn the_page_of_400_has_the_parsers_layout() {
        assert_eq!(
            String::from_utf8(to_no_request(400)).unwrap(),
            "HTTP/1.1 400 Bad request\r\nContent-length: 90\r\nCache-Control: no-cache\r\nConnection: close\r\n\
             Content-Type: text/html\r\n\r\n<html><body><h1>400 Bad request</h1>\n\
             Your browser sent an invalid request.\n</body></html>\n"
        );
    }

    #[test]
    fn lengths_are_those_of_the_reference() {
        let lengths = [
            (400, 90),
            (403, 93),
            (408, 110),
            (413, 106),
            (422, 116),
            (500, 97),
            (502, 107),
            (503, 107),
            (504, 92),
        ];
        for (status, length) in lengths {
            assert_eq!(page(status).body().len(), length, "{status}");
        }
    }
}
