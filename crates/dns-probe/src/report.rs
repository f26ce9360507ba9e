//! What is told of an asked question to whoever runs this probe: values, not text.

use crate::screen::Seen;
use crate::screen::json;

/// One question, asked once or many times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// As typed, without the last dot.
    pub name: String,
    /// `A`, `AAAA`, `TXT`...
    pub kind: String,
    /// Who was asked, or could have been, as `127.0.0.1#5300`; the first to be asked comes first.
    pub servers: Vec<String>,
    /// `lab-zone`, `cache`, `farm`, `system` (the resolver of this machine: today's internet) or `given`.
    pub source: &'static str,
    /// How often it was to be asked.
    pub repeat: u32,
    /// The values of each answer that came, in their order; empty where there is no such name or no such data.
    pub answers: Vec<Vec<String>>,
}

impl Report {
    pub(crate) fn of(seen: &Seen, repeat: u32) -> Self {
        let replies = seen.observations.iter().filter_map(|o| o.reply.as_ref());
        Self {
            name: seen.name.clone(),
            kind: seen.rtype.clone(),
            servers: seen.servers.clone(),
            source: json::source(seen.kind),
            repeat,
            answers: replies.map(|reply| reply.records.clone()).collect(),
        }
    }
}
