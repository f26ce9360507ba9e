//! dig's `+` words: one row each, with the shortest beginning that dig 9.18 takes for it.

/// What a `+` word sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plus {
    /// A bit of the query's header.
    Bit(u16),
    Additional,
    All,
    Answer,
    Authority,
    BadCookie,
    Bufsize,
    Class,
    Cmd,
    Comments,
    Cookie,
    Dnssec,
    Edns,
    EdnsFlags,
    EdnsNegotiation,
    EdnsOption,
    ExpandAaaa,
    Expire,
    Fail,
    Identify,
    Ignore,
    Keepalive,
    Multiline,
    Nsid,
    Opcode,
    Qid,
    Query,
    Question,
    Retry,
    RrComments,
    Short,
    Split,
    Stats,
    Subnet,
    Tcp,
    Timeout,
    Tries,
    Ttl,
    TtlUnits,
    UnknownFormat,
    /// dig's, but not ours: taken only in the sense that changes nothing, which is on (`true`) or off.
    Lacking(bool),
}

use Plus::Lacking;

use crate::dns::message::Flags;

/// Word, how many of its letters are enough, and what it sets. The first row that fits counts.
pub(super) const ROWS: &[(&str, usize, Plus)] = &[
    ("aaflag", 2, Plus::Bit(Flags::AA)),
    ("aaonly", 2, Plus::Bit(Flags::AA)),
    ("additional", 3, Plus::Additional),
    ("adflag", 2, Plus::Bit(Flags::AD)),
    ("all", 2, Plus::All),
    ("answer", 2, Plus::Answer),
    ("authority", 2, Plus::Authority),
    ("badcookie", 2, Plus::BadCookie),
    ("besteffort", 2, Lacking(false)),
    ("bufsize", 2, Plus::Bufsize),
    ("cdflag", 2, Plus::Bit(Flags::CD)),
    ("class", 2, Plus::Class),
    ("cmd", 2, Plus::Cmd),
    ("coflag", 2, Lacking(false)),
    ("comments", 3, Plus::Comments),
    ("cookie", 3, Plus::Cookie),
    ("crypto", 2, Lacking(true)),
    ("defname", 2, Lacking(false)),
    ("dns64prefix", 4, Lacking(false)),
    ("dnssec", 4, Plus::Dnssec),
    ("do", 2, Plus::Dnssec),
    ("domain", 3, Lacking(false)),
    ("dscp", 2, Lacking(false)),
    ("edns", 4, Plus::Edns),
    ("ednsflags", 5, Plus::EdnsFlags),
    ("ednsnegotiation", 5, Plus::EdnsNegotiation),
    ("ednsopt", 5, Plus::EdnsOption),
    ("expandaaaa", 4, Plus::ExpandAaaa),
    ("expire", 4, Plus::Expire),
    ("fail", 2, Plus::Fail),
    ("fuzztime", 2, Lacking(false)),
    ("header-only", 2, Lacking(false)),
    ("https", 2, Lacking(false)),
    ("https-get", 6, Lacking(false)),
    ("https-post", 7, Lacking(false)),
    ("http-plain", 5, Lacking(false)),
    ("http-plain-get", 11, Lacking(false)),
    ("http-plain-post", 12, Lacking(false)),
    ("identify", 3, Plus::Identify),
    ("idnin", 4, Lacking(false)),
    ("idnout", 4, Lacking(false)),
    ("ignore", 1, Plus::Ignore),
    ("keepalive", 5, Plus::Keepalive),
    ("keepopen", 5, Lacking(false)),
    ("mapped", 2, Lacking(true)),
    ("multiline", 2, Plus::Multiline),
    ("ndots", 2, Lacking(false)),
    ("nsid", 3, Plus::Nsid),
    ("nssearch", 3, Lacking(false)),
    ("onesoa", 2, Lacking(false)),
    ("opcode", 2, Plus::Opcode),
    ("padding", 1, Lacking(false)),
    ("qid", 2, Plus::Qid),
    ("qr", 2, Plus::Query),
    ("question", 2, Plus::Question),
    ("raflag", 2, Plus::Bit(Flags::RA)),
    ("rdflag", 2, Plus::Bit(Flags::RD)),
    ("recurse", 3, Plus::Bit(Flags::RD)),
    ("retry", 3, Plus::Retry),
    ("rrcomments", 2, Plus::RrComments),
    ("search", 2, Lacking(false)),
    ("short", 4, Plus::Short),
    ("showbadcookie", 5, Lacking(false)),
    ("showsearch", 5, Lacking(false)),
    ("sigchase", 2, Lacking(false)),
    ("split", 2, Plus::Split),
    ("stats", 2, Plus::Stats),
    ("subnet", 2, Plus::Subnet),
    ("tcflag", 3, Plus::Bit(Flags::TC)),
    ("tcp", 3, Plus::Tcp),
    ("timeout", 2, Plus::Timeout),
    ("tls", 3, Lacking(false)),
    ("tls-ca", 6, Lacking(false)),
    ("tls-certfile", 6, Lacking(false)),
    ("tls-keyfile", 5, Lacking(false)),
    ("tls-hostname", 5, Lacking(false)),
    ("topdown", 2, Lacking(false)),
    ("trace", 3, Lacking(false)),
    ("tries", 3, Plus::Tries),
    ("trusted-key", 3, Lacking(false)),
    ("ttlid", 3, Plus::Ttl),
    ("ttlunits", 4, Plus::TtlUnits),
    ("unexpected", 3, Lacking(false)),
    ("unknownformat", 3, Plus::UnknownFormat),
    ("vc", 1, Plus::Tcp),
    ("yaml", 1, Lacking(false)),
    ("zflag", 1, Plus::Bit(Flags::Z)),
];

/// The row of a word or of its beginning; `None` for what dig refuses too.
pub(super) fn find(word: &str) -> Option<(&'static str, Plus)> {
    let fits = |full: &str, enough: usize| word.len() >= enough && full.starts_with(word);
    ROWS.iter()
        .find(|(full, enough, _)| fits(full, *enough))
        .map(|(full, _, plus)| (*full, *plus))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(word: &str, full: Option<&str>) {
        assert_eq!(find(word).map(|(full, _)| full), full, "+{word}");
    }

    #[test]
    fn words_may_be_cut_as_short_as_dig_allows() {
        check("shor", Some("short"));
        check("sho", None);
        check("ad", Some("adflag"));
        check("add", Some("additional"));
        check("an", Some("answer"));
        check("cd", Some("cdflag"));
        check("com", Some("comments"));
        check("do", Some("do"));
        check("time", Some("timeout"));
        check("rec", Some("recurse"));
        check("ret", Some("retry"));
        check("tri", Some("tries"));
        check("ttl", Some("ttlid"));
        check("ttlu", Some("ttlunits"));
        check("edns", Some("edns"));
        check("ednso", Some("ednsopt"));
        check("i", Some("ignore"));
        check("id", None);
        check("mult", Some("multiline"));
    }

    #[test]
    fn other_words_are_refused() {
        for word in ["", "a", "bogus", "shorts", "SHORT", "t", "e"] {
            check(word, None);
        }
    }
}
