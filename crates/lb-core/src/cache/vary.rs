//! Answers that vary: by the packing that a client takes, and by where it comes from.

use super::Field;
use super::fields::items;
use crate::xxh64;

/// Packings by name, a bit each (RFC 9110, section 8.4.1, and IANA's list).
const PACKINGS: [(&str, u32); 12] = [
    ("gzip", 1),
    ("x-gzip", 1),
    ("deflate", 1 << 1),
    ("br", 1 << 2),
    ("compress", 1 << 3),
    ("x-compress", 1 << 3),
    ("aes128gcm", 1 << 4),
    ("exi", 1 << 5),
    ("pack200-gzip", 1 << 6),
    ("zstd", 1 << 7),
    ("identity", IDENTITY),
    ("*", ANYTHING),
];
const IDENTITY: u32 = 1 << 8;
const ANYTHING: u32 = 1 << 9;

/// A client that names as many is not believed.
const TOO_MANY: usize = 16;

/// What a request tells of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Packings it takes; `None`: it names too many.
    packings: Option<u32>,
    /// Of `referer`; 0 without one.
    referer: u64,
}

/// What an answer is good for; what it does not vary by is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Variant {
    /// How it is packed.
    packings: Option<u32>,
    referer: Option<u64>,
}

impl Wanted {
    pub fn of(fields: &[Field<'_>]) -> Self {
        let mut referers = fields.iter().filter(|(name, _)| *name == b"referer");
        Self {
            packings: packings(fields),
            referer: referers
                .next()
                .map_or(0, |(_, value)| xxh64::hash(value, 0)),
        }
    }
}

impl Variant {
    /// It is good for whoever asks.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it is what a request wants.
    pub(super) fn suits(&self, wanted: &Wanted) -> bool {
        let packed = match (self.packings, wanted.packings) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(own), Some(taken)) => own & taken == own,
        };
        packed && self.referer.is_none_or(|own| own == wanted.referer)
    }

    /// As `show cache` tells it.
    pub fn bytes(&self) -> [u8; 8] {
        let mut bytes = [0; 8];
        bytes[..4].copy_from_slice(&self.packings.unwrap_or(0).to_le_bytes());
        bytes[4..].copy_from_slice(&(self.referer.unwrap_or(0) as u32).to_le_bytes());
        bytes
    }
}

/// What an answer to a request is good for; `None`: it varies by something else, or in a way that is not known, and is
/// not to be kept. `looked_at`: the cache looks at `Vary`.
pub fn variant(fields: &[Field<'_>], wanted: &Wanted, looked_at: bool) -> Option<Variant> {
    let mut variant = Variant::default();
    for name in items(fields, "vary") {
        if !looked_at {
            return None;
        } else if name.eq_ignore_ascii_case(b"accept-encoding") {
            wanted.packings?;
            variant.packings = Some(packed_as(fields)?);
        } else if name.eq_ignore_ascii_case(b"referer") {
            variant.referer = Some(wanted.referer);
        } else {
            return None;
        }
    }
    Some(variant)
}

/// How an answer is packed.
fn packed_as(fields: &[Field<'_>]) -> Option<u32> {
    let mut packings = 0;
    for name in items(fields, "content-encoding") {
        packings |= packing(name)?.0;
    }
    Some(if packings == 0 { IDENTITY } else { packings })
}

/// What a client takes. Plain answers suit whoever does not refuse them; without a word, all do.
fn packings(fields: &[Field<'_>]) -> Option<u32> {
    let (mut taken, mut refused, mut count) = (IDENTITY, 0, 0);
    for item in items(fields, "accept-encoding").take(TOO_MANY) {
        count += 1;
        match packing(item) {
            Some((bits, true)) => refused |= bits,
            Some((bits, false)) => taken |= bits,
            None => {}
        }
    }
    match count {
        0 => return Some(u32::MAX),
        TOO_MANY => return None,
        _ => {}
    }
    if taken & ANYTHING != 0 {
        taken = u32::MAX;
    }
    Some(taken & !refused)
}

/// A packing, and whether its weight is 0.
fn packing(item: &[u8]) -> Option<(u32, bool)> {
    let mut parts = item.splitn(2, |byte| *byte == b';').map(<[u8]>::trim_ascii);
    let name = parts.next()?;
    let known = PACKINGS
        .iter()
        .find(|(known, _)| name.eq_ignore_ascii_case(known.as_bytes()));
    let weight = parts.next();
    Some((
        known?.1,
        weight.is_some_and(|weight| weight.eq_ignore_ascii_case(b"q=0")),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(accepts: &[&'static str], packing: &'static str, suits: bool) {
        let asked: Vec<Field<'_>> = accepts
            .iter()
            .map(|value| (&b"accept-encoding"[..], value.as_bytes()))
            .collect();
        let answer: &[Field<'_>] = &[
            (b"vary", b"Accept-Encoding"),
            (b"content-encoding", packing.as_bytes()),
        ];
        let answer = if packing.is_empty() {
            &answer[..1]
        } else {
            answer
        };
        let kept = variant(answer, &Wanted::of(&[]), true).unwrap();
        assert_eq!(
            kept.suits(&Wanted::of(&asked)),
            suits,
            "{accepts:?} {packing}"
        );
    }

    #[test]
    fn a_packed_answer_goes_to_those_who_take_it() {
        check(&["gzip"], "gzip", true);
        check(&["br, gzip;q=0.5"], "x-gzip", true);
        check(&["br", "gzip"], "gzip", true);
        check(&["br"], "gzip", false);
        check(&["gzip;q=0, *"], "gzip", false);
        check(&["*"], "zstd", true);
        check(&[], "gzip", true);
        check(&[""], "gzip", false);
        check(&["br"], "", true);
        check(&["identity;q=0"], "", false);
        check(&["a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,gzip"], "gzip", false);
    }

    #[test]
    fn what_varies_otherwise_is_not_kept() {
        let wanted = Wanted::of(&[(b"referer", b"a")]);
        let kept = |vary: &'static [u8], looked_at| variant(&[(b"vary", vary)], &wanted, looked_at);
        assert_eq!(kept(b"user-agent", true), None);
        assert_eq!(kept(b"referer", false), None);
        assert_eq!(variant(&[], &wanted, false), Some(Variant::default()));
        let kept = kept(b"Referer", true).unwrap();
        assert!(kept.suits(&wanted));
        assert!(!kept.suits(&Wanted::of(&[(b"referer", b"b")])));
        let odd: &[Field<'_>] = &[(b"vary", b"accept-encoding"), (b"content-encoding", b"foo")];
        assert_eq!(variant(odd, &wanted, true), None);
    }
}
