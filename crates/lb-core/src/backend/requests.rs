//! The life of a request in a backend.

use super::Backend;
use crate::Uptime;
use crate::algorithm::Ask;
use crate::counters::Times;
use crate::server::{Server, ServerIndex};

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

    /// Chooses a server for a request; `avoid` is the one that has just failed it.
    /// The caller then holds a slot on it, and gives it back with [`Backend::release`].
    pub fn admit(&mut self, avoid: Option<ServerIndex>, now: Uptime) -> Option<ServerIndex> {
        let servers = &self.servers;
        let chosen = self.algorithm.pick(&Ask {
            avoid,
            load: &|server| servers[server.0].load(),
        })?;
        self.counters.lbtot += 1;
        self.servers[chosen.0].counters.lbtot += 1;
        self.admit_to(chosen, now);
        Some(chosen)
    }

    /// A request goes to the server that it is bound to, for which it need not be eligible: the algorithm is not asked.
    /// The caller then holds a slot, as after [`Backend::admit`].
    pub fn admit_to(&mut self, chosen: ServerIndex, now: Uptime) {
        self.last_session = Some(now);
        let server = &mut self.servers[chosen.0];
        server.attempt(now);
        let counters = &mut server.counters;
        counters.scur += 1;
        counters.smax = counters.smax.max(counters.scur);
        server.served += 1;
        self.algorithm.set_load(chosen, server.load().requests());
    }

    /// The same server is tried again.
    pub fn retry(&mut self, server: ServerIndex, now: Uptime) {
        self.counters.wretr += 1;
        let server = &mut self.servers[server.0];
        server.counters.wretr += 1;
        server.attempt(now);
    }

    /// The request leaves a server for another one: gives the slot back, chooses again, counts. With nobody else to
    /// choose it comes back to the same server, which is a retry.
    pub fn redispatch(&mut self, from: ServerIndex, now: Uptime) -> Option<ServerIndex> {
        self.release(from);
        let chosen = self.admit(Some(from), now);
        let left = &mut self.servers[from.0].counters;
        if chosen == Some(from) {
            left.wretr += 1;
            self.counters.wretr += 1;
        } else {
            left.wredis += 1;
            self.counters.wredis += 1;
        }
        chosen
    }

    /// A connection carries the request: a new one, or an idle one that was `reused`.
    pub fn connected(&mut self, server: ServerIndex, reused: bool) {
        let counters = &mut self.servers[server.0].counters;
        if reused {
            counters.idle = counters.idle.saturating_sub(1);
            counters.reuse += 1;
            self.counters.reuse += 1;
        } else {
            counters.connect += 1;
            self.counters.connect += 1;
        }
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
    pub fn traffic(&mut self, server: Option<ServerIndex>, bytes_in: u64, bytes_out: u64) {
        self.counters.bin += bytes_in;
        self.counters.bout += bytes_out;
        if let Some(server) = server {
            let counters = &mut self.servers[server.0].counters;
            counters.bin += bytes_in;
            counters.bout += bytes_out;
        }
    }

    /// Gives a slot back.
    pub fn release(&mut self, server: ServerIndex) {
        let it = &mut self.servers[server.0];
        it.counters.scur = it.counters.scur.saturating_sub(1);
        it.served = it.served.saturating_sub(1);
        self.algorithm.set_load(server, it.load().requests());
    }

    /// A request has left the backend. The slot on `server` is given back as well.
    pub fn request_ends(&mut self, server: Option<ServerIndex>, outcome: &Outcome) {
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
        if let Some(server) = server {
            self.release(server);
            self.servers[server.0].count(outcome);
        }
    }
}

impl Server {
    fn attempt(&mut self, now: Uptime) {
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
