//! Servers begin in the states that an earlier process has left.

use super::{Backend, Place, Server, ServerPort};
use crate::server_state::{Kept, Restored, Target};
use lb_core::Uptime;
use lb_core::server::ServerIndex;
use std::sync::Arc;

/// Brings all servers into the states that are known of them; what HAProxy says of it, in its order.
pub(super) fn restore(backends: &[Arc<Backend>], kept: &Kept, now: Uptime) -> Vec<String> {
    let mut told = kept.words.clone();
    for backend in backends {
        let Some(kept) = kept.backends.get(&backend.name) else {
            continue;
        };
        told.extend_from_slice(&kept.before);
        for server in backend.servers.iter() {
            let title = format!("'{}/{}'", backend.name, server.name);
            match kept.server(&server.name) {
                None => {}
                Some(Ok(known)) => one(backend, server.index, &known, now, &mut told),
                Some(Err(wrong)) => told.push(format!(
                    "server-state application failed for server {title}{wrong}"
                )),
            }
        }
        told.extend_from_slice(&kept.after);
    }
    told
}

fn one(
    backend: &Backend,
    index: ServerIndex,
    known: &Restored,
    now: Uptime,
    told: &mut Vec<String>,
) {
    let transitions = backend.live().restore(index, &known.kept, now);
    told.extend(transitions.iter().filter_map(|it| it.at_start()));
    backend.tell_followers(index, None, &mut |_, it| told.extend(it.at_start()));
    let server = backend.server(index);
    rename(server, known);
    set_port(server, known.port);
    if let Some(on) = known.tls.filter(|_| server.tls.requests.is_some()) {
        server.set_tls(on);
    }
    let asked = {
        let live = backend.live();
        let live = live.server(index);
        (live.has_checks(), live.has_agent())
    };
    if let Err(wrong) = aim_checks(server, known, asked) {
        let (backend, server) = (&backend.name, &server.name);
        told.push(format!(
            "server-state partially applied for server '{backend}/{server}', {wrong}"
        ));
    }
}

/// A person had given it another name, which counts where names are looked up while the balancer runs.
fn rename(server: &Server, known: &Restored) {
    let named = server
        .address
        .named()
        .filter(|_| server.resolution.is_some());
    if let (Some(named), Some(name)) = (named, &known.renamed)
        && named.host().is_some_and(|host| host != *name)
    {
        named.rename(name);
    }
}

fn set_port(server: &Server, port: u16) {
    let Some(Place { ip, port: before }) = server.address.place() else {
        return;
    };
    let port = match before {
        ServerPort::Fixed(_) => ServerPort::Fixed(port),
        ServerPort::Client | ServerPort::Offset(_) if port == 0 => ServerPort::Client,
        ServerPort::Client | ServerPort::Offset(_) => {
            ServerPort::Offset(i32::from(port.cast_signed()))
        }
    };
    if port != before {
        server.address.move_to(Place { ip, port });
    }
}

/// `checked` and `asked`: checks, and questions to its agent, are not switched off.
fn aim_checks(
    server: &Server,
    known: &Restored,
    (checked, asked): (bool, bool),
) -> Result<(), String> {
    let allowed = |target: &Target, there: bool, what: &str| match there {
        true => target.aim(),
        false => Err(format!("{what} checks are not enabled on this server")),
    };
    if !known.checks.is_silent() {
        let (ip, port) = allowed(&known.checks, checked, "health")?;
        server.aim_checks(|aim| (aim.ip, aim.port) = (ip.or(aim.ip), port.or(aim.port)));
    }
    if !known.agent.is_silent() {
        let (ip, port) = allowed(&known.agent, asked, "agent")?;
        server.aim_agent(|aim| (aim.ip, aim.port) = (ip.or(aim.ip), port.or(aim.port)));
    }
    Ok(())
}
