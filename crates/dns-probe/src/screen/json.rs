//! `--json`: what was seen, for programs. Schema 1.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Seen, words};
use crate::dns::rcode;
use crate::failure::Failure;
use crate::label::Label;
use crate::tally::Tally;
use crate::vantage::Kind;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    question: Question<'a>,
    server: &'a str,
    servers: &'a [String],
    source: &'static str,
    /// When the addresses were recorded; null for live ones.
    recorded: Option<&'a str>,
    label: Option<&'a str>,
    answers: Vec<Answer<'a>>,
    /// How often each value came first.
    counts: BTreeMap<&'a str, usize>,
    verdict: &'static str,
    verdict_text: String,
}

#[derive(Serialize)]
struct Question<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    rtype: &'a str,
}

#[derive(Serialize)]
struct Answer<'a> {
    n: u32,
    ttl: Option<u32>,
    ms: Option<u128>,
    tcp: bool,
    /// Null when nobody answered.
    rcode: Option<String>,
    cache: Option<&'static str>,
    view: Option<&'a str>,
    records: &'a [String],
}

/// One question as one line.
pub(crate) fn text(seen: &Seen) -> String {
    let tally = Tally::of(&seen.observations);
    let label = Label::of_source(seen.source.as_deref());
    let document = Document {
        schema: 1,
        question: Question {
            name: &seen.name,
            rtype: &seen.rtype,
        },
        server: seen.servers.first().map_or("", String::as_str),
        servers: &seen.servers,
        source: source(seen.kind),
        recorded: label.recorded(),
        label: seen.source.as_deref(),
        answers: answers(seen),
        counts: tally
            .counts
            .iter()
            .map(|count| (count.value.as_str(), count.first))
            .collect(),
        verdict: words::short_verdict(tally.verdict),
        verdict_text: words::verdict(&tally, seen.kind, seen.servers.len(), &seen.rtype),
    };
    line(&document)
}

/// A failure as one line.
pub(crate) fn failure(failure: &Failure) -> String {
    let name = match failure.code {
        crate::failure::code::NO_REPLY => "no-reply",
        crate::failure::code::FILE => "file",
        _ => "usage",
    };
    line(&serde_json::json!({"error": {
        "code": name,
        "what": failure.what.join("\n"),
        "why": failure.why.join("\n"),
        "next": failure.next,
    }}))
}

/// Who answered, in one word.
pub(crate) fn source(kind: Kind) -> &'static str {
    match kind {
        Kind::Lab => "lab-zone",
        Kind::Cache => "cache",
        Kind::Farm => "farm",
        Kind::System | Kind::Live => "system",
        Kind::Given => "given",
    }
}

fn answers(seen: &Seen) -> Vec<Answer<'_>> {
    seen.observations
        .iter()
        .map(|observation| {
            let reply = observation.reply.as_ref();
            Answer {
                n: observation.n,
                ttl: reply.and_then(|reply| reply.ttl),
                ms: reply.map(|reply| reply.ms),
                tcp: reply.is_some_and(|reply| reply.tcp),
                rcode: reply.map(|reply| rcode::rcode(reply.rcode)),
                cache: reply
                    .and_then(|reply| reply.cache)
                    .map(|cache| match cache {
                        crate::label::Cached::Hit => "hit",
                        crate::label::Cached::Miss => "miss",
                    }),
                view: reply.and_then(|reply| reply.view.as_deref()),
                records: reply.map_or(&[], |reply| &reply.records),
            }
        })
        .collect()
}

fn line(document: &impl Serialize) -> String {
    let text = serde_json::to_string(document).expect("texts and numbers become JSON");
    text + "\n"
}
