//! The answers that the balancer makes itself, byte for byte HAProxy's.

use crate::plan::{ErrorFile, ErrorPages, ReplyBody};
use crate::rules::Answer;
use samples::View;

/// A status with its reason and the sentence of its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Page {
    status: u16,
    reason: &'static str,
    text: &'static str,
}

/// The error pages that hold for a request: the backend's before the frontend's before HAProxy's own.
#[derive(Clone, Copy, Debug)]
pub struct Pages<'a> {
    pub backend: Option<&'a ErrorPages>,
    pub frontend: &'a ErrorPages,
}

impl Pages<'_> {
    pub fn answer(&self, status: u16, view: &View<'_>) -> Answer {
        let of_backend = self.backend.and_then(|pages| pages.get(&status));
        match of_backend.or_else(|| self.frontend.get(&status)) {
            Some(reply) => Answer::of(reply, view, self),
            None => answer(status),
        }
    }
}

/// Whether nothing is to be said for a status, even to bytes that are no request.
pub fn is_silent(pages: &ErrorPages, status: u16) -> bool {
    let page = pages.get(&status).map(|reply| &reply.body);
    matches!(page, Some(ReplyBody::File(file)) if **file == ErrorFile::Silence)
}

/// HAProxy's own answer to a request that was understood.
pub fn answer(status: u16) -> Answer {
    let page = page(status);
    let mut answer = Answer {
        status,
        body: page.body().into_bytes(),
        ..Answer::default()
    };
    answer.head.begin(page.status, page.reason.as_bytes());
    let fields = &mut answer.head.fields;
    fields.append(b"content-length", answer.body.len().to_string().as_bytes());
    fields.append(b"cache-control", b"no-cache");
    if page.closes() {
        fields.append(b"connection", b"close");
    }
    fields.append(b"content-type", b"text/html");
    answer
}

/// The answer to bytes that are no request: another layout, and the connection is closed.
pub fn to_no_request(status: u16) -> Vec<u8> {
    let page = page(status);
    let body = page.body();
    let connection = match page.closes() {
        true => "Connection: close\r\n",
        false => "",
    };
    format!(
        "HTTP/1.1 {status} {}\r\nContent-length: {}\r\nCache-Control: no-cache\r\n{connection}Content-Type: text/html\r\n\r\n{body}",
        page.reason,
        body.len(),
    )
    .into_bytes()
}

impl Page {
    /// HAProxy's pages of these two say so, though it closes after others as well.
    fn closes(self) -> bool {
        matches!(self.status, 400 | 408)
    }

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
        status: 200,
        reason: "OK",
        text: "Service ready.",
    },
    Page {
        status: 401,
        reason: "Unauthorized",
        text: "You need a valid user and password to access this content.",
    },
    Page {
        status: 404,
        reason: "Not Found",
        text: "The resource could not be found.",
    },
    Page {
        status: 405,
        reason: "Method Not Allowed",
        text: "A request was made of a resource using a request method not supported by that resource",
    },
    Page {
        status: 407,
        reason: "Unauthorized",
        text: "You need a valid user and password to access this content.",
    },
    Page {
        status: 410,
        reason: "Gone",
        text: "The resource is no longer available and will not be available again.",
    },
    Page {
        status: 421,
        reason: "Misdirected Request",
        text: "Request sent to a non-authoritative server.",
    },
    Page {
        status: 425,
        reason: "Too Early",
        text: "Your browser sent early data.",
    },
    Page {
        status: 429,
        reason: "Too Many Requests",
        text: "You have sent too many requests in a given amount of time.",
    },
    Page {
        status: 501,
        reason: "Not Implemented",
        text: ".The server does not support the functionality required to fulfill the request.",
    },
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
    use crate::h1::write;

    #[test]
    fn the_page_of_503_is_haproxys() {
        let answer = answer(503);
        let counted = answer.head.weight() + answer.body.len() as u64;
        let mut out = Vec::new();
        write::response(&answer.head, write::Added::default(), &mut out);
        out.extend(answer.body);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 107\r\ncache-control: no-cache\r\n\
             content-type: text/html\r\n\r\n<html><body><h1>503 Service Unavailable</h1>\n\
             No server is available to handle this request.\n</body></html>\n"
        );
        assert_eq!(counted, 217, "as HAProxy's log line says");
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
    fn there_is_a_page_for_every_status_that_can_be_replaced() {
        let known: std::collections::BTreeSet<u16> = PAGES.iter().map(|page| page.status).collect();
        assert!(known.into_iter().eq(crate::plan::ERROR_STATUSES));
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
