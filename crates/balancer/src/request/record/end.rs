//! The end of a request: what it held is given back, and the counters learn what became of it.

use super::Record;
use crate::access_log::Connections;
use crate::plan::{Backend, Frontend};
use crate::stick::tracked::{Entries, FAILURE};
use lb_core::backend::{Observation, Outcome};
use lb_core::server::ServerIndex;
use lb_core::termination::{Cause, Phase, Termination};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Who counts the bytes of a request.
#[derive(Debug)]
pub struct Ledger {
    frontend: Arc<Frontend>,
    backend: Option<Arc<Backend>>,
    server: Option<ServerIndex>,
    tracked: Entries,
}

impl Drop for Record {
    fn drop(&mut self) {
        if self.uncounted {
            return;
        }
        if self.is_killed() {
            self.termination.cause = Cause::Killed;
        }
        let outcome = self.outcome();
        if outcome.response_failed {
            if !self.answer_denied {
                self.counters.count(FAILURE, 1);
            }
            self.observe(match self.termination.cause {
                Cause::Proxy => Observation::InvalidAnswer,
                Cause::ServerTimeout => Observation::ReadTimeout,
                _ => Observation::Closed,
            });
        }
        let ledger = self.ledger();
        ledger.count(self.bytes_in - self.told.0, self.bytes_out - self.told.1);
        let mut connections = Connections::default();
        if let Some(backend) = &self.backend {
            let mut live = backend.live();
            live.request_ends(self.server, self.holds_slot, &outcome);
            connections.backend = live.counters().scur;
            let server = self.server.map(|index| live.server(index).counters().scur);
            connections.server = server.unwrap_or(0);
        }
        {
            let mut live = self.frontend.live();
            if let Some(listener) = self.counted_at {
                let listener = live.listener_mut(listener);
                listener.traffic(self.bytes_in, self.bytes_out);
            }
            let by_frontend = match &self.backend {
                None => self.answered_by_rule || self.intercepted.is_some(),
                // the other half of the same section
                Some(backend) => self.answered_by_rule && backend.place == self.frontend.place,
            };
            live.request_ends(self.status, by_frontend);
            connections.frontend = live.counters().scur;
        }
        let totals = &self.worker.process.totals;
        totals
            .bytes_out
            .fetch_add(self.bytes_out, Ordering::Relaxed);
        if !self.logged && self.is_logged() {
            connections.process = totals.connections.load(Ordering::Relaxed);
            self.log(connections);
        }
    }
}

impl Ledger {
    pub fn count(&self, bytes_in: u64, bytes_out: u64) {
        self.tracked.count(bytes_in, bytes_out);
        self.frontend.live().traffic(bytes_in, bytes_out);
        // In a `listen`, what never got to the servers counts on both halves.
        if let Some(backend) = self.backend.as_ref().or(self.frontend.other_half()) {
            backend.live().traffic(self.server, bytes_in, bytes_out);
        }
    }
}

impl Record {
    /// Where bytes are counted while they flow.
    pub fn ledger(&self) -> Ledger {
        Ledger {
            frontend: Arc::clone(&self.frontend),
            backend: self.backend.clone(),
            server: self.server,
            tracked: self.counters.entries(&self.worker.process),
        }
    }

    fn outcome(&self) -> Outcome {
        let Termination { cause, phase } = self.termination;
        let answering = matches!(phase, Phase::Headers | Phase::Data);
        let of_server = matches!(cause, Cause::Server | Cause::ServerTimeout);
        let of_client = matches!(cause, Cause::Client | Cause::ClientTimeout);
        Outcome {
            status: self.status,
            server_status: self.server_status,
            connect_failed: of_server && matches!(phase, Phase::Connect | Phase::Queue),
            response_failed: phase == Phase::Headers
                && !self.failed_inside
                && (of_server || cause == Cause::Proxy),
            client_aborted: of_client && answering,
            server_aborted: of_server && phase == Phase::Data,
            times: self.clock.phases(),
        }
    }
}
