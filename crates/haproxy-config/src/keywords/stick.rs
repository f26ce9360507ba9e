//! `stick on|match|store-request|store-response`.

use super::rules;
use crate::acl::Site;
use crate::model::StickKind;
use crate::proxy::{ProxyContext, StickDraft};
use crate::raw::Line;
use crate::sample;
use diagnostics::Diagnostic;
use samples::fetch::Needs;

pub(super) fn parse(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let kind = match line.text(1) {
        "on" => StickKind::On,
        "match" => StickKind::Match,
        "store-request" => StickKind::StoreRequest,
        "store-response" => StickKind::StoreResponse,
        _ => {
            let words = "'stick' expects 'on', 'match', or 'store'.";
            return context.report.push(
                Diagnostic::error("bad-stick", "what is to be done?")
                    .at(line.statement(), "")
                    .why("known ones: on, match, store-request, store-response")
                    .haproxy(context.report.spaced(line.span, words)),
            );
        }
    };
    let Some(text) = line.words.get(2).filter(|word| !word.text.is_empty()) else {
        let words = "'stick' expects a fetch method.";
        return context.report.push(
            Diagnostic::error("missing-value", "by what is a client known?")
                .at(line.statement(), "")
                .next("for example  stick on src")
                .haproxy(context.report.spaced(line.span, words)),
        );
    };
    let read = sample::expression(&text.text, &mut context.place(line.span));
    let expression = match read.and_then(|expression| available(expression, kind)) {
        Ok(expression) => expression,
        Err(words) => {
            let told = format!("'stick': {words}");
            return context.report.push(
                Diagnostic::error("bad-expression", words)
                    .at(text.span, "")
                    .haproxy(context.report.spaced(line.span, &told)),
            );
        }
    };
    let mut at = 3;
    let mut table = None;
    if line.text(at) == "table" {
        table = line.words.get(at + 1).cloned();
        at += 2;
    }
    let condition = match line.text(at) {
        "" => None,
        "if" | "unless" => {
            let told = "'stick': error detected while parsing sticking condition ";
            let site = match kind {
                StickKind::StoreResponse => Site::BackendResponse,
                StickKind::On | StickKind::Match | StickKind::StoreRequest => Site::UseServer,
            };
            let read = rules::condition_told(context, line, at, site, told);
            match read {
                Some(condition) => Some(condition),
                None => return,
            }
        }
        odd => {
            let words = format!("'stick': unknown keyword '{odd}'.");
            return context.report.push(
                Diagnostic::error("unexpected-word", format!("`{odd}` does not belong here"))
                    .at(line.span(at), "")
                    .haproxy(context.report.spaced(line.span, &words)),
            );
        }
    };
    context.proxy.stick.push(StickDraft {
        kind,
        expression,
        table,
        condition,
        span: line.statement(),
    });
}

/// Whether its value is there when the rule is looked at.
fn available(
    expression: samples::Expression,
    kind: StickKind,
) -> Result<samples::Expression, String> {
    let needs = expression.fetch.needs;
    let (missing, when) = match kind {
        StickKind::StoreResponse => (
            matches!(needs, Needs::Request | Needs::Body),
            "available for 'store-response'",
        ),
        StickKind::On | StickKind::Match | StickKind::StoreRequest => (
            matches!(
                needs,
                Needs::Response | Needs::ResponseFacts | Needs::Server
            ),
            "available during request",
        ),
    };
    if !missing {
        return Ok(expression);
    }
    Err(format!(
        "fetch method '{}' extracts information from '{}', none of which is {when}.",
        expression.fetch.name,
        needs.title()
    ))
}
