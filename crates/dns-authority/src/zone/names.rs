//! One `[[name]]` and its views.

use std::collections::HashMap;

use diagnostics::Diagnostic;
use hickory_proto::rr::rdata::SOA;
use ipnet::IpNet;

use super::fields::{Fields, Place, Report, text};
use super::model::{Check, Give, NameData, View};
use super::pools::{self, Found};
use super::{records, values};
use crate::label::{Origin, Source};

/// The keys of a `[[name]]`.
const KEYS: [&str; 16] = [
    "name",
    "ttl",
    "give",
    "A",
    "AAAA",
    "CNAME",
    "NS",
    "SOA",
    "MX",
    "TXT",
    "PTR",
    "view",
    "check",
    "recorded",
    "illustrative",
    "source",
];

/// What holds for all names that say nothing else.
pub(super) struct Usual {
    pub(super) ttl: u32,
    pub(super) origin: Origin,
}

/// One name as it was read.
pub(super) struct Read {
    pub(super) data: NameData,
    pub(super) soa: Option<SOA>,
    /// Of its `name` value.
    pub(super) place: Place,
    /// Of the key `NS`, if there is one.
    pub(super) ns_place: Option<Place>,
}

pub(super) fn read(
    table: &toml::de::DeTable<'_>,
    place: Place,
    usual: &Usual,
    found: &mut Found,
    report: &mut Report,
) -> Option<Read> {
    let fields = Fields::of(table, place, &KEYS, report);
    let ttl = fields
        .number("ttl", records::SECONDS, report)
        .unwrap_or(usual.ttl);
    let give = pools::give(&fields, report).unwrap_or(Give::One);
    let check = pools::check(&fields, report);
    let pools = found.read(&fields, give, check, report);
    let groups = records::read(&fields, report);
    let views = views(&fields, ttl, give, check, found, report);
    let origin = origin(&fields, &usual.origin, report);
    empty(&fields, report);
    alone(&fields, report);
    useless(&fields, report);

    let Some(word) = fields.text("name", report) else {
        if fields.value("name").is_none() {
            let missing = report
                .error(
                    "no-name",
                    "which name?",
                    &fields.place,
                    "`name` is missing here",
                )
                .next("name = \"www.example.com.\"");
            report.push(missing);
        }
        return None;
    };
    let name = values::name("name", &word, report)?;
    let soa = records::soa(&fields, &name, report);
    let data = NameData {
        name,
        ttl,
        origin,
        records: groups,
        pools,
        views,
    };
    Some(Read {
        data,
        soa,
        place: word.place,
        ns_place: fields.key_place("NS"),
    })
}

/// Where the data is from; what a name says of itself comes before what the file says of all.
pub(super) fn origin(fields: &Fields<'_>, usual: &Origin, report: &mut Report) -> Origin {
    let recorded = fields.text("recorded", report);
    let illustrative = fields.flag("illustrative", report);
    if let (Some(recorded), Some(true), Some(key)) =
        (&recorded, illustrative, fields.key_place("illustrative"))
    {
        let both = report
            .error(
                "two-origins",
                "data is recorded or illustrative, not both",
                &key,
                "made up",
            )
            .beside(report.span(&recorded.place), "and recorded")
            .next("leave one of them out");
        report.push(both);
    }
    let own = match (&recorded, illustrative) {
        (Some(time), _) => values::recorded(time, report).map(Source::Recorded),
        (None, Some(true)) => Some(Source::Illustrative),
        (None, Some(false)) => Some(Source::Own),
        (None, None) => None,
    };
    let from = fields
        .text("source", report)
        .map(|text| text.text.to_owned());
    match own {
        Some(source) => Origin { source, from },
        None => Origin {
            source: usual.source.clone(),
            from: from.or_else(|| usual.from.clone()),
        },
    }
}

