//! Answers that rules make.

use crate::error_page::Pages;
use crate::h1::head::ResponseHead;
use crate::plan::{ErrorFile, RawAnswer, Reply, ReplyBody};
use samples::View;

/// A whole answer. Its connection field may close the connection; it is counted, and not sent as it is.
#[derive(Debug, Default)]
pub struct Answer {
    /// What the log and the counters tell: a page may say another one.
    pub status: u16,
    pub head: ResponseHead,
    pub body: Vec<u8>,
    /// An empty `errorfile`: the connection is closed without a word.
    pub silent: bool,
    /// It stands for one that the rules for all answers failed at: should they fail again, it goes as it is.
    pub last: bool,
}

impl Answer {
    /// Without fields and body.
    pub fn begin(status: u16) -> Self {
        let mut answer = Self {
            status,
            ..Self::default()
        };
        answer.head.begin(status, reason(status).as_bytes());
        answer
    }

    /// What `deny`, `tarpit`, `return` and `http-error` are told to say.
    pub fn of(reply: &Reply, view: &View<'_>, pages: &Pages<'_>) -> Self {
        let body = match &reply.body {
            ReplyBody::Page => return pages.answer(reply.status, view),
            ReplyBody::File(file) => return Self::of_file(reply.status, file),
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

    fn of_file(status: u16, file: &ErrorFile) -> Self {
        match file {
            ErrorFile::Silence => Self {
                status,
                silent: true,
                ..Self::default()
            },
            ErrorFile::Answer(raw) => Self {
                status,
                head: head(raw),
                body: raw.body.clone(),
                ..Self::default()
            },
        }
    }

    /// Asks for a name and a password.
    pub fn unauthorized(realm: &[u8], view: &View<'_>, pages: &Pages<'_>) -> Self {
        let mut answer = pages.answer(401, view);
        let challenge = [b"Basic realm=\"", realm, b"\""].concat();
        answer.head.fields.append(b"www-authenticate", &challenge);
        answer
    }
}

fn head(raw: &RawAnswer) -> ResponseHead {
    let mut head = ResponseHead::default();
    head.begin_version(&raw.version, raw.status, &raw.reason);
    for (name, value) in &raw.fields {
        head.fields.append(name.as_bytes(), value);
    }
    head
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
