//! The lines of a `resolvers` section (manual, section 5.3.2).

use super::{ANY, Keyword, Sections, Support, find, ignored, names, row};
use crate::address::{Address, AddressError, Port, host, parse as parse_address};
use crate::keywords::server::forbidden_char;
use crate::model::{Nameserver, Resolvers};
use crate::raw::Line;
use crate::report::Report;
use crate::times::{self, Problem, Spelling};
use crate::value::{TimeError, Unit};
use diagnostics::Diagnostic;
use std::time::Duration;

/// Reads one line of a `resolvers` section.
pub(crate) type ResolversParser = fn(&mut ResolversContext<'_, '_>, &Line);

/// What the parser of a line works on.
pub(crate) struct ResolversContext<'a, 'r> {
    pub(crate) resolvers: &'a mut Resolvers,
    pub(crate) report: &'a mut Report<'r>,
}

use Support::Full;

/// A section of its own: none of the letters fits.
const R: Sections = Sections::NONE;

#[rustfmt::skip]
pub(crate) static TABLE: &[Keyword<ResolversParser>] = &[
    row("nameserver", R, ANY, Full(nameserver), "a name server: its name here, address and port; over UDP"),
    row("parse-resolv-conf", R, ANY, Full(system), "the name servers of /etc/resolv.conf"),
    row("hold", R, 2, Full(hold), "how long an answer holds: `valid`, `nx`, `refused`, `timeout`, `other`, `obsolete`"),
    row("resolve_retries", R, 1, Full(retries), "questions before giving up; default 3"),
    row("timeout", R, 2, Full(timeout), "`timeout resolve`: pause between resolutions, `timeout retry`: wait for an answer; both 1s"),
    row("accepted_payload_size", R, 1, Full(payload_size), "the longest answer in bytes, 12 to 65535; default 512"),
];

/// One line of a `resolvers` section.
pub(crate) fn line(context: &mut ResolversContext<'_, '_>, line: &Line) {
    let Some(row) = find(&[TABLE], line.text(0)) else {
        let mut diagnostic = super::unknown(line, "resolvers", names(&[TABLE]), context.report);
        // HAProxy suggests nothing here
        let words = format!("unknown keyword '{}' in 'resolvers' section", line.text(0));
        diagnostic.haproxy = vec![context.report.spaced(line.span, &words)];
        context.report.push(diagnostic);
        return;
    };
    if let Some(parser) = row.parser(row.name, 1, line, context.report) {
        parser(context, line);
    }
}

fn nameserver(context: &mut ResolversContext<'_, '_>, line: &Line) {
    let (name, address) = (line.text(1), line.text(2));
    let report = &mut *context.report;
    if name.is_empty() || address.is_empty() {
        let words = "'nameserver' expects <name> and <addr>[:<port>] as arguments.";
        report.push(
            Diagnostic::error("missing-value", "`nameserver` wants a name and an address")
                .at(line.statement(), "")
                .next("for example  nameserver dns1 127.0.0.1:5300")
                .haproxy(report.spaced(line.span, words)),
        );
        return;
    }
    if let Some(odd) = forbidden_char(name) {
        let words = format!("character '{odd}' is not permitted in server name '{name}'.");
        report.push(
            Diagnostic::error("bad-name", format!("`{name}` is not a name"))
                .at(line.span(1), "")
                .why(format!(
                    "`{odd}` is not allowed; letters, digits and _ : . - are"
                ))
                .haproxy(report.spaced(line.span, &words)),
        );
        return;
    }
    if address.starts_with("tcp") && address.contains('@') {
        report.push(super::refused("nameserver ... tcp@", line.span(2)));
        return;
    }
    if known_already(context, line) {
        return;
    }
    let report = &mut *context.report;
    match endpoint(address) {
        Ok((host, port)) => context.resolvers.nameservers.push(Nameserver::Given {
            name: name.to_owned(),
            span: line.span(1),
            host,
            port,
        }),
        Err(AddressError(text)) => {
            let words = format!("'nameserver {name}' : {text}");
            report.push(
                Diagnostic::error("bad-address", format!("`{address}` is no address and port"))
                    .at(line.span(2), "")
                    .why(text.trim_end())
                    .next("for example  127.0.0.1:5300")
                    .haproxy(report.spaced(line.span, &words)),
            );
        }
    }
    if let Some(extra) = line.words.get(3) {
        report.push(ignored(
            &format!("nameserver ... {}", extra.text),
            extra.span,
        ));
    }
}