fn views(
    fields: &Fields<'_>,
    ttl: u32,
    give: Give,
    check: Option<Check>,
    found: &mut Found,
    report: &mut Report,
) -> Vec<View> {
    let mut taken: HashMap<IpNet, Place> = HashMap::new();
    let mut views = Vec::new();
    for (table, place) in fields.tables("view", report) {
        let keys = ["from", "label", "ttl", "give", "A", "AAAA"];
        let fields = Fields::of(table, place, &keys, report);
        let from = networks(&fields, &mut taken, report);
        let ttl = fields
            .number("ttl", records::SECONDS, report)
            .unwrap_or(ttl);
        let give = pools::give(&fields, report).unwrap_or(give);
        let pools = found.read(&fields, give, check, report);
        let label = fields.text("label", report);
        if fields.value("A").is_none() && fields.value("AAAA").is_none() {
            let none = report
                .error(
                    "empty-view",
                    "a view without addresses",
                    &fields.place,
                    "neither `A` nor `AAAA` in it",
                )
                .next("A = [\"192.0.2.1\"]");
            report.push(none);
        }
        if !from.is_empty() {
            let title = label.map_or_else(|| from[0].to_string(), |label| label.text.to_owned());
            views.push(View {
                title,
                from,
                ttl,
                pools,
            });
        }
    }
    views
}

/// The `from` of a view; a network may stand in one view of a name only.
fn networks(
    fields: &Fields<'_>,
    taken: &mut HashMap<IpNet, Place>,
    report: &mut Report,
) -> Vec<IpNet> {
    let values = fields.list("from").unwrap_or_default();
    if values.is_empty() {
        let place = fields
            .value("from")
            .map_or_else(|| fields.place.clone(), |value| value.span());
        let missing = report
            .error(
                "no-networks",
                "whom is this view for?",
                &place,
                "`from` names no network",
            )
            .next("from = [\"198.51.100.0/24\", \"2001:db8::/32\"]");
        report.push(missing);
    }
    let mut from = Vec::new();
    for value in values {
        let Some(word) = text("from", value, report) else {
            continue;
        };
        let Some(net) = values::network(&word, report) else {
            continue;
        };
        match taken.insert(net, word.place.clone()) {
            Some(first) => {
                let twice = report
                    .error(
                        "network-twice",
                        format!("`{net}` is in two places"),
                        &word.place,
                        "again here",
                    )
                    .beside(report.span(&first), "first named here")
                    .why("an asker must find one view, not two");
                report.push(twice);
            }
            None => from.push(net),
        }
    }
    from
}

/// A name must hold something.
fn empty(fields: &Fields<'_>, report: &mut Report) {
    let holding = [
        "A", "AAAA", "CNAME", "NS", "SOA", "MX", "TXT", "PTR", "view",
    ];
    if holding.iter().all(|key| fields.value(key).is_none()) {
        let nothing = report
            .error(
                "empty-name",
                "a name that holds nothing",
                &fields.place,
                "no records here",
            )
            .next("give it A, AAAA, CNAME, NS, SOA, MX, TXT or PTR");
        report.push(nothing);
    }
}

/// An alias holds nothing else (RFC 1034 section 3.6.2), and points to one name.
fn alone(fields: &Fields<'_>, report: &mut Report) {
    let Some(alias) = fields.value("CNAME") else {
        return;
    };
    let others = ["A", "AAAA", "NS", "SOA", "MX", "TXT", "PTR", "view"];
    let others: Vec<Place> = others
        .iter()
        .filter_map(|key| fields.key_place(key))
        .collect();
    if !others.is_empty() {
        let key = fields.key_place("CNAME").unwrap_or_else(|| alias.span());
        let mut problem: Diagnostic = report
            .error("cname-and-more", "an alias (CNAME) cannot hold other data", &key, "says: everything is found elsewhere")
            .why("a CNAME replaces the name as a whole, so there is no room for records beside it (RFC 1034, 3.6.2)")
            .next("leave out the CNAME, or the rest");
        for other in &others {
            problem = problem.beside(report.span(other), "but this is here");
        }
        report.push(problem);
    }
    if alias
        .get_ref()
        .as_array()
        .is_some_and(|list| list.len() != 1)
    {
        let many = report
            .error(
                "cname-and-more",
                "an alias (CNAME) points to one name",
                &alias.span(),
                "not one name",
            )
            .next("CNAME = \"www.example.com.\"");
        report.push(many);
    }
}

/// Words about addresses where there are none.
fn useless(fields: &Fields<'_>, report: &mut Report) {
    let addresses = ["A", "AAAA", "view"];
    if addresses.iter().any(|key| fields.value(key).is_some()) {
        return;
    }
    for key in ["give", "check"] {
        if let Some(place) = fields.key_place(key) {
            let problem = report
                .error(
                    "no-addresses",
                    format!("`{key}` without addresses"),
                    &place,
                    "speaks of A and AAAA, and there are none",
                )
                .next(format!("leave {key} out"));
            report.push(problem);
        }
    }
}
