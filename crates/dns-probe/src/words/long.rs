//! The lab's own options, with two dashes.

use std::time::Duration;

use super::nearest::nearest;
use super::{Command, Lookup, Parser, Took};
use crate::dns::record_type::RecordType;
use crate::failure::Failure;

/// Most repetitions in one command: enough to see anything, and an end to a typing mistake.
const MOST: u32 = 10_000;
/// How often `--compare` asks for each name unless told otherwise.
const COMPARED: u32 = 8;

/// What the lab's own options ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LabWords {
    /// Ask that often and show a table.
    pub(crate) repeat: Option<u32>,
    /// Pause between the beginnings of two questions.
    pub(crate) every: Option<Duration>,
    pub(crate) through: Option<Through>,
    /// Ask the system's resolver, whatever the name.
    pub(crate) live: bool,
    /// The TTL, in seconds, that the lab's server is to give.
    pub(crate) ttl: Option<u32>,
    /// Types of `--type`; empty when the option is not there.
    pub(crate) types: Vec<RecordType>,
    /// Only the values, as `+short`.
    pub(crate) short: bool,
    pub(crate) json: bool,
    pub(crate) compare: bool,
    pub(crate) plain: bool,
    /// Exit code 1 when there is no such name or no such record.
    pub(crate) fail: bool,
    /// The zone file into which answers are written.
    pub(crate) record: Option<String>,
}

/// Which of the lab's caches stand between us and its zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Through {
    /// The first.
    Cache,
    /// One picked at random for each question.
    Farm,
}

impl LabWords {
    /// Whether the lab's own screens are wanted rather than dig's text.
    pub(crate) fn has_screen(&self) -> bool {
        self.repeat.is_some() || self.compare || self.json || !self.types.is_empty()
    }

    /// How often each name is asked.
    pub(crate) fn times(&self) -> u32 {
        let usual = if self.compare { COMPARED } else { 1 };
        self.repeat.unwrap_or(usual)
    }

    /// Refuses what cannot go together.
    pub(super) fn check(&self, lookups: &[Lookup]) -> Result<(), Failure> {
        let given = lookups.iter().any(|lookup| !lookup.servers.is_empty());
        let named: Vec<(&str, bool)> = vec![
            ("--live", self.live && !self.compare),
            ("--through", self.through.is_some()),
            ("@server", given),
        ];
        let said: Vec<&str> = named.iter().filter(|n| n.1).map(|n| n.0).collect();
        if let [first, second, ..] = said.as_slice() {
            return Err(
                Failure::usage(format!("{first} and {second} cannot go together"))
                    .why("each of them says which server is asked")
                    .next(format!("leave one of them away: {first} or {second}")),
            );
        }
        if self.every.is_some() && self.times() < 2 {
            return Err(
                Failure::usage("--every says how far apart, but not how often")
                    .next("add how often, such as  --repeat 6 --every 2s"),
            );
        }
        let nameless = lookups.iter().all(|lookup| lookup.name == ".");
        if self.record.is_some() && nameless {
            return Err(Failure::usage("--record needs names to ask for")
                .next("for example  --record zone.toml google.com facebook.com"));
        }
        if self.compare && nameless {
            return Err(Failure::usage("--compare needs names to compare")
                .next("for example  --compare google.com facebook.com yahoo.com"));
        }
        Ok(())
    }
}

/// Applies `--option` or `--option=value`; `next` is the word behind it.
pub(super) fn apply(
    parser: &mut Parser<'_>,
    option: &str,
    next: Option<&str>,
) -> Result<Took, Failure> {
    let (name, inline) = match option.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (option, None),
    };
    if let Some(switch) = switch(&mut parser.lab, name) {
        if inline.is_some() {
            return Err(
                Failure::usage(format!("--{name} takes no value")).next(format!("write  --{name}"))
            );
        }
        *switch = true;
        parser.bare_names |= name == "compare";
        return Ok(Took::One);
    }
    match name {
        "help" => return Ok(Took::Ended(Command::Help)),
        "version" => return Ok(Took::Ended(Command::Version)),
        "repeat" | "every" | "through" | "ttl" | "type" | "record" => {}
        _ => return Err(unknown(name)),
    }
    let (value, took) = match (inline, next) {
        (Some(value), _) => (value, Took::One),
        (None, Some(next)) => (next, Took::Two),
        (None, None) => return Err(missing(name)),
    };
    set(parser, name, value)?;
    Ok(took)
}

