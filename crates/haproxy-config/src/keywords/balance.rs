//! How a backend chooses servers: `balance`, `hash-type`, `hash-balance-factor`.

use crate::model::{Balance, HashFunction, HashType};
use crate::proxy::ProxyContext;
use crate::raw::Line;
use diagnostics::{Diagnostic, nearest};
use std::num::NonZeroU32;

/// Ways to balance that HAProxy 2.6 knows.
const ALGORITHMS: [&str; 10] = [
    "roundrobin",
    "static-rr",
    "leastconn",
    "first",
    "source",
    "uri",
    "url_param",
    "hdr",
    "random",
    "rdp-cookie",
];

/// Draws of `balance random` without a number.
const DRAWS: NonZeroU32 = NonZeroU32::new(2).expect("2 is not 0");

pub(super) fn parse(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let name = line.text(1);
    let read = match name.split_once('(') {
        None => plain(context, line, name),
        Some(("hdr", rest)) => header(context, line, rest),
        Some(("random", rest)) => random(context, line, rest),
        Some(("rdp-cookie", _)) => plain(context, line, "rdp-cookie"),
        Some(_) => unknown(context, line),
    };
    if let Some(balance) = read {
        context.proxy.settings.balance = balance;
    }
}

fn plain(context: &mut ProxyContext<'_, '_>, line: &Line, name: &str) -> Option<Balance> {
    match name {
        "" | "roundrobin" => Some(Balance::RoundRobin),
        "static-rr" => Some(Balance::StaticRoundRobin),
        "leastconn" => Some(Balance::LeastConnections),
        "first" => Some(Balance::First),
        "source" => Some(Balance::Source),
        "random" => Some(Balance::Random { draws: DRAWS }),
        "uri" => uri(context, line),
        "url_param" => url_param(context, line),
        "rdp-cookie" => {
            let told = super::refused("balance rdp-cookie", line.span(1));
            context.report.push(told);
            None
        }
        _ => unknown(context, line),
    }
}

fn unknown(context: &mut ProxyContext<'_, '_>, line: &Line) -> Option<Balance> {
    let name = line.text(1);
    let words = "balance only supports 'roundrobin', 'static-rr', 'leastconn', 'source', 'uri', \
                 'url_param', 'hdr(name)' and 'rdp-cookie(name)' options.";
    let suggestion = nearest(name, ALGORITHMS);
    let label = match (name, suggestion) {
        ("hdr", _) => "write the header's name, as in `hdr(host)`".to_owned(),
        (_, Some(known)) => format!("did you mean `{known}`?"),
        (_, None) => String::new(),
    };
    context.report.push(
        Diagnostic::error(
            "unknown-balance",
            format!("`balance {name}` is not a way to balance"),
        )
        .at(line.span(1), label)
        .why(format!("known ways: {}", ALGORITHMS.join(", ")))
        .haproxy(context.report.spaced(line.span, words)),
    );
    None
}

/// Something is wrong with a word of the line.
fn wrong(
    context: &mut ProxyContext<'_, '_>,
    line: &Line,
    at: usize,
    what: &str,
    words: &str,
) -> Option<Balance> {
    let place = if line.text(at).is_empty() { 0 } else { at };
    context.report.push(
        Diagnostic::error("bad-balance", what.to_owned())
            .at(line.span(place), "")
            .haproxy(context.report.spaced(line.span, words)),
    );
    None
}

fn uri(context: &mut ProxyContext<'_, '_>, line: &Line) -> Option<Balance> {
    let (mut whole, mut path_only, mut len, mut depth) = (false, false, None, None);
    let mut at = 2;
    while !line.text(at).is_empty() {
        match line.text(at) {
            "whole" => whole = true,
            "path-only" => path_only = true,
            name @ ("len" | "depth") => {
                let text = line.text(at + 1);
                let number = crate::value::lenient_integer(text).0;
                let number = u32::try_from(number).ok().and_then(NonZeroU32::new);
                if number.is_none() {
                    let what = format!("`{name}` wants a number from 1 on");
                    let words = format!(
                        "balance uri : '{name}' expects a positive integer (got '{text}')."
                    );
                    return wrong(context, line, at + 1, &what, &words);
                }
                match name {
                    "len" => len = number,
                    _ => depth = number,
                }
                at += 1;
            }
            other => {
                let words = format!(
                    "balance uri only accepts parameters 'len', 'depth', 'path-only', and 'whole' (got '{other}')."
                );
                let what = format!("`balance uri` knows no `{other}`");
                return wrong(context, line, at, &what, &words);
            }
        }
        at += 1;
    }
    Some(Balance::Uri {
        whole,
        path_only,
        len,
        depth,
    })
}

