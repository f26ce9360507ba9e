//! How much a server takes, and when: `maxconn`, `minconn`, `maxqueue`, `slowstart`, `backup`.

use super::server_parameters::{Parameter, ServerContext};
use crate::times;
use crate::value::{TimeError, Unit};
use diagnostics::Diagnostic;

pub(super) fn maxconn(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    context.settings.limits.maxconn = context.number(parameter);
}

pub(super) fn minconn(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    context.settings.limits.minconn = context.number(parameter);
}

pub(super) fn maxqueue(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    context.settings.limits.maxqueue = context.number(parameter);
}

pub(super) fn slowstart(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    let Some(value) = parameter.value else {
        let what = Diagnostic::error("missing-value", "`slowstart` wants a time");
        let words = context.words(parameter, "unexpected character '");
        let what = what.at(parameter.name.span, "").next("slowstart 30s");
        context.report.push(what.haproxy(words));
        return;
    };
    let spelling = times::Spelling {
        shown: "slowstart",
        unit: Unit::Milliseconds,
        words: |_| String::new(),
    };
    let before = context.report.errors();
    let read = times::read(value, parameter.line, &spelling, context.report);
    if context.report.errors() > before {
        let words = context.words(parameter, &slowstart_words(&context.server, &value.text));
        context.report.amend_last(words);
    }
    context.settings.limits.slowstart = read.unwrap_or_default();
}

fn slowstart_words(server: &str, value: &str) -> String {
    match crate::value::time(value, Unit::Milliseconds) {
        Err(TimeError::Overflow) => format!(
            "overflow in argument <{value}> to <slowstart> of server {server}, maximum value is 2147483647 ms (~24.8 days)."
        ),
        Err(TimeError::Unexpected(odd)) => {
            format!("unexpected character '{odd}' in 'slowstart' argument of server {server}.")
        }
        Ok(_) => String::new(),
    }
}

pub(super) fn backup(context: &mut ServerContext<'_, '_>, _: &Parameter<'_>) {
    context.settings.limits.backup = true;
}

pub(super) fn no_backup(context: &mut ServerContext<'_, '_>, _: &Parameter<'_>) {
    context.settings.limits.backup = false;
}
