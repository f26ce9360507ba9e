//! Answers that rules make.

use crate::error_page;
use crate::h1::head::ResponseHead;
use crate::plan::{Reply, ReplyBody};
use samples::View;

/// A whole answer, its connection field left out.
#[derive(Debug, Default)]
pub struct Answer {
    pub head: ResponseHead,
    pub body: Vec<u8>,
}

impl Answer {
    /// Without fields and body.
    pub fn begin(status: u16) -> Self {
        let mut answer = Self::default();
        answer.head.begin(status, reason(status).as_bytes());
        answer
    }

    /// What `deny`, `tarpit` and `return` are told to say.
    pub fn of(reply: &Reply, view: &View<'_>) -> Self {
        let body = match &reply.body {
            ReplyBody::Page => {
                let mut answer = error_page::answer(reply.status);
                add_headers(&mut answer, reply, view);
                return answer;
            }
            ReplyBody::Empty => Vec::new(),
            ReplyBody::Text(text) => text.clone(),
            ReplyBody::Format(format) => format.render(view),
        };
        let mut answer = Self::begin(reply.status);
        add_headers(&mut answer, reply, view);
        answer.body = body;
        let length = answer.body.len().to_string();
        let fields = &mut answer.head.fields;
        fields.append(b"content-length", length.as_bytes());
        if let Some(kind) = reply
            .content_type
            .as_ref()
            .filter(|_| !answer.body.is_empty())
        {
            fields.append(b"content-type", kind.as_bytes());
        }
        answer
    }

    /// Asks for a name and a password.
    pub fn unauthorized(realm: &[u8]) -> Self {
        let mut answer = error_page::answer(401);
        let challenge = [b"Basic realm=\"", realm, b"\""].concat();
        answer.head.fields.append(b"www-authenticate", &challenge);
        answer
    }
}

fn add_headers(answer: &mut Answer, reply: &Reply, view: &View<'_>) {
    for (name, value) in &reply.headers {
        let value = value.render(view);
        answer.head.fields.append(name.as_bytes(), &value);
    }
}

/// The reason HAProxy gives with a status.
pub fn reason(status: u16) -> &'static str {
    let known = REASONS.iter().find(|(known, _)| *known == status);
    known.map_or_else(
        || match status / 100 {
            1 => "Informational",
            2 => "Success",
            3 => "Redirection",
            4 => "Client Error",
            5 => "Server Error",
            _ => "Other",
        },
        |(_, reason)| reason,
    )
}

#[rustfmt::skip]
const REASONS: &[(u16, &str)] = &[
    (100, "Continue"), (101, "Switching Protocols"), (102, "Processing"), (103, "Early Hints"),
    (200, "OK"), (201, "Created"), (202, "Accepted"), (203, "Non-Authoritative Information"), (204, "No Content"),
    (205, "Reset Content"), (206, "Partial Content"), (207, "Multi-Status"), (210, "Content Different"), (226, "IM Used"),
    (300, "Multiple Choices"), (301, "Moved Permanently"), (302, "Found"), (303, "See Other"), (304, "Not Modified"),
    (305, "Use Proxy"), (307, "Temporary Redirect"), (308, "Permanent Redirect"), (310, "Too many Redirects"),
    (400, "Bad Request"), (401, "Unauthorized"), (402, "Payment Required"), (403, "Forbidden"), (404, "Not Found"),
    (405, "Method Not Allowed"), (406, "Not Acceptable"), (407, "Proxy Authentication Required"), (408, "Request Time-out"),
    (409, "Conflict"), (410, "Gone"), (411, "Length Required"), (412, "Precondition Failed"),
    (413, "Request Entity Too Large"), (414, "Request-URI Too Long"), (415, "Unsupported Media Type"),
    (416, "Requested range unsatisfiable"), (417, "Expectation failed"), (418, "I'm a teapot"), (422, "Unprocessable entity"),
    (423, "Locked"), (424, "Method failure"), (425, "Too Early"), (426, "Upgrade Required"), (428, "Precondition Required"),
    (429, "Too Many Requests"), (431, "Request Header Fields Too Large"), (449, "Retry With"), (450, "Blocked by Windows Parental Controls"),
    (451, "Unavailable For Legal Reasons"), (456, "Unrecoverable Error"), (499, "client has closed connection"),
    (500, "Internal Server Error"), (501, "Not Implemented"), (502, "Bad Gateway or Proxy Error"), (503, "Service Unavailable"),
    (504, "Gateway Time-out"), (505, "HTTP Version not supported"), (506, "Variant also negociate"), (507, "Insufficient storage"),
    (508, "Loop detected"), (509, "Bandwidth Limit Exceeded"), (510, "Not extended"), (511, "Network authentication required"),
    (520, "Web server is returning an unknown error"),
];
