//! A server's `agent-*`, `observe`, `on-error` and `on-marked-*`.

use super::server_parameters::{Parameter, ServerContext};
use crate::address::host;
use crate::model::{ObservedLayer, OnError};
use diagnostics::{Diagnostic, Span};

pub(super) fn agent_port(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    let Some(value) = parameter.value else {
        return context.missing(parameter, "'agent-port' expects a port number as argument.");
    };
    match u16::try_from(super::lenient(value, context.report)) {
        Ok(0) => context.settings.agent_port = None,
        Ok(port) => context.settings.agent_port = Some(port),
        Err(_) => context.report.push(
            Diagnostic::error("bad-number", format!("`{}` is not a port", value.text))
                .at(value.span, "")
                .why("ports are 1 to 65535; HAProxy takes this number modulo 65536 without a word"),
        ),
    }
}

pub(super) fn agent_addr(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    let Some(value) = parameter.value else {
        return context.missing(parameter, "'agent-addr' expects an address as argument.");
    };
    context.settings.agent_addr = Some(host(&value.text));
}

pub(super) fn agent_inter(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    if let Some(time) = context.time(parameter) {
        context.settings.agent_inter = Some(time);
    }
}

pub(super) fn agent_send(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    match parameter.value {
        Some(value) => context.settings.agent_send = Some(value.text.clone()),
        None => context.missing(parameter, "'agent-send' expects a string as argument."),
    }
}

pub(super) fn observe(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    let Some(value) = parameter.value else {
        return context.missing(parameter, "'observe' expects <mode> as argument.");
    };
    context.settings.observe = match value.text.as_str() {
        "none" => None,
        "layer4" => Some(ObservedLayer::Layer4),
        "layer7" => Some(ObservedLayer::Layer7),
        got => {
            let words =
                format!("'observe' expects one of 'none', 'layer4', 'layer7' but got '{got}'");
            return context.no_such_value(parameter, &words, "none, layer4, layer7");
        }
    };
}

pub(super) fn error_limit(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    let Some(value) = parameter.value else {
        return context.missing(parameter, "'error-limit' expects an integer argument.");
    };
    let number = super::lenient(value, context.report);
    match u32::try_from(number) {
        Ok(limit @ 1..) => context.settings.error_limit = limit,
        _ => {
            let words = context.words(parameter, "error-limit has to be > 0.");
            context.report.push(
                Diagnostic::error("bad-number", "`error-limit` must be at least 1")
                    .at(value.span, "")
                    .haproxy(words),
            );
        }
    }
}

pub(super) fn on_error(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    context.settings.on_error = match text(parameter) {
        "fastinter" => OnError::FastInter,
        "fail-check" => OnError::FailCheck,
        "sudden-death" => OnError::SuddenDeath,
        "mark-down" => OnError::MarkDown,
        got => {
            let words = format!(
                "'on-error' expects one of 'fastinter', 'fail-check', 'sudden-death' or 'mark-down' but got '{got}'"
            );
            let known = "fastinter, fail-check, sudden-death, mark-down";
            return context.no_such_value(parameter, &words, known);
        }
    };
}

pub(super) fn on_marked_down(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    match text(parameter) {
        "shutdown-sessions" => context.settings.shutdown_on_down = true,
        got => {
            let words = format!("'on-marked-down' expects 'shutdown-sessions' but got '{got}'");
            context.no_such_value(parameter, &words, "shutdown-sessions");
        }
    }
}

pub(super) fn on_marked_up(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    match text(parameter) {
        "shutdown-backup-sessions" => context.settings.ends_backups = true,
        got => {
            let words =
                format!("'on-marked-up' expects 'shutdown-backup-sessions' but got '{got}'");
            context.no_such_value(parameter, &words, "shutdown-backup-sessions");
        }
    }
}

impl ServerContext<'_, '_> {
    /// An agent has no port of its own.
    pub(super) fn check_agent(&mut self, address: Span) {
        let settings = &self.settings;
        if !settings.agent_check || settings.agent_port.is_some() {
            return;
        }
        let server = &self.server;
        let words = format!(
            "{}server {server} does not have agent port. Agent check has been disabled.",
            self.title
        );
        self.report.push(
            Diagnostic::error(
                "agent-without-port",
                format!("where is the agent of `{server}`?"),
            )
            .at(address, "")
            .why("an agent is a program of its own, so its port must be said")
            .next("write, for example,  agent-check agent-port 9999")
            .haproxy(self.report.bare(address, &words)),
        );
    }
}

fn text<'a>(parameter: &Parameter<'a>) -> &'a str {
    parameter.value.map_or("", |value| value.text.as_str())
}
