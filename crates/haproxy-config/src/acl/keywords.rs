//! Words of ACLs that are a fetch and a way to match in one.

use samples::Matching;
use samples::fetch::{self, Fetch};

/// A word that ACLs begin with.
pub(super) struct Keyword {
    pub(super) fetch: &'static Fetch,
    /// `None`: by the kind of the values.
    pub(super) matching: Option<Matching>,
}

/// Prefixes with the fetch they stand for; `_beg` and the like may follow.
const FAMILIES: [(&str, &str); 8] = [
    ("base", "base"),
    ("cook", "req.cook"),
    ("hdr", "req.hdr"),
    ("path", "path"),
    ("scook", "res.cook"),
    ("shdr", "res.hdr"),
    ("url", "url"),
    ("urlp", "urlp"),
];

const SUFFIXES: [(&str, Option<Matching>); 8] = [
    ("", None),
    ("_beg", Some(Matching::Beg)),
    ("_dir", Some(Matching::Dir)),
    ("_dom", Some(Matching::Dom)),
    ("_end", Some(Matching::End)),
    ("_len", Some(Matching::Len)),
    ("_reg", Some(Matching::Reg)),
    ("_sub", Some(Matching::Sub)),
];

const ALONE: [(&str, &str, Option<Matching>); 4] = [
    ("http_auth_group", "http_auth_group", Some(Matching::Str)),
    ("method", "method", None),
    ("req_ver", "req.ver", Some(Matching::Str)),
    ("resp_ver", "res.ver", Some(Matching::Str)),
];

/// The keyword of a name.
pub(super) fn find(name: &str) -> Option<Keyword> {
    let alone = ALONE.iter().find(|(known, ..)| *known == name);
    let (fetch, matching) = match alone {
        Some((_, fetch, matching)) => (*fetch, *matching),
        None => family(name)?,
    };
    Some(Keyword {
        fetch: fetch::find(fetch).expect("every ACL keyword names a fetch"),
        matching,
    })
}

/// All names, for suggestions.
pub(super) fn names() -> impl Iterator<Item = String> {
    FAMILIES.iter().flat_map(|(prefix, _)| {
        SUFFIXES
            .iter()
            .map(move |(suffix, _)| format!("{prefix}{suffix}"))
    })
}

fn family(name: &str) -> Option<(&'static str, Option<Matching>)> {
    FAMILIES.iter().find_map(|(prefix, fetch)| {
        let suffix = name.strip_prefix(prefix)?;
        let known = SUFFIXES.iter().find(|(known, _)| *known == suffix)?;
        Some((*fetch, known.1))
    })
}
