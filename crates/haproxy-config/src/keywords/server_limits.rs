//! How much a server takes at once: `maxconn`, `minconn`, `maxqueue`.

use super::server_parameters::{Parameter, ServerContext};

pub(super) fn maxconn(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    context.settings.limits.maxconn = context.number(parameter);
}

pub(super) fn minconn(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    context.settings.limits.minconn = context.number(parameter);
}

pub(super) fn maxqueue(context: &mut ServerContext<'_, '_>, parameter: &Parameter<'_>) {
    context.settings.limits.maxqueue = context.number(parameter);
}
