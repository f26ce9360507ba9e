//! What health checks do and make of it (manual, "tcp-check", "http-check", "agent-check" and "observe").

use super::{Host, ServerProtocol};
use regex::bytes::Regex;
use samples::variables::{Name, SetIf};
use samples::{Expression, Format};
use std::net::IpAddr;
use std::time::Duration;

/// The steps of a check, one after another; the first one that does anything to a server connects.
#[derive(Clone, Debug)]
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

#[derive(Clone, Debug)]
pub struct CheckStep {
    pub action: CheckAction,
    /// What messages say of it.
    pub comment: Option<String>,
}

#[derive(Clone, Debug)]
pub enum CheckAction {
    Connect(CheckConnect),
    Send(CheckData),
    Request(CheckRequest),
    Expect(Box<CheckExpect>),
    SetVariable {
        name: Name,
        when: Vec<SetIf>,
        value: CheckValue,
    },
    UnsetVariable(Name),
    /// Says what the steps after it are about.
    Comment,
}

impl CheckAction {
    /// It has to do with the server, which comments and variables have not.
    pub fn is_of_server(&self) -> bool {
        !matches!(
            self,
            Self::SetVariable { .. } | Self::UnsetVariable(_) | Self::Comment
        )
    }
}

/// What a variable is set to.
#[derive(Clone, Debug)]
pub enum CheckValue {
    Sample(Expression),
    Text(Format),
}

/// What a step of TCP sends.
#[derive(Clone, Debug)]
pub enum CheckData {
    Bytes(Vec<u8>),
    /// `send-lf`
    Text(Format),
    /// `send-binary-lf`: in hexadecimal digits.
    Hexadecimal(Format),
}

/// `connect`: a connection, in place of the one before.
#[derive(Clone, Debug, Default)]
pub struct CheckConnect {
    /// Nobody wrote it.
    pub implicit: bool,
    /// Nobody wrote it, or `default`: it begins as connections to the server do, with TLS or a PROXY header.
    pub as_server: bool,
    pub addr: Option<IpAddr>,
    pub port: Option<CheckPort>,
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
    /// `proto`: what is spoken by HTTP checks.
    pub protocol: Option<ServerProtocol>,
}

/// Where a step connects to.
#[derive(Clone, Debug)]
pub enum CheckPort {
    Fixed(u16),
    /// What comes out, where that is a port.
    Sample(Expression),
}

/// A request of an HTTP check.
#[derive(Clone, Debug, Default)]
pub struct CheckRequest {
    /// Default: `OPTIONS`.
    pub method: Option<String>,
    /// Default: `/`.
    pub uri: Option<Format>,
    /// Default: `HTTP/1.0`.
    pub version: Option<String>,
    /// Names and values.
    pub headers: Vec<(String, Format)>,
    pub body: Option<Format>,
}

/// `expect`
#[derive(Clone, Debug)]
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
    pub on_success: Option<Format>,
    pub on_error: Option<Format>,
    /// The status that messages tell.
    pub status_code: Option<Expression>,
}

#[derive(Clone, Debug)]
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
    /// `string-lf`
    Text(Format),
    /// `binary-lf`: in hexadecimal digits.
    Hexadecimal(Format),
    Regex(Pattern),
    /// Looks at the hexadecimal digits of what came.
    BinaryRegex(Pattern),
}

/// `hdr` and `fhdr`
#[derive(Clone, Debug)]
pub struct HeaderPattern {
    /// `fhdr`: a value is not taken apart at commas.
    pub full: bool,
    pub name: TextPattern,
    /// `None`: it is enough that there is one.
    pub value: Option<TextPattern>,
}

/// `-m`
#[derive(Clone, Debug)]
pub enum TextPattern {
    Equal(Format),
    Begin(Format),
    End(Format),
    Contain(Format),
    Regex(Pattern),
}

/// A regular expression.
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

/// `agent-check`: a program beside the server says how it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    pub port: u16,
    /// Default: the server's address.
    pub addr: Option<Host>,
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
