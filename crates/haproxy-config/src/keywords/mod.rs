//! Every keyword HAProxy 2.6 knows, one table row each: where it may stand, how many words follow, what we do with it.
//!
//! To support a refused keyword: write its parser, and turn `Refused` into `Full(parser)` in its row.

mod accounts;
pub(crate) mod balance;
pub(crate) mod bind;
pub(crate) mod bind_idle;
pub(crate) mod bind_tls;
pub(crate) mod cache;
pub(crate) mod capture;
pub(crate) mod checks;
pub(crate) mod cookie;
pub(crate) mod counter_actions;
pub(crate) mod crt_list;
pub(crate) mod error_pages;
pub(crate) mod global;
pub(crate) mod http_actions;
pub(crate) mod http_options;
pub(crate) mod http_rules;
mod instead;
pub(crate) mod log;
pub(crate) mod log_format;
pub(crate) mod options;
pub(crate) mod page;
pub(crate) mod pattern_actions;
mod process;
pub(crate) mod proxy;
pub(crate) mod redirect;
pub(crate) mod removed;
pub(crate) mod reply;
pub(crate) mod resolvers;
pub(crate) mod retry;
pub(crate) mod reuse;
pub(crate) mod rules;
pub(crate) mod sections;
pub(crate) mod server;
pub(crate) mod server_agent;
pub(crate) mod server_limits;
pub(crate) mod server_parameters;
mod server_place;
mod server_protocol;
pub(crate) mod server_resolution;
pub(crate) mod server_states;
pub(crate) mod server_template;
pub(crate) mod server_tls;
mod server_track;
mod sizes;
pub(crate) mod stats;
pub(crate) mod stats_socket;
pub(crate) mod stick;
pub(crate) mod stick_store;
pub(crate) mod stick_table;
pub(crate) mod stream_actions;
pub(crate) mod tcp_rules;
pub(crate) mod timeouts;
pub(crate) mod tls;
pub(crate) mod tls_defaults;
pub(crate) mod tuning;
mod tuning_words;
pub(crate) mod use_backend;
pub(crate) mod userlist;

use crate::raw::Line;
use crate::report::Report;
use crate::words::Word;
use diagnostics::{Diagnostic, Span};

/// One row. `P` is the kind of parser its table holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keyword<P: 'static> {
    pub(crate) name: &'static str,
    /// The sections it has a meaning in.
    pub(crate) sections: Sections,
    /// The most words that may follow.
    pub(crate) most: usize,
    pub(crate) support: Support<P>,
    /// One line for the reference page.
    pub(crate) doc: &'static str,
}

/// How far a keyword goes here.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Support<P: 'static> {
    /// As in HAProxy.
    Full(P),
    /// Accepted with a warning: leaving it out changes nothing a client or an operator relies on.
    Ignored,
    /// The same, once its words are what HAProxy takes.
    Checked(P),
    /// Refused: HAProxy knows it, we do not yet, and leaving it out would change behaviour.
    Refused,
    /// HAProxy 2.6 itself refuses it, in these words after `parsing [FILE:LINE]`; `{}` stands for the keyword, `{1}`
    /// for the word after it.
    Removed(&'static str),
}

/// For keywords that take any number of words.
pub(crate) const ANY: usize = usize::MAX;

/// A set of section kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sections(u8);

impl Sections {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const GLOBAL: Self = Self(1);
    pub(crate) const DEFAULTS: Self = Self(2);
    pub(crate) const FRONTEND: Self = Self(4);
    pub(crate) const LISTEN: Self = Self(8);
    pub(crate) const BACKEND: Self = Self(16);

