//! `add server`, `del server`: the servers of a backend change while it runs.

use super::initial::Last;
use super::server::{build, spec};
use super::{Backend, Names, tracking};
use crate::tls::Connectors;
use haproxy_config::model;
use lb_core::Uptime;
use lb_core::backend::Occupied;
use lb_core::server::ServerIndex;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A server to be added.
#[derive(Debug)]
pub struct Newcomer<'a> {
    /// Its id is 0 where the lowest free one will do.
    pub server: model::Server,
    pub connectors: Connectors,
    /// The server that it tracks.
    pub leader: Option<(&'a Arc<Backend>, ServerIndex)>,
}

/// Why a server is not added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddError {
    /// There is one of this name.
    Name,
    /// Its id is that of the server of this name.
    Id(String),
}

impl Backend {
    /// Takes a server in, which begins in maintenance. Nothing is looked up for it.
    ///
    /// # Errors
    ///
    /// Its name or its id is taken.
    pub fn add(self: &Arc<Self>, newcomer: Newcomer<'_>, now: Uptime) -> Result<(), AddError> {
        let Newcomer {
            mut server,
            connectors,
            leader,
        } = newcomer;
        let mut live = self.live();
        if self.servers.iter().any(|other| other.name == server.name) {
            return Err(AddError::Name);
        }
        let holder = |id| self.servers.iter().find(move |other| other.id == id);
        if server.id == 0 {
            server.id = (1..).find(|id| holder(*id).is_none()).unwrap_or(u32::MAX);
        } else if let Some(other) = holder(server.id) {
            return Err(AddError::Id(other.name.clone()));
        }
        server.source = server.source.or(self.source);
        let names = Names {
            lookup: &|_| None,
            kept: None,
            nameservers: &[],
            tolerate: true,
        };
        let tracks = leader
            .map(|(backend, leader)| format!("{}/{}", backend.name, backend.server(leader).name));
        let index = live.next_index();
        let mut added = build(index, &server, &names, Last::default(), &mut |_, _| {});
        added.tls = connectors;
        let mut spec = spec(&server, &added, tracks);
        // Its name is not looked up, so that no answer could end this.
        spec.unresolved = false;
        live.add(spec, now);
        self.servers.push(added);
        drop(live);
        if let Some(leader) = leader {
            tracking::join(leader, (self, index));
        }
        Ok(())
    }

    /// Lets a server go.
    ///
    /// # Errors
    ///
    /// It still serves, or might.
    pub fn remove(&self, index: ServerIndex) -> Result<(), Occupied> {
        let server = self.server(index);
        let mut live = self.live();
        live.remove(index)?;
        server.gone.store(true, Ordering::Relaxed);
        drop(live);
        self.leave_leader(index);
        Ok(())
    }
}
