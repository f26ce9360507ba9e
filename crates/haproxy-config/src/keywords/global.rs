//! Keywords of the `global` section that act.

use super::{
    ANY, Keyword, Sections, Support, find, log, names, process, row, sections, server_states,
    sizes, stats_socket, tls_defaults, tuning,
};
use crate::ReadFile;
use crate::model::Global;
use crate::raw::Line;
use crate::report::Report;
use crate::times;
use crate::value::{TimeError, Unit, lenient_integer};
use diagnostics::Diagnostic;

/// Reads one line of the `global` section.
pub(crate) type GlobalParser = fn(&mut GlobalContext<'_, '_>, &Line);

/// What the parser of a `global` line works on.
pub(crate) struct GlobalContext<'a, 'r> {
    pub(crate) global: &'a mut Global,
    /// `spread-checks` was given: 0 is a value too.
    pub(crate) spread_checks_given: &'a mut bool,
    pub(crate) chroot_given: &'a mut bool,
    pub(crate) read_file: ReadFile,
    pub(crate) report: &'a mut Report<'r>,
}

use Support::{Checked, Full, Removed};

const G: Sections = Sections::GLOBAL;

#[rustfmt::skip]
pub(crate) static TABLE: &[Keyword<GlobalParser>] = &[
    row("maxconn", G, 1, Full(maxconn), "most connections of the process"),
    row("maxconnrate", G, 1, Full(|c, line| rate(line, c.report, &mut c.global.max_connection_rate)), "most new connections a second"),
    row("maxsessrate", G, 1, Full(|c, line| rate(line, c.report, &mut c.global.max_session_rate)), "most new sessions a second"),
    row("maxsslrate", G, 1, Full(|c, line| rate(line, c.report, &mut c.global.max_tls_rate)), "most new connections of TLS a second"),
    row("nbthread", G, 1, Full(nbthread), "worker threads, 1 to 64"),
    row("daemon", G, 0, Full(|c, _| c.global.daemon = true), "runs in the background"),
    row("pidfile", G, 1, Full(pidfile), "the file the process id is written to"),
    row("node", G, 1, Full(node), "this machine's name on the statistics page"),
    row("description", G, ANY, Full(description), "a text for the statistics page"),
    row("log", G, ANY, Full(|c, line| log::parse_global(&mut c.global.log, line, c.report)), "where log lines go"),
    row("log-tag", G, 1, Full(log_tag), "the program's name in log lines"),
    row("stats", G, ANY, Full(stats_socket::parse), "`stats socket`, `stats timeout`: the runtime API"),
    row("hard-stop-after", G, ANY, Full(hard_stop_after), "how long a soft stop may take"),
    row("spread-checks", G, 1, Full(spread_checks), "jitter of check intervals in percent"),
    row("setenv", G, ANY, Full(setenv), "sets an environment variable for the lines below"),
    row("presetenv", G, ANY, Full(setenv), "sets it unless it is set"),
    row("unsetenv", G, ANY, Full(unsetenv), "unsets environment variables"),
    row("resetenv", G, ANY, Full(|_, _| ()), "unsets all others"),
    row("server-state-file", G, ANY, Full(server_states::global_file), "what `show servers state` told an earlier process; backends read it by `load-server-state-from-file global`"),
    row("server-state-base", G, ANY, Full(server_states::base), "the folder that names of such files start from"),
    row("log-send-hostname", G, ANY, Full(process::log_host), "the host name in headers of log lines, this machine's unless told"),
    row("ulimit-n", G, 1, Full(process::open_files), "how many files may be open; as many as the system allows unless told"),
    row("fd-hard-limit", G, 1, Full(process::most_open_files), "most files that may be open, whatever the system allows"),
    row("unix-bind", G, ANY, Full(process::unix_bind), "what all socket files of `bind` have in common: `prefix`, `mode`, `user`, `group`, `uid`, `gid`"),
    row("quiet", G, 0, Full(process::quiet), "prints nothing, as `-q`"),
    row("zero-warning", G, 0, Full(process::zero_warning), "refuses to start on warnings, as `-dW`"),
    row("localpeer", G, 1, Full(process::local_peer), "this machine's name among peers: `HAPROXY_LOCALPEER` in the lines below"),
    row("default-path", G, ANY, Full(process::default_path), "what relative file names start from: `current`; others are not there yet"),
    row("user", G, 1, Checked(process::user), "the system user to run as; here the one who starts it"),
    row("group", G, 1, Checked(process::group), "the system group to run as; here that of the one who starts it"),
    row("uid", G, 1, Checked(process::uid), "the system user to run as, by number"),
    row("gid", G, 1, Checked(process::gid), "the system group to run as, by number"),
    row("chroot", G, 1, Checked(process::chroot), "the folder the process is locked into"),
    row("nbproc", G, ANY, Removed(" : nbproc is not supported any more since HAProxy 2.5. Threads will automatically be used on multi-processor machines if available."), "gone: one process, many threads"),
];

