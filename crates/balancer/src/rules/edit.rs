//! Changes to messages.

use super::change::{self, Change};
use super::uri;
use crate::cache;
use crate::h1::head::{Fields, RequestHead, ResponseHead};
use crate::plan::{Direction, HeaderNames, HttpAction, UriPart};
use crate::request::record::Record;
use crate::request::room::{self, Growth};
use crate::stick::tracked::{ERROR, FAILURE, REQUEST};
use samples::expand::replaced;
use samples::pattern::Regex;
use samples::{Matching, Pattern, Value, View};

/// A change, all its texts made.
pub(super) enum Edit {
    Set(Vec<u8>, Vec<u8>),
    Add(Vec<u8>, Vec<u8>),
    Delete(Vec<u8>),
    DeleteLike(Matching, Pattern),
    Replace {
        name: Vec<u8>,
        pattern: Regex,
        by: Vec<u8>,
        each_value: bool,
    },
    Uri(Vec<u8>),
    Path(Vec<u8>),
    PathAndQuery(Vec<u8>),
    Query(Vec<u8>),
    ReplaceUri(UriPart, Regex, Vec<u8>),
    Method(Vec<u8>),
    Status(u16, Option<String>),
    Capture(usize, Vec<u8>),
    LogLevel(Option<u8>),
    StrictMode(bool),
    Other(Change),
    DisableRetry,
    CacheUse(String),
    CacheStore(String),
}

/// The change that an action makes; `None`: it makes none.
pub(super) fn of(action: &HttpAction, view: &View<'_>) -> Option<Edit> {
    Some(match action {
        HttpAction::SetHeader { name, value } => Edit::Set(name.clone().into(), value.render(view)),
        HttpAction::AddHeader { name, value } => Edit::Add(name.clone().into(), value.render(view)),
        HttpAction::DelHeader(HeaderNames::Exact(name)) => Edit::Delete(name.clone().into()),
        HttpAction::DelHeader(HeaderNames::Like(matching, pattern)) => {
            Edit::DeleteLike(*matching, pattern.clone())
        }
        HttpAction::ReplaceHeader {
            name,
            pattern,
            by,
            each_value,
        } => Edit::Replace {
            name: name.clone().into(),
            pattern: pattern.clone(),
            by: by.render(view),
            each_value: *each_value,
        },
        HttpAction::SetUri(value) => Edit::Uri(value.render(view)),
        HttpAction::SetPath(value) => Edit::Path(value.render(view)),
        HttpAction::SetPathAndQuery(value) => Edit::PathAndQuery(value.render(view)),
        HttpAction::SetQuery(value) => Edit::Query(value.render(view)),
        HttpAction::ReplaceUri { part, pattern, by } => {
            Edit::ReplaceUri(*part, pattern.clone(), by.render(view))
        }
        HttpAction::SetMethod(value) => Edit::Method(value.render(view)),
        HttpAction::SetStatus { status, reason } => Edit::Status(*status, reason.clone()),
        HttpAction::Capture { place, value } => {
            Edit::Capture(*place, value.evaluate(view)?.into_text().into_owned())
        }
        HttpAction::SetLogLevel(level) => Edit::LogLevel(*level),
        HttpAction::DisableRetry => Edit::DisableRetry,
        HttpAction::CacheUse(name) => Edit::CacheUse(name.clone()),
        HttpAction::CacheStore(name) => Edit::CacheStore(name.clone()),
        HttpAction::StrictMode(strict) => Edit::StrictMode(*strict),
        other => Edit::Other(change::of(other, view)?),
    })
}

impl Edit {
    /// Whether there is room for what it adds to a head of this weight.
    fn fits(&self, weight: u64, fields: &Fields, record: &Record) -> bool {
        let sizes = record.plan.global.sizes;
        self.growth(fields)
            .is_none_or(|growth| room::for_change(growth, weight, fields, sizes))
    }

    /// What it adds; `None`: nothing that counts.
    fn growth(&self, fields: &Fields) -> Option<Growth> {
        let (bytes, fields) = match self {
            Self::Add(name, value) => (name.len() + value.len(), 1),
            Self::Set(name, value) => {
                let new = name.len() + value.len() + room::FIELD;
                let same = fields.iter().filter(|(known, _)| known == name);
                let old: usize = same
                    .map(|(name, value)| name.len() + value.len() + room::FIELD)
                    .sum();
                (new.saturating_sub(old), 0)
            }
            Self::Uri(text)
            | Self::Path(text)
            | Self::PathAndQuery(text)
            | Self::Query(text)
            | Self::Method(text)
            | Self::ReplaceUri(_, _, text) => (text.len(), 0),
            Self::Replace { by, .. } => (by.len(), 0),
            _ => return None,
        };
        Some(Growth { bytes, fields })
    }

