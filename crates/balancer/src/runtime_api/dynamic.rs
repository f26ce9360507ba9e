//! `add server b/s ADDRESS ...` and `del server b/s`.

use super::server::on_server;
use super::session::{Context, Reply};
use crate::plan::{AddError, Backend, DynamicServer, Newcomer, dynamic_server};
use crate::tls;
use lb_core::backend::Occupied;
use lb_core::server::ServerIndex;
use std::sync::Arc;

pub(super) fn add(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    let place = arguments.first().and_then(|word| word.split_once('/'));
    let place = place.filter(|(backend, server)| !backend.is_empty() && !server.is_empty());
    let Some((backend, name)) = place else {
        return message("Require 'backend/server'.");
    };
    let plan = context.plan;
    let is_wanted = |known: &&Arc<Backend>| match backend.strip_prefix('#') {
        Some(number) => number.parse() == Ok(known.id),
        None => known.name == backend,
    };
    let Some(backend) = plan.backends.iter().find(is_wanted) else {
        return message("No such backend.");
    };
    if !backend.live().balance().is_dynamic() {
        return message("Backend must use a dynamic load balancing to support dynamic servers.");
    }
    let mut words = vec![name.to_owned()];
    words.extend_from_slice(&arguments[1..]);
    match register(context, backend, &words) {
        Ok(()) => {
            context.process.servers_added.notify_one();
            let title = format!("'server {}/{name}' : ", backend.name);
            context
                .logger
                .note(&format!("CLI : {title}New server registered."));
            Reply::info("New server registered.")
        }
        Err(words) => Reply::error(&words),
    }
}

fn register(context: &Context<'_>, backend: &Arc<Backend>, words: &[String]) -> Result<(), String> {
    let DynamicServer {
        server,
        track,
        sources,
    } = dynamic_server(words, &backend.name, &backend.check, &context.plan.global)?;
    let leader = match &track {
        None => None,
        Some(wanted) => Some(leader(context, backend, wanted)?),
    };
    let title = format!("{}/{}", backend.name, server.name);
    let connectors = tls::connectors(&server, &title, &context.plan.global.tls, &sources)?;
    let newcomer = Newcomer {
        server,
        connectors,
        leader,
    };
    let id = newcomer.server.id;
    backend
        .add(newcomer, context.now)
        .map_err(|error| match error {
            AddError::Name => "Already exists a server with the same name in backend.".to_owned(),
            AddError::Id(other) => {
                format!("'id' : custom id {id} already used by 'server {other}'.")
            }
        })
}

/// The server that a new one is to track.
fn leader<'a>(
    context: &Context<'a>,
    own: &'a Arc<Backend>,
    wanted: &str,
) -> Result<(&'a Arc<Backend>, ServerIndex), String> {
    let (backend, name) = match wanted.rsplit_once('/') {
        None => (own, wanted),
        Some((backend, name)) => {
            let known = context.plan.backend(backend);
            let missing = || format!("unable to find required proxy '{backend}' for tracking.");
            (known.ok_or_else(missing)?, name)
        }
    };
    let index = backend.live().find(name);
    let index =
        index.ok_or_else(|| format!("unable to find required server '{name}' for tracking."))?;
    let place = format!("{}/{name}", backend.name);
    if !backend.servers.is_of_file(index) {
        return Err(format!(
            "unable to use {place} for tracking as it is a dynamic server."
        ));
    }
    let live = backend.live();
    let server = live.server(index);
    match server.check().is_some() || server.agent().is_some() || server.tracks().is_some() {
        true => Ok((backend, index)),
        false => Err(format!(
            "unable to use {place} for tracking as it does not have any check nor agent enabled."
        )),
    }
}

pub(super) fn delete(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    on_server(context, arguments, |context, target| {
        let server = target.server();
        if server.named_by_rules() || server.is_tracked() {
            return message(
                "This server cannot be removed at runtime due to other configuration elements pointing to it.",
            );
        }
        match target.backend.remove(server.index) {
            Ok(()) => {
                context.logger.note("CLI : Server deleted.");
                message("Server deleted.")
            }
            Err(Occupied::InService) => {
                message("Only servers in maintenance mode can be deleted.")
            }
            Err(Occupied::Connected) => {
                message("Server still has connections attached to it, cannot remove it.")
            }
        }
    })
    .without_line_end()
}

/// These come without a line end of their own.
fn message(text: &str) -> Reply {
    Reply::error(text).without_line_end()
}
