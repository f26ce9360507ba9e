//! The words of answers of one's own: `deny`, `tarpit`, `return`, `http-error`.

use super::error_pages;
use super::http_rules::Action;
use crate::error_file::MAX_SIZE;
use crate::model::{ERROR_STATUSES, HttpAction, Reply, ReplyBody};
use crate::proxy::GroupUse;
use crate::words::Word;
use diagnostics::Diagnostic;
use std::sync::Arc;

/// What HAProxy keeps free in a buffer for fields that rules add.
const RESERVE: usize = 1_024;

pub(super) fn deny(action: &mut Action<'_, '_, '_>) -> Result<HttpAction, String> {
    let default = match action.line.text(0) {
        "http-response" => 502,
        _ => 403,
    };
    of_rule(action, default, true).map(HttpAction::Deny)
}

pub(super) fn tarpit(action: &mut Action<'_, '_, '_>) -> Result<HttpAction, String> {
    of_rule(action, 500, true).map(HttpAction::Tarpit)
}

pub(super) fn return_(action: &mut Action<'_, '_, '_>) -> Result<HttpAction, String> {
    of_rule(action, 200, false).map(HttpAction::Return)
}

/// `http-error`: the status is 0 where none is given.
pub(super) fn of_error(action: &mut Action<'_, '_, '_>) -> Result<Reply, String> {
    let mut words = Words::new(0, ReplyBody::Empty);
    words.read(action, false)?;
    words.finish(action, false)
}

/// `page`: with at most a `deny_status` it is the error page of its status, else empty.
fn of_rule(action: &mut Action<'_, '_, '_>, default: u16, page: bool) -> Result<Reply, String> {
    let mut words = Words::new(default, ReplyBody::Empty);
    let status_alone = action.peek() == "deny_status" && action.words_left() <= 2;
    if page && (action.peek().is_empty() || status_alone) {
        words.reply.body = ReplyBody::Page;
    }
    words.read(action, page)?;
    words.finish(action, true)
}

/// The words of an answer while they are read.
struct Words {
    reply: Reply,
    /// The word that told what it says.
    payload: Option<String>,
    /// The section named by `errorfiles`.
    group: Option<Word>,
    content_type_at: usize,
    headers_at: usize,
}

impl Words {
    fn new(status: u16, body: ReplyBody) -> Self {
        Self {
            reply: Reply {
                status,
                content_type: None,
                body,
                headers: Vec::new(),
            },
            payload: None,
            group: None,
            content_type_at: 0,
            headers_at: 0,
        }
    }

    fn read(&mut self, action: &mut Action<'_, '_, '_>, deny: bool) -> Result<(), String> {
        loop {
            match action.peek() {
                "status" => {
                    let word = argument(action, "<status_code>")?;
                    self.reply.status = status(&word)?;
                }
                "deny_status" if deny => {
                    let word = argument(action, "<status_code>")?;
                    self.reply.status = status(&word)?;
                }
                "content-type" => {
                    self.content_type_at = action.at + 1;
                    self.reply.content_type = Some(argument(action, "<ctype>")?);
                }
                "hdr" => self.header(action)?,
                "errorfiles" | "default-errorfiles" | "errorfile" | "file" | "string"
                | "lf-file" | "lf-string" => self.body(action)?,
                _ => return Ok(()),
            }
        }
    }

    fn header(&mut self, action: &mut Action<'_, '_, '_>) -> Result<(), String> {
        self.headers_at = action.at;
        action.take();
        if action.words_left() < 2 {
            return Err("'hdr' expects <name> and <value> as arguments".to_owned());
        }
        let name = action.take();
        let value = action.take();
        let lower = name.to_ascii_lowercase();
        if matches!(
            lower.as_str(),
            "content-length" | "transfer-encoding" | "content-type"
        ) {
            let words = format!("header '{name}' always ignored by the http reply.");
            warn(action, self.headers_at, &words);
            return Ok(());
        }
        let value = action.format(&value)?;
        self.reply.headers.push((lower, value));
        Ok(())
    }

    /// What it says.
    fn body(&mut self, action: &mut Action<'_, '_, '_>) -> Result<(), String> {
        let how = action.peek().to_owned();
        if let Some(former) = &self.payload {
            return Err(format!(
                "unexpected '{how}' argument, '{former}' already defined"
            ));
        }
        self.payload = Some(how.clone());
        self.reply.body = match how.as_str() {
            "default-errorfiles" => {
                action.take();
                ReplyBody::Page
            }
            "errorfiles" => {
                let at = action.at + 1;
                argument(action, "<name>")?;
                self.group = action.line.words.get(at).cloned();
                ReplyBody::Empty
            }
            "errorfile" => {
                let at = action.line.span(action.at + 1);
                let path = argument(action, "<fmt>")?;
                let context = &mut *action.context;
                let read = context.shared.read_file;
                let file = error_pages::load(&path, at, read, context.report)?;
                ReplyBody::File(Arc::new(file))
            }
            "file" => ReplyBody::Text(content(action)?),
            "string" => ReplyBody::Text(argument(action, "<str>")?.into_bytes()),
            "lf-file" => {
                let text = content(action)?;
                ReplyBody::Format(action.format(&String::from_utf8_lossy(&text))?)
            }
            _ => {
                let text = argument(action, "<fmt>")?;
                ReplyBody::Format(action.format(&text)?)
            }
        };
        Ok(())
    }

