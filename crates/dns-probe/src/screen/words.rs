//! The sentences that tell what was seen.

use crate::dns::rcode;
use crate::tally::{ListOrder, Order, Reply, Tally, Verdict};
use crate::vantage::Kind;

/// Below this, in seconds, a TTL is called short.
const SHORT_TTL: u32 = 120;

/// What an answer without a value says.
pub(crate) fn empty(reply: &Reply, rtype: &str) -> String {
    match reply.rcode {
        rcode::NOERROR => format!("no {} (the name exists)", what(rtype)),
        rcode::NXDOMAIN => "no such name".to_owned(),
        rcode::REFUSED => "refused: this server does not answer for the name".to_owned(),
        rcode::SERVFAIL => "the server failed (SERVFAIL)".to_owned(),
        other => format!("no answer ({})", rcode::rcode(other)),
    }
}

fn what(rtype: &str) -> String {
    match rtype {
        "A" => "IPv4 address".to_owned(),
        "AAAA" => "IPv6 address".to_owned(),
        other => format!("{other} record"),
    }
}

/// `5 addresses`, `1 address`, `2 records`.
fn counted(n: usize, rtype: &str) -> String {
    let (one, many) = match rtype {
        "A" | "AAAA" => ("address", "addresses"),
        _ => ("record", "records"),
    };
    format!("{n} {}", if n == 1 { one } else { many })
}

/// The last lines of a table: what all the answers together show.
pub(crate) fn verdict(tally: &Tally, kind: Kind, caches: usize, rtype: &str) -> String {
    let values = counted(tally.counts.len(), rtype);
    if kind == Kind::Farm && tally.counts.len() > 1 && tally.per_answer == 1 {
        return format!(
            "{values}, in no order: each of the {caches} caches froze its own.   This is what the original lab's list of \
             answers shows."
        );
    }
    let cached = matches!(kind, Kind::Cache | Kind::Farm);
    if cached && tally.misses > 1 && tally.verdict != Verdict::One && kind == Kind::Cache {
        return format!(
            "{values}: the cache asked anew each time its time (TTL) was over, and handed out what it got until then."
        );
    }
    match tally.verdict {
        Verdict::Nothing => "no answer held a value, so there is nothing to share out.".to_owned(),
        Verdict::One if cached => format!(
            "{values}: the cache hands out the same answer until its time (TTL) is over.  DNS cannot move a caller sooner \
             than that."
        ),
        Verdict::One if tally.counts_down => format!(
            "{values}, and its TTL counts down: a cache on the way hands out the same answer until that is over."
        ),
        Verdict::One if tally.replies == 1 => format!("{values} in the one answer."),
        Verdict::List(_) if tally.replies == 1 => format!("{values} in the one answer."),
        Verdict::One => format!("{values}, the same in every answer."),
        Verdict::Pool(Order::InTurn) => format!(
            "{values}, one per answer, in turn.   Each new caller is sent somewhere else: DNS load balancing."
        ),
        Verdict::Pool(Order::Untold) => format!(
            "{values}, one per answer, each a new one.   Each new caller is sent somewhere else: DNS load balancing."
        ),
        Verdict::Pool(Order::None) => format!(
            "{values}, one per answer, in no order.   Each new caller may be sent somewhere else: DNS load balancing."
        ),
        Verdict::List(order) => format!("{values} in every answer; {}", list(order, rtype)),
        Verdict::Lists => format!(
            "{values} in all, up to {} in an answer, not always the same ones.",
            tally.per_answer
        ),
    }
}

fn list(order: ListOrder, rtype: &str) -> String {
    let how = match order {
        ListOrder::TurnedByOne => "each answer starts one further on.",
        ListOrder::Turned => "answers start at different places.",
        ListOrder::Shuffled => "their order changes each time.",
        ListOrder::Fixed => "always in the same order.",
    };
    // Who connects uses addresses; the order of other records tells nothing.
    match rtype {
        "A" | "AAAA" => format!("{how}   Most programs try the first one first."),
        _ => how.to_owned(),
    }
}

/// The word for a verdict in JSON.
pub(crate) fn short_verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Nothing => "nothing",
        Verdict::One => "one-address",
        Verdict::Pool(_) => "pool",
        Verdict::List(ListOrder::Fixed) => "fixed",
        Verdict::List(ListOrder::TurnedByOne | ListOrder::Turned) => "rotated-list",
        Verdict::List(ListOrder::Shuffled) => "shuffled-list",
        Verdict::Lists => "changing-lists",
    }
}

/// The word for the order of a list, in a comparison.
pub(crate) fn order(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::List(ListOrder::TurnedByOne | ListOrder::Turned) => "rotates",
        Verdict::List(ListOrder::Shuffled) => "shuffled",
        Verdict::List(ListOrder::Fixed) => "fixed",
        _ => "-",
    }
}

/// What a name looks like, in a comparison.
pub(crate) fn looks_like(verdict: Verdict, ttl: Option<u32>) -> String {
    let words = match verdict {
        Verdict::Nothing => "nothing to share out",
        Verdict::One if ttl.is_some_and(|ttl| ttl < SHORT_TTL) => {
            "one address, chosen by where you are; short ttl"
        }
        Verdict::One => "one address",
        Verdict::Pool(_) => "a pool, one handed out at a time",
        Verdict::List(ListOrder::TurnedByOne) => "a list, turned by one each time",
        Verdict::List(ListOrder::Turned) => "a list, turned",
        Verdict::List(ListOrder::Shuffled) => "a list, shuffled each time",
        Verdict::List(ListOrder::Fixed) => "a list, always in one order",
        Verdict::Lists => "lists that change",
    };
    words.to_owned()
}
