//! Whether a message that a rule changes still fits HAProxy's buffer: larger ones are its error 500, unless
//! `strict-mode off` lets them pass as they were.

use super::edit::Edit;
use crate::h1::head::Fields;
use crate::wire::BUFFER_SIZE;

/// What HAProxy writes at the start of a buffer that holds a message, and beside each piece of it.
const OVERHEAD: u64 = 48;
const PER_PIECE: u64 = 8;

/// Whether there is room for what an edit adds to a head of this weight.
pub(super) fn for_edit(edit: &Edit, weight: u64, fields: &Fields) -> bool {
    let (adds, pieces) = match edit {
        Edit::Add(name, value) => (name.len() + value.len(), 1),
        Edit::Set(name, value) => {
            let new = name.len() + value.len() + PER_PIECE as usize;
            let same = fields.iter().filter(|(known, _)| known == name);
            let old: usize = same
                .map(|(name, value)| name.len() + value.len() + PER_PIECE as usize)
                .sum();
            (new.saturating_sub(old), 0)
        }
        Edit::Uri(text)
        | Edit::Path(text)
        | Edit::PathAndQuery(text)
        | Edit::Query(text)
        | Edit::Method(text)
        | Edit::ReplaceUri(_, _, text) => (text.len(), 0),
        Edit::Replace { by, .. } => (by.len(), 0),
        _ => return true,
    };
    // The first line and the end of the fields are pieces, too.
    let pieces = fields.len() as u64 + 2 + pieces;
    weight + adds as u64 + pieces * PER_PIECE + OVERHEAD <= BUFFER_SIZE as u64
}
