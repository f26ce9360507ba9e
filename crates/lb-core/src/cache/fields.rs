//! Header fields, and the values in them.

/// A name in lower case and a value.
pub type Field<'a> = (&'a [u8], &'a [u8]);

/// The first value under a name.
pub(super) fn first<'a>(fields: &[Field<'a>], name: &str) -> Option<&'a [u8]> {
    let mut fields = fields.iter();
    let found = fields.find(|(known, _)| *known == name.as_bytes());
    found.map(|(_, value)| *value)
}

/// All that stands under a name, value by value: commas part them, unless they stand in quotes.
pub(super) fn items<'a>(fields: &'a [Field<'a>], name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    let named = fields
        .iter()
        .filter(move |(known, _)| *known == name.as_bytes());
    named.flat_map(|(_, value)| split(value))
}

fn split(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut quoted = false;
    let pieces = value.split(move |byte| {
        quoted ^= *byte == b'"';
        *byte == b',' && !quoted
    });
    pieces.map(<[u8]>::trim_ascii)
}

/// Whether a value begins with a word, whatever its case.
pub(super) fn begins(value: &[u8], word: &str) -> bool {
    value
        .get(..word.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_parted_by_commas_outside_of_quotes() {
        let fields: &[Field<'_>] = &[(b"a", b"1, \"2,3\" ,4"), (b"b", b"5"), (b"a", b"")];
        let all: Vec<_> = items(fields, "a").collect();
        assert_eq!(all, [&b"1"[..], b"\"2,3\"", b"4", b""]);
        assert_eq!(first(fields, "b"), Some(&b"5"[..]));
        assert!(begins(b"Max-Age=1", "max-age") && !begins(b"max", "max-age"));
    }
}