fn url_param(context: &mut ProxyContext<'_, '_>, line: &Line) -> Option<Balance> {
    match (line.text(2), line.text(3)) {
        ("", _) => {
            let words = "balance url_param requires an URL parameter name.";
            let what = "`balance url_param` wants the name of a parameter";
            wrong(context, line, 1, what, words)
        }
        (name, modifier @ ("" | "check_post")) => Some(Balance::UrlParam {
            name: name.to_owned(),
            post: (modifier == "check_post").then(|| post_limit(line.text(4))),
        }),
        (_, other) => {
            let words =
                format!("balance url_param only accepts 'check_post' modifier (got '{other}').");
            let what = format!("`balance url_param` knows no `{other}`");
            wrong(context, line, 3, &what, &words)
        }
    }
}

/// Bytes of a body that `check_post` waits for.
fn post_limit(text: &str) -> u64 {
    const USUAL: u64 = 48;
    let (limit, _) = crate::value::lenient_integer(text);
    u64::try_from(limit)
        .ok()
        .filter(|limit| *limit > 0)
        .unwrap_or(USUAL)
}

fn header(context: &mut ProxyContext<'_, '_>, line: &Line, rest: &str) -> Option<Balance> {
    let name = rest.split_once(')').map_or("", |(name, _)| name);
    if name.is_empty() {
        let words = "balance hdr requires an http header field name.";
        return wrong(
            context,
            line,
            1,
            "`balance hdr()` wants a header's name",
            words,
        );
    }
    let domain_only = match line.text(2) {
        "" => false,
        "use_domain_only" => true,
        other => {
            let words = format!(
                "balance hdr({name}) only accepts 'use_domain_only' modifier (got '{other}')."
            );
            let what = format!("`balance hdr` knows no `{other}`");
            return wrong(context, line, 2, &what, &words);
        }
    };
    Some(Balance::Header {
        name: name.to_ascii_lowercase(),
        domain_only,
    })
}

fn random(context: &mut ProxyContext<'_, '_>, line: &Line, rest: &str) -> Option<Balance> {
    let text = rest.strip_suffix(')').unwrap_or(rest);
    if text.is_empty() {
        return Some(Balance::Random { draws: DRAWS });
    }
    if let Some(odd) = text.chars().find(|c| !c.is_ascii_digit()) {
        let words = format!("balance random : unexpected character '{odd}' after argument.");
        return wrong(context, line, 1, "the number of draws is no number", &words);
    }
    match text.parse().ok().and_then(NonZeroU32::new) {
        Some(draws) => Some(Balance::Random { draws }),
        None => {
            let words = "balance random : number of draws must be at least 1.";
            wrong(context, line, 1, "there must be a draw", words)
        }
    }
}

/// `hash-type METHOD [FUNCTION [MODIFIER]]`.
pub(super) fn hash_type(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let consistent = match line.text(1) {
        "consistent" => true,
        "map-based" => false,
        "avalanche" => {
            let words = "experimental feature 'hash-type avalanche' is not supported anymore, please use \
                         'hash-type map-based sdbm avalanche' instead.";
            wrong(context, line, 1, "`hash-type avalanche` is gone", words);
            return;
        }
        other => {
            let what = format!("`{other}` is not a way to lay out hashes");
            let words = "'hash-type' only supports 'consistent' and 'map-based'.";
            wrong(context, line, 1, &what, words);
            return;
        }
    };
    let function = match line.text(2) {
        "" | "sdbm" => HashFunction::Sdbm,
        "djb2" => HashFunction::Djb2,
        "wt6" => HashFunction::Wt6,
        "crc32" => HashFunction::Crc32,
        other => {
            let what = format!("`{other}` is not a hash function");
            let words =
                "'hash-type' only supports 'sdbm', 'djb2', 'crc32', or 'wt6' hash functions.";
            wrong(context, line, 2, &what, words);
            return;
        }
    };
    // Without a function, consistent hashes are mixed once more.
    let avalanche = match (line.text(2), line.text(3)) {
        ("", _) => consistent,
        (_, "") => false,
        (_, "avalanche") => true,
        (_, other) => {
            let what = format!("`{other}` is not a modifier");
            let words = "'hash-type' only supports 'avalanche' as a modifier for hash functions.";
            wrong(context, line, 3, &what, words);
            return;
        }
    };
    context.proxy.settings.hash = HashType {
        consistent,
        function,
        avalanche,
        ..context.proxy.settings.hash
    };
}

pub(super) fn balance_factor(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let missing = "'hash-balance-factor' expects an integer argument.";
    match super::integer(line, missing, context.report) {
        None => {}
        Some(number) if number != 0 && number <= 100 => {
            let words = "'hash-balance-factor' must be 0 or greater than 100.";
            let what = "a share of 100 % or less would leave requests without a server";
            wrong(context, line, 1, what, words);
        }
        Some(number) => {
            context.proxy.settings.hash.factor = u32::try_from(number).unwrap_or(u32::MAX);
        }
    }
}
