//! `capture request|response header NAME len N`.

use crate::model::{Capture, Direction};
use crate::proxy::ProxyContext;
use crate::raw::Line;
use diagnostics::Diagnostic;

pub(super) fn parse(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let direction = match line.text(1) {
        "request" if line.text(2) == "header" => Direction::Request,
        "response" if line.text(2) == "header" => Direction::Response,
        "cookie" => {
            context
                .report
                .push(super::refused("capture cookie", line.statement()));
            return;
        }
        _ => {
            let words = "'capture' expects 'cookie' or 'request header' or 'response header'.";
            wrong(context, line, words);
            return;
        }
    };
    let shown = format!("capture {}", line.text(1));
    if line.text(3).is_empty() || line.text(4) != "len" || line.text(5).is_empty() {
        let words = format!("'{shown}' expects 'header' <header_name> 'len' <len>.");
        wrong(context, line, &words);
        return;
    }
    if let Some(extra) = line.words.get(6) {
        let diagnostic = super::extra_word(&shown, extra, line, context.report);
        context.report.push(diagnostic);
        return;
    }
    let len = super::lenient(&line.words[5], context.report);
    context.proxy.captures.push(Capture {
        direction,
        header: Some(line.text(3).to_ascii_lowercase()),
        len: usize::try_from(len).unwrap_or(0),
    });
}

fn wrong(context: &mut ProxyContext<'_, '_>, line: &Line, words: &str) {
    context.report.push(
        Diagnostic::error("bad-capture", "this `capture` is not complete")
            .at(line.statement(), "")
            .next("for example  capture request header Host len 64")
            .haproxy(context.report.spaced(line.span, words)),
    );
}