fn endpoint(text: &str) -> Result<(crate::model::Host, u16), AddressError> {
    match parse_address(text)? {
        Address::Inet {
            host: name,
            port: Port::Fixed(port @ 1..),
        } => Ok((host(name), port)),
        Address::Inet {
            port: Port::None | Port::Fixed(0),
            ..
        } => Err(AddressError(format!(
            "missing port specification in '{text}'"
        ))),
        _ => Err(AddressError(format!(
            "an address and one port are wanted in '{text}'"
        ))),
    }
}

fn known_already(context: &mut ResolversContext<'_, '_>, line: &Line) -> bool {
    let wanted = line.text(1);
    let known = context.resolvers.nameservers.iter();
    let mut former = known.filter_map(|known| match known {
        Nameserver::Given { name, span, .. } if name == wanted => Some(*span),
        _ => None,
    });
    let Some(former) = former.next() else {
        return false;
    };
    let report = &mut *context.report;
    let words = format!(
        "config : Parsing [{}]: nameserver '{wanted}' has same name as another nameserver (declared at {}).",
        report.place(line.span),
        report.place(former)
    );
    report.push(
        Diagnostic::error(
            "duplicate-nameserver",
            format!("two name servers are called `{wanted}`"),
        )
        .at(line.span(1), "again here")
        .beside(former, "first used here")
        .haproxy(words),
    );
    true
}

fn system(context: &mut ResolversContext<'_, '_>, _: &Line) {
    let nameservers = &mut context.resolvers.nameservers;
    if !nameservers.contains(&Nameserver::System) {
        nameservers.push(Nameserver::System);
    }
}

fn hold(context: &mut ResolversContext<'_, '_>, line: &Line) {
    let event = line.text(1);
    let report = &mut *context.report;
    let Some(value) = line.words.get(2) else {
        let words = "'hold' expects an <event> and a <time> as arguments.";
        let more = "config : <event> can be either 'valid', 'nx', 'refused', 'timeout', or 'other'";
        let mut diagnostic =
            Diagnostic::error("missing-value", "`hold` wants a kind of answer and a time")
                .at(line.statement(), "")
                .next("for example  hold nx 30s");
        diagnostic.haproxy = vec![report.spaced(line.span, words), more.to_owned()];
        report.push(diagnostic);
        return;
    };
    let hold = &mut context.resolvers.hold;
    let place = match event {
        "valid" => &mut hold.valid,
        "nx" => &mut hold.nx,
        "refused" => &mut hold.refused,
        "timeout" => &mut hold.timeout,
        "other" => &mut hold.other,
        "obsolete" => &mut hold.obsolete,
        _ => {
            let words = format!(
                "'hold' unknown <event>: '{event}', expects either 'nx', 'timeout', 'valid', 'obsolete' or 'other'."
            );
            report.push(
                Diagnostic::error("unknown-word", format!("`{event}` is no kind of answer"))
                    .at(line.span(1), "")
                    .why("there are valid, nx, refused, timeout, other and obsolete")
                    .haproxy(report.spaced(line.span, &words)),
            );
            return;
        }
    };
    let spelling = Spelling {
        shown: "hold nx",
        unit: Unit::Milliseconds,
        words: |problem| {
            // HAProxy shows the event where the value belongs
            let shown = problem.line.text(1);
            time_words(problem, shown, "hold")
        },
    };
    if let Some(time) = times::read(value, line, &spelling, report) {
        *place = time;
    }
}

