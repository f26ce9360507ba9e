//! `http-request`, `http-response` and `http-after-response` rules.

use super::{ErrorFile, HttpOptions};
use samples::pattern::Regex;
use samples::tables::Datum;
use samples::variables::{Name, SetIf};
use samples::{Condition, Expression, Format, Matching, Pattern};
use std::sync::Arc;
use std::time::Duration;

/// An action and when it is carried out.
#[derive(Clone, Debug)]
pub struct HttpRule {
    pub action: HttpAction,
    pub condition: Option<Condition>,
}

/// What a rule does.
#[derive(Clone, Debug)]
pub enum HttpAction {
    /// No more rules of this list.
    Allow,
    Deny(Reply),
    Tarpit(Reply),
    Return(Reply),
    Redirect(Redirect),
    /// The balancer answers by a service of its own.
    UseService(Service),
    WaitForBody(BodyWait),
    /// Answers with what the cache of this name has kept.
    CacheUse(String),
    /// Lets it keep the answer.
    CacheStore(String),
    /// Asks for a name and a password; without a realm, the section's name is one.
    Auth {
        realm: Option<Format>,
    },
    /// Closes the connection without a word.
    Reject,
    /// Leaves the client in the dark.
    SilentDrop,
    /// The name in lower case.
    SetHeader {
        name: String,
        value: Format,
    },
    AddHeader {
        name: String,
        value: Format,
    },
    DelHeader(HeaderNames),
    /// In whole lines, or in each value between commas.
    ReplaceHeader {
        name: String,
        pattern: Regex,
        by: Format,
        each_value: bool,
    },
    SetUri(Format),
    SetPath(Format),
    SetPathAndQuery(Format),
    SetQuery(Format),
    ReplaceUri {
        part: UriPart,
        pattern: Regex,
        by: Format,
    },
    SetMethod(Format),
    SetStatus {
        status: u16,
        reason: Option<String>,
    },
    SetVariable {
        name: Name,
        /// All of them must hold.
        when: Vec<SetIf>,
        value: Expression,
    },
    SetVariableText {
        name: Name,
        when: Vec<SetIf>,
        value: Format,
    },
    UnsetVariable(Name),
    /// Into a place of the log's captures.
    Capture {
        place: usize,
        value: Expression,
    },
    /// `retry-on` stops at its connection.
    DisableRetry,
    /// `None`: nothing is logged.
    SetLogLevel(Option<u8>),
    /// `track-sc`: counts what follows in an entry of a table, named.
    Track {
        /// 0 to 2.
        counter: usize,
        key: Expression,
        table: String,
    },
    /// `set-src`, `set-dst`
    SetAddress(End, Expression),
    /// `set-src-port`, `set-dst-port`
    SetPort(End, Expression),
    /// `sc-inc-gpc`
    Increment {
        counter: usize,
        datum: Datum,
    },
    /// `sc-set-gpt`
    SetTag {
        counter: usize,
        datum: Datum,
        value: TagValue,
    },
    /// `add-acl`, `del-acl`, `set-map`, `del-map`: of the lists that were read from this file.
    ChangePatterns {
        file: String,
        key: Format,
        change: PatternChange,
    },
    SetTimeout(SetTimeout, TimeoutValue),
    /// Sent before the answer, in a 103; the name in lower case.
    EarlyHint {
        name: String,
        value: Format,
    },
    /// Whether a change of a message that does not fit ends the request.
    StrictMode(bool),
    /// Of places in queues.
    SetPriorityClass(Expression),
    SetPriorityOffset(Expression),
    /// The firewall's mark of packets to the client.
    SetMark(u32),
    /// The type of service of packets to the client.
    SetTos(u8),
    /// `set-nice`, `wait-for-handshake`: what they ask for holds here always.
    NoEffect,
}

/// What becomes of the entry of a key.
#[derive(Clone, Debug)]
pub enum PatternChange {
    Add,
    Delete,
    /// Gives it this value, and adds it where it is not there.
    Set(Format),
}

/// What `set-timeout` can set, for one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetTimeout {
    Server,
    Tunnel,
}

#[derive(Clone, Debug)]
pub enum TimeoutValue {
    Fixed(Duration),
    /// Made for each request; 0: for ever.
    Milliseconds(Expression),
}

/// An end of the client's connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Source,
    Destination,
}

/// What a tag is set to.
#[derive(Clone, Debug)]
pub enum TagValue {
    Number(u32),
    Expression(Expression),
}

/// How a body is waited for: until it is whole, fills the buffer, or one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyWait {
    /// `None`: for ever.
    pub time: Option<Duration>,
    /// Bytes.
    pub at_least: Option<u64>,
}

/// What `use-service` can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// `prometheus-exporter`: the statistics, for a scraper.
    Prometheus,
}

/// Names of header fields.
#[derive(Clone, Debug)]
pub enum HeaderNames {
    /// In lower case.
    Exact(String),
    Like(Matching, Pattern),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UriPart {
    Path,
    PathAndQuery,
    Whole,
}

/// An answer of one's own.
#[derive(Clone, Debug)]
pub struct Reply {
    /// 200 to 599.
    pub status: u16,
    pub content_type: Option<String>,
    pub body: ReplyBody,
    pub headers: Vec<(String, Format)>,
}

#[derive(Clone, Debug)]
pub enum ReplyBody {
    /// The section's error page of this status.
    Page,
    /// An error page of one's own.
    File(Arc<ErrorFile>),
    Empty,
    Text(Vec<u8>),
    Format(Format),
}

/// `redirect`.
#[derive(Clone, Debug)]
pub struct Redirect {
    pub to: RedirectTo,
    pub value: Format,
    /// 301, 302, 303, 307 or 308.
    pub status: u16,
    pub drop_query: bool,
    pub append_slash: bool,
    /// A location that comes out empty lets the request pass.
    pub ignore_empty: bool,
    /// The whole value of a `set-cookie` field.
    pub cookie: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectTo {
    Location,
    Prefix,
    Scheme,
}

impl HttpRules {
    /// Whether there is a rule at all.
    pub fn any(&self) -> bool {
        !(self.request.is_empty() && self.response.is_empty() && self.after_response.is_empty())
    }
}

/// All rules of a section that look at messages.
#[derive(Clone, Debug, Default)]
pub struct HttpRules {
    pub request: Vec<HttpRule>,
    pub response: Vec<HttpRule>,
    pub after_response: Vec<HttpRule>,
    pub options: HttpOptions,
    /// How long a tarpit holds; default: `timeout connect`.
    pub tarpit: Option<Duration>,
}
