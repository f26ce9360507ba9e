//! `lab dig`: asks as dig does. For a name of the lab's zone it asks the lab's name server, and starts one for this
//! call where none runs.

use super::private::{Private, Wish};
use super::turn::Turn;
use super::{Places, resolve, zone};
use crate::observe::port;
use crate::problem::Result;
use crate::typed;
use crate::ui::{Surroundings, Ui};
use crate::work_dir::WorkDir;
use crate::work_dir::journal::Journal;
use dns_probe::{Defaults, Report};
use hickory_proto::rr::Name;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;

/// dig's own code for "no reply".
const NO_REPLY: u8 = 9;

/// Asks, and prints what dig would; the exit code is dig's.
pub(crate) fn run(words: &[OsString]) -> ExitCode {
    let text: Vec<String> = words
        .iter()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let mut names = zone::names();
    match vantage(Need::of(&text, &names)) {
        Ok((places, private)) => {
            if private.is_none() {
                names.extend(other_names(&text, &names, places.server));
            }
            let defaults = Defaults {
                lab_server: Some(places.server),
                caches: places.caches.clone(),
                zone_names: names,
                resolvers: Vec::new(),
            };
            let program = OsString::from("lab dig");
            let words = std::iter::once(program).chain(words.iter().cloned());
            let journal = Journal::of(&WorkDir::here());
            let mut turn = private.as_ref().map(|private| private.turn.clone());
            dns_probe::run(words, defaults, move |report| {
                if let Some(turn) = &mut turn {
                    turn.advance(u32::try_from(report.answers.len()).unwrap_or(u32::MAX));
                }
                journal.note("dig", facts(&report));
            })
        }
        Err(problem) => {
            Ui::new(&typed::globals(words), Surroundings::read()).problem(&problem);
            ExitCode::from(NO_REPLY)
        }
    }
}

/// What the journal keeps of a question.
fn facts(report: &Report) -> Value {
    /// More answers than anybody looks at one by one; of the others, who came first is counted.
    const ANSWERS: usize = 20;
    let mut first = BTreeMap::new();
    for value in report.answers.iter().filter_map(|answer| answer.first()) {
        *first.entry(value).or_insert(0) += 1;
    }
    json!({
        "name": report.name,
        "type": report.kind,
        "server": report.servers.first(),
        "source": report.source,
        "repeat": report.repeat,
        "replies": report.answers.len(),
        "answers": report.answers.iter().take(ANSWERS).collect::<Vec<_>>(),
        "first": first,
    })
}

/// Where the lab's servers are, and the private one that lives for this call, if it is needed and no other runs.
fn vantage(need: Option<Need>) -> Result<(Places, Option<Private>)> {
    let usual = Places::here(&WorkDir::here())?;
    let Some(need) = need else {
        return Ok((usual, None));
    };
    let all_run = match need.caches {
        true => usual.caches.iter().all(|&cache| port::is_open(cache)),
        false => port::is_open(usual.server),
    };
    if all_run {
        return Ok((usual, None));
    }
    let private = Private::start(&Wish {
        caches: need.caches,
        ttl: need.ttl,
        turn: Turn::read(&WorkDir::here()),
    })?;
    Ok((private.places.clone(), Some(private)))
}

/// Names that are not in the built-in zone, but in that of the server that runs: somebody gave it a zone of their own.
fn other_names(words: &[String], names: &[String], server: SocketAddr) -> Vec<String> {
    let is_name = |word: &&String| {
        word.contains('.') && !word.starts_with(['@', '+', '-']) && !zone::holds(names, word)
    };
    let asked: Vec<&String> = words.iter().filter(is_name).collect();
    if asked.is_empty() || says_whom_to_ask(words) || !port::is_open(server) {
        return Vec::new();
    }
    let knows = |word: &&&String| {
        let name = Name::from_ascii(word.as_str()).ok();
        name.is_some_and(|name| resolve::answers_for(server, name))
    };
    asked
        .iter()
        .filter(knows)
        .map(|&word| word.clone())
        .collect()
}

