//! `disable`, `enable` and `shutdown frontend`, and what the signals SIGTTOU and SIGTTIN do to all of them.

use super::session::{Context, Reply};
use crate::logger::Logger;
use crate::plan::{Frontend, Gate, Plan};
use crate::process::Process;
use std::sync::Arc;

/// `disable frontend NAME`.
pub(super) fn disable(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    on_frontend(context, arguments, |context, frontend| {
        match frontend.gate.get() {
            Gate::Shut => {
                return Reply::error("Frontend was previously shut down, cannot disable.");
            }
            Gate::Paused => return Reply::error("All sockets are already disabled."),
            Gate::Open => pause(frontend, context.process, context.logger),
        }
        Reply::Done
    })
}

/// `enable frontend NAME`.
pub(super) fn enable(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    on_frontend(context, arguments, |context, frontend| {
        match frontend.gate.get() {
            Gate::Shut => return Reply::error("Frontend was previously shut down, cannot enable."),
            Gate::Open => return Reply::error("All sockets are already enabled."),
            Gate::Paused => resume(frontend, context.process, context.logger),
        }
        Reply::Done
    })
}

/// `shutdown frontend NAME`.
pub(super) fn shut_down(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    on_frontend(context, arguments, |context, frontend| {
        if frontend.gate.get() == Gate::Shut {
            return Reply::error("Frontend was already shut down.");
        }
        frontend.gate.set(Gate::Shut);
        context.process.gates.notify_waiters();
        let front = frontend.live().counters().conn_tot;
        let back = frontend
            .other_half()
            .map_or(0, |backend| backend.live().counters().stot);
        let words = format!(
            "Proxy {} stopped (cumulated conns: FE: {front}, BE: {back}).",
            frontend.name
        );
        context.logger.tell_gate(&frontend.log, &words);
        Reply::Done
    })
}

/// SIGTTOU: nobody comes in any more, until [`resume_all`].
pub fn pause_all(plan: &Plan, process: &Process, logger: &Logger) {
    let open = plan.frontends.iter();
    for frontend in open.filter(|frontend| frontend.gate.get() == Gate::Open) {
        pause(frontend, process, logger);
    }
}

/// SIGTTIN: those that were paused let clients in again.
pub fn resume_all(plan: &Plan, process: &Process, logger: &Logger) {
    let paused = plan.frontends.iter();
    for frontend in paused.filter(|frontend| frontend.gate.get() == Gate::Paused) {
        resume(frontend, process, logger);
    }
}

fn pause(frontend: &Frontend, process: &Process, logger: &Logger) {
    frontend.gate.set(Gate::Paused);
    process.gates.notify_waiters();
    logger.tell_gate(
        &frontend.log,
        &format!("Paused frontend {}.", frontend.name),
    );
}

fn resume(frontend: &Frontend, process: &Process, logger: &Logger) {
    frontend.gate.set(Gate::Open);
    process.gates.notify_waiters();
    logger.tell_gate(
        &frontend.log,
        &format!("Resumed frontend {}.", frontend.name),
    );
}

/// Does something with the frontend that the first argument names: by its name, or as `#ID`.
fn on_frontend(
    context: &mut Context<'_>,
    arguments: &[String],
    act: impl FnOnce(&mut Context<'_>, &Arc<Frontend>) -> Reply,
) -> Reply {
    let Some(name) = arguments.first().filter(|name| !name.is_empty()) else {
        return Reply::error("A frontend name is expected.");
    };
    let id = name.strip_prefix('#').and_then(|id| id.parse::<u32>().ok());
    let mut frontends = context.plan.frontends.iter();
    let found = match id {
        Some(id) => frontends.find(|frontend| frontend.id == id),
        None => frontends.find(|frontend| frontend.name == *name),
    };
    match found.cloned() {
        Some(frontend) => act(context, &frontend),
        None => Reply::error("No such frontend."),
    }
}
