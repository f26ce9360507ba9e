//! `server-template` lines: many servers from one.

use super::server::{ServerLine, bad_address, check_id, forbidden_char, server_address};
use crate::proxy::ProxyContext;
use crate::raw::Line;
use crate::report::Report;
use crate::value::lenient_integer;
use crate::words::Word;
use diagnostics::Diagnostic;
use std::ops::RangeInclusive;

/// More servers than this are a slip of the finger.
const MOST_SERVERS: i64 = 10_000;

pub(super) fn parse(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let Some(numbers) = head(line, context.report) else {
        return;
    };
    // HAProxy's messages have no name yet
    let title = format!("'server {}/(null)' : ", context.proxy.name.text);
    let address = match server_address(line.text(3)) {
        Ok(address) => address,
        Err(error) => {
            let diagnostic = bad_address(line, 3, &title, &error, context.report);
            return context.report.push(diagnostic);
        }
    };
    let prefix = &line.words[1];
    let first = Word {
        text: format!("{}{}", prefix.text, numbers.start()),
        span: prefix.span,
    };
    let template = ServerLine {
        line,
        name: first,
        title,
        address,
        at: 3,
    };
    let first = template.read(context);
    check_id(context, &first, line);
    for number in numbers {
        let mut server = first.clone();
        server.name.text = format!("{}{number}", prefix.text);
        context.proxy.servers.push(server);
        // only the first has the id that is written
        if let Some(server) = context.proxy.servers.last_mut()
            && server.name.text != first.name.text
        {
            server.id = None;
        }
    }
}

fn head(line: &Line, report: &mut Report<'_>) -> Option<RangeInclusive<i64>> {
    let diagnostic = if (1..=3).any(|at| line.text(at).is_empty()) {
        let words = "'server-template' expects <prefix> <nb | range> <addr>[:<port>] as arguments.";
        Diagnostic::error(
            "missing-value",
            "`server-template` wants a prefix, a number and a name",
        )
        .at(line.statement(), "")
        .next("for example  server-template web 3 site.lab:8080 resolvers lab")
        .haproxy(report.bare(line.span, words))
    } else if let Some(odd) = forbidden_char(line.text(1)) {
        let prefix = line.text(1);
        let words =
            format!("character '{odd}' is not permitted in server-template prefix '{prefix}'.");
        Diagnostic::error(
            "bad-name",
            format!("`{prefix}` cannot begin a server's name"),
        )
        .at(line.span(1), "")
        .why(format!(
            "`{odd}` is not allowed; letters, digits and _ : . - are"
        ))
        .haproxy(report.bare(line.span, &words))
    } else {
        match range(line.text(2)) {
            Some(range) if range.end() - range.start() < MOST_SERVERS => return Some(range),
            Some(_) => Diagnostic::error("too-many-servers", "these are too many servers")
                .at(line.span(2), "")
                .why(format!("one line makes at most {MOST_SERVERS}")),
            None => {
                let words = format!(
                    "Wrong server-template number or range arg '{}'.",
                    line.text(2)
                );
                Diagnostic::error(
                    "bad-number",
                    format!("`{}` is no number of servers", line.text(2)),
                )
                .at(line.span(2), "")
                .next("write how many, or from which to which number:  3  or  1-3")
                .haproxy(report.bare(line.span, &words))
            }
        }
    };
    report.push(diagnostic);
    None
}

/// `3` is 1 to 3, `2-4` is 2 to 4; what follows digits is not looked at.
fn range(text: &str) -> Option<RangeInclusive<i64>> {
    let number = |text: &str| lenient_integer(text).0;
    let (low, high) = match text.split_once('-') {
        Some((low, high)) => (number(low), number(high.split('-').next().unwrap_or(high))),
        None => (1, number(text)),
    };
    (low >= 0 && high >= low).then_some(low..=high)
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn a_number_counts_from_one_and_a_range_from_its_start() {
        assert_eq!(range("3"), Some(1..=3));
        assert_eq!(range("2-4"), Some(2..=4));
        assert_eq!(range("0-1"), Some(0..=1));
        assert_eq!(range("1-3-4"), Some(1..=3), "as HAProxy reads it");
    }

    #[test]
    fn nothing_is_no_range() {
        for text in ["0", "x", "3-1", ""] {
            assert_eq!(range(text), None, "{text}");
        }
    }
}