pub(crate) const TABLES: &[&[Keyword<GlobalParser>]] =
    &[TABLE, tuning::TABLE, tls_defaults::TABLE, sizes::TABLE];

/// One line of a `global` section.
pub(crate) fn line(context: &mut GlobalContext<'_, '_>, line: &Line) {
    let Some(row) = find(TABLES, line.text(0)) else {
        let known = names(TABLES).chain(names(&[sections::TABLE]));
        let diagnostic = super::unknown(line, "global", known, context.report);
        context.report.push(diagnostic);
        return;
    };
    if let Some(parser) = row.parser(row.name, 1, line, context.report) {
        parser(context, line);
    }
}

/// A second line of a kind that is there once: the first one counts.
pub(super) fn already(context: &mut GlobalContext<'_, '_>, line: &Line) {
    let name = line.text(0);
    let words = format!("'{name}' already specified. Continuing.");
    context.report.push(
        Diagnostic::warning("given-twice", format!("`{name}` is given twice"))
            .as_alert()
            .at(line.statement(), "")
            .why("the first one counts")
            .next("keep one of them")
            .haproxy(context.report.spaced(line.span, &words)),
    );
}

fn maxconn(context: &mut GlobalContext<'_, '_>, line: &Line) {
    // HAProxy looks for the second one before it looks for the number
    if context.global.maxconn.is_some() {
        already(context, line);
        return;
    }
    let missing = "'maxconn' expects an integer argument.";
    if let Some(number) = super::integer(line, missing, context.report) {
        context.global.maxconn = u32::try_from(number).ok().filter(|n| *n > 0);
    }
}

/// A number of events a second; 0 is no limit, and of two lines the first counts.
fn rate(line: &Line, report: &mut crate::report::Report<'_>, limit: &mut u32) {
    let name = line.text(0);
    if *limit != 0 {
        let words = format!("'{name}' already specified. Continuing.");
        report.push(
            Diagnostic::warning("given-twice", format!("`{name}` is there already"))
                .as_alert()
                .at(line.keyword().span, "")
                .why("the first one counts")
                .haproxy(report.spaced(line.span, &words)),
        );
        return;
    }
    let missing = format!("'{name}' expects an integer argument.");
    if let Some(number) = super::integer(line, &missing, report) {
        *limit = u32::try_from(number).unwrap_or(0);
    }
}

fn nbthread(context: &mut GlobalContext<'_, '_>, line: &Line) {
    let text = line.text(1);
    let number: Result<i64, _> = text.parse();
    let (what, words) = match number {
        Ok(number @ 1..=64) => {
            context.global.nbthread = u16::try_from(number).ok();
            return;
        }
        Ok(number) => (
            format!("{number} threads are not possible"),
            format!("'nbthread' value must be between 1 and 64 (was {number})"),
        ),
        Err(_) => (
            "`nbthread` wants a number".to_owned(),
            format!("'nbthread' passed a missing or unparsable integer value in '{text}'"),
        ),
    };
    context.report.push(
        Diagnostic::error("bad-number", what)
            .at(line.span(1), "")
            .why("1 to 64 threads are possible; without this line there is one per core")
            .haproxy(context.report.spaced(line.span, &words)),
    );
}

fn pidfile(context: &mut GlobalContext<'_, '_>, line: &Line) {
    if context.global.pidfile.is_some() {
        already(context, line);
        return;
    }
    match line.text(1) {
        "" => missing(
            context,
            line,
            "'pidfile' expects a file name as an argument.",
        ),
        path => context.global.pidfile = Some(path.to_owned()),
    }
}

