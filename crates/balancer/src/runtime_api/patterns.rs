//! `show`, `get`, `add`, `set`, `del` and `clear` of ACLs and maps.

use super::session::{Context, Reply};
use crate::plan::PatternReference;
use samples::{Matching, PatternSet, Value, WrongVersion};
use std::fmt::Write as _;

/// The two kinds of lists.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Acl,
    Map,
}

impl Kind {
    /// As messages name it.
    fn title(self) -> &'static str {
        match self {
            Self::Acl => "ACL",
            Self::Map => "map",
        }
    }

    fn holds(self, reference: &PatternReference) -> bool {
        let wanted = self == Self::Map;
        reference.sets.iter().any(|set| set.is_map == wanted)
    }
}

pub(super) fn show(context: &mut Context<'_>, arguments: &[String], kind: Kind) -> Reply {
    let (version, arguments) = version(arguments);
    let Some(wanted) = arguments.first() else {
        return list(context, kind);
    };
    match find(context, wanted, kind) {
        Ok(reference) => Reply::Data(entries(reference, version)),
        Err(reply) => reply,
    }
}

/// The version that is named first, if one is, and the words behind it.
fn version(arguments: &[String]) -> (Option<u32>, &[String]) {
    let named = arguments.split_first().and_then(|(first, rest)| {
        let digits = first.strip_prefix('@')?;
        let end = digits.find(|c: char| !c.is_ascii_digit());
        let number = &digits[..end.unwrap_or(digits.len())];
        Some((number.parse().unwrap_or(0), rest))
    });
    match named {
        Some((version, rest)) => (Some(version), rest),
        None => (None, arguments),
    }
}

/// `#ID` or the file's name; with neither, an error.
fn find<'a>(
    context: &Context<'a>,
    wanted: &str,
    kind: Kind,
) -> Result<&'a PatternReference, Reply> {
    let references = &context.plan.patterns;
    let found = match wanted.strip_prefix('#') {
        Some(id) => id.parse().ok().and_then(|id: usize| references.get(id)),
        None => context.plan.patterns_of(wanted),
    };
    found
        .filter(|reference| kind.holds(reference))
        .ok_or_else(|| {
            let title = kind.title();
            Reply::error(&format!(
                "Unknown {title} identifier. Please use #<id> or <file>."
            ))
        })
}

fn list(context: &Context<'_>, kind: Kind) -> Reply {
    let mut text = String::from("# id (file) description\n");
    for (id, reference) in context.plan.patterns.iter().enumerate() {
        if kind.holds(reference) {
            let count: usize = distinct(reference).map(PatternSet::count).sum();
            let (now, next) = versions(reference);
            let file = reference.file.as_deref().unwrap_or_default();
            let _ = writeln!(
                text,
                "{id} ({file}) {}. curr_ver={now} next_ver={next} entry_cnt={count}",
                description(reference)
            );
        }
    }
    Reply::Data(text)
}

/// All sets of a list go from version to version together.
fn versions(reference: &PatternReference) -> (u32, u32) {
    let set = reference.sets.first();
    set.map_or((0, 0), |set| set.versions())
}

fn description(reference: &PatternReference) -> String {
    let uses = reference.uses.iter();
    match &reference.file {
        Some(file) => {
            let by =
                uses.map(|it| format!("by {} at file '{}' line {}", it.kind, it.file, it.line));
            format!(
                "pattern loaded from file '{file}' used {}",
                by.collect::<Vec<_>>().join(", ")
            )
        }
        None => {
            let by =
                uses.map(|it| format!("acl '{}' file '{}' line {}", it.keyword, it.file, it.line));
            by.collect::<Vec<_>>().join(", ")
        }
    }
}

/// One set for each way in which a file is compared.
fn distinct(reference: &PatternReference) -> impl Iterator<Item = &PatternSet> {
    let sets = &reference.sets;
    sets.iter().enumerate().filter_map(move |(at, set)| {
        let same = |other: &std::sync::Arc<PatternSet>| {
            other.matching == set.matching && other.ignore_case == set.ignore_case
        };
        (!sets[..at].iter().any(same)).then_some(&**set)
    })
}

fn entries(reference: &PatternReference, version: Option<u32>) -> String {
    let Some(set) = reference.sets.first() else {
        return String::new();
    };
    let version = version.unwrap_or_else(|| set.versions().0);
    set.entries_of(version)
        .iter()
        .fold(String::new(), |mut text, entry| {
            let _ = match &entry.value {
                Some(value) => writeln!(text, "0x{:012x} {} {value}", entry.number, entry.key),
                None => writeln!(text, "0x{:012x} {}", entry.number, entry.key),
            };
            text
        })
}

/// Which entry a value matches, for each way in which the list is used.
pub(super) fn get(context: &mut Context<'_>, arguments: &[String], kind: Kind) -> Reply {
    let [wanted, value, ..] = arguments else {
        let title = kind.title();
        return Reply::error(&format!("Missing {title} identifier and/or key."));
    };
    let reference = match find(context, wanted, kind) {
        Ok(reference) => reference,
        Err(reply) => return reply,
    };
    let mut text = String::new();
    for set in distinct(reference) {
        let case = if set.ignore_case {
            "insensitive"
        } else {
            "sensitive"
        };
        let _ = write!(text, "type={}, case={case}, ", set.matching.name());
        let answered = if kind == Kind::Map { "found" } else { "match" };
        let found = set.find(&Value::text(value.as_bytes()), |entry| {
            (entry.key.clone(), entry.value.clone())
        });
        let _ = match found {
            None => writeln!(text, "{answered}=no"),
            Some((key, None)) => {
                writeln!(
                    text,
                    "{answered}=yes, idx={}, pattern=\"{key}\"",
                    index(set)
                )
            }
            Some((key, Some(value))) => writeln!(
                text,
                "{answered}=yes, idx={}, key=\"{key}\", value=\"{value}\", type=\"str\"",
                index(set)
            ),
        };
    }
    Reply::Data(text)
}

