//! `stats socket` and `stats timeout` in `global`: the runtime API.

use super::global::{GlobalContext, missing};
use super::{Support, accounts, bind, bind_tls, find, names};
use crate::model::{Level, StatsSocket};
use crate::raw::Line;
use crate::times;
use crate::value::{TimeError, Unit, lenient_integer};
use diagnostics::{Diagnostic, nearest};

pub(super) fn parse(context: &mut GlobalContext<'_, '_>, line: &Line) {
    match line.text(1) {
        "socket" => socket(context, line),
        "timeout" => timeout(context, line),
        "maxconn" if lenient_integer(line.text(2)).0 <= 0 => {
            let words = "'stats maxconn' expects a positive value";
            missing(context, line, words);
        }
        "maxconn" | "bind-process" => {
            let shown = format!("stats {}", line.text(1));
            context
                .report
                .push(super::ignored(&shown, line.statement()));
        }
        got => {
            let words = format!(
                "'stats' only supports 'socket', 'maxconn', 'bind-process' and 'timeout' (got '{got}')"
            );
            context.report.push(
                Diagnostic::error("unknown-stats", format!("there is no `stats {got}` in `global`"))
                    .at(line.span(1), "")
                    .why("`stats socket` and `stats timeout` stand here; the page is set up in a `listen` or `frontend`")
                    .haproxy(context.report.spaced(line.span, &words)),
            );
        }
    }
}

fn timeout(context: &mut GlobalContext<'_, '_>, line: &Line) {
    let spelling = times::Spelling {
        shown: "stats timeout",
        unit: Unit::Milliseconds,
        words: |problem| match problem.error {
            TimeError::Unexpected(odd) => problem.report.spaced(
                problem.line.span,
                &format!("'stats timeout' : unexpected character '{odd}'"),
            ),
            _ => times::timeout_words(problem),
        },
    };
    let word = line.words.get(2).unwrap_or(&line.words[1]);
    if line.words.len() < 3 {
        let words = "'stats timeout' : unexpected character '";
        missing(context, line, words);
        return;
    }
    if let Some(time) = times::read(word, line, &spelling, context.report) {
        context.global.stats_timeout = (!time.is_zero()).then_some(time);
    }
}

fn socket(context: &mut GlobalContext<'_, '_>, line: &Line) {
    let Some(word) = line.words.get(2) else {
        let words =
            "'stats socket' in global section expects an address or a path to a UNIX socket";
        missing(context, line, words);
        return;
    };
    let addresses = match bind::addresses(&word.text) {
        Ok(addresses) => addresses,
        Err(error) => {
            let place = context.report.place(line.span);
            let words = format!("parsing [{place}] : 'stats socket' : {}\n", error.0);
            context.report.push(
                Diagnostic::error("bad-address", format!("cannot listen on `{}`", word.text))
                    .at(word.span, "")
                    .why(error.0)
                    .haproxy(context.report.spaced(line.span, &words)),
            );
            return;
        }
    };
    let sockets = addresses.into_iter().map(|address| StatsSocket {
        address,
        level: Level::default(),
        mode: None,
        user: None,
        group: None,
        exposes_listeners: false,
        span: word.span,
    });
    let mut sockets: Vec<_> = sockets.collect();
    parameters(context, line, &mut sockets);
    context.global.stats_sockets.append(&mut sockets);
}

/// The words after the address: our own few, and those of `bind`.
fn parameters(context: &mut GlobalContext<'_, '_>, line: &Line, sockets: &mut [StatsSocket]) {
    let mut at = 3;
    while let Some(word) = line.words.get(at) {
        let (name, value) = (word.text.as_str(), line.text(at + 1));
        let account = accounts::wrong(name, value, context.read_file);
        let own = account.map(|wrong| Own::Wrong(format!("'stats socket' : '{wrong}'")));
        let taken = match own.unwrap_or_else(|| own_parameter(name, value, sockets)) {
            Own::Taken => 2,
            Own::Wrong(words) => {
                let diagnostic = wrong_parameter(context, line, at, &words);
                context.report.push(diagnostic);
                return;
            }
            Own::Unknown => match find(bind::TABLES, &word.text) {
                Some(row) => {
                    let shown = format!("stats socket ... {}", row.name);
                    context.report.push(match row.support {
                        Support::Refused => super::refused(&shown, word.span),
                        _ if is_about_tls(row.name) => super::refused(&shown, word.span),
                        _ => super::ignored(&shown, word.span),
                    });
                    1 + row.most
                }
                None => {
                    let words = unknown_words(&word.text);
                    let diagnostic = wrong_parameter(context, line, at, &words);
                    context.report.push(diagnostic);
                    return;
                }
            },
        };
        at += taken;
    }
}

/// A runtime API that is meant to be encrypted is not offered in clear text.
fn is_about_tls(name: &str) -> bool {
    bind_tls::TABLE.iter().any(|row| row.name == name)
}

enum Own {
    Taken,
    /// HAProxy's words.
    Wrong(String),
    Unknown,
}

fn own_parameter(name: &str, value: &str, sockets: &mut [StatsSocket]) -> Own {
    let set: &dyn Fn(&mut StatsSocket) = match name {
        "level" if value.is_empty() => {
            return Own::Wrong("'stats socket' : ''level' : missing level'".to_owned());
        }
        "level" => match level(value) {
            Some(level) => &move |socket| socket.level = level,
            None => {
                return Own::Wrong(format!(
                    "'stats socket' : ''level' only supports 'user', 'operator', and 'admin' (got '{value}')'"
                ));
            }
        },
        "mode" => match u32::from_str_radix(value, 8) {
            Ok(mode) => &move |socket| socket.mode = Some(mode),
            Err(_) => {
                return Own::Wrong(format!(
                    "'stats socket' : ''mode' : missing or invalid mode '{value}' (octal integer expected)'"
                ));
            }
        },
        "expose-fd" => match value {
            "listeners" => &|socket| socket.exposes_listeners = true,
            "" => return Own::Wrong("'stats socket' : ''expose-fd' : missing fd type'".to_owned()),
            _ => {
                return Own::Wrong(format!(
                    "'stats socket' : ''expose-fd' only supports 'listeners' (got '{value}')'"
                ));
            }
        },
        "user" | "uid" => &|socket| socket.user = Some(value.to_owned()),
        "group" | "gid" => &|socket| socket.group = Some(value.to_owned()),
        _ => return Own::Unknown,
    };
    sockets.iter_mut().for_each(set);
    Own::Taken
}

fn wrong_parameter(
    context: &GlobalContext<'_, '_>,
    line: &Line,
    at: usize,
    words: &str,
) -> Diagnostic {
    Diagnostic::error(
        "bad-parameter",
        format!("`{}` is not right on a `stats socket` line", line.text(at)),
    )
    .at(line.span(at), "")
    .why("known ones: level user|operator|admin, expose-fd listeners, mode, user, group, uid, gid")
    .haproxy(context.report.spaced(line.span, words))
}

fn unknown_words(name: &str) -> String {
    match nearest(name, names(bind::TABLES)) {
        Some(known) => {
            format!("'stats socket' : unknown keyword '{name}'. Did you mean '{known}' maybe ?")
        }
        None => format!("'stats socket' : unknown keyword '{name}'."),
    }
}

fn level(text: &str) -> Option<Level> {
    match text {
        "user" => Some(Level::User),
        "operator" => Some(Level::Operator),
        "admin" => Some(Level::Admin),
        _ => None,
    }
}
