//! How the body of a message goes on to the other side, whose head rules may have changed: each side is told in its own
//! words where the body ends, and gets it so.

use super::framing::Framing;
use super::head::{Fields, RequestHead, ResponseHead, Version};

/// In which form a body goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    Plain,
    Chunked,
    /// Not at all: what comes of it is dropped.
    Left,
}

/// What becomes of a body, and what its head has to say of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Onward {
    pub coding: Coding,
    /// No field tells of the chunks: one is added.
    pub chunks_unsaid: bool,
    /// The length that is told goes: beside chunks it would be read in two ways, and a server would wait for a body that
    /// there is none of.
    pub drops_length: bool,
    /// A body is promised that there is none of: nothing more can be said on the connection.
    pub unmet: bool,
}

impl Onward {
    const PLAIN: Self = Self {
        coding: Coding::Plain,
        chunks_unsaid: false,
        drops_length: false,
        unmet: false,
    };

    /// Of a request whose body comes as `source` says, to a server.
    pub fn to_server(request: &RequestHead, source: Framing) -> Self {
        match source {
            Framing::NONE if request.fields.value(b"content-length").is_none() => Self::PLAIN,
            _ => {
                let onward = Self::of_said(&Said::by(&request.fields), request.version, source);
                Self {
                    drops_length: onward.drops_length || onward.unmet,
                    unmet: false,
                    ..onward
                }
            }
        }
    }

    /// Of a final response whose body comes as `source` says, to the client that sent `request`.
    pub fn to_client(request: &RequestHead, response: &ResponseHead, source: Framing) -> Self {
        if source == Framing::Tunnel {
            return Self::PLAIN;
        }
        if request.client_method() == b"HEAD" || matches!(response.status, 204 | 304) {
            let coding = Coding::Left;
            return Self {
                coding,
                ..Self::PLAIN
            };
        }
        let said = Said::by(&response.fields);
        if source == Framing::Close && !said.chunks {
            return Self::PLAIN;
        }
        Self::of_said(&said, response.version, source)
    }

    fn of_said(said: &Said, version: Version, source: Framing) -> Self {
        // Version 1.0 knows no chunks, and is told nothing of them.
        let silent = !said.chunks && !said.length;
        let chunked = said.chunks || (silent && version == Version::Http11);
        Self {
            coding: if chunked {
                Coding::Chunked
            } else {
                Coding::Plain
            },
            chunks_unsaid: chunked && !said.chunks,
            drops_length: said.chunks && said.length,
            unmet: !chunked && source == Framing::NONE && said.some,
        }
    }
}

/// What a head says of the end of its body.
struct Said {
    chunks: bool,
    length: bool,
    /// The length is not 0.
    some: bool,
}

impl Said {
    fn by(fields: &Fields) -> Self {
        let length = fields.value(b"content-length");
        Self {
            chunks: fields.value(b"transfer-encoding").is_some(),
            length: length.is_some(),
            some: length.is_some_and(|length| length.iter().any(|digit| *digit != b'0')),
        }
    }
}

#[cfg(test)]
mod tests;
