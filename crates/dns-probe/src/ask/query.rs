//! The query that a lookup makes.

use hickory_proto::rr::Name;

use super::random;
use crate::dns::edns::{DO, Edns, code};
use crate::dns::message::Question;
use crate::dns::question::Query;
use crate::text::message::Asked;
use crate::words::Lookup;
use crate::words::lookup::EdnsWords;
use crate::words::plus::UDP_SIZE;

/// The query for a lookup. With `lab` it asks the lab's server for its label; no foreign server is asked that.
pub(crate) fn build(lookup: &Lookup, name: Name, lab: bool) -> Query {
    Query {
        id: lookup.id.unwrap_or_else(random::id),
        bits: lookup.bits,
        opcode: lookup.opcode,
        question: Question {
            name,
            rtype: lookup.rtype,
            class: lookup.class,
        },
        edns: edns(&lookup.edns, lab),
        expects_edns: lookup.edns.cookie.as_ref().is_some_and(|c| !c.is_empty()),
    }
}

/// What the text of the answer needs to know of its query.
pub(crate) fn asked(query: &Query) -> Asked {
    let edns = query.edns.as_ref();
    Asked {
        edns: edns.is_some(),
        dnssec: edns.is_some_and(|edns| edns.flags & DO != 0),
        lab: edns.is_some_and(|edns| edns.option(code::LAB_LABEL).is_some()),
        cookie: edns
            .and_then(|edns| edns.option(code::COOKIE))
            .map(<[u8]>::to_vec),
    }
}

fn edns(words: &EdnsWords, lab: bool) -> Option<Edns> {
    let wanted = words.version.is_some()
        || words.udp_size.is_some()
        || words.dnssec
        || words.subnet.is_some();
    wanted.then(|| Edns {
        udp_size: words.udp_size.unwrap_or(UDP_SIZE),
        rcode_high: 0,
        version: words.version.unwrap_or(0),
        flags: words.flags | if words.dnssec { DO } else { 0 },
        options: options(words, lab),
    })
}

/// In the order in which dig sends them, ours last.
fn options(words: &EdnsWords, lab: bool) -> Vec<(u16, Vec<u8>)> {
    let mut options = Vec::new();
    if words.nsid {
        options.push((code::NSID, Vec::new()));
    }
    if let Some(subnet) = &words.subnet {
        options.push((code::CLIENT_SUBNET, subnet.clone()));
    }
    if let Some(cookie) = &words.cookie {
        let own = || random::bits().to_be_bytes().to_vec();
        let cookie = Some(cookie.clone()).filter(|c| !c.is_empty());
        options.push((code::COOKIE, cookie.unwrap_or_else(own)));
    }
    if words.expire {
        options.push((code::EXPIRE, Vec::new()));
    }
    if words.keepalive {
        options.push((code::KEEPALIVE, Vec::new()));
    }
    options.extend(words.options.iter().cloned());
    if lab {
        options.push((code::LAB_LABEL, Vec::new()));
    }
    options
}
