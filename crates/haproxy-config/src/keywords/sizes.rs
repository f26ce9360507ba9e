//! `tune.bufsize`, `tune.maxrewrite` and `tune.http.maxhdr`: how large a message may be.

use super::global::{GlobalContext, GlobalParser};
use super::{Keyword, Sections, Support, row};
use crate::raw::Line;
use diagnostics::Diagnostic;

use Support::Full;

const G: Sections = Sections::GLOBAL;

#[rustfmt::skip]
pub(super) static TABLE: &[Keyword<GlobalParser>] = &[
    row("tune.bufsize", G, 1, Full(buffer), "bytes of each buffer; default 16384"),
    row("tune.maxrewrite", G, 1, Full(reserve), "bytes of it that rules may add to a head; default 1024"),
    row("tune.http.maxhdr", G, 1, Full(fields), "most fields of a head, and one for its first line; default 101"),
];

/// HAProxy rounds a buffer up to this.
const STEP: usize = 16;

fn buffer(context: &mut GlobalContext<'_, '_>, line: &Line) {
    let Some(wanted) = number(context, line) else {
        return;
    };
    // HAProxy keeps the lower 32 bits
    let wanted = (wanted & i64::from(u32::MAX)) as u32 as i32;
    match usize::try_from(wanted) {
        Ok(size @ 1..) => context.global.sizes.buffer = size.next_multiple_of(STEP),
        _ => not_positive(context, line),
    }
}

fn reserve(context: &mut GlobalContext<'_, '_>, line: &Line) {
    match number(context, line).map(usize::try_from) {
        Some(Ok(size)) => context.global.sizes.reserve = size,
        Some(Err(_)) => not_positive(context, line),
        None => {}
    }
}

fn fields(context: &mut GlobalContext<'_, '_>, line: &Line) {
    match number(context, line).map(usize::try_from) {
        Some(Ok(most @ 1..=32_767)) => context.global.sizes.fields = most - 1,
        Some(_) => refuse(context, line, "expects a numeric value between 1 and 32767"),
        None => {}
    }
}

fn number(context: &mut GlobalContext<'_, '_>, line: &Line) -> Option<i64> {
    let missing = format!("'{}' expects an integer argument.", line.text(0));
    super::integer(line, &missing, context.report)
}

fn not_positive(context: &mut GlobalContext<'_, '_>, line: &Line) {
    refuse(context, line, "expects a positive integer argument.");
}

fn refuse(context: &mut GlobalContext<'_, '_>, line: &Line, words: &str) {
    let words = format!("'{}' {words}", line.text(0));
    context.report.push(
        Diagnostic::error(
            "bad-number",
            format!("`{}` cannot be {}", line.text(0), line.text(1)),
        )
        .at(line.span(1), "")
        .haproxy(context.report.spaced(line.span, &words)),
    );
}
