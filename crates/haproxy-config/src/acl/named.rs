//! `acl NAME TEST...` lines.

use super::{keywords, test};
use crate::keywords::server::forbidden_char;
use crate::proxy::ProxyContext;
use crate::raw::Line;
use crate::sample::{Place, Within};
use diagnostics::{Diagnostic, Span};
use samples::{Acl, Matching, Test};
use std::sync::Arc;

/// The named tests of a section.
#[derive(Clone, Debug, Default)]
pub(crate) struct Acls(Vec<(Span, Arc<Acl>)>);

impl Acls {
    /// The test of a name, if a line above `line` has it.
    pub(crate) fn find(&self, name: &str, line: Span) -> Option<&Arc<Acl>> {
        let mut named = self.0.iter().filter(|(_, acl)| acl.name == name);
        let (first, acl) = named.next()?;
        (first.source != line.source || first.start <= line.start).then_some(acl)
    }

    /// All tests with their first lines.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Span, &Acl)> {
        self.0.iter().map(|(span, acl)| (*span, &**acl))
    }

    /// All names, for suggestions.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(_, acl)| acl.name.as_str())
    }
}

/// Reads all `acl` lines of a section before its other lines, since a later line of the same name adds to it.
pub(crate) fn read(context: &mut ProxyContext<'_, '_>, lines: &[Line]) {
    let mut named: Vec<(Span, Acl)> = Vec::new();
    if context.proxy.is_anonymous() {
        return;
    }
    for line in lines.iter().filter(|line| line.text(0) == "acl") {
        let Some(test) = line_of(context, line) else {
            continue;
        };
        let name = line.text(1);
        match named.iter_mut().find(|(_, acl)| acl.name == name) {
            Some((_, acl)) => acl.tests.push(test),
            None => named.push((
                line.span,
                Acl {
                    name: name.to_owned(),
                    tests: vec![test],
                },
            )),
        }
    }
    let named = named.into_iter().map(|(span, acl)| (span, Arc::new(acl)));
    context.proxy.acls = Acls(named.collect());
}

fn line_of(context: &mut ProxyContext<'_, '_>, line: &Line) -> Option<Test> {
    let name = line.text(1);
    let report = &mut *context.report;
    if name.is_empty() {
        report.push(
            Diagnostic::error("missing-name", "this `acl` has no name")
                .at(line.keyword().span, "")
                .next("for example  acl is_api path_beg /api"),
        );
        return None;
    }
    if let Some(odd) = forbidden_char(name) {
        let words = format!("character '{odd}' is not permitted in acl name '{name}'.");
        report.push(
            Diagnostic::error("bad-name", format!("`{name}` is not an acl's name"))
                .at(line.span(1), "")
                .why(format!(
                    "`{odd}` is not allowed; letters, digits and _ : . - are"
                ))
                .haproxy(report.spaced(line.span, &words)),
        );
        return None;
    }
    if name.eq_ignore_ascii_case("or") {
        let words = format!(
            "acl name '{name}' will never match. 'or' is used to express a logical disjunction within a condition."
        );
        report.push(
            Diagnostic::error("bad-name", format!("`{name}` is not an acl's name"))
                .at(line.span(1), "")
                .why("`or` stands between tests in a condition")
                .haproxy(report.spaced(line.span, &words)),
        );
        return None;
    }
    let mut place = Place {
        shared: context.shared,
        span: line.span,
        proxy: &context.proxy.name.text,
        within: Within::Acl,
        fetch: "",
    };
    match test::read(&line.words[2..], &mut place, report) {
        Ok(test) => Some(test),
        Err(words) => {
            let told = format!("error detected while parsing ACL '{name}' : {words}.");
            let at = if line.words.len() > 2 { 2 } else { 1 };
            report.push(
                Diagnostic::error("bad-acl", format!("`acl {name}`: {words}"))
                    .at(line.span(at), suggestion(line.text(2)))
                    .haproxy(report.spaced(line.span, &told)),
            );
            None
        }
    }
}

/// A fetch of a similar name.
fn suggestion(text: &str) -> String {
    let name = crate::sample::name(text).0;
    if crate::sample::find_fetch(name).is_some() || Matching::find(name).is_some() {
        return String::new();
    }
    let words: Vec<String> = keywords::names().collect();
    let fetches = samples::fetch::all().map(|fetch| fetch.name);
    let known = words.iter().map(String::as_str).chain(fetches);
    let nearest = diagnostics::nearest(name, known);
    nearest.map_or_else(String::new, |name| format!("did you mean `{name}`?"))
}
