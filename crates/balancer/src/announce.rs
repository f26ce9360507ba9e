//! A change of a server's state, told to people and to those it concerns.

use crate::logger::Logger;
use crate::plan::Backend;
use lb_core::transition::{Change, Transition};

/// Tells it on stderr and in the log, and ends the sessions of a server that is lost where that is asked for.
pub fn announce(logger: &Logger, backend: &Backend, transition: &Transition) {
    logger.tell(backend, transition);
    let lost = matches!(
        transition.change,
        Change::Down(_) | Change::Maintenance { .. } | Change::Unresolved { .. }
    );
    let mut servers = backend.servers.iter();
    if let Some(server) = servers.find(|server| lost && server.name == transition.server) {
        server.end_sessions();
    }
}