/// A keyword that lacks its value.
pub(super) fn missing(context: &mut GlobalContext<'_, '_>, line: &Line, words: &str) {
    let name = line.text(0);
    context.report.push(
        Diagnostic::error("missing-value", format!("`{name}` wants a value"))
            .at(line.keyword().span, "")
            .haproxy(context.report.spaced(line.span, words)),
    );
}

fn node(context: &mut GlobalContext<'_, '_>, line: &Line) {
    let name = line.text(1);
    let odd = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    if name.is_empty() || name.contains(odd) {
        let words = "'node' requires valid node name - non-empty string with digits(0-9), \
                     letters(A-Z, a-z), dot(.), hyphen(-) or underscode(_).";
        context.report.push(
            Diagnostic::error("bad-name", format!("`{name}` is not a node's name"))
                .at(line.span(1), "")
                .why("letters, digits, `.`, `-` and `_` are allowed")
                .haproxy(context.report.tight(line.span, words)),
        );
        return;
    }
    context.global.node = Some(name.to_owned());
}

fn description(context: &mut GlobalContext<'_, '_>, line: &Line) {
    if let Some(text) = super::joined(line, context.report) {
        context.global.description = Some(text);
    }
}

fn log_tag(context: &mut GlobalContext<'_, '_>, line: &Line) {
    match line.text(1) {
        "" => missing(context, line, "'log-tag' expects a tag for use in syslog."),
        tag => context.global.log_tag = Some(tag.to_owned()),
    }
}

fn hard_stop_after(context: &mut GlobalContext<'_, '_>, line: &Line) {
    let Some(word) = line.words.get(1) else {
        missing(
            context,
            line,
            "'hard-stop-after' expects <time> as argument.\n",
        );
        return;
    };
    let spelling = times::Spelling {
        shown: "hard-stop-after",
        unit: Unit::Milliseconds,
        words: |problem| match problem.error {
            TimeError::Unexpected(odd) => problem.report.spaced(
                problem.line.span,
                &format!("unexpected character '{odd}' in argument to <hard-stop-after>.\n"),
            ),
            _ => times::timeout_words(problem) + "\n",
        },
    };
    if let Some(time) = times::read(word, line, &spelling, context.report) {
        context.global.hard_stop_after = (!time.is_zero()).then_some(time);
    }
}

fn spread_checks(context: &mut GlobalContext<'_, '_>, line: &Line) {
    let problem = |code, what: &str, words: &str, report: &Report<'_>| {
        Diagnostic::error(code, what)
            .at(line.statement(), "")
            .why("it is a percentage from 0 to 50")
            .haproxy(report.tight(line.span, words))
    };
    if *context.spread_checks_given {
        let words = "spread-checks already specified. Continuing.";
        context.report.push(
            Diagnostic::warning("given-twice", "`spread-checks` is given twice")
                .as_alert()
                .at(line.statement(), "")
                .why("the first one counts")
                .haproxy(context.report.tight(line.span, words)),
        );
        return;
    }
    if line.text(1).is_empty() {
        let words = "'spread-checks' expects an integer argument (0..50).";
        let what = "`spread-checks` wants a number";
        context
            .report
            .push(problem("missing-value", what, words, context.report));
        return;
    }
    let (number, _) = lenient_integer(line.text(1));
    *context.spread_checks_given = number != 0;
    match u8::try_from(number) {
        Ok(percent @ 0..=50) => context.global.spread_checks = percent,
        _ => {
            let words = "'spread-checks' needs a positive value in range 0..50.";
            let what = format!("`{number}` is too much for `spread-checks`");
            context
                .report
                .push(problem("bad-number", &what, words, context.report));
        }
    }
}

fn setenv(context: &mut GlobalContext<'_, '_>, line: &Line) {
    if line.words.len() < 3 {
        let words = format!("'{}' expects a name and a value.", line.text(0));
        context.report.push(
            Diagnostic::error(
                "missing-value",
                format!("`{}` wants a name and a value", line.text(0)),
            )
            .at(line.statement(), "")
            .haproxy(context.report.tight(line.span, &words)),
        );
    }
}

fn unsetenv(context: &mut GlobalContext<'_, '_>, line: &Line) {
    if line.words.len() < 2 {
        let words = "'unsetenv' expects at least one variable name.";
        context.report.push(
            Diagnostic::error("missing-value", "`unsetenv` wants a name")
                .at(line.statement(), "")
                .haproxy(context.report.tight(line.span, words)),
        );
    }
}
