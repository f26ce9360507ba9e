//! What happens on the way to an answer, in dig's words.

use std::net::SocketAddr;

use super::target::{Target, address};
use crate::dns::message::Question;
use crate::dns::name;

/// One thing that dig remarks on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Note {
    /// A try brought no answer.
    Failed { server: SocketAddr, why: String },
    /// A try brought no connection; `ends` tells that this server is given up or asked anew.
    NotConnected {
        server: Target,
        asked: String,
        why: String,
        ends: bool,
    },
    /// A datagram too small for a header.
    Short { tcp: bool },
    /// An answer to some other query of ours.
    OtherId { expected: u16, got: u16, tcp: bool },
    /// An answer to another question.
    OtherQuestion(Question),
    /// A query instead of an answer.
    NotAnAnswer,
    /// The server wants its own cookie back.
    BadCookie,
    /// An answer without the OPT record that a known cookie promises.
    NoEdns,
    /// An answer whose cookie is not ours.
    OtherCookie,
    /// An answer that ends too early.
    CutShort,
    /// The answer did not fit into a datagram.
    Truncated,
    /// The server wants another version of EDNS.
    BadVersion(u8),
    /// A server gave up; `more` servers are there to be asked.
    ServFail { server: SocketAddr, more: bool },
}

impl Note {
    /// Whether it is hidden by `+nocomments` and `+short`.
    pub(crate) fn is_comment(&self) -> bool {
        matches!(
            self,
            Self::Truncated | Self::BadVersion(_) | Self::BadCookie | Self::ServFail { .. }
        )
    }

    /// The line or lines, with their ends.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Failed { server, why } => {
                format!(";; communications error to {}: {why}\n", address(*server))
            }
            Self::NotConnected {
                server,
                asked,
                why,
                ends,
            } => {
                let (at, name) = (server.text(), &server.name);
                let end = if *ends { NO_SERVERS } else { "" };
                format!(";; Connection to {at}({name}) for {asked} failed: {why}.\n{end}")
            }
            Self::Short { tcp: true } => ";; ERROR: short (< header size) message\n".to_owned(),
            Self::Short { tcp: false } => {
                ";; Warning: short (< header size) message received\n".to_owned()
            }
            Self::OtherId { expected, got, tcp } => {
                let weight = if *tcp { "ERROR" } else { "Warning" };
                format!(";; {weight}: ID mismatch: expected ID {expected}, got {got}\n")
            }
            Self::OtherQuestion(question) => format!(
                ";; ;; Question section mismatch: got {}/{}/{}\n",
                name::text(&question.name).trim_end_matches('.'),
                question.rtype,
                question.class
            ),
            Self::NotAnAnswer => ";; Warning: query response not set\n".to_owned(),
            Self::BadCookie => ";; BADCOOKIE, retrying.\n".to_owned(),
            Self::NoEdns => ";; expected opt record in response\n".to_owned(),
            Self::OtherCookie => ";; Warning: Client COOKIE mismatch\n".to_owned(),
            Self::CutShort => {
                ";; Warning: Message parser reports malformed message packet.\n".to_owned()
            }
            Self::Truncated => ";; Truncated, retrying in TCP mode.\n".to_owned(),
            Self::BadVersion(version) => {
                format!(";; BADVERS, retrying with EDNS version {version}.\n")
            }
            Self::ServFail { server, more } => {
                let more = if *more { ", trying next server" } else { "" };
                format!(";; Got SERVFAIL reply from {}{more}\n", server.ip())
            }
        }
    }
}

/// dig's last word.
pub(crate) const NO_SERVERS: &str = ";; no servers could be reached\n";