fn timeout(context: &mut ResolversContext<'_, '_>, line: &Line) {
    let event = line.text(1);
    let report = &mut *context.report;
    let times = &mut context.resolvers.timeout;
    let place = match event {
        "resolve" => &mut times.resolve,
        "retry" => &mut times.retry,
        _ => {
            let got = if event.is_empty() {
                String::new()
            } else {
                format!(" got '{event}'")
            };
            let words =
                format!("'timeout' expects 'retry' or 'resolve' and <time> as arguments{got}.");
            report.push(
                Diagnostic::error(
                    "unknown-word",
                    "`timeout` wants `resolve` or `retry`, and a time",
                )
                .at(line.statement(), "")
                .next("for example  timeout retry 1s")
                .haproxy(report.spaced(line.span, &words)),
            );
            return;
        }
    };
    let Some(value) = line.words.get(2) else {
        let words = format!("'timeout {event}' expects <time> as argument.");
        report.push(
            Diagnostic::error("missing-value", format!("`timeout {event}` wants a time"))
                .at(line.statement(), "")
                .haproxy(report.spaced(line.span, &words)),
        );
        return;
    };
    let spelling = Spelling {
        shown: "timeout retry",
        unit: Unit::Milliseconds,
        words: |problem| {
            let shown = format!("timeout {}", problem.line.text(1));
            time_words(problem, problem.value, &shown)
        },
    };
    if let Some(time) = times::read(value, line, &spelling, report) {
        *place = time;
    }
}

fn time_words(problem: &Problem<'_, '_>, argument: &str, keyword: &str) -> String {
    let text = match problem.error {
        TimeError::Overflow => format!(
            "timer overflow in argument <{argument}> to <{keyword}>, maximum value is 2147483647 ms (~24.8 days)."
        ),
        TimeError::Unexpected(odd) => {
            format!("unexpected character '{odd}' in argument to <{keyword}>.")
        }
    };
    problem.report.tight(problem.line.span, &text)
}

fn retries(context: &mut ResolversContext<'_, '_>, line: &Line) {
    let missing = "'resolve_retries' expects <nb> as argument.";
    if let Some(number) = super::integer(line, missing, context.report) {
        context.resolvers.retries = u32::try_from(number).unwrap_or(0);
    }
}

fn payload_size(context: &mut ResolversContext<'_, '_>, line: &Line) {
    let text = line.text(1);
    let report = &mut *context.report;
    if text.is_empty() {
        let words = "'accepted_payload_size' expects <nb> as argument.";
        report.push(
            Diagnostic::error(
                "missing-value",
                "`accepted_payload_size` wants a number of bytes",
            )
            .at(line.statement(), "")
            .haproxy(report.spaced(line.span, words)),
        );
        return;
    }
    match text.parse() {
        Ok(size @ MIN_PAYLOAD..) => context.resolvers.accepted_payload_size = size,
        _ => {
            let words = format!(
                "'accepted_payload_size' must be between 12 and 65535 inclusive (was {text})."
            );
            report.push(
                Diagnostic::error("bad-number", format!("`{text}` is no length of an answer"))
                    .at(line.span(1), "")
                    .why("it is a number of bytes from 12 to 65535")
                    .haproxy(report.spaced(line.span, &words)),
            );
        }
    }
}

/// The head of a message.
const MIN_PAYLOAD: u16 = 12;

impl Resolvers {
    /// A section with HAProxy's defaults and no name server yet.
    pub(crate) fn new(name: &str, span: Option<diagnostics::Span>) -> Self {
        const SECOND: Duration = Duration::from_secs(1);
        Self {
            name: name.to_owned(),
            span,
            nameservers: Vec::new(),
            accepted_payload_size: 512,
            retries: 3,
            timeout: crate::model::ResolveTimeouts {
                resolve: SECOND,
                retry: SECOND,
            },
            hold: crate::model::Hold {
                valid: 10 * SECOND,
                nx: 30 * SECOND,
                refused: 30 * SECOND,
                timeout: 30 * SECOND,
                other: 30 * SECOND,
                obsolete: Duration::ZERO,
            },
        }
    }
}
