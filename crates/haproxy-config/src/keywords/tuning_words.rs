//! What must follow keywords of `global` that change nothing here: HAProxy refuses other words, and so do we.

use super::global::{GlobalContext, missing};
use crate::raw::Line;
use crate::value::lenient_integer;
use diagnostics::Diagnostic;

/// Nothing follows, as the table says.
pub(super) fn alone(_: &mut GlobalContext<'_, '_>, _: &Line) {}

/// Any number, as far as C reads one.
pub(super) fn number(context: &mut GlobalContext<'_, '_>, line: &Line) {
    let words = format!("'{}' expects an integer argument.", line.text(0));
    given(context, line, &words);
}

/// `maxcomprate`
pub(super) fn rate(context: &mut GlobalContext<'_, '_>, line: &Line) {
    given(
        context,
        line,
        "'maxcomprate' expects an integer argument in kb/s.",
    );
}

/// `cluster-secret`
pub(super) fn secret(context: &mut GlobalContext<'_, '_>, line: &Line) {
    given(context, line, "expects an ASCII string argument.");
}

/// `tune.ssl.default-dh-param`
pub(super) fn dh_size(context: &mut GlobalContext<'_, '_>, line: &Line) {
    number_within(context, line, "a value >= 1024.", |n| n >= 1024);
}

/// `maxcompcpuusage`: 0 to 100.
pub(super) fn percent(context: &mut GlobalContext<'_, '_>, line: &Line) {
    let (percent, _) = lenient_integer(line.text(1));
    if line.text(1).is_empty() || !(0..=100).contains(&percent) {
        wrong(context, line, "an integer argument between 0 and 100.");
    }
}

/// `tune.comp.maxlevel`: 1 to 9.
pub(super) fn level(context: &mut GlobalContext<'_, '_>, line: &Line) {
    if !(1..=9).contains(&lenient_integer(line.text(1)).0) {
        wrong(context, line, "a numeric value between 1 and 9");
    }
}

pub(super) fn switch(context: &mut GlobalContext<'_, '_>, line: &Line) {
    if !matches!(line.text(1), "on" | "off") {
        let wanted = format!("either 'on' or 'off' but got '{}'.", line.text(1));
        wrong(context, line, &wanted);
    }
}

/// `profiling.tasks`
pub(super) fn profiling(context: &mut GlobalContext<'_, '_>, line: &Line) {
    if !matches!(line.text(1), "on" | "auto" | "off") {
        let got = line.text(1);
        let wanted = format!("either 'on', 'auto', or 'off' but got '{got}'.");
        wrong(context, line, &wanted);
    }
}

fn given(context: &mut GlobalContext<'_, '_>, line: &Line, words: &str) {
    if line.text(1).is_empty() {
        missing(context, line, words);
    }
}

fn number_within(
    context: &mut GlobalContext<'_, '_>,
    line: &Line,
    wanted: &str,
    can_be: impl Fn(i64) -> bool,
) {
    if line.text(1).is_empty() {
        return number(context, line);
    }
    if !can_be(lenient_integer(line.text(1)).0) {
        wrong(context, line, wanted);
    }
}

fn wrong(context: &mut GlobalContext<'_, '_>, line: &Line, wanted: &str) {
    let name = line.text(0);
    let words = format!("'{name}' expects {wanted}");
    let what = format!("`{}` is nothing that `{name}` takes", line.text(1));
    context.report.push(
        Diagnostic::error("bad-value", what)
            .at(line.statement(), "")
            .why(format!("HAProxy expects {}", wanted.trim_end_matches('.')))
            .haproxy(context.report.spaced(line.span, &words)),
    );
}

/// `master-worker`
pub(super) fn master(context: &mut GlobalContext<'_, '_>, line: &Line) {
    if !matches!(line.text(1), "" | "no-exit-on-failure") {
        let words = "'master-worker' only supports 'no-exit-on-failure' option.";
        context.report.push(
            Diagnostic::error(
                "bad-value",
                format!("`{}` is nothing that `master-worker` takes", line.text(1)),
            )
            .at(line.span(1), "")
            .haproxy(context.report.spaced(line.span, words)),
        );
    }
}