/// What a command line needs of the lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Need {
    /// Its caches too.
    caches: bool,
    /// Seconds, for all that is answered.
    ttl: Option<u32>,
}

impl Need {
    /// `None`: somebody else is asked, or nobody. The words are read only as far as this takes; that they are right is
    /// for the probe to say, and a server too many does no harm.
    fn of(words: &[String], names: &[String]) -> Option<Self> {
        let caches = value_of(words, "--through").is_some();
        let elsewhere = says_whom_to_ask(words);
        let asked = || words.iter().any(|word| is_of_the_zone(word, names));
        (caches || (!elsewhere && asked())).then(|| Self {
            caches,
            ttl: value_of(words, "--ttl")
                .and_then(|ttl| ttl.parse().ok())
                .filter(|ttl| i32::try_from(*ttl).is_ok()),
        })
    }
}

/// Whether the words name the server, or want today's internet.
fn says_whom_to_ask(words: &[String]) -> bool {
    let has = |option: &str| words.iter().any(|word| word == option);
    let begins = |head: &str| words.iter().any(|word| word.starts_with(head));
    begins("@") || begins("-p") || has("--record") || (has("--live") && !has("--compare"))
}

/// The value in `--option VALUE` or `--option=VALUE`.
fn value_of<'a>(words: &'a [String], option: &str) -> Option<&'a str> {
    words
        .iter()
        .enumerate()
        .find_map(|(at, word)| match word.strip_prefix(option)? {
            "" => words.get(at + 1).map(String::as_str),
            rest => rest.strip_prefix('='),
        })
}

/// A name, bare or behind `-q`, or an address whose name is asked for with `-x`.
fn is_of_the_zone(word: &str, names: &[String]) -> bool {
    let bare = word
        .strip_prefix("-q")
        .or_else(|| word.strip_prefix("-x"))
        .unwrap_or(word);
    match bare.parse() {
        Ok(address) => zone::holds(names, &reverse(address)),
        Err(_) => zone::holds(names, bare),
    }
}

/// The name under which the name of an address is found (RFC 1035 section 3.5, RFC 3596 section 2.5).
fn reverse(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(address) => {
            let nibbles = address
                .octets()
                .into_iter()
                .rev()
                .flat_map(|byte| [byte & 0xf, byte >> 4]);
            let digits: String = nibbles.map(|nibble| format!("{nibble:x}.")).collect();
            format!("{digits}ip6.arpa")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Option<(bool, Option<u32>)>) {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let need = Need::of(&words, &zone::names());
        assert_eq!(need.map(|need| (need.caches, need.ttl)), expected, "{line}");
    }

    #[test]
    fn names_of_the_zone_need_the_labs_server() {
        check("google.com +short", Some((false, None)));
        check("-q GOOGLE.com. -t aaaa", Some((false, None)));
        check("example.org nobody.lab", Some((false, None)));
        check("-x 192.0.2.80", Some((false, None)));
        check("-x2001:db8::80", Some((false, None)));
        check("google.com --ttl 10", Some((false, Some(10))));
    }

    #[test]
    fn caches_are_needed_to_ask_through_them() {
        check("google.com --through cache", Some((true, None)));
        check("example.org --through=farm --ttl=7", Some((true, Some(7))));
    }

    #[test]
    fn whoever_says_whom_to_ask_needs_nothing_of_the_lab() {
        check("@127.0.0.1 -p 5300 google.com", None);
        check("-p 5399 google.com", None);
        check("google.com --live", None);
        check("--record zone.toml google.com", None);
        check("example.org", None);
        check("-h", None);
        check("", None);
    }

    #[test]
    fn names_beside_their_live_selves_need_both() {
        check("--compare google.com --live", Some((false, None)));
    }

    #[test]
    fn a_ttl_that_no_server_takes_is_left_to_the_probe_to_refuse() {
        check("google.com --ttl many", Some((false, None)));
        check("google.com --ttl 4294967295", Some((false, None)));
    }
}
