//! What may be kept, how long, and when it is used.

use super::fields::{begins, first, items};
use super::{Field, Limits, date};

/// What a request says of caches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// It may be answered with what was kept.
    pub usable: bool,
    /// Its answer may be kept, unless that says otherwise.
    pub storable: bool,
    /// It is a GET of version 1.1 or above: answers to others are never kept.
    pub gets: bool,
    /// It may change what it asks for: what was kept of that is out of date.
    pub changes: bool,
}

impl Asked {
    /// Reads a request; `late`: its version is 1.1 or above.
    pub fn of(method: &[u8], late: bool, fields: &[Field<'_>]) -> Self {
        let mut asked = Self {
            usable: late && matches!(method, b"GET" | b"HEAD"),
            storable: true,
            gets: late && method == b"GET",
            changes: late && !matches!(method, b"GET" | b"HEAD" | b"OPTIONS" | b"TRACE"),
        };
        if first(fields, "authorization").is_some() {
            (asked.usable, asked.storable) = (false, false);
        }
        let mut controlled = false;
        for word in items(fields, "cache-control") {
            controlled = true;
            let fresher = ["max-age", "no-cache", "max-stale", "min-fresh"];
            if fresher.iter().any(|known| begins(word, known)) {
                asked.usable = false;
            } else if begins(word, "no-store") {
                asked.storable = false;
            }
        }
        // RFC 9111 section 5.4: the older field counts where the newer one is not
        let pragma = first(fields, "pragma");
        if !controlled && pragma.is_some_and(|value| value.eq_ignore_ascii_case(b"no-cache")) {
            asked.usable = false;
        }
        asked
    }
}

/// How long an answer is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// From now on, in seconds.
    pub seconds: u32,
    /// Which it had when it came.
    pub age: u32,
    /// When it was changed last, in seconds since 1970.
    pub changed: u64,
}

