//! The words of answers of one's own: `deny`, `tarpit`, `return`, `http-error`.

use super::http_rules::Action;
use crate::model::{HttpAction, Reply, ReplyBody};
use diagnostics::Diagnostic;

pub(super) fn deny(action: &mut Action<'_, '_, '_>) -> Result<HttpAction, String> {
    let default = match action.line.text(0) {
        "http-response" => 502,
        _ => 403,
    };
    read(action, default, true).map(HttpAction::Deny)
}

pub(super) fn tarpit(action: &mut Action<'_, '_, '_>) -> Result<HttpAction, String> {
    read(action, 500, true).map(HttpAction::Tarpit)
}

pub(super) fn return_(action: &mut Action<'_, '_, '_>) -> Result<HttpAction, String> {
    read(action, 200, false).map(HttpAction::Return)
}

/// `page`: without a body of its own it is the error page of its status, else empty.
fn read(action: &mut Action<'_, '_, '_>, default: u16, page: bool) -> Result<Reply, String> {
    let mut reply = Reply {
        status: default,
        content_type: None,
        body: if page {
            ReplyBody::Page
        } else {
            ReplyBody::Empty
        },
        headers: Vec::new(),
    };
    let mut content_type_at = None;
    loop {
        match action.peek() {
            "status" | "deny_status" => {
                let word = action.take();
                if word == "status" {
                    reply.body = ReplyBody::Empty;
                }
                if action.peek().is_empty() {
                    return Err(format!("'{word}' expects <status_code> as argument"));
                }
                reply.status = status(&action.take())?;
            }
            "content-type" => {
                action.take();
                if action.peek().is_empty() {
                    return Err("'content-type' expects <ctype> as argument".to_owned());
                }
                content_type_at = Some(action.at);
                reply.content_type = Some(action.take());
            }
            "default-errorfiles" => {
                action.take();
                reply.body = ReplyBody::Page;
            }
            "hdr" => {
                action.take();
                if action.words_left() < 2 {
                    return Err("'hdr' expects <name> and <value> as arguments".to_owned());
                }
                let name = action.take().to_ascii_lowercase();
                let value = action.take();
                if matches!(reply.body, ReplyBody::Page) {
                    reply.body = ReplyBody::Empty;
                }
                reply.headers.push((name, action.format(&value)?));
            }
            "string" | "lf-string" | "file" | "lf-file" => reply.body = body(action)?,
            "errorfile" | "errorfiles" => {
                return Err(format!(
                    "'{}' is not known here yet; write the answer with `status`, `content-type` and `file`",
                    action.peek()
                ));
            }
            _ => break,
        }
    }
    check(&reply)?;
    let has_payload = matches!(reply.body, ReplyBody::Text(_) | ReplyBody::Format(_));
    if let Some(at) = content_type_at.filter(|_| !has_payload) {
        warn_content_type(action, &reply, at);
    }
    Ok(reply)
}

fn status(code: &str) -> Result<u16, String> {
    let status = code
        .parse()
        .ok()
        .filter(|status| (200..=599).contains(status));
    status.ok_or_else(|| format!("Unexpected status code '{code}'"))
}

fn body(action: &mut Action<'_, '_, '_>) -> Result<ReplyBody, String> {
    let how = action.take();
    if action.peek().is_empty() {
        let what = if how.ends_with("file") {
            "<file>"
        } else {
            "<str>"
        };
        return Err(format!("'{how}' expects {what} as argument"));
    }
    let word = action.take();
    let text = match how.as_str() {
        "file" | "lf-file" => {
            let bytes = (action.context.shared.read_file)(&word);
            bytes.ok_or_else(|| format!("error opening file '{word}'"))?
        }
        _ => word.into_bytes(),
    };
    if !how.starts_with("lf-") {
        return Ok(ReplyBody::Text(text));
    }
    let text = String::from_utf8_lossy(&text).into_owned();
    let site = action.site;
    let format = crate::sample::format(
        &text,
        samples::format::Purpose::Http,
        site,
        &mut action.place(),
    )?;
    Ok(ReplyBody::Format(format))
}

fn check(reply: &Reply) -> Result<(), String> {
    match (&reply.body, &reply.content_type) {
        (ReplyBody::Text(text), None) if !text.is_empty() => {
            Err("a content type must be defined when non-empty payload is configured".to_owned())
        }
        (ReplyBody::Format(_), None) => {
            Err("a content type must be defined with a log-format payload".to_owned())
        }
        _ => Ok(()),
    }
}

fn warn_content_type(action: &mut Action<'_, '_, '_>, reply: &Reply, at: usize) {
    let name = reply.content_type.as_deref().unwrap_or_default();
    let words = format!(
        "content-type '{name}' ignored by the http reply because neither errorfile nor payload defined."
    );
    let report = &mut *action.context.report;
    report.push(
        Diagnostic::warning(
            "content-type-without-body",
            "there is no body that this is the type of",
        )
        .at(action.line.span(at), "")
        .haproxy(report.spaced(action.line.span, &words)),
    );
}
