//! What a cache keeps, and for how long.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use hickory_proto::op::{Message, Query, ResponseCode};
use hickory_proto::rr::{RData, Record, RecordType};

use crate::zone::Key;

/// Answers kept at a time.
const MAX_ENTRIES: usize = 10_000;
/// A day: no answer is kept longer, whatever its TTL (RFC 8767 section 4 asks for some such limit).
const MAX_TTL: u32 = 86_400;
/// Three hours: the same for "there is no such thing" (RFC 2308 section 5).
const MAX_NEGATIVE_TTL: u32 = 10_800;

/// What was asked: the key of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Question {
    name: Key,
    kind: RecordType,
}

impl Question {
    pub fn of(query: &Query) -> Self {
        Self {
            name: Key::of(&query.name),
            kind: query.query_type,
        }
    }
}

/// An answer as it came from the authority.
#[derive(Clone, Debug)]
pub struct Kept {
    pub code: ResponseCode,
    pub answers: Vec<Record>,
    pub authorities: Vec<Record>,
    pub additionals: Vec<Record>,
    /// What the authority said of its origin.
    pub label: Option<String>,
}

impl Kept {
    pub fn of(message: Message, label: Option<String>) -> Self {
        Self {
            code: message.metadata.response_code,
            answers: message.answers,
            authorities: message.authorities,
            additionals: message.additionals,
            label,
        }
    }

    /// An answer without content.
    pub fn nothing(code: ResponseCode) -> Self {
        Self {
            code,
            answers: Vec::new(),
            authorities: Vec::new(),
            additionals: Vec::new(),
            label: None,
        }
    }

    /// Seconds for which it may be kept; 0 when it may not.
    ///
    /// An answer lives as long as the shortest of its records. "No such name" and "no such data" live as long as the
    /// SOA record beside them says, by its TTL and its minimum, and not at all without one (RFC 2308 sections 3, 5).
    pub fn lifetime(&self) -> u32 {
        let shortest = self.answers.iter().map(|record| record.ttl).min();
        let negative = self.code == ResponseCode::NXDomain || self.answers.is_empty();
        let soa = self
            .authorities
            .iter()
            .find_map(|record| match &record.data {
                RData::SOA(soa) => Some(record.ttl.min(soa.minimum).min(MAX_NEGATIVE_TTL)),
                _ => None,
            });
        match self.code {
            ResponseCode::NoError | ResponseCode::NXDomain if negative => {
                soa.map_or(0, |soa| shortest.unwrap_or(MAX_TTL).min(soa))
            }
            ResponseCode::NoError => shortest.unwrap_or(0).min(MAX_TTL),
            _ => 0,
        }
    }
}

/// A bounded memory of answers. Time is what the caller says it is.
#[derive(Debug, Default)]
pub struct Store {
    entries: HashMap<Question, Entry>,
    /// Whose end comes first; the number tells equal times apart.
    ends: BTreeMap<(Instant, u64), Question>,
    next: u64,
}

#[derive(Debug)]
struct Entry {
    kept: Kept,
    since: Instant,
    end: (Instant, u64),
}

impl Store {
    /// Keeps an answer for its lifetime, if it has one. When there is no more room, those go that end soonest.
    pub fn keep(&mut self, question: Question, kept: Kept, now: Instant) {
        let lifetime = kept.lifetime();
        self.forget(&question);
        if lifetime == 0 {
            return;
        }
        self.expire(now);
        if self.entries.len() >= MAX_ENTRIES
            && let Some((_, soonest)) = self.ends.pop_first()
        {
            self.entries.remove(&soonest);
        }
        let end = (now + Duration::from_secs(lifetime.into()), self.next);
        self.next += 1;
        self.ends.insert(end, question.clone());
        self.entries.insert(
            question,
            Entry {
                kept,
                since: now,
                end,
            },
        );
    }

    /// What is kept, for how many seconds it has been, and how many are left, at least one of them in part.
    pub fn find(&self, question: &Question, now: Instant) -> Option<(&Kept, u32, u32)> {
        let entry = self
            .entries
            .get(question)
            .filter(|entry| now < entry.end.0)?;
        let age = now.saturating_duration_since(entry.since).as_secs();
        let age = u32::try_from(age).unwrap_or(u32::MAX);
        Some((&entry.kept, age, entry.kept.lifetime().saturating_sub(age)))
    }

    fn forget(&mut self, question: &Question) {
        if let Some(entry) = self.entries.remove(question) {
            self.ends.remove(&entry.end);
        }
    }

    fn expire(&mut self, now: Instant) {
        while let Some(first) = self.ends.first_entry() {
            if first.key().0 > now {
                return;
            }
            self.entries.remove(&first.remove());
        }
    }
}

#[cfg(test)]
mod tests;
