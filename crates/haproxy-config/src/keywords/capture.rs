//! `capture`, and `declare capture`: what is kept of requests and answers for their log lines.

use crate::model::{Capture, CookieCapture, Direction};
use crate::proxy::ProxyContext;
use crate::raw::Line;
use diagnostics::Diagnostic;

pub(super) fn parse(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let direction = match line.text(1) {
        "request" if line.text(2) == "header" => Direction::Request,
        "response" if line.text(2) == "header" => Direction::Response,
        "cookie" => return cookie(context, line),
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

/// `capture cookie NAME len N`: HAProxy does not look at the word before the number.
fn cookie(context: &mut ProxyContext<'_, '_>, line: &Line) {
    if line.text(4).is_empty() {
        let words = "'capture' expects 'cookie' <cookie_name> 'len' <len>.";
        return wrong(context, line, words);
    }
    let len = super::lenient(&line.words[4], context.report);
    context.proxy.cookie_capture = Some(CookieCapture {
        name: line.text(2).to_owned(),
        len: usize::try_from(len).unwrap_or(0),
    });
}

/// `declare capture request|response len N`: a place that rules fill.
pub(super) fn declare(context: &mut ProxyContext<'_, '_>, line: &Line) {
    match declared(line) {
        Ok(capture) => context.proxy.captures.push(capture),
        Err(words) => {
            context.report.push(
                Diagnostic::error("bad-capture", "this `declare` is not complete")
                    .at(line.statement(), "")
                    .next("for example  declare capture request len 64")
                    .haproxy(context.report.spaced(line.span, &words)),
            );
        }
    }
}

/// The error is HAProxy's.
fn declared(line: &Line) -> Result<Capture, String> {
    match line.text(1) {
        "capture" => {}
        "" => {
            return Err(
                "'declare' needs a second keyword that specify the type of declaration ('capture')"
                    .to_owned(),
            );
        }
        odd => {
            return Err(format!(
                "unknown declaration type '{odd}' (supports 'capture')"
            ));
        }
    }
    let direction = match line.text(2) {
        "request" => Direction::Request,
        "response" => Direction::Response,
        _ => {
            let words = "'declare capture' requires a direction ('request' or 'response')";
            return Err(words.to_owned());
        }
    };
    let (word, number) = (line.text(3), line.text(4));
    if word != "len" {
        return Err("'declare capture' requires a capture length ('len')".to_owned());
    }
    if number.is_empty() {
        let words =
            "'declare capture': 'len' requires a numeric value that represents the capture length";
        return Err(words.to_owned());
    }
    let len: i64 = number
        .parse()
        .map_err(|_| format!("'declare capture': cannot parse the length '{word}'."))?;
    match usize::try_from(len) {
        Ok(len @ 1..) => Ok(Capture {
            direction,
            header: None,
            len,
        }),
        _ => Err("length must be > 0".to_owned()),
    }
}

fn wrong(context: &mut ProxyContext<'_, '_>, line: &Line, words: &str) {
    context.report.push(
        Diagnostic::error("bad-capture", "this `capture` is not complete")
            .at(line.statement(), "")
            .next("for example  capture request header Host len 64")
            .haproxy(context.report.spaced(line.span, words)),
    );
}
