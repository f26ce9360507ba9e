//! `use_backend NAME [if|unless CONDITION]`.

use super::rules;
use crate::acl::Site;
use crate::proxy::{BackendName, ProxyContext, UseBackendDraft};
use crate::raw::Line;
use crate::sample;
use diagnostics::Diagnostic;
use samples::format::Purpose;

pub(super) fn parse(context: &mut ProxyContext<'_, '_>, line: &Line) {
    let Some(name) = line.words.get(1).filter(|word| !word.text.is_empty()) else {
        let words = "'use_backend' expects a backend name.";
        context.report.push(
            Diagnostic::error("missing-value", "`use_backend` wants a backend's name")
                .at(line.keyword().span, "")
                .next("for example  use_backend api if { path_beg /api }")
                .haproxy(context.report.spaced(line.span, words)),
        );
        return;
    };
    let condition = match line.text(2) {
        "" => None,
        "if" | "unless" => {
            let Some(condition) =
                rules::condition(context, line, 2, Site::UseBackend, "switching rule")
            else {
                return;
            };
            Some(condition)
        }
        odd => {
            let words = format!(
                "unexpected keyword '{odd}' after switching rule, only 'if' and 'unless' are allowed."
            );
            context.report.push(
                Diagnostic::error("unexpected-word", format!("`{odd}` does not belong here"))
                    .at(line.span(2), "")
                    .why("after the backend's name stands `if` or `unless`")
                    .haproxy(context.report.spaced(line.span, &words)),
            );
            return;
        }
    };
    let to = if name.text.contains('%') {
        let mut place = context.place(line.span);
        match sample::format(&name.text, Purpose::Http, Site::UseBackend, &mut place) {
            Ok(format) => BackendName::Computed(format),
            Err(words) => {
                let told = format!(
                    "config : Parsing [{}]: failed to parse use_backend rule '{}' : {words}.",
                    context.report.place(line.span),
                    name.text
                );
                context.report.push(
                    Diagnostic::error("bad-format", format!("`{}`: {words}", name.text))
                        .at(name.span, "")
                        .haproxy(told),
                );
                return;
            }
        }
    } else {
        BackendName::Written(name.clone())
    };
    context
        .proxy
        .use_backends
        .push(UseBackendDraft { to, condition });
}