fn switch<'a>(lab: &'a mut LabWords, name: &str) -> Option<&'a mut bool> {
    Some(match name {
        "live" => &mut lab.live,
        "short" => &mut lab.short,
        "json" => &mut lab.json,
        "compare" => &mut lab.compare,
        "plain" => &mut lab.plain,
        "fail" => &mut lab.fail,
        _ => return None,
    })
}

fn set(parser: &mut Parser<'_>, name: &str, value: &str) -> Result<(), Failure> {
    match name {
        "repeat" => {
            let times = value.parse().ok().filter(|n| (1..=MOST).contains(n));
            let refuse = || wrong(name, value, &format!("a number from 1 to {MOST}"));
            parser.lab.repeat = Some(times.ok_or_else(refuse)?);
        }
        "every" => {
            let every =
                duration(value).ok_or_else(|| wrong(name, value, "a time such as 2s or 500ms"))?;
            parser.lab.every = Some(every);
        }
        "through" => {
            parser.lab.through = Some(match value {
                "cache" => Through::Cache,
                "farm" => Through::Farm,
                _ => return Err(wrong(name, value, "cache or farm")),
            });
        }
        "ttl" => {
            let ttl = value.parse().ok().filter(|n| *n <= 604_800);
            let refuse = || wrong(name, value, "seconds, at most a week (604800)");
            parser.lab.ttl = Some(ttl.ok_or_else(refuse)?);
        }
        "type" => {
            let types = value.split(',').map(|word| {
                RecordType::parse(word)
                    .ok_or_else(|| wrong(name, value, "types with commas between, such as A,AAAA"))
            });
            parser.lab.types = types.collect::<Result<_, _>>()?;
        }
        _ => {
            parser.lab.record = Some(value.to_owned());
            parser.bare_names = true;
        }
    }
    Ok(())
}

/// `2s`, `500ms`, `1m`, or seconds without a unit.
fn duration(word: &str) -> Option<Duration> {
    let digits = word.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (number, unit) = word.split_at(digits.unwrap_or(word.len()));
    let number: f64 = number.parse().ok()?;
    let seconds = match unit {
        "ms" => number / 1000.0,
        "s" | "" => number,
        "m" => number * 60.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|d| *d <= Duration::from_secs(3600))
}

fn wrong(name: &str, value: &str, wanted: &str) -> Failure {
    Failure::usage(format!("--{name} {value} is not {wanted}"))
        .next(format!("give --{name} {wanted}"))
}

fn missing(name: &str) -> Failure {
    let example = match name {
        "repeat" => "8",
        "every" => "2s",
        "through" => "cache",
        "ttl" => "10",
        "type" => "A,AAAA",
        _ => "zone.toml",
    };
    Failure::usage(format!("--{name} needs a value"))
        .next(format!("for example  --{name} {example}"))
}

fn unknown(name: &str) -> Failure {
    const KNOWN: [&str; 14] = [
        "repeat", "every", "through", "live", "ttl", "type", "short", "json", "compare", "record",
        "plain", "fail", "help", "version",
    ];
    let failure = Failure::usage(format!("Invalid option: --{name}"));
    match nearest(name, KNOWN) {
        Some(known) => failure.next(format!("did you mean  --{known}")),
        None => failure.next(
            "known here: --repeat N --every 2s --through cache|farm --live --ttl SECONDS --type A,AAAA --short --json \
             --compare NAME... --record FILE NAME... --plain --fail",
        ),
    }
}
