//! What fits HAProxy's buffer: a head, a body that is waited for, what rules add.

use crate::h1::head::Fields;
use crate::plan::Sizes;

/// What HAProxy writes at the start of a buffer that holds a message, and beside each piece of it.
const OVERHEAD: u64 = 48;
const PER_PIECE: u64 = 8;

/// Whether a head of this weight is taken at all: some room is left to rules.
pub fn for_head(weight: u64, fields: &Fields, sizes: Sizes) -> bool {
    taken(weight, fields) <= at_first(sizes)
}

/// How much of its body is waited for beside a head of this weight.
pub fn for_body(weight: u64, fields: &Fields, sizes: Sizes) -> usize {
    let free = at_first(sizes).saturating_sub(taken(weight, fields) + PER_PIECE);
    usize::try_from(free).unwrap_or(usize::MAX)
}

/// What a change makes of a head: a field more, or some bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Growth {
    pub bytes: usize,
    pub fields: usize,
}

/// Whether a head of this weight has room for that: what was left to rules is theirs.
pub fn for_change(growth: Growth, weight: u64, fields: &Fields, sizes: Sizes) -> bool {
    let more = growth.bytes as u64 + growth.fields as u64 * PER_PIECE;
    taken(weight, fields) + more <= sizes.buffer as u64
}

/// What a field takes beside its name and value.
pub const FIELD: usize = PER_PIECE as usize;

fn at_first(sizes: Sizes) -> u64 {
    sizes.buffer.saturating_sub(sizes.reserve) as u64
}

/// The first line and the end of the fields are pieces, too.
fn taken(weight: u64, fields: &Fields) -> u64 {
    weight + (fields.len() as u64 + 2) * PER_PIECE + OVERHEAD
}

#[cfg(test)]
mod tests {
    use super::*;

    /// HAProxy 2.6.12 takes `GET / HTTP/1.1` with `host: h` and an `x` of so many bytes, and no more.
    #[track_caller]
    fn check(buffer: usize, reserve: usize, longest: usize) {
        let sizes = Sizes {
            buffer,
            reserve,
            ..Sizes::default()
        };
        let mut fields = Fields::default();
        fields.append(b"host", b"h");
        fields.append(b"x", &vec![b'A'; longest]);
        let line = 20 + "GET/HTTP/1.1".len() as u64;
        assert!(for_head(line + fields.weight(), &fields, sizes));
        assert!(!for_head(line + fields.weight() + 1, &fields, sizes));
    }

    #[test]
    fn as_much_of_a_head_is_taken_as_haproxy_takes() {
        check(16_384, 1_024, 15_241);
        check(32_768, 1_024, 31_625);
        check(12_352, 1_024, 11_209);
        check(16_384, 8_192, 8_073);
        check(16_384, 0, 16_265);
    }
}