/// How long the answer of a server to `asked` is kept; `None`: it is not. `now` in seconds since 1970.
pub fn life(
    asked: Asked,
    status: u16,
    fields: &[Field<'_>],
    limits: &Limits,
    now: u64,
) -> Option<Life> {
    let pragma = first(fields, "pragma");
    if !asked.gets
        || status != 200
        || pragma.is_some_and(|value| value.eq_ignore_ascii_case(b"no-cache"))
        || !is_allowed(asked.storable, fields)
    {
        return None;
    }
    let told = told_life(fields, now)?;
    let own = told.filter(|seconds| *seconds > 0 || expires(fields));
    let age = age(fields)?;
    if age > own.unwrap_or(0) {
        return None;
    }
    Some(Life {
        seconds: own.unwrap_or(limits.age).min(limits.age),
        age,
        changed: last_change(fields, now),
    })
}

/// What the words of the answer come to; `storable`: what those of the request have come to.
fn is_allowed(storable: bool, fields: &[Field<'_>]) -> bool {
    let (mut allowed, mut with_cookies, mut fresh) = (storable, storable, false);
    for word in items(fields, "cache-control") {
        let is = |known: &str| word.eq_ignore_ascii_case(known.as_bytes());
        if is("public") {
            (allowed, with_cookies) = (true, true);
        } else if ["private", "no-cache", "no-store", "max-age=0", "s-maxage=0"]
            .into_iter()
            .any(is)
        {
            (allowed, with_cookies) = (false, false);
        } else if begins(word, "no-cache=\"set-cookie") {
            with_cookies = false;
        } else if begins(word, "s-maxage") || begins(word, "max-age") {
            fresh = true;
        }
    }
    let validated = ["expires", "etag", "last-modified"];
    let lives = fresh || validated.iter().any(|name| first(fields, name).is_some());
    allowed && with_cookies && lives
}

/// `s-maxage`, else `max-age`, else what `Expires` leaves; `Some(None)`: nothing tells it. `None`: what tells it makes no
/// sense.
fn told_life(fields: &[Field<'_>], now: u64) -> Option<Option<u32>> {
    let (mut shared, mut own) = (None, None);
    for word in items(fields, "cache-control") {
        if let Some(value) = value_of(word, "s-maxage") {
            shared = Some(seconds(value)?);
        } else if let Some(value) = value_of(word, "max-age") {
            own = Some(seconds(value)?);
        }
    }
    let until = || {
        let end = date::parse(first(fields, "expires")?).unwrap_or(0);
        Some(u32::try_from(end.saturating_sub(now)).unwrap_or(u32::MAX))
    };
    let positive = |seconds: &u32| *seconds > 0;
    Some(match (shared, own) {
        (None, None) => until(),
        _ => shared.filter(positive).or(own.filter(positive)),
    })
}

fn expires(fields: &[Field<'_>]) -> bool {
    first(fields, "expires").is_some()
}

fn value_of<'a>(word: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let value = begins(word, name).then(|| word[name.len()..].strip_prefix(b"="))??;
    Some(value.strip_prefix(b"\"").unwrap_or(value))
}

/// Digits as far as they go, as C reads them.
fn seconds(text: &[u8]) -> Option<u32> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit());
    let mut sum = None;
    for digit in digits {
        let former: u32 = sum.unwrap_or(0);
        sum = Some(
            former
                .saturating_mul(10)
                .saturating_add(u32::from(digit - b'0')),
        );
    }
    sum
}

/// 0 where nothing is told; `None`: what is told is no age that an answer of a cache has.
fn age(fields: &[Field<'_>]) -> Option<u32> {
    let Some(text) = first(fields, "age") else {
        return Some(0);
    };
    let number: u64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    let age = number.min(1 << 31) as u32;
    (age > 0).then_some(age)
}

fn last_change(fields: &[Field<'_>], now: u64) -> u64 {
    let dated = |name| first(fields, name).and_then(date::parse);
    dated("last-modified")
        .or_else(|| dated("date"))
        .unwrap_or(now)
}

/// Whether the client has what was kept already (RFC 9110, section 13.2.2): it had this `ETag`, and was `changed` last then.
pub fn not_modified(fields: &[Field<'_>], etag: Option<&[u8]>, changed: u64) -> bool {
    let mut tags = items(fields, "if-none-match").peekable();
    if tags.peek().is_some() {
        let same = |tag: &[u8]| etag.is_some_and(|known| opaque(known) == opaque(tag));
        return tags.any(|tag| tag == b"*" || same(tag));
    }
    let since = first(fields, "if-modified-since").and_then(date::parse);
    since.is_some_and(|since| changed <= since)
}

/// Weak tags count as much as strong ones.
fn opaque(tag: &[u8]) -> &[u8] {
    tag.strip_prefix(b"W/").unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        blocks: 10,
        object: 1_000,
        age: 60,
        vary: false,
        variants: 10,
    };
    const NOW: u64 = 784_111_777;

    fn lives(fields: &[(&'static str, &'static str)]) -> Option<(u32, u32)> {
        let fields: Vec<Field<'_>> = fields
            .iter()
            .map(|(name, value)| (name.as_bytes(), value.as_bytes()))
            .collect();
        let asked = Asked::of(b"GET", true, &[]);
        life(asked, 200, &fields, &LIMITS, NOW).map(|life| (life.seconds, life.age))
    }

    #[test]
    fn the_shortest_of_what_is_told_and_allowed_counts() {
        assert_eq!(lives(&[("cache-control", "max-age=30")]), Some((30, 0)));
        assert_eq!(lives(&[("cache-control", "max-age=300")]), Some((60, 0)));
        assert_eq!(
            lives(&[("cache-control", "max-age=9, s-maxage=\"8\"")]),
            Some((8, 0))
        );
        assert_eq!(
            lives(&[("expires", "Sun, 06 Nov 1994 08:49:47 GMT")]),
            Some((10, 0))
        );
        assert_eq!(lives(&[("expires", "0")]), Some((0, 0)));
        assert_eq!(lives(&[("etag", "x")]), Some((60, 0)));
        assert_eq!(
            lives(&[("cache-control", "max-age=30"), ("age", "10")]),
            Some((30, 10))
        );
    }

    #[test]
    fn what_is_not_to_be_kept_is_not() {
        for cc in [
            "private",
            "no-store",
            "max-age=0",
            "max-age=-1",
            "max-age=x",
            "public",
            "no-cache=\"set-cookie\", max-age=3",
            "max-age=30, private",
        ] {
            assert_eq!(lives(&[("cache-control", cc)]), None, "{cc}");
        }
        assert_eq!(lives(&[]), None);
        assert_eq!(
            lives(&[("cache-control", "max-age=30"), ("pragma", "no-cache")]),
            None
        );
        for age in ["31", "0", "x"] {
            assert_eq!(
                lives(&[("cache-control", "max-age=30"), ("age", age)]),
                None
            );
        }
        assert_eq!(
            lives(&[("cache-control", "private=\"a\", max-age=3")]),
            Some((3, 0))
        );
    }

    #[test]
    fn requests_say_whether_they_want_a_cache() {
        let asked = |name: &'static str, value: &'static str| {
            let asked = Asked::of(b"GET", true, &[(name.as_bytes(), value.as_bytes())]);
            (asked.usable, asked.storable)
        };
        assert_eq!(asked("accept", "*"), (true, true));
        assert_eq!(asked("authorization", "x"), (false, false));
        assert_eq!(asked("cache-control", "no-cache"), (false, true));
        assert_eq!(asked("cache-control", "x, Max-Age=3"), (false, true));
        assert_eq!(asked("cache-control", "no-store"), (true, false));
        assert_eq!(asked("pragma", "no-cache"), (false, true));
        assert!(!Asked::of(b"GET", false, &[]).usable);
        assert!(Asked::of(b"HEAD", true, &[]).usable && !Asked::of(b"HEAD", true, &[]).gets);
        assert!(
            Asked::of(b"PATCH", true, &[]).changes && !Asked::of(b"OPTIONS", true, &[]).changes
        );
    }

    #[test]
    fn a_tag_counts_before_a_date() {
        let none = |tag: &'static str| (&b"if-none-match"[..], tag.as_bytes());
        let since = (
            &b"if-modified-since"[..],
            &b"Sun, 06 Nov 1994 08:49:37 GMT"[..],
        );
        let tag = Some(&b"\"x\""[..]);
        assert!(not_modified(&[none("\"y\", W/\"x\"")], tag, 0));
        assert!(not_modified(&[none("*")], None, 0));
        assert!(!not_modified(&[none("\"y\""), since], tag, 0));
        assert!(not_modified(&[since], tag, NOW));
        assert!(!not_modified(&[since], tag, NOW + 1));
        assert!(!not_modified(&[], tag, 0));
    }
}