    /// The client-facing ones: `frontend`, `listen`.
    pub(crate) const FRONT: Self = Self::FRONTEND.or(Self::LISTEN);
    /// The server-facing ones: `listen`, `backend`.
    pub(crate) const BACK: Self = Self::LISTEN.or(Self::BACKEND);
    pub(crate) const FRONT_DEF: Self = Self::FRONT.or(Self::DEFAULTS);
    pub(crate) const BACK_DEF: Self = Self::BACK.or(Self::DEFAULTS);
    /// All proxies.
    pub(crate) const BOTH: Self = Self::FRONT.or(Self::BACK);
    pub(crate) const BOTH_DEF: Self = Self::BOTH.or(Self::DEFAULTS);

    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

pub(crate) const fn row<P: Copy>(
    name: &'static str,
    sections: Sections,
    most: usize,
    support: Support<P>,
    doc: &'static str,
) -> Keyword<P> {
    Keyword {
        name,
        sections,
        most,
        support,
        doc,
    }
}

/// The row of a word among several tables.
pub(crate) fn find<P>(tables: &[&'static [Keyword<P>]], name: &str) -> Option<&'static Keyword<P>> {
    tables
        .iter()
        .copied()
        .flatten()
        .find(|row| row.name == name)
}

/// All names of several tables, for suggestions.
pub(crate) fn names<P>(
    tables: &[&'static [Keyword<P>]],
) -> impl Iterator<Item = &'static str> + use<P> {
    let rows: Vec<_> = tables.iter().flat_map(|table| table.iter()).collect();
    rows.into_iter()
        .filter(|row| !matches!(row.support, Support::Removed(_)))
        .map(|row| row.name)
}

impl<P> Keyword<P> {
    /// Deals with a row that has no parser, and with superfluous words; gives the parser of one that has.
    /// `shown` is how the user names the keyword, `args` how many words of the line belong to its name.
    pub(crate) fn parser(
        &'static self,
        shown: &str,
        args: usize,
        line: &Line,
        report: &mut Report<'_>,
    ) -> Option<&'static P> {
        let name = Span {
            end: line.span(args - 1).end,
            ..line.keyword().span
        };
        match &self.support {
            Support::Full(parser) | Support::Checked(parser) => {
                let extra = self
                    .most
                    .checked_add(args)
                    .and_then(|at| line.words.get(at));
                if let Some(extra) = extra {
                    report.push(extra_word(shown, extra, line, report));
                    return None;
                }
                if matches!(self.support, Support::Checked(_)) {
                    report.push(ignored(shown, name));
                }
                Some(parser)
            }
            Support::Ignored => {
                report.push(ignored(shown, name));
                None
            }
            Support::Refused => {
                report.push(refused(shown, name));
                None
            }
            Support::Removed(words) => {
                let words = words
                    .replace("{}", line.text(args - 1))
                    .replace("{1}", line.text(args));
                let place = report.place(line.span);
                report.push(removed(
                    shown,
                    name,
                    &format!("config : parsing [{place}]{words}"),
                ));
                None
            }
        }
    }
}

fn extra_word(shown: &str, extra: &Word, line: &Line, report: &Report<'_>) -> Diagnostic {
    let words = format!(
        "'{shown}' cannot handle unexpected argument '{}'.",
        extra.text
    );
    Diagnostic::error(
        "unexpected-word",
        format!("`{}` is one word too many for `{shown}`", extra.text),
    )
    .at(extra.span, "")
    .next("take it out, or put a `#` before it to make it a comment")
    .haproxy(report.spaced(line.span, &words))
}

/// HAProxy knows it and leaving it out does no harm.
pub(crate) fn ignored(shown: &str, at: Span) -> Diagnostic {
    Diagnostic::warning("ignored", format!("`{shown}` is read and then ignored"))
        .at(at, "")
        .why("HAProxy knows this word; here it would change nothing you can see")
}

/// HAProxy knows it and leaving it out would change what happens.
pub(crate) fn refused(shown: &str, at: Span) -> Diagnostic {
    let problem = Diagnostic::error("not-yet", format!("HAProxy knows `{shown}`, we do not yet"))
        .at(at, "")
        .why("leaving it out in silence would make this file do something else than under HAProxy");
    let lines = instead::instead(shown);
    let problem = lines
        .iter()
        .fold(problem, |problem, line| problem.next(*line));
    problem.next(match lines {
        [] => "take it out, or run this file with HAProxy itself",
        _ => "or run this file with HAProxy itself",
    })
}

fn removed(shown: &str, at: Span, words: &str) -> Diagnostic {
    let told = words.split_once("]").map_or(words, |(_, told)| told);
    let told = told.trim_start_matches([' ', ':']);
    Diagnostic::error("removed", format!("HAProxy no longer knows `{shown}`"))
        .at(at, "")
        .why(told)
        .haproxy(words)
}

/// A word that stands in no table.
pub(crate) fn unknown<'a>(
    line: &Line,
    section: &str,
    known: impl Iterator<Item = &'a str>,
    report: &Report<'_>,
) -> Diagnostic {
    let word = line.keyword();
    let suggestion = diagnostics::nearest(&word.text, known);
    let mut words = format!("unknown keyword '{}' in '{section}' section", word.text);
    if let Some(name) = suggestion {
        words += &format!("; did you mean '{name}' maybe ?");
    }
    Diagnostic::error(
        "unknown-keyword",
        format!("unknown word `{}` in a `{section}` section", word.text),
    )
    .at(
        word.span,
        suggestion.map_or_else(String::new, |name| format!("did you mean `{name}`?")),
    )
    .haproxy(report.spaced(line.span, &words))
}

/// The number after a keyword, read as HAProxy does (as far as digits go, else 0), with a warning where that is not
/// what was typed. `missing` is what HAProxy says when there is none.
pub(crate) fn integer(line: &Line, missing: &str, report: &mut Report<'_>) -> Option<i64> {
    let name = &line.keyword().text;
    let word = line.words.get(1).filter(|word| !word.text.is_empty());
    let Some(word) = word else {
        report.push(
            Diagnostic::error("missing-value", format!("`{name}` wants a number"))
                .at(line.keyword().span, "")
                .haproxy(report.spaced(line.span, missing)),
        );
        return None;
    };
    Some(lenient(word, report))
}

/// A number as C reads it, with a warning where that is not what was typed.
pub(crate) fn lenient(word: &Word, report: &mut Report<'_>) -> i64 {
    let (number, clean) = crate::value::lenient_integer(&word.text);
    if !clean {
        report.push(
            Diagnostic::warning(
                "not-a-number",
                format!(
                    "`{}` is not a whole number and counts as {number}",
                    word.text
                ),
            )
            .at(word.span, "")
            .why("HAProxy reads digits as far as they go, without a word"),
        );
    }
    number
}

/// The words after a keyword, joined by single spaces (HAProxy's `description`).
pub(crate) fn joined(line: &Line, report: &mut Report<'_>) -> Option<String> {
    let name = &line.keyword().text;
    if line.text(1).is_empty() {
        let words = format!("'{name}' expects a string argument.");
        report.push(
            Diagnostic::error("missing-value", format!("`{name}` wants a text"))
                .at(line.keyword().span, "")
                .haproxy(report.tight(line.span, &words)),
        );
        return None;
    }
    let texts: Vec<&str> = line.words[1..].iter().map(|w| w.text.as_str()).collect();
    Some(texts.join(" "))
}
