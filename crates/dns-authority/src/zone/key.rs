use std::borrow::Borrow;

use hickory_proto::rr::Name;

/// A name to look up: its labels as on the wire (a length, then that many bytes), in lower case, without the final
/// empty label. Equal keys are equal names (RFC 4343), and the end of a key from any label on is an ancestor's key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(Vec<u8>);

impl Key {
    pub fn of(name: &Name) -> Self {
        let mut bytes = Vec::with_capacity(name.len());
        for label in name.iter() {
            let length = u8::try_from(label.len()).expect("a label has at most 63 bytes");
            bytes.push(length);
            bytes.extend(label.iter().map(u8::to_ascii_lowercase));
        }
        Self(bytes)
    }

    /// A part of another key, from the start of a label on.
    pub(super) fn from_wire(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The key itself, then its parent's, and so on; the root, which is empty, comes last.
    pub fn with_ancestors(&self) -> impl Iterator<Item = &[u8]> {
        std::iter::successors(Some(self.as_bytes()), |key| parent(key))
    }
}

/// The key of the name one label up; the root has none.
pub(super) fn parent(key: &[u8]) -> Option<&[u8]> {
    let (length, rest) = key.split_first()?;
    Some(&rest[usize::from(*length)..])
}

impl Borrow<[u8]> for Key {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Key {
        Key::of(&Name::from_ascii(name).unwrap())
    }

    #[test]
    fn letter_case_makes_no_other_name() {
        assert_eq!(key("GooGle.COM."), key("google.com."));
        assert_ne!(key("google.com."), key("oogle.com."));
    }

    #[test]
    fn ancestors_end_with_the_root() {
        let name = key("a.bc.d.");
        let all: Vec<_> = name.with_ancestors().collect();
        assert_eq!(
            all,
            [&b"\x01a\x02bc\x01d"[..], b"\x02bc\x01d", b"\x01d", b""]
        );
    }
}
