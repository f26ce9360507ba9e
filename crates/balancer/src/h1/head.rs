//! The head of a message: its first line and its fields, over one reusable buffer.

use std::ops::Range;

/// Most fields of a message, unless told.
const MOST_FIELDS: usize = 100;

/// What HAProxy counts for a first line besides its words.
const START_LINE_WEIGHT: u64 = 20;

/// HTTP/1.0 and below, or HTTP/1.1 and above: all that matters for an HTTP/1 hop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    #[default]
    Http10,
    Http11,
}

/// The head of a request.
#[derive(Clone, Debug, Default)]
pub struct RequestHead {
    pub(super) method: Span,
    /// As it came, whatever rules make of it: the client waits for the answer to that.
    pub(super) client_method: Span,
    pub(super) target: Span,
    /// As it came: `HTTP/1.5` is one, and a log line shows it so.
    pub(super) version_text: Span,
    pub version: Version,
    /// Scheme and authority of its target were told apart from the path, by HTTP/2: servers see the path alone.
    pub normalized: bool,
    pub fields: Fields,
}

/// The head of a response.
#[derive(Clone, Debug, Default)]
pub struct ResponseHead {
    pub(super) version_text: Span,
    pub version: Version,
    /// 100 to 999.
    pub status: u16,
    pub(super) reason: Span,
    pub fields: Fields,
}

/// Names and values in order, duplicates kept. Names are in lower case.
#[derive(Clone, Debug)]
pub struct Fields {
    /// Everything that spans point into, the first line included.
    pub(super) text: Vec<u8>,
    list: Vec<Field>,
    /// Of what is read, no more than these are taken; `connection` does not count.
    pub most: usize,
}

