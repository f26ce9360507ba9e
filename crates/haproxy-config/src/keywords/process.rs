//! Keywords of `global` about the process itself: how much it may open, how it speaks, whom it runs as.

use super::accounts::{Kind, exists};
use super::global::{GlobalContext, already, missing};
use crate::raw::Line;
use crate::value::lenient_integer;
use diagnostics::{Diagnostic, Span};

pub(super) fn quiet(context: &mut GlobalContext<'_, '_>, _: &Line) {
    context.global.quiet = true;
}

pub(super) fn zero_warning(context: &mut GlobalContext<'_, '_>, _: &Line) {
    context.global.zero_warning = true;
}

/// The name counts from the next line on, as `HAPROXY_LOCALPEER`; see [`crate::raw`].
pub(super) fn local_peer(context: &mut GlobalContext<'_, '_>, line: &Line) {
    if line.text(1).is_empty() {
        missing(context, line, "'localpeer' expects a name as an argument.");
    }
}

pub(super) fn open_files(context: &mut GlobalContext<'_, '_>, line: &Line) {
    limit(context, line, |global| &mut global.open_files);
}

pub(super) fn most_open_files(context: &mut GlobalContext<'_, '_>, line: &Line) {
    limit(context, line, |global| &mut global.most_open_files);
}

fn limit(
    context: &mut GlobalContext<'_, '_>,
    line: &Line,
    of: fn(&mut crate::model::Global) -> &mut Option<u64>,
) {
    if of(context.global).is_some() {
        already(context, line);
        return;
    }
    let words = format!("'{}' expects an integer argument.", line.text(0));
    if let Some(number) = super::integer(line, &words, context.report) {
        *of(context.global) = u64::try_from(number).ok().filter(|number| *number > 0);
    }
}

pub(super) fn log_host(context: &mut GlobalContext<'_, '_>, line: &Line) {
    if context.global.log_host.is_some() {
        already(context, line);
        return;
    }
    context.global.log_host = Some(line.text(1).to_owned());
}

/// `chroot` is read past: only the form is looked at.
pub(super) fn chroot(context: &mut GlobalContext<'_, '_>, line: &Line) {
    if *context.chroot_given {
        already(context, line);
        return;
    }
    match line.text(1) {
        "" => missing(
            context,
            line,
            "'chroot' expects a directory as an argument.",
        ),
        _ => *context.chroot_given = true,
    }
}

pub(super) fn user(context: &mut GlobalContext<'_, '_>, line: &Line) {
    known(context, line, Kind::User);
}

pub(super) fn group(context: &mut GlobalContext<'_, '_>, line: &Line) {
    known(context, line, Kind::Group);
}

/// Nobody is changed to, so that a file from another machine may name whom this one does not know.
fn known(context: &mut GlobalContext<'_, '_>, line: &Line, kind: Kind) {
    let name = line.text(1);
    let (title, file) = (kind.title(), kind.list());
    if name.is_empty() {
        let words = format!("cannot find {title} id for '' (0:Success)");
        missing(context, line, &words);
    } else if !exists(kind, name, context.read_file) {
        let what = format!("this machine has no {title} `{name}`");
        context.report.push(
            Diagnostic::warning("no-such-account", what)
                .at(line.span(1), "")
                .why(format!(
                    "HAProxy looks it up in {file}, and does not start without it"
                ))
                .next("take the line out, or name one that there is"),
        );
    }
}

pub(super) fn uid(context: &mut GlobalContext<'_, '_>, line: &Line) {
    number(context, line, "user");
}

pub(super) fn gid(context: &mut GlobalContext<'_, '_>, line: &Line) {
    number(context, line, "group");
}

fn number(context: &mut GlobalContext<'_, '_>, line: &Line, by_name: &str) {
    let (keyword, text) = (line.text(0), line.text(1));
    if text.is_empty() {
        let words = format!("'{keyword}' expects an integer argument.");
        missing(context, line, &words);
        return;
    }
    if lenient_integer(text).1 {
        return;
    }
    let words = format!(
        " {keyword}: string '{text}' is not a number.\n   \
         | You might want to use the '{by_name}' parameter to use a system {by_name} name."
    );
    context.report.push(
        Diagnostic::warning("not-a-number", format!("`{text}` is not a number"))
            .at(line.span(1), "")
            .next(format!("{by_name} {text}"))
            .haproxy(context.report.spaced(line.span, &words)),
    );
}

