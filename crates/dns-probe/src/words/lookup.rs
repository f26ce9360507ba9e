//! What one name is asked with.

use std::time::Duration;

use super::LabWords;
use crate::dns::edns::EdnsOption;
use crate::dns::record_type::{Class, RecordType};
use crate::text::message::Sections;
use crate::text::{Split, Style};

/// dig's own `+time`.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(5);
/// dig's own `+tries`.
pub(crate) const TRIES: u32 = 3;

/// A whole command line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CommandLine {
    /// The name under which messages speak of this program.
    pub(crate) program: String,
    /// At least one.
    pub(crate) lookups: Vec<Lookup>,
    pub(crate) global: Global,
    pub(crate) lab: LabWords,
    /// The first lines of a long answer; `None` when `+nocmd` or `+short` came before the first name.
    pub(crate) greeting: Option<String>,
    /// dig's remarks on the command line, for stderr.
    pub(crate) warnings: Vec<String>,
}

/// What holds for all names wherever it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Global {
    pub(crate) short: bool,
    pub(crate) cmd: bool,
    pub(crate) family: Option<Family>,
    pub(crate) port: Option<u16>,
    pub(crate) split: Split,
}

/// `-4` or `-6`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    V4,
    V6,
}

/// One name, and how it is asked and shown.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Lookup {
    /// As typed.
    pub(crate) name: String,
    pub(crate) rtype: RecordType,
    pub(crate) rtype_set: bool,
    pub(crate) class: Class,
    pub(crate) class_set: bool,
    /// `@server` words, in order.
    pub(crate) servers: Vec<String>,

    /// Header bits of the query, see [`crate::dns::message::Flags`].
    pub(crate) bits: u16,
    pub(crate) opcode: u8,
    pub(crate) id: Option<u16>,
    pub(crate) edns: EdnsWords,

    pub(crate) tcp: bool,
    pub(crate) tcp_set: bool,
    /// Take a truncated answer for good.
    pub(crate) ignore_truncation: bool,
    /// Take SERVFAIL for an answer rather than ask the next server.
    pub(crate) servfail_stops: bool,
    /// For one try, when said.
    pub(crate) timeout: Option<Duration>,
    /// At least 1, when said.
    pub(crate) tries: Option<u32>,

    pub(crate) sections: Sections,
    pub(crate) style: Style,
    /// `+rrcomments`; unset, they come with `+multiline`.
    pub(crate) rr_comments: Option<bool>,
    /// Show the query too.
    pub(crate) query: bool,
    pub(crate) stats: bool,
    pub(crate) identify: bool,
    /// Times in microseconds.
    pub(crate) microseconds: bool,
}

/// What was said about EDNS. Any of the first four turns it on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EdnsWords {
    pub(crate) version: Option<u8>,
    pub(crate) udp_size: Option<u16>,
    pub(crate) dnssec: bool,
    pub(crate) subnet: Option<Vec<u8>>,
    /// Bits that must be zero.
    pub(crate) flags: u16,
    /// `None`: no cookie; empty: one of our own making.
    pub(crate) cookie: Option<Vec<u8>>,
    pub(crate) nsid: bool,
    pub(crate) expire: bool,
    pub(crate) keepalive: bool,
    pub(crate) options: Vec<EdnsOption>,
    /// Ask again with version 0 after BADVERS.
    pub(crate) negotiate: bool,
    /// Ask again with the server's cookie after BADCOOKIE.
    pub(crate) returns_cookie: bool,
}

impl Lookup {
    /// The style with all that was said taken together.
    pub(crate) fn style(&self, global: &Global) -> Style {
        Style {
            rr_comments: self.rr_comments.unwrap_or(self.style.multiline),
            split: global.split,
            ..self.style
        }
    }
}

impl Default for Lookup {
    fn default() -> Self {
        use crate::dns::message::Flags;
        Self {
            name: String::new(),
            rtype: RecordType::A,
            rtype_set: false,
            class: Class::IN,
            class_set: false,
            servers: Vec::new(),
            bits: Flags::RD | Flags::AD,
            opcode: 0,
            id: None,
            edns: EdnsWords::default(),
            tcp: false,
            tcp_set: false,
            ignore_truncation: false,
            servfail_stops: true,
            timeout: None,
            tries: None,
            sections: Sections {
                comments: true,
                question: true,
                answer: true,
                authority: true,
                additional: true,
            },
            style: Style::default(),
            rr_comments: None,
            query: false,
            stats: true,
            identify: false,
            microseconds: false,
        }
    }
}

impl Default for EdnsWords {
    fn default() -> Self {
        Self {
            version: Some(0),
            udp_size: None,
            dnssec: false,
            subnet: None,
            flags: 0,
            cookie: Some(Vec::new()),
            nsid: false,
            expire: false,
            keepalive: false,
            options: Vec::new(),
            negotiate: true,
            returns_cookie: true,
        }
    }
}

impl Default for Global {
    fn default() -> Self {
        Self {
            short: false,
            cmd: true,
            family: None,
            port: None,
            split: Split::Usual,
        }
    }
}
