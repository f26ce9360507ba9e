//! The life of a request in a backend.

use super::{Admission, Backend, Demand};
use crate::Uptime;
use crate::counters::{Fault, Http2Part, Times};
use crate::server::{Server, ServerIndex};

/// By which connection a request goes to its server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carried {
    New,
    /// One that was kept idle.
    Idle,
    /// One that carries other requests at the same time.
    Beside,
}

/// How a request ended, for the counters.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// What the client got; `None`: nothing.
    pub status: Option<u16>,
    /// What the server answered; `None`: it did not.
    pub server_status: Option<u16>,
    /// The connection could not be made, after all retries.
    pub connect_failed: bool,
    /// The server's answer was broken, late or cut off.
    pub response_failed: bool,
    pub client_aborted: bool,
    pub server_aborted: bool,
    /// Of phases that were reached.
    pub times: Option<PhaseTimes>,
}

/// Whole milliseconds, as in the log line: `Tw/Tc/Tr/Ta`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PhaseTimes {
    pub queue: u64,
    pub connect: u64,
    pub response: u64,
    pub total: u64,
}

impl Backend {
    /// A request enters the backend.
    pub fn request_begins(&mut self, now: Uptime) {
        let counters = &mut self.counters;
        counters.stot += 1;
        counters.scur += 1;
        counters.smax = counters.smax.max(counters.scur);
        counters.rate.tick(now);
    }

    /// The same server is tried again.
    pub fn retry(&mut self, server: ServerIndex, now: Uptime) {
        self.counters.wretr += 1;
        let server = &mut self.servers[server.0];
        server.counters.wretr += 1;
        server.attempt(now);
    }

    /// What a server answered, or did not, is not passed on: the request is to be sent once more. HAProxy counts this
    /// beside the [`Backend::retry`] or [`Backend::redispatch`] that follows.
    pub fn answer_rejected(&mut self, server: ServerIndex) {
        self.counters.wretr += 1;
        self.servers[server.0].counters.wretr += 1;
    }

    /// A request that has left a server, its slot or its line, looks for another one. With nobody else to choose it comes
    /// back to the same server, which is a retry.
    pub fn redispatch(&mut self, from: ServerIndex, demand: Demand, now: Uptime) -> Admission {
        let elsewhere = Demand {
            bound: None,
            avoid: Some(from),
            ..demand
        };
        let admission = self.admit(elsewhere, now);
        let left = &mut self.servers[from.0].counters;
        if admission.server() == Some(from) {
            left.wretr += 1;
            self.counters.wretr += 1;
        } else {
            left.wredis += 1;
            self.counters.wredis += 1;
        }
        admission
    }

    /// A connection carries the request.
    pub fn connected(&mut self, server: ServerIndex, carried: Carried) {
        let counters = &mut self.servers[server.0].counters;
        if carried == Carried::Idle {
            counters.idle = counters.idle.saturating_sub(1);
        }
        if carried == Carried::New {
            counters.connect += 1;
            self.counters.connect += 1;
        } else {
            counters.reuse += 1;
            self.counters.reuse += 1;
        }
    }

    /// A server begins to be spoken to in HTTP/2, or is asked in it.
    pub fn http2_opened(&mut self, part: Http2Part) {
        self.counters.http2.opened(part);
    }

    pub fn http2_closed(&mut self, part: Http2Part) {
        self.counters.http2.closed(part);
    }

    /// A connection to the server is kept for a later request, which takes it with [`Backend::connected`].
    pub fn idle_kept(&mut self, server: ServerIndex) {
        self.servers[server.0].counters.idle += 1;
    }

    /// A kept connection was closed without being used again.
    pub fn idle_closed(&mut self, server: ServerIndex) {
        let counters = &mut self.servers[server.0].counters;
        counters.idle = counters.idle.saturating_sub(1);
    }

    /// Bytes of requests and responses, heads included, as they flow.
    /// A rule refused a request.
    pub fn request_denied(&mut self) {
        self.counters.dreq += 1;
    }

    /// A rule refused an answer.
    pub fn response_denied(&mut self, server: Option<ServerIndex>) {
        self.counters.dresp += 1;
        if let Some(index) = server {
            self.servers[index.0].counters.dresp += 1;
        }
    }

    /// A rule looked into a cache.
    pub fn cache_asked(&mut self, found: bool) {
        self.counters.cache.count(found);
    }

    /// The balancer failed at something itself.
    pub fn failed(&mut self, server: Option<ServerIndex>, fault: Fault) {
        self.counters.faults.count(fault);
        if let Some(index) = server {
            self.servers[index.0].counters.faults.count(fault);
        }
    }

    pub fn traffic(&mut self, server: Option<ServerIndex>, bytes_in: u64, bytes_out: u64) {
        self.counters.bin += bytes_in;
        self.counters.bout += bytes_out;
        if let Some(server) = server {
            let counters = &mut self.servers[server.0].counters;
            counters.bin += bytes_in;
            counters.bout += bytes_out;
        }
    }

    /// A request has left the backend. If it held a slot on `server`, that is given back as well.
    pub fn request_ends(
        &mut self,
        server: Option<ServerIndex>,
        holds_slot: bool,
        outcome: &Outcome,
    ) {
        if let Some(server) = server {
            self.servers[server.0].count(outcome);
            if holds_slot {
                // The crowd that `minconn` looks at still has this request in it, as with HAProxy.
                self.release(server);
            }
        }
        let counters = &mut self.counters;
        counters.scur = counters.scur.saturating_sub(1);
        counters.responses.count(outcome.status);
        counters.econ += u64::from(outcome.connect_failed);
        counters.eresp += u64::from(outcome.response_failed);
        counters.cli_abrt += u64::from(outcome.client_aborted);
        counters.srv_abrt += u64::from(outcome.server_aborted);
        if let Some(times) = &outcome.times {
            times.add_to(&mut counters.times);
        }
    }
}

impl Server {
    pub(super) fn attempt(&mut self, now: Uptime) {
        self.counters.stot += 1;
        self.counters.rate.tick(now);
        self.last_session = Some(now);
    }

    fn count(&mut self, outcome: &Outcome) {
        let counters = &mut self.counters;
        if outcome.server_status.is_some() {
            counters.responses.count(outcome.server_status);
        }
        counters.econ += u64::from(outcome.connect_failed);
        counters.eresp += u64::from(outcome.response_failed);
        counters.cli_abrt += u64::from(outcome.client_aborted);
        counters.srv_abrt += u64::from(outcome.server_aborted);
        if let Some(times) = &outcome.times {
            times.add_to(&mut counters.times);
        }
    }
}

impl PhaseTimes {
    fn add_to(&self, times: &mut Times) {
        times.queue.add(self.queue);
        times.connect.add(self.connect);
        times.response.add(self.response);
        times.total.add(self.total);
    }
}
