//! What health checks do and make of it (manual, "tcp-check", "http-check", "agent-check" and "observe").

use regex::bytes::Regex;
use std::net::IpAddr;
use std::time::Duration;

/// The steps of a check, one after another; the first one connects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckScript {
    pub protocol: CheckProtocol,
    pub steps: Vec<CheckStep>,
    /// `http-check disable-on-404`: a server that is up and answers so gets no new clients.
    pub disable_on_404: bool,
    /// `http-check send-state`: each request tells the server's state.
    pub send_state: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckProtocol {
    /// A connection is enough.
    Connection,
    /// `option tcp-check`
    Tcp,
    /// `option httpchk`
    Http,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckStep {
    pub action: CheckAction,
    /// What messages say of it.
    pub comment: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckAction {
    Connect(CheckConnect),
    Send(Vec<u8>),
    Request(CheckRequest),
    Expect(CheckExpect),
    /// Says what the steps after it are about.
    Comment,
}

/// `connect`: a connection, in place of the one before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckConnect {
    /// Nobody wrote it.
    pub implicit: bool,
    /// Nobody wrote it, or `default`: it begins as connections to the server do, with TLS or a PROXY header.
    pub as_server: bool,
    pub addr: Option<IpAddr>,
    pub port: Option<u16>,
    /// It is closed as connections are closed, not by a reset.
    pub linger: bool,
    /// It begins with a PROXY header, of the version that the server's own connections have.
    pub send_proxy: bool,
    /// It speaks TLS, as the server's line says.
    pub ssl: bool,
    /// The name told inside TLS.
    pub sni: Option<String>,
    /// The protocols offered inside TLS.
    pub alpn: Option<Vec<String>>,
}

/// A request of an HTTP check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckRequest {
    /// Default: `OPTIONS`.
    pub method: Option<String>,
    /// Default: `/`.
    pub uri: Option<String>,
    /// Default: `HTTP/1.0`.
    pub version: Option<String>,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    pub body: Option<String>,
}

/// `expect`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckExpect {
    pub pattern: CheckPattern,
    /// `!`: what must not come.
    pub negated: bool,
    /// Bytes to wait for before looking; `None`: until it matches.
    pub min_recv: Option<usize>,
    /// HAProxy's code of the result, where it is not the usual one.
    pub ok_status: Option<&'static str>,
    pub error_status: Option<&'static str>,
    pub timeout_status: Option<&'static str>,
    pub on_success: Option<String>,
    pub on_error: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckPattern {
    /// Ranges of status codes, both ends included.
    Status(Vec<(u16, u16)>),
    StatusRegex(Pattern),
    Header(HeaderPattern),
    /// In what came, or in the body.
    Bytes {
        bytes: Vec<u8>,
        /// Written in hexadecimal digits.
        binary: bool,
    },
    Regex(Pattern),
    /// Looks at the hexadecimal digits of what came.
    BinaryRegex(Pattern),
}

/// `hdr` and `fhdr`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderPattern {
    /// `fhdr`: a value is not taken apart at commas.
    pub full: bool,
    pub name: TextPattern,
    /// `None`: it is enough that there is one.
    pub value: Option<TextPattern>,
}

/// `-m`
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextPattern {
    Equal(String),
    Begin(String),
    End(String),
    Contain(String),
    Regex(Pattern),
}

/// A regular expression; two are equal when they are written alike.
#[derive(Clone)]
pub struct Pattern(Regex);

impl Pattern {
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn new(text: &str) -> Result<Self, regex::Error> {
        Regex::new(text).map(Self)
    }

    pub fn is_match(&self, bytes: &[u8]) -> bool {
        self.0.is_match(bytes)
    }
}

impl std::fmt::Debug for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "/{}/", self.0.as_str())
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for Pattern {}

/// `agent-check`: a program beside the server says how it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    pub port: u16,
    /// Default: the server's address.
    pub addr: Option<IpAddr>,
    pub inter: Duration,
    /// What it is sent first.
    pub send: Option<String>,
}

/// `observe`: live traffic counts like checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observe {
    pub layer: ObservedLayer,
    /// Errors in a row before something happens; default 10.
    pub error_limit: u32,
    pub on_error: OnError,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObservedLayer {
    Layer4,
    Layer7,
}

/// What happens at the limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// Checks come at `fastinter`.
    FastInter,
    /// As if a check had failed.
    #[default]
    FailCheck,
    /// As that, and the next failure is the last.
    SuddenDeath,
    /// The server is down.
    MarkDown,
}
