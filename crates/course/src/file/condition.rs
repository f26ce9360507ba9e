//! Conditions: one fact that is looked for.

use super::fields::Fields;
use super::report::{Place, Report};
use super::values::{Steps, count, place, port_of, servers, since, status, time, yes};
use super::vocabulary::{self, ASKED, CHECK, Key, NOT, Term, WHAT};
use crate::model::{
    Caller, Check, Condition, Requests, Says, ServerHas, Since, Starter, Via, What,
};
use diagnostics::nearest;
use toml::de::DeTable;

/// The conditions of a key. `only` is all that they may ask; then they need not say it.
pub(crate) fn conditions(
    fields: &Fields<'_>,
    key: &str,
    only: Option<&'static str>,
    steps: &Steps<'_>,
) -> Vec<Condition> {
    let tables = fields.tables(key).into_iter();
    let read = |(table, place)| {
        let (fields, term) = open(table, place, &[], only, fields.report)?;
        condition(&fields, term, steps)
    };
    tables.filter_map(read).collect()
}

/// A check with its place.
pub(crate) struct ReadCheck {
    pub(crate) check: Check,
    pub(crate) place: Place,
}

/// The checks of a step.
pub(crate) fn checks(fields: &Fields<'_>, steps: &Steps<'_>) -> Vec<ReadCheck> {
    let tables = fields.tables("check").into_iter();
    let read = |(table, place)| {
        let (fields, term) = open(table, place, &[CHECK], None, fields.report)?;
        let id = super::values::id(&fields, "id");
        let say = fields.string("say");
        let condition = condition(&fields, term, steps);
        Some(ReadCheck {
            place: fields.at("id"),
            check: Check {
                id: id?.text,
                say: say?,
                condition: condition?,
            },
        })
    };
    tables.filter_map(read).collect()
}

/// Finds out what is asked: that decides which keys are known.
fn open<'t>(
    table: &'t DeTable<'t>,
    place: Place,
    also: &[&'static [Key]],
    only: Option<&'static str>,
    report: &'t Report,
) -> Option<(Fields<'t>, &'static Term)> {
    let given = Fields::peek(table, "what");
    let what = match given {
        None => only,
        Some(value) => value.get_ref().as_str(),
    };
    let allowed = |term: &&Term| only.is_none_or(|only| only == term.name);
    let term = WHAT
        .iter()
        .filter(allowed)
        .find(|term| Some(term.name) == what);
    if let Some(term) = term {
        let mut keys = vec![NOT];
        if given.is_some() {
            keys.insert(0, ASKED);
        }
        keys.extend(also);
        keys.push(term.keys);
        return Some((Fields::open(table, place, &keys, report), term));
    }
    let known = only.map_or_else(vocabulary::whats, |only| vec![only]);
    let place = given.map_or(place, |value| report.in_file(value.span()));
    let (message, label) = match what {
        None => ("`what` is missing".to_owned(), "asks nothing".to_owned()),
        Some(word) => {
            let meant = nearest(word, known.iter().copied());
            let label = meant.map(|meant| format!("did you mean `{meant}`?"));
            (
                format!("`what` cannot be `{word}`"),
                label.unwrap_or_else(|| "not known here".to_owned()),
            )
        }
    };
    let problem = report.error("unknown-what", message, &place, label);
    report.push(problem.why(format!("known here: {}", known.join(" "))));
    None
}

fn condition(fields: &Fields<'_>, term: &Term, steps: &Steps<'_>) -> Option<Condition> {
    let not = fields.flag("not").unwrap_or(false);
    let from = || since(fields, steps).unwrap_or(Since::Step);
    let min = || fields.whole("min", 1..=u32::MAX).unwrap_or(1);
    let what = match term.name {
        "port" => port(fields)?,
        "started" => What::Started {
            since: from(),
            at: place(fields)?,
        },
        "ended" => What::Ended {
            since: from(),
            count: count(fields, "count"),
            at: place(fields)?,
        },
        "refused" => What::Refused { since: from() },
        "config" => What::Config {
            running: fields.flag("running").unwrap_or(false),
            says: says(fields)?,
        },
        "saved" => What::Saved {
            since: from(),
            min: min(),
        },
        "loaded" => What::Loaded {
            since: from(),
            current: fields.flag("current").unwrap_or(false),
        },
        "balancers" => What::Balancers {
            count: count(fields, "count")?,
        },
        "requests" => What::Requests(requests(fields, from(), min())),
        "health" => health(fields, steps)?,
        "counter" => counter(fields, from())?,
        "page" => What::Page {
            by: fields.word("by").unwrap_or(Caller::Learner),
            since: from(),
            min: min(),
            status: status(fields),
        },
        "dns" => dns(fields, from(), min()),
        "file" => What::File {
            exists: fields.flag("exists").unwrap_or(true),
            line: fields.string("line"),
            path: fields.string("path")?,
        },
        "real-servers" => What::RealServers { min: min() },
        name => unreachable!("`{name}` has a row in the vocabulary, and none here"),
    };
    Some(Condition { not, what })
}

fn port(fields: &Fields<'_>) -> Option<What> {
    let (answers, by) = (fields.string("answers"), fields.word("by"));
    let (count, processes) = (count(fields, "count"), count(fields, "processes"));
    let (open, frozen) = (fields.flag("open"), fields.flag("frozen"));
    Some(What::Port {
        at: place(fields)?,
        open: open.unwrap_or(true),
        answers,
        by: by.unwrap_or(Starter::Any),
        count,
        processes,
        frozen,
    })
}