    fn finish(mut self, action: &mut Action<'_, '_, '_>, by_rule: bool) -> Result<Reply, String> {
        self.check()?;
        self.warn(action);
        if let Some(name) = self.group {
            let context = &mut *action.context;
            let status = self.reply.status;
            let group = context.shared.error_group(&name.text);
            let page = group.and_then(|group| group.pages.get(&status).cloned());
            self.reply.body = match page {
                Some(page) => ReplyBody::File(page),
                None if by_rule => ReplyBody::Empty,
                None => ReplyBody::Page,
            };
            context.proxy.settings.groups.push(GroupUse {
                name,
                statuses: vec![status],
                by_rule,
            });
        }
        Ok(self.reply)
    }

    fn check(&self) -> Result<(), String> {
        let reply = &self.reply;
        let status = reply.status;
        let without_body = matches!(status, 204 | 304);
        let of_its_status = self.group.is_some() || matches!(reply.body, ReplyBody::Page);
        match (&reply.body, &reply.content_type) {
            _ if of_its_status && status != 0 && !ERROR_STATUSES.contains(&status) => {
                let word = self.payload.as_deref().unwrap_or("default-errorfiles");
                Err(format!(
                    "status code '{status}' not handled by default with '{word}' argument."
                ))
            }
            (ReplyBody::Text(text), _) if without_body && !text.is_empty() => {
                Err(format!("No body expected for {status} responses"))
            }
            (ReplyBody::Format(_), _) if without_body => {
                Err(format!("No body expected for {status} responses"))
            }
            (ReplyBody::Text(text), None) if !text.is_empty() => Err(
                "a content type must be defined when non-empty payload is configured".to_owned(),
            ),
            (ReplyBody::Format(_), None) => {
                Err("a content type must be defined with a log-format payload".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// Tells of words that do nothing, and takes them out.
    fn warn(&mut self, action: &mut Action<'_, '_, '_>) {
        let whole =
            self.group.is_some() || matches!(self.reply.body, ReplyBody::File(_) | ReplyBody::Page);
        let useless = match &self.reply.body {
            _ if whole => "when used with an erorrfile.",
            ReplyBody::Empty => "because neither errorfile nor payload defined.",
            ReplyBody::Text(text) if text.is_empty() => "when used with an empty payload.",
            _ => "",
        };
        if !useless.is_empty()
            && let Some(name) = self.reply.content_type.take()
        {
            let words = format!("content-type '{name}' ignored by the http reply {useless}");
            warn(action, self.content_type_at, &words);
        }
        if whole && !self.reply.headers.is_empty() {
            self.reply.headers.clear();
            let words = "hdr parameters ignored by the http reply when used with an erorrfile.";
            warn(action, self.headers_at, words);
        }
        if let ReplyBody::Text(text) = &self.reply.body
            && text.len() + RESERVE > MAX_SIZE
            && self.payload.as_deref() == Some("file")
        {
            let words = "http reply payload runs over the buffer space reserved to headers rewriting. It may lead to \
                         internal errors if strict rewriting mode is enabled.";
            warn(action, action.at - 1, words);
        }
    }
}

/// The word after the next one.
fn argument(action: &mut Action<'_, '_, '_>, what: &str) -> Result<String, String> {
    let word = action.take();
    if action.line.text(action.at).is_empty() {
        return Err(format!("'{word}' expects {what} as argument"));
    }
    Ok(action.take())
}

/// What is in the file that is named next.
fn content(action: &mut Action<'_, '_, '_>) -> Result<Vec<u8>, String> {
    let path = argument(action, "<file>")?;
    let content = (action.context.shared.read_file)(&path);
    let content = content.ok_or_else(|| format!("error opening file '{path}'"))?;
    match content.len() {
        size if size > MAX_SIZE => Err(format!(
            "file '{path}' exceeds the buffer size ({size} > {MAX_SIZE})"
        )),
        _ => Ok(content),
    }
}

fn status(code: &str) -> Result<u16, String> {
    let (number, _) = crate::value::lenient_integer(code);
    let status = u16::try_from(number).ok();
    status
        .filter(|status| (200..=599).contains(status))
        .ok_or_else(|| format!("Unexpected status code '{number}'"))
}

fn warn(action: &mut Action<'_, '_, '_>, at: usize, words: &str) {
    let report = &mut *action.context.report;
    report.push(
        Diagnostic::warning("useless-words", words.trim_end_matches('.'))
            .at(action.line.span(at), "")
            .haproxy(report.spaced(action.line.span, words)),
    );
}
