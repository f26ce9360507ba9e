//! Answers of one's own in place of error pages: `errorfile`, `errorloc`, `errorfiles`, `http-error`, and `http-errors`
//! sections.

use super::http_rules::Action;
use super::{reply, server};
use crate::acl::Site;
use crate::error_file::{self, MAX_SIZE};
use crate::model::{ERROR_STATUSES, ErrorFile, Reply, ReplyBody};
use crate::proxy::{GroupUse, ProxyContext};
use crate::raw::{Line, RawSection};
use crate::report::Report;
use crate::sample::shared::{ErrorGroup, ReadFile, Shared};
use crate::value::lenient_integer;
use diagnostics::{Diagnostic, Span};
use std::collections::BTreeMap;
use std::sync::Arc;

/// `errorfile STATUS FILE`.
pub(super) fn file(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let read = context.shared.read_file;
    match status_and_file(line, read, context.report) {
        Ok((status, file)) => set(context, status, file),
        Err(words) => wrong(line, &format!("errorfile : {words}"), context.report),
    }
}

/// `errorloc STATUS URL` and its kin.
pub(super) fn location(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let keyword = line.text(0);
    if line.text(2).is_empty() {
        let words = format!("{keyword} : expects <status_code> and <url> as arguments.\n");
        return wrong(line, &words, context.report);
    }
    match known_status(line.text(1)) {
        Ok(status) => {
            let code = if keyword == "errorloc303" { 303 } else { 302 };
            set(context, status, error_file::redirect(code, line.text(2)));
        }
        Err(words) => wrong(line, &format!("{keyword} : {words}"), context.report),
    }
}

/// `errorfiles NAME [STATUS...]`.
pub(super) fn files(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let Some(name) = line.words.get(1).filter(|word| !word.text.is_empty()) else {
        let words = "errorfiles : expects <name> as argument.";
        return wrong(line, words, context.report);
    };
    let mut statuses = Vec::new();
    for word in &line.words[2..] {
        match known_status(&word.text) {
            Ok(status) => statuses.push(status),
            Err(words) => return wrong(line, &format!("errorfiles : {words}"), context.report),
        }
    }
    let pages = context.shared.error_group(&name.text);
    let pages = pages.map(|group| group.pages.clone()).unwrap_or_default();
    for (status, page) in pages {
        if statuses.is_empty() || statuses.contains(&status) {
            let page = Arc::new(Reply::file(status, page));
            context.proxy.settings.errors.insert(status, page);
        }
    }
    context.proxy.settings.groups.push(GroupUse {
        name: name.clone(),
        statuses,
        by_rule: false,
    });
}

/// `http-error status STATUS [what it says]`.
pub(super) fn http_error(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let mut action = Action {
        line,
        named: 0,
        at: 1,
        site: Site::ErrorPage,
        context,
    };
    let read = reply::of_error(&mut action);
    let at = action.at;
    let words = match read {
        Err(words) => format!("http-error : {words}"),
        Ok(reply) if reply.status == 0 => {
            "http-error : expects at least a <status> as arguments.\n".to_owned()
        }
        Ok(reply) if !ERROR_STATUSES.contains(&reply.status) => {
            format!("http-error: status code '{}' not handled.", reply.status)
        }
        Ok(_) if !line.text(at).is_empty() => {
            format!("http-error : unknown keyword '{}'.", line.text(at))
        }
        Ok(reply) => {
            let errors = &mut context.proxy.settings.errors;
            match reply.body {
                ReplyBody::Page => errors.remove(&reply.status),
                _ => errors.insert(reply.status, Arc::new(reply)),
            };
            return;
        }
    };
    wrong(line, &words, context.report);
}

/// Reads all `http-errors` sections.
pub(crate) fn sections(raw: &[RawSection], shared: &mut Shared, report: &mut Report<'_>) {
    for section in raw
        .iter()
        .filter(|section| section.head.text(0) == "http-errors")
    {
        let Some(name) = section.head.words.get(1) else {
            missing_name(&section.head, report);
            return;
        };
        check_name(section, shared, report);
        let mut pages = BTreeMap::new();
        for line in &section.lines {
            pages.extend(page(line, shared.read_file, report));
        }
        shared.error_groups.push(ErrorGroup {
            name: name.clone(),
            pages,
        });
    }
}

fn missing_name(head: &Line, report: &mut Report<'_>) {
    report.push(
        Diagnostic::error("missing-name", "this `http-errors` has no name")
            .at(head.keyword().span, "")
            .next("for example  http-errors pages")
            .haproxy(report.spaced(head.span, "missing name for http-errors section.")),
    );
}

