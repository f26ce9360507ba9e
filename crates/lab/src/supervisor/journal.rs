//! What the lab tells the journal of its children and of its balancer's traffic.

use super::unit::{Role, UnitId};
use super::{Engine, Supervisor};
use crate::observe::http_log::Request;
use crate::observe::{caller, state_change};
use crate::plan::instrument;
use crate::work_dir::registration::Registration;
use crate::work_dir::run_record::Identity;
use course::facts::Happened;
use jiff::Timestamp;

impl Supervisor {
    /// Where the process of a unit listens.
    fn journal_port(&self, id: UnitId) -> Option<u16> {
        let unit = &self.units[id.0];
        match unit.role {
            Role::Balancer => self.plan.traffic().map(|bind| bind.address.port()),
            Role::Server { .. } | Role::NameServer(_) | Role::Page(_) => unit.port(),
        }
    }

    pub(super) fn journal_start(&mut self, id: UnitId, pid: u32) {
        let process = procs::Process::read(pid);
        let started = self.journal_port(id).map(|port| Happened::Started {
            port,
            pid: Some(pid),
            command: process.as_ref().map_or_else(
                || self.units[id.0].name.clone(),
                |process| process.command.clone(),
            ),
            terminal: process.and_then(|process| process.terminal),
            of_lab: true,
        });
        if let Some(started) = started {
            self.journal.write(started);
        }
        if self.units[id.0].role == Role::Balancer {
            self.journal_load(Some(pid));
        }
    }

    pub(super) fn journal_end(&mut self, id: UnitId, pid: Option<u32>, how: &str) {
        let unit = &self.units[id.0];
        if let (Role::Balancer, Some(pid)) = (&unit.role, pid) {
            Registration::remove(&self.work, pid);
        }
        if let Some(port) = self.journal_port(id) {
            self.journal.write(Happened::Ended {
                port,
                pid,
                command: unit.name.clone(),
                how: Some(how.to_owned()),
                terminal: None,
            });
        }
    }

    /// A text is in force: tells so, and registers the balancer with it.
    pub(super) fn journal_load(&mut self, pid: Option<u32>) {
        let pid = pid.or_else(|| self.balancer().and_then(super::Unit::pid));
        let (Some(loaded), Some(pid)) = (&self.loaded, pid) else {
            return;
        };
        let engine = self.engine.as_ref().map_or("lab", Engine::name);
        let registration = Registration {
            file: loaded.file.path.clone(),
            text: loaded.file.text().to_owned(),
            loaded: Timestamp::now(),
            tells_requests: instrument::unread(&loaded.file.config).is_none(),
            ..Registration::new(Identity::of("balancer", pid), engine, self.stats_socket())
        };
        self.journal.write(Happened::Loaded {
            file: loaded.file.name(),
        });
        registration.save(&self.work);
    }

    pub(super) fn journal_request(&mut self, request: &Request) {
        let port = |backend: &str, server: &str| {
            let unit = self
                .units
                .iter()
                .find(|unit| unit.is_server(backend, server));
            unit.and_then(super::Unit::port)
        };
        if let Some(event) = caller::event(request, port) {
            let events = self.requests_told.take(Timestamp::now(), event);
            self.journal.add(&events);
        }
    }

    pub(super) fn journal_message(&self, message: &str) {
        if let Some(event) = state_change::event(message) {
            self.journal.write(event);
        }
    }
}