    /// Changes a request; false: the change does not fit, and was not made.
    pub(super) fn request(self, head: &mut RequestHead, record: &mut Record) -> bool {
        let fits = self.fits(head.weight(), &head.fields, record);
        let tells_host = fits && self.tells(b"host");
        match self {
            Self::StrictMode(strict) => record.lenient.request = !strict,
            Self::Set(name, _) if !fits => head.fields.retain(|known, _| known != name),
            _ if !fits => {}
            Self::CacheUse(name) => cache::look_up(&name, head, record),
            Self::Uri(target) => uri::set_whole(head, &target),
            Self::Path(path) => uri::set_path(head, &path),
            Self::PathAndQuery(text) => uri::set_path_and_query(head, &text),
            Self::Query(query) => uri::set_query(head, &query),
            Self::ReplaceUri(part, pattern, by) => uri::replace(head, part, &pattern, &by),
            Self::Method(method) => head.set_method(&method),
            Self::Capture(place, value) => record.fill_capture(Direction::Request, place, &value),
            // A request that is counted only now has come all the same.
            Self::Other(change @ Change::Track { counter, .. }) => {
                if change.make(record) {
                    record.counters.count_own(counter, REQUEST);
                }
            }
            other => other.any(&mut head.fields, record),
        }
        if tells_host {
            uri::follow_host(head);
        }
        fits
    }

    /// It gives fields of this name a value.
    fn tells(&self, wanted: &[u8]) -> bool {
        match self {
            Self::Set(name, _) | Self::Add(name, _) | Self::Replace { name, .. } => name == wanted,
            _ => false,
        }
    }

    /// Changes an answer; false: the change does not fit, and was not made.
    pub(super) fn response(self, head: &mut ResponseHead, record: &mut Record) -> bool {
        let fits = self.fits(head.weight(), &head.fields, record);
        match self {
            Self::StrictMode(strict) => record.lenient.response = !strict,
            Self::Set(name, _) if !fits => head.fields.retain(|known, _| known != name),
            _ if !fits => {}
            Self::CacheStore(name) => cache::store(&name, head, record),
            Self::Status(status, reason) => {
                let known = super::reason(status).to_owned();
                head.set_status(status, reason.unwrap_or(known).as_bytes());
            }
            Self::Capture(place, value) => record.fill_capture(Direction::Response, place, &value),
            // What it would have been counted as is made up for.
            Self::Other(change @ Change::Track { counter, .. }) => {
                if !change.make(record) {
                    return true;
                }
                record.counters.count_own(counter, REQUEST);
                match head.status {
                    400..=499 => record.counters.count_own(counter, ERROR),
                    500..=599 if !matches!(head.status, 501 | 505) => {
                        record.counters.count_own(counter, FAILURE);
                    }
                    _ => {}
                }
            }
            other => other.any(&mut head.fields, record),
        }
        fits
    }

    fn any(self, fields: &mut Fields, record: &mut Record) {
        match self {
            Self::Set(name, value) => {
                fields.retain(|known, _| known != name);
                fields.append(&name, &value);
            }
            Self::Add(name, value) => fields.append(&name, &value),
            Self::Delete(name) => fields.retain(|known, _| known != name),
            Self::DeleteLike(matching, pattern) => {
                fields.retain(|known, _| !matching.holds(&Value::text(known), &pattern, true));
            }
            Self::Replace {
                name,
                pattern,
                by,
                each_value,
            } => replace(fields, &name, &pattern, &by, each_value),
            Self::LogLevel(level) => record.level = Some(level),
            Self::Other(change) => {
                change.make(record);
            }
            Self::DisableRetry => record.asked_once = true,
            _ => {}
        }
    }
}

/// Replaces whole lines that match, or each value of them.
fn replace(fields: &mut Fields, name: &[u8], pattern: &Regex, by: &[u8], each_value: bool) {
    for index in 0..fields.len() {
        let Some((_, value)) = fields.nth(index).filter(|(known, _)| *known == name) else {
            continue;
        };
        let new = if each_value {
            replace_values(value, pattern, by)
        } else {
            replaced(pattern, value, by)
        };
        if let Some(new) = new {
            fields.set_value(index, &new);
        }
    }
}

/// `None`: no value matches.
fn replace_values(line: &[u8], pattern: &Regex, by: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut changed = false;
    for (index, piece) in line.split(|byte| *byte == b',').enumerate() {
        if index > 0 {
            out.push(b',');
        }
        match replaced(pattern, piece.trim_ascii(), by) {
            // Blanks around a value go with it, as HAProxy has it.
            Some(new) => {
                changed = true;
                out.extend_from_slice(&new);
            }
            None => out.extend_from_slice(piece),
        }
    }
    changed.then_some(out)
}