/// `default-path`: files are found from where the program runs, which is `current`.
pub(super) fn default_path(context: &mut GlobalContext<'_, '_>, line: &Line) {
    const KNOWN: &str = "supported modes include 'current', 'config', 'parent', and 'origin'.";
    let mode = line.text(1);
    let words = match mode {
        "current" => return,
        "config" | "parent" => None,
        "origin" if line.text(2).is_empty() => {
            Some("'default-path origin' expects a directory as an argument.".to_owned())
        }
        "origin" => None,
        "" => Some(format!(
            "missing default-path mode '' for 'default-path', {KNOWN}"
        )),
        _ => Some(format!(
            "unsupported default-path mode '{mode}' for 'default-path', {KNOWN}"
        )),
    };
    let Some(words) = words else {
        let shown = format!("default-path {mode}");
        context
            .report
            .push(super::refused(&shown, line.statement()));
        return;
    };
    context.report.push(
        Diagnostic::error(
            "bad-value",
            "`default-path` wants to know where names of files begin",
        )
        .at(line.statement(), "")
        .next("default-path current")
        .haproxy(context.report.spaced(line.span, &words)),
    );
}

/// `unix-bind`: what all socket files have in common.
pub(super) fn unix_bind(context: &mut GlobalContext<'_, '_>, line: &Line) {
    let mut at = 1;
    while let Some(word) = line.words.get(at) {
        let value = line.text(at + 1);
        let settings = &mut context.global.unix_bind;
        let words = match word.text.as_str() {
            "prefix" if settings.prefix.is_some() => {
                let words = "unix-bind 'prefix' already specified. Continuing.";
                context.report.push(
                    Diagnostic::warning("given-twice", "`prefix` is given twice")
                        .as_alert()
                        .at(word.span, "")
                        .why("the first one counts")
                        .haproxy(context.report.spaced(line.span, words)),
                );
                return;
            }
            "prefix" if value.is_empty() => {
                "unix_bind 'prefix' expects a path as an argument.".to_owned()
            }
            "prefix" => {
                settings.prefix = Some(value.to_owned());
                at += 2;
                continue;
            }
            "mode" => {
                settings.rights.mode = Some(leading_octal(value));
                at += 2;
                continue;
            }
            "uid" => {
                settings.rights.user = Some(lenient_integer(value).0.to_string());
                at += 2;
                continue;
            }
            "gid" => {
                settings.rights.group = Some(lenient_integer(value).0.to_string());
                at += 2;
                continue;
            }
            "user" => {
                settings.rights.user = Some(value.to_owned());
                at += 2;
                if exists(Kind::User, value, context.read_file) {
                    continue;
                }
                format!("'unix-bind' : '{value}' unknown user.")
            }
            "group" => {
                settings.rights.group = Some(value.to_owned());
                at += 2;
                if exists(Kind::Group, value, context.read_file) {
                    continue;
                }
                format!("'unix-bind' : '{value}' unknown group.")
            }
            _ => "'unix-bind' only supports the 'prefix', 'mode', 'uid', 'gid', 'user' and 'group' options."
                .to_owned(),
        };
        wrong_unix_bind(context, line, word.span, &words);
        return;
    }
}

fn wrong_unix_bind(context: &mut GlobalContext<'_, '_>, line: &Line, at: Span, words: &str) {
    context.report.push(
        Diagnostic::error("bad-parameter", "this is not right on a `unix-bind` line")
            .at(at, "")
            .why("known ones: prefix, mode, uid, gid, user, group, each with a value")
            .haproxy(context.report.spaced(line.span, words)),
    );
}

/// As C reads it: the octal digits that there are.
fn leading_octal(text: &str) -> u32 {
    let digits = text
        .bytes()
        .take_while(|byte| (b'0'..=b'7').contains(byte))
        .count();
    u32::from_str_radix(&text[..digits], 8).unwrap_or(0)
}
