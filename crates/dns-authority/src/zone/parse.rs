//! From the text of a zone file to a zone: reading, then what concerns several names at once.

use std::collections::HashMap;

use diagnostics::{Diagnostic, Severity, SourceId, Sources};
use hickory_proto::rr::{Name, RecordType};
use toml::de::DeTable;

use super::apex::Apex;
use super::fields::{Fields, Place, Report};
use super::key::{Key, parent};
use super::model::{Node, Zone};
use super::names::{self, Read, Usual};
use super::pools::Found;
use super::records;
use crate::label::Origin;

/// Seconds, where the file gives no `ttl`.
const TTL: u32 = 300;

/// What became of a zone file.
#[derive(Debug)]
pub struct Parsed {
    /// `None` when there is an error among the problems.
    pub zone: Option<Zone>,
    /// In the order of their places.
    pub problems: Vec<Diagnostic>,
}

/// Reads a zone; all mistakes are reported at once, each with its place.
pub fn parse(sources: &Sources, id: SourceId) -> Parsed {
    let mut report = Report::new(id);
    let mut found = Found::default();
    let text = &sources.get(id).text;
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        not_toml(text, error, &mut report);
    }
    // What the parser guessed behind a broken place would only be called wrong for the wrong reason.
    let read = match errors.is_empty() {
        true => read(table.get_ref(), &mut found, &mut report),
        false => Vec::new(),
    };
    check_together(&read, &mut report);
    let problems = report.into_problems();
    let failed = problems
        .iter()
        .any(|problem| problem.severity == Severity::Error);
    Parsed {
        zone: (!failed).then(|| assemble(read, found)),
        problems,
    }
}

fn not_toml(text: &str, error: &toml::de::Error, report: &mut Report) {
    let place = within(text, error.span().unwrap_or(0..0));
    let message = format!("this is not TOML: {}", error.message());
    let problem = report
        .error("bad-toml", message, &place, "")
        .why("a zone file is TOML: key = value lines under [[name]] headers");
    report.push(problem);
}

/// The parser may point at the end of the text, or into the middle of a letter.
fn within(text: &str, place: Place) -> Place {
    let floor = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    floor(place.start)..floor(place.end.max(place.start))
}

fn read(table: &DeTable<'_>, found: &mut Found, report: &mut Report) -> Vec<Read> {
    let fields = Fields::of(
        table,
        0..0,
        &["name", "ttl", "recorded", "illustrative", "source"],
        report,
    );
    let usual = Usual {
        ttl: fields
            .number("ttl", records::SECONDS, report)
            .unwrap_or(TTL),
        origin: names::origin(&fields, &Origin::UNKNOWN, report),
    };
    let tables = fields.tables("name", report);
    if fields.value("name").is_none() {
        let problem = report.error(
            "no-names",
            "a zone without names",
            &(0..0),
            "no [[name]] in this file",
        );
        report.push(problem.next("[[name]]   name = \"www.example.com.\"   A = [\"192.0.2.1\"]"));
    }
    tables
        .into_iter()
        .filter_map(|(table, place)| names::read(table, place, &usual, found, report))
        .collect()
}

fn check_together(read: &[Read], report: &mut Report) {
    let mut first: HashMap<Key, &Read> = HashMap::new();
    for name in read {
        if let Some(known) = first.insert(Key::of(&name.data.name), name) {
            let problem = report
                .error(
                    "name-twice",
                    format!("`{}` is written twice", name.data.name),
                    &name.place,
                    "again here",
                )
                .beside(report.span(&known.place), "first written here")
                .next("put all its records under one [[name]]");
            report.push(problem);
        }
    }
    for name in read {
        circle(name, &first, report);
        misplaced_ns(name, read, report);
    }
}

/// An alias that leads back to itself is never answered.
fn circle(name: &Read, names: &HashMap<Key, &Read>, report: &mut Report) {
    let mut at = name;
    for _ in 0..=names.len() {
        let Some((_, target)) = at.data.alias() else {
            return;
        };
        let Some(next) = names.get(&Key::of(target)) else {
            return;
        };
        at = next;
        if at.data.name == name.data.name {
            let problem = report
                .error(
                    "cname-circle",
                    format!("`{}` is an alias of itself in the end", name.data.name),
                    &name.place,
                    "leads back here",
                )
                .next("let one of the names in the circle hold addresses");
            return report.push(problem);
        }
    }
}