impl Default for Fields {
    fn default() -> Self {
        Self {
            text: Vec::new(),
            list: Vec::new(),
            most: MOST_FIELDS,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Field {
    name: Span,
    value: Span,
}

/// A piece of [`Fields::text`].
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Span {
    start: u32,
    end: u32,
}

impl RequestHead {
    /// What HAProxy counts for this head: see [`Fields::weight`].
    pub fn weight(&self) -> u64 {
        let line = self.method().len() + self.target().len() + self.version_text().len();
        START_LINE_WEIGHT + line as u64 + self.fields.weight()
    }

    /// Becomes one of which nothing is known.
    pub fn forget(&mut self) {
        self.fields.clear();
        *self = Self {
            fields: std::mem::take(&mut self.fields),
            ..Self::default()
        };
    }

    /// As rules have left it: what a server is told.
    pub fn method(&self) -> &[u8] {
        self.fields.get(self.method)
    }

    /// What the client said.
    pub fn client_method(&self) -> &[u8] {
        self.fields.get(self.client_method)
    }

    /// What rules and options go by: HAProxy sees the methods it knows as the client sent them, others as rules have left them.
    pub fn compared_method(&self) -> &[u8] {
        let known = [
            &b"OPTIONS"[..],
            b"GET",
            b"HEAD",
            b"POST",
            b"PUT",
            b"DELETE",
            b"TRACE",
            b"CONNECT",
        ];
        let came = self.client_method();
        if known.contains(&came) {
            came
        } else {
            self.method()
        }
    }

    /// As it came: a path with its query, an absolute URI, `*`, or an authority.
    pub fn target(&self) -> &[u8] {
        self.fields.get(self.target)
    }

    pub fn version_text(&self) -> &[u8] {
        self.fields.get(self.version_text)
    }

    /// What a server of HTTP/1 is asked for.
    pub fn target_for_http1(&self) -> &[u8] {
        match self.normalized {
            true => self.path_and_query(),
            false => self.target(),
        }
    }

    /// Replaces the target.
    pub fn set_target(&mut self, target: &[u8]) {
        self.target = self.fields.store(target);
    }

    /// Replaces the method.
    pub fn set_method(&mut self, method: &[u8]) {
        self.method = self.fields.store(method);
    }

    /// The authority of an absolute target.
    pub fn authority(&self) -> Option<&[u8]> {
        let target = self.target();
        let (start, end) = super::facts::authority(target)?;
        Some(&target[start..end])
    }

    /// The path and query of the target, whatever its form; empty for an authority.
    pub fn path_and_query(&self) -> &[u8] {
        let target = self.target();
        match super::facts::authority(target) {
            Some((_, end)) => &target[end..],
            None => target,
        }
    }
}

impl ResponseHead {
    /// What HAProxy counts for this head: see [`Fields::weight`].
    pub fn weight(&self) -> u64 {
        let line = self.version_text().len() + 3 + self.reason().len();
        START_LINE_WEIGHT + line as u64 + self.fields.weight()
    }

    /// A head of our own, without fields.
    pub fn begin(&mut self, status: u16, reason: &[u8]) {
        self.fields.clear();
        self.version = Version::Http11;
        self.version_text = self.fields.store(b"HTTP/1.1");
        self.set_status(status, reason);
    }

    /// A head as somebody wrote it, without fields; the version has eight letters.
    pub fn begin_version(&mut self, version: &str, status: u16, reason: &[u8]) {
        self.begin(status, reason);
        self.version_text = self.fields.store(version.as_bytes());
        self.version = match version {
            "HTTP/1.0" | "HTTP/0.9" => Version::Http10,
            _ => Version::Http11,
        };
    }

    /// Replaces status and reason.
    pub fn set_status(&mut self, status: u16, reason: &[u8]) {
        self.status = status;
        self.reason = self.fields.store(reason);
    }

    pub fn reason(&self) -> &[u8] {
        self.fields.get(self.reason)
    }

    pub fn version_text(&self) -> &[u8] {
        self.fields.get(self.version_text)
    }
}

impl Fields {
    /// Bytes of names and values and one for the end: HAProxy counts its own form of a head (`bin`, `bout`
    /// and the bytes of a log line), not what is on the wire, and so do we.
    pub fn weight(&self) -> u64 {
        let fields = self.iter().map(|(name, value)| name.len() + value.len());
        fields.sum::<usize>() as u64 + 1
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.list
            .iter()
            .map(|field| (self.get(field.name), self.get(field.value)))
    }

    /// The field at a place.
    pub fn nth(&self, index: usize) -> Option<(&[u8], &[u8])> {
        let field = self.list.get(index)?;
        Some((self.get(field.name), self.get(field.value)))
    }

    /// The first value under a name in lower case.
    pub fn value(&self, name: &[u8]) -> Option<&[u8]> {
        self.iter().find(|(n, _)| *n == name).map(|(_, v)| v)
    }

    /// The last value under a name in lower case: what a capture shows.
    pub fn last_value(&self, name: &[u8]) -> Option<&[u8]> {
        self.iter()
            .filter(|(n, _)| *n == name)
            .last()
            .map(|(_, v)| v)
    }

    /// Keeps the fields for which `keep` says so.
    pub fn retain(&mut self, mut keep: impl FnMut(&[u8], &[u8]) -> bool) {
        let text = &self.text;
        self.list
            .retain(|field| keep(&text[field.name.range()], &text[field.value.range()]));
    }

    /// Adds a field at the end; the name in lower case.
    pub fn append(&mut self, name: &[u8], value: &[u8]) {
        let (name, value) = (self.store(name), self.store(value));
        self.push(name, value);
    }

    /// Replaces the value of the field at `index`.
    pub fn set_value(&mut self, index: usize, value: &[u8]) {
        self.list[index].value = self.store(value);
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.list.clear();
    }

    /// Copies bytes in.
    pub(super) fn store(&mut self, bytes: &[u8]) -> Span {
        let start = self.text.len();
        self.text.extend_from_slice(bytes);
        self.span(start..self.text.len())
    }

    /// A piece of the text, which is never longer than a few buffers.
    pub(super) fn span(&self, range: Range<usize>) -> Span {
        Span {
            start: range.start as u32,
            end: range.end as u32,
        }
    }

    pub(super) fn push(&mut self, name: Span, value: Span) {
        self.list.push(Field { name, value });
    }

    /// The name and value of the field at `index`.
    pub fn at(&self, index: usize) -> (&[u8], &[u8]) {
        let field = self.list[index];
        (self.get(field.name), self.get(field.value))
    }

    /// Takes the field at `index` out.
    pub fn remove(&mut self, index: usize) {
        self.list.remove(index);
    }

    fn get(&self, span: Span) -> &[u8] {
        &self.text[span.range()]
    }
}

impl Span {
    pub(super) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}
