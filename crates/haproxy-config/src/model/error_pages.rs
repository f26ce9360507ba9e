//! Answers of one's own in place of HAProxy's error pages.

use super::Reply;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The statuses that HAProxy has a page for; no other can be replaced.
pub const ERROR_STATUSES: [u16; 19] = [
    200, 400, 401, 403, 404, 405, 407, 408, 410, 413, 421, 422, 425, 429, 500, 501, 502, 503, 504,
];

/// What a section says instead, by the status of HAProxy's own page.
pub type ErrorPages = BTreeMap<u16, Arc<Reply>>;

/// The content of an `errorfile`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorFile {
    /// An empty file: the connection is closed without a word.
    Silence,
    Answer(RawAnswer),
}

/// A whole answer as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawAnswer {
    /// `HTTP/1.0`: always eight letters.
    pub version: String,
    /// 200 to 999; need not be the status that the file stands for.
    pub status: u16,
    pub reason: Vec<u8>,
    pub fields: Vec<RawField>,
    pub body: Vec<u8>,
}

/// A name in lower case, and its value.
pub type RawField = (String, Vec<u8>);