/// Name servers are named at the top of a zone; below it they would hand part of it to somebody else.
fn misplaced_ns(name: &Read, all: &[Read], report: &mut Report) {
    let Some(place) = &name.ns_place else { return };
    let above = |other: &&Read| {
        other.data.name.zone_of(&name.data.name) && other.data.name != name.data.name
    };
    if name.soa.is_some() {
        return;
    }
    if let Some(top) = all.iter().find(above) {
        let problem = report
            .error(
                "ns-below-the-top",
                format!(
                    "`{}` lies inside the zone of `{}`",
                    name.data.name, top.data.name
                ),
                place,
                "would hand it to other servers",
            )
            .beside(report.span(&top.place), "the zone")
            .why("this name server answers for all it knows and hands no part of a zone on")
            .next(format!(
                "write NS under \"{}\", or give \"{}\" a SOA of its own",
                top.data.name, name.data.name
            ));
        report.push(problem);
    }
}

/// Puts a zone together from names without mistakes.
fn assemble(read: Vec<Read>, found: Found) -> Zone {
    let listed: HashMap<Key, usize> = read
        .iter()
        .enumerate()
        .map(|(i, n)| (Key::of(&n.data.name), i))
        .collect();
    let mut apexes: HashMap<Key, usize> = HashMap::new();
    let mut zone = Zone {
        nodes: HashMap::new(),
        apexes: Vec::new(),
        names: Vec::new(),
        pools: found.pools,
        targets: found.targets,
    };
    for (index, name) in read.iter().enumerate() {
        let top = apex_of(index, &read, &listed);
        let key = Key::of(&top);
        let apex = *apexes.entry(key.clone()).or_insert_with(|| {
            zone.apexes.push(apex(
                &top,
                listed.get(&key).map(|i| &read[*i]),
                name.data.ttl,
            ));
            zone.apexes.len() - 1
        });
        let own = Key::of(&name.data.name);
        let up_to_top = own
            .with_ancestors()
            .take_while(|ancestor| ancestor.len() >= key.as_bytes().len());
        for ancestor in up_to_top {
            let node = Node {
                apex,
                data: listed.get(ancestor).copied(),
            };
            zone.nodes.entry(Key::from_wire(ancestor)).or_insert(node);
        }
        // Its own place last: an ancestor's walk of another zone may have claimed it.
        zone.nodes.insert(
            own,
            Node {
                apex,
                data: Some(index),
            },
        );
    }
    zone.names = read.into_iter().map(|name| name.data).collect();
    zone
}

fn apex(top: &Name, read: Option<&Read>, ttl: u32) -> Apex {
    match read {
        Some(Read {
            data,
            soa: Some(soa),
            ..
        }) => Apex::new(top.clone(), soa.clone(), data.ttl),
        Some(Read { data, .. }) => Apex::usual(top.clone(), data.ttl),
        None => Apex::usual(top.clone(), ttl),
    }
}

/// The top of the zone a name lies in: the nearest name with a SOA from itself up; if there is none, the topmost one
/// that is written. An alias cannot be a top, since a top holds a SOA: its parent is.
fn apex_of(index: usize, read: &[Read], listed: &HashMap<Key, usize>) -> Name {
    let key = Key::of(&read[index].data.name);
    let mut top = index;
    for ancestor in key.with_ancestors() {
        if let Some(&at) = listed.get(ancestor) {
            top = at;
            if read[at].soa.is_some() {
                break;
            }
        }
    }
    let data = &read[top].data;
    let alias = data.records(RecordType::CNAME).is_some();
    let has_parent =
        parent(Key::of(&data.name).as_bytes()).is_some_and(|parent| !parent.is_empty());
    if alias && has_parent {
        data.name.base_name()
    } else {
        data.name.clone()
    }
}
