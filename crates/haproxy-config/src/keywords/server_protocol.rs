//! What is spoken to servers: `proto`, `ws`, `max-reuse`.

use super::server_parameters::{Parameter, ServerContext};
use crate::proxy::ServerMux;

/// `proto`
pub(super) fn protocol(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    let Some(value) = parameter.value else {
        return context.missing(parameter, "'proto' : missing value");
    };
    context.settings.proto = Some(match value.text.as_str() {
        "h1" => ServerMux::Http1,
        "h2" => ServerMux::Http2,
        "none" => ServerMux::Nothing,
        "fcgi" => {
            let place = parameter.name.span;
            return context.report.push(super::refused("proto fcgi", place));
        }
        other => {
            let words = format!("'proto' :  unknown MUX protocol '{other}'");
            return context.no_such_value(parameter, &words, "`h1`, `h2`");
        }
    });
}

/// `max-reuse`: a number below 0 is no limit.
pub(super) fn max_reuse(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    let Some(value) = parameter.value else {
        return context.missing(parameter, "'max-reuse' expects <value> as argument.");
    };
    let number = super::lenient(value, context.report);
    context.settings.max_reuse = u32::try_from(number).ok();
}