/// How HAProxy keeps such a list.
fn index(set: &PatternSet) -> &'static str {
    match set.matching {
        Matching::Ip => "tree",
        Matching::Str | Matching::Beg if !set.ignore_case => "tree",
        _ => "list",
    }
}

pub(super) fn add(context: &mut Context<'_>, arguments: &[String], kind: Kind) -> Reply {
    let (version, arguments) = version(arguments);
    let lines = match (kind, arguments, context.payload) {
        (Kind::Acl, [_, key, ..], _) => Ok(vec![(key.as_str(), None)]),
        (Kind::Map, [_, key, value, ..], _) => Ok(vec![(key.as_str(), Some(value.as_str()))]),
        (Kind::Map, [_], Some(payload)) => lines(payload),
        (Kind::Acl, ..) => {
            return Reply::error("'add acl' expects two parameters: ACL identifier and pattern.");
        }
        (Kind::Map, ..) => {
            return Reply::error(
                "'add map' expects three parameters (map identifier, key and value) or one parameter (map identifier) and a payload",
            );
        }
    };
    let reference = match find(context, &arguments[0], kind) {
        Ok(reference) => reference,
        Err(reply) => return reply,
    };
    let version = version.unwrap_or_else(|| versions(reference).0);
    let added = lines.and_then(|lines| {
        lines
            .iter()
            .try_for_each(|&(key, value)| add_to(reference, version, key, value))
    });
    added.map_or_else(|reply| reply, |()| Reply::Done)
}

/// Keys and values, a line each, before a line that is empty.
fn lines(payload: &str) -> Result<Vec<(&str, Option<&str>)>, Reply> {
    let blank = [' ', '\t'];
    payload
        .lines()
        .map(|line| match line.find(blank) {
            Some(end) => {
                let (key, value) = line.split_at(end);
                Ok((key, Some(value.trim_start_matches(blank))))
            }
            None => Err(Reply::error(&format!("Missing value for key '{line}'."))),
        })
        .collect()
}

fn add_to(
    reference: &PatternReference,
    version: u32,
    key: &str,
    value: Option<&str>,
) -> Result<(), Reply> {
    let add = |set: &std::sync::Arc<PatternSet>| set.add_to(version, key, value);
    reference
        .sets
        .iter()
        .try_for_each(add)
        .map_err(|wrong| match wrong {
            WrongVersion::Future => {
                Reply::error("Version number in the future, please use 'prepare map' before.")
            }
            WrongVersion::Entry(words) => Reply::error(&format!("{words}.")),
        })
}

/// `prepare map FILE`: asks for a version that is filled beside the one in force.
pub(super) fn prepare(context: &mut Context<'_>, arguments: &[String], kind: Kind) -> Reply {
    let wanted = arguments.first().map_or("", String::as_str);
    match find(context, wanted, kind) {
        Ok(reference) => {
            let prepared = reference.sets.iter().map(|set| set.prepare()).max();
            let version = prepared.unwrap_or_default();
            Reply::info(&format!("New version created: {version}"))
        }
        Err(reply) => reply,
    }
}

/// `commit map @VERSION FILE`.
pub(super) fn commit(context: &mut Context<'_>, arguments: &[String], kind: Kind) -> Reply {
    let (Some(version), arguments) = version(arguments) else {
        return Reply::error("Missing version number.");
    };
    let wanted = arguments.first().map_or("", String::as_str);
    match find(context, wanted, kind) {
        Ok(reference) => {
            let committed = reference.sets.iter().filter(|set| set.commit(version));
            match committed.count() {
                0 => Reply::error("Version number out of range."),
                _ => Reply::Done,
            }
        }
        Err(reply) => reply,
    }
}

pub(super) fn set_map(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    let [wanted, key, value, ..] = arguments else {
        return Reply::error("'set map' expects three parameters: map identifier, key and value.");
    };
    let reference = match find(context, wanted, Kind::Map) {
        Ok(reference) => reference,
        Err(reply) => return reply,
    };
    let changed = reference.sets.iter().filter(|set| set.set(key, value));
    match changed.count() {
        0 => Reply::error("entry not found."),
        _ => Reply::Done,
    }
}

pub(super) fn delete(context: &mut Context<'_>, arguments: &[String], kind: Kind) -> Reply {
    let [wanted, key, ..] = arguments else {
        let title = kind.title();
        return Reply::error(&format!(
            "This command expects two parameters: {title} identifier and key."
        ));
    };
    let reference = match find(context, wanted, kind) {
        Ok(reference) => reference,
        Err(reply) => return reply,
    };
    let changed = reference.sets.iter().filter(|set| set.delete(key));
    match changed.count() {
        0 => Reply::error("Key not found."),
        _ => Reply::Done,
    }
}

pub(super) fn clear(context: &mut Context<'_>, arguments: &[String], kind: Kind) -> Reply {
    let (version, arguments) = version(arguments);
    let Some(wanted) = arguments.first() else {
        let title = kind.title();
        return Reply::error(&format!("Missing {title} identifier."));
    };
    match find(context, wanted, kind) {
        Ok(reference) => {
            let version = version.unwrap_or_else(|| versions(reference).0);
            reference
                .sets
                .iter()
                .for_each(|set| set.clear_version(version));
            Reply::Done
        }
        Err(reply) => reply,
    }
}