fn requests(fields: &Fields<'_>, since: Since, min: u32) -> Requests {
    let share = fields.list("share").into_iter();
    Requests {
        by: fields.word("by").unwrap_or(Caller::Learner),
        since,
        min,
        status: status(fields),
        path: fields.string("path"),
        at: servers(fields, "server"),
        servers: count(fields, "servers"),
        in_a_row_without: servers(fields, "row_without"),
        share: share
            .filter_map(|value| fields.whole_of("share", value, 0..=256))
            .collect(),
        slower: time(fields, "slower"),
        queued: fields.flag("queued"),
        termination: fields.string("termination"),
        cookie: cookie(fields),
        backend: fields.string("backend"),
    }
}

/// One letter.
fn cookie(fields: &Fields<'_>) -> Option<char> {
    let text = fields.text("cookie")?;
    let mut letters = text.text.chars();
    match (letters.next(), letters.next()) {
        (Some(letter @ 'A'..='Z'), None) => Some(letter),
        _ => {
            let forms =
                "one capital letter: `N` no cookie, `V` a valid one, `D` its server is down";
            super::values::form(fields, "cookie", &text, forms);
            None
        }
    }
}

fn health(fields: &Fields<'_>, steps: &Steps<'_>) -> Option<What> {
    let since = since(fields, steps);
    let state = fields.text("state");
    let known = vocabulary::states();
    if let Some(text) = &state
        && !known.contains(&text.text.as_str())
    {
        fields.unknown_word("state", text, &known);
    }
    Some(What::Health {
        at: servers(fields, "server")?,
        state: state?.text,
        since,
    })
}

fn counter(fields: &Fields<'_>, since: Since) -> Option<What> {
    let (at, column) = (servers(fields, "server"), fields.string("column"));
    let grew = fields.whole("grew", 1..=u32::MAX).unwrap_or(1);
    Some(What::Counter {
        at: at?,
        column: column?,
        grew: u64::from(grew),
        since,
    })
}

fn dns(fields: &Fields<'_>, since: Since, min: u32) -> What {
    let name = fields.string("name");
    What::Dns {
        name: name.map(|name| name.trim_end_matches('.').to_ascii_lowercase()),
        via: fields.word("via").unwrap_or(Via::Any),
        since,
        min,
        answered: fields.string("answered"),
        different: count(fields, "different"),
    }
}

/// The keys of which a `config` condition has exactly one.
const SAYINGS: [&str; 9] = [
    "readable", "problem", "line", "raw", "server", "servers", "lists", "bind", "stats",
];

fn says(fields: &Fields<'_>) -> Option<Says> {
    let given: Vec<&str> = SAYINGS.into_iter().filter(|key| fields.has(key)).collect();
    let saying = match given.as_slice() {
        [] => {
            fields.missing(
                "line",
                &format!("one of these is needed: {}", SAYINGS.join(" ")),
            );
            return None;
        }
        [saying] => *saying,
        [first, second, ..] => {
            let message = format!("`{first}` and `{second}` exclude each other");
            fields.wrong(
                second,
                "one-too-many",
                message,
                "make a second condition of it",
            );
            return None;
        }
    };
    only_beside(fields, &["section"], "line", saying);
    only_beside(fields, &["weight", "check", "words"], "server", saying);
    Some(match saying {
        "readable" => yes(fields, "readable").then_some(Says::Readable)?,
        "problem" => Says::Problem(fields.string("problem")?),
        "line" => Says::Line {
            section: fields.string("section"),
            line: single_spaced(&fields.string("line")?),
        },
        "raw" => Says::Raw(fields.string("raw")?),
        "server" => server_has(fields)?,
        "servers" => Says::Servers(count(fields, "servers")?),
        "lists" => lists(fields)?,
        "bind" => Says::Bind(port_of(fields, "bind")?),
        _ => Says::Stats(port_of(fields, "stats")?),
    })
}

/// Reports keys that mean something only beside another one.
fn only_beside(fields: &Fields<'_>, keys: &[&str], other: &str, given: &str) {
    for key in keys.iter().filter(|key| given != other && fields.has(key)) {
        let message = format!("`{key}` says nothing without `{other}`");
        fields.wrong(key, "says-nothing", message, "take it out");
    }
}

fn server_has(fields: &Fields<'_>) -> Option<Says> {
    let weight = fields.whole("weight", 0..=256).map(ServerHas::Weight);
    let check = fields.flag("check").map(ServerHas::Check);
    let words = fields.string("words");
    let words = words.map(|words| ServerHas::Words(single_spaced(&words)));
    let given = [weight, check, words];
    let at = servers(fields, "server");
    let count = given.iter().flatten().count();
    let keys = ["weight", "check", "words"];
    if !keys.iter().any(|key| fields.has(key)) {
        fields.missing("weight", "one of these is needed: weight check words");
    } else if count > 1 {
        let message = "a server is asked for one thing at a time".to_owned();
        fields.wrong(
            "server",
            "one-too-many",
            message,
            "make two conditions of it",
        );
    }
    let has = given.into_iter().flatten().next()?;
    Some(Says::Server { at: at?, has })
}

fn lists(fields: &Fields<'_>) -> Option<Says> {
    let text = fields.text("lists")?;
    match text.text.as_str() {
        "what-runs" => Some(Says::ListsWhatRuns),
        "nobody" => Some(Says::ListsNobody),
        "misses-one" => Some(Says::MissesOne),
        _ => {
            fields.unknown_word("lists", &text, &vocabulary::lists());
            None
        }
    }
}

fn single_spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