fn check_name(section: &RawSection, shared: &Shared, report: &mut Report<'_>) {
    let (head, name) = (&section.head, section.head.text(1));
    if let Some(odd) = server::forbidden_char(name) {
        let words = format!("character '{odd}' is not permitted in 'http-errors' name '{name}'.");
        report.push(
            Diagnostic::error("bad-name", format!("`{name}` is not a name"))
                .at(head.span(1), "")
                .why(format!(
                    "`{odd}` is not allowed; letters, digits and _ : . - are"
                ))
                .haproxy(report.spaced(head.span, &words)),
        );
    }
    if let Some(former) = shared.error_group(name) {
        let words = format!(
            "http-errors section '{name}' already exists (declared at {}).",
            report.place(former.name.span)
        );
        report.push(
            Diagnostic::error(
                "duplicate-http-errors",
                format!("two `http-errors` are named `{name}`"),
            )
            .at(head.span(1), "again here")
            .beside(former.name.span, "first used here")
            .haproxy(report.tight(head.span, &words)),
        );
    }
}

/// A line of a section.
fn page(line: &Line, read: ReadFile, report: &mut Report<'_>) -> Option<(u16, Arc<ErrorFile>)> {
    let word = line.text(0);
    if word != "errorfile" {
        let words = format!("unknown keyword '{word}' in 'http-errors' section");
        report.push(
            Diagnostic::error(
                "unknown-keyword",
                format!("unknown word `{word}` in an `http-errors` section"),
            )
            .at(line.keyword().span, "only `errorfile` is known here")
            .haproxy(report.spaced(line.span, &words)),
        );
        return None;
    }
    match status_and_file(line, read, report) {
        Ok((status, file)) => Some((status, Arc::new(file))),
        // HAProxy spells this one without a blank, and a line end, here
        Err(words) if words.ends_with('\n') => {
            wrong(line, &format!("errorfile: {}", words.trim_end()), report);
            None
        }
        Err(words) => {
            wrong(line, &format!("errorfile : {words}"), report);
            None
        }
    }
}

fn status_and_file(
    line: &Line,
    read: ReadFile,
    report: &mut Report<'_>,
) -> Result<(u16, ErrorFile), String> {
    if line.text(2).is_empty() {
        return Err("expects <status_code> and <file> as arguments.\n".to_owned());
    }
    let status = known_status(line.text(1))?;
    let file = load(line.text(2), line.span(2), read, report)?;
    Ok((status, file))
}

/// Reads an error file; the error is HAProxy's.
pub(super) fn load(
    path: &str,
    at: Span,
    read: ReadFile,
    report: &mut Report<'_>,
) -> Result<ErrorFile, String> {
    let mut content = read(path).ok_or_else(|| format!("error opening file '{path}'."))?;
    if content.len() > MAX_SIZE {
        let words = format!(
            "config : custom error message file '{path}' larger than {MAX_SIZE} bytes. Truncating."
        );
        content.truncate(MAX_SIZE);
        report.push(
            Diagnostic::warning(
                "large-error-file",
                format!("`{path}` is larger than {MAX_SIZE} bytes, and cut off there"),
            )
            .at(at, "")
            .haproxy(words),
        );
    }
    error_file::parse(&content).map_err(|words| format!("'{path}': {words}"))
}

/// A status that HAProxy has a page for.
fn known_status(word: &str) -> Result<u16, String> {
    let (number, _) = lenient_integer(word);
    let status = u16::try_from(number).ok();
    status
        .filter(|status| ERROR_STATUSES.contains(status))
        .ok_or_else(|| format!("status code '{number}' not handled."))
}

fn set(context: &mut ProxyContext<'_, '_>, status: u16, file: ErrorFile) {
    let page = Reply::file(status, Arc::new(file));
    context.proxy.settings.errors.insert(status, Arc::new(page));
}

fn wrong(line: &Line, words: &str, report: &mut Report<'_>) {
    let told = words.split_once(": ").map_or(words, |(_, told)| told);
    let mut diagnostic = Diagnostic::error("bad-error-page", told.trim_end())
        .at(line.statement(), "")
        .haproxy(report.spaced(line.span, words));
    if words.contains("unable to parse headers") {
        diagnostic = diagnostic.why("the file must hold a whole answer: a first line, fields, an empty line, then the page")
            .next("let it begin with  HTTP/1.0 503 Service Unavailable  and a line  Content-Type: text/html");
    }
    report.push(diagnostic);
}

impl Reply {
    /// An error page from a file.
    fn file(status: u16, file: Arc<ErrorFile>) -> Self {
        Self {
            status,
            content_type: None,
            body: ReplyBody::File(file),
            headers: Vec::new(),
        }
    }
}
