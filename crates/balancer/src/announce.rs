//! A change of a server's state, told to people and to those it concerns.

use crate::logger::Logger;
use crate::plan::{Backend, Server};
use lb_core::termination::Cause;
use lb_core::transition::{Change, Transition};

/// Tells it on stderr and in the log, brings those that track the server into its state, and ends the sessions of a server that is lost, or those on backup servers once they
/// are not needed any more, where that is asked for.
pub fn announce(logger: &Logger, backend: &Backend, transition: &Transition) {
    logger.tell(backend, transition);
    let mut servers = backend.servers.iter();
    let Some(server) = servers.find(|server| server.name == transition.server) else {
        return;
    };
    let lost = matches!(
        transition.change,
        Change::Down(_) | Change::Maintenance { .. } | Change::Unresolved { .. }
    );
    if lost && server.shutdown_on_down {
        server.end_sessions(Cause::Down);
    }
    if transition.change.is_up() {
        leave_backups(backend, server);
    }
    let cause = match transition.change {
        Change::Unresolved { cause, .. } => Some(cause),
        _ => None,
    };
    backend.tell_followers(server.index, cause, &mut |backend, transition| {
        announce(logger, backend, &transition);
    });
}

fn leave_backups(backend: &Backend, server: &Server) {
    let serves =
        server.ends_backups && !server.backup && backend.live().server(server.index).eligible();
    let backups = backend.servers.iter().filter(|other| other.backup);
    for backup in backups.filter(|_| serves) {
        backup.end_sessions(Cause::BackupLeft);
    }
}
