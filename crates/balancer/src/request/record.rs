//! What is known of a request: for the log line and the counters, which are written when it ends, however it ends.

mod at_work;
mod begin;
mod captures;
mod clock;
mod end;
mod log;

pub(super) use captures::shown;
pub use end::Ledger;

use super::body::Flow;
use crate::cache::{Asking, Hit, Keeper};
use crate::check;
use crate::cookie;
use crate::error_page::Pages;
use crate::listener::Entrance;
use crate::plan::{Backend, Frontend, Gate, Plan, SetTimeout};
use crate::rules::Answer;
use crate::session::Accepted;
use crate::stick;
use crate::stick::tracked::Counters;
use crate::streams::{AtWork, Stage};
use crate::wire::Marking;
use crate::worker::Worker;
use clock::Clock;
use lb_core::backend::{Demand, Observation};
use lb_core::counters::Fault;
use lb_core::queue::{Positions, Priority};
use lb_core::server::ServerIndex;
use lb_core::termination::{Cause, Phase, Termination};
use samples::Variables;
use samples::tls::Tls;
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Unless told otherwise, the task was ended from outside or by a bug.
const UNKNOWN: Termination = Termination::new(Cause::Internal, Phase::Done);

/// The record of one request. Dropping it gives back what the request holds, counts it and logs it.
#[derive(Debug)]
pub struct Record {
    pub worker: Rc<Worker>,
    /// In force when it began.
    pub plan: Arc<Plan>,
    /// The address the client called.
    pub called: SocketAddr,
    /// Of its connection, too.
    pub variables: Rc<RefCell<Variables>>,
    /// Entries of stick tables that it is counted in.
    pub counters: Counters,
    /// What `cache-use` has found.
    pub hit: Option<Hit>,
    /// What it takes to keep the answer, and the answer that is kept.
    pub asking: Option<Box<Asking>>,
    pub keeper: Option<Box<Keeper>>,
    /// What the client gets instead of an error page.
    pub answer: Option<Answer>,
    /// Made by `unique-id-format`.
    pub unique_id: Option<String>,
    /// The level of its log line, where a rule sets one; `Some(None)`: no line.
    pub level: Option<Option<u8>>,
    pub frontend: Arc<Frontend>,
    pub backend: Option<Arc<Backend>>,
    /// The server it goes to.
    pub server: Option<ServerIndex>,
    /// The client's cookie led to it.
    pub bound: bool,
    pub cookie: cookie::Trace,
    /// What the client is to be remembered by, once it has its server.
    pub stores: stick::Stores,
    /// It holds a slot on that server, which is given back when the record is dropped.
    pub holds_slot: bool,
    pub queue: Positions,
    /// Its place among those that wait for a slot.
    pub priority: Priority,
    /// In the place of `timeout server` and `timeout tunnel`, where a rule says so.
    own_timeouts: [Option<Option<Duration>>; 2],
    /// Which changes may fail without ending the request.
    pub lenient: Lenient,
    /// What rules want of packets to its client, until the connection has been told.
    pub markings: Vec<Marking>,
    /// See [`lb_core::algorithm::Ask::key`].
    pub key: Option<u32>,
    pub client: SocketAddr,
    /// As rules of requests cannot change it.
    pub connection: Connection,
    /// What its TLS has settled.
    pub tls: Option<Rc<Tls>>,
    /// The major version of HTTP that it speaks.
    pub http_major: u8,
    /// With `option socket-stats`: the listener that counts it.
    counted_at: Option<SocketAddr>,
    clock: Clock,
    /// For the log; empty when nothing is logged.
    request_line: String,
    pub request_captures: Vec<Option<Vec<u8>>>,
    pub response_captures: Vec<Option<Vec<u8>>>,
    /// What the client got.
    pub status: Option<u16>,
    pub server_status: Option<u16>,
    pub bytes_in: u64,
    pub bytes_out: u64,
    /// What the statistics know already, in and out.
    told: (u64, u64),
    pub termination: Termination,
    pub retries: u32,
    /// A rule says that no server is to get it a second time.
    pub asked_once: bool,
    pub redispatched: bool,
    /// Answered by the balancer itself, as asked.
    /// By the service of this name.
    intercepted: Option<&'static str>,
    /// Answered as a rule says.
    answered_by_rule: bool,
    /// A rule refused the server's answer.
    answer_denied: bool,
    /// An error of the balancer's own ended it.
    failed_inside: bool,
    early: bool,
    logged: bool,
    /// Of no request and no connection that counts.
    uncounted: bool,
    /// Others see it, and may end it.
    at_work: Option<AtWork>,
    /// Its number among all of the process, once it has one.
    number: Cell<Option<u64>>,
    /// Where the connection to the server comes from, where a log format may ask for it.
    pub source: Option<SocketAddr>,
    /// The major version of HTTP that its server is spoken to in.
    pub server_http: Option<u8>,
    /// `capture cookie`: of the request and of the answer.
    pub(super) captured_cookies: [Option<String>; 2],
}

/// The client's connection.
#[derive(Clone, Debug)]
pub struct Connection {
    pub source: SocketAddr,
    pub destination: SocketAddr,
    pub entrance: Rc<Entrance>,
    /// A PROXY header told whose it is.
    pub proxied: bool,
    /// No request came on it before this one.
    pub first_request: bool,
}

impl Connection {
    pub fn of(accepted: &Accepted, first_request: bool) -> Self {
        let (source, destination) = accepted.below.unwrap_or((accepted.peer, accepted.local));
        Self {
            source,
            destination,
            entrance: Rc::clone(&accepted.entrance),
            proxied: accepted.below.is_some(),
            first_request,
        }
    }
}

/// Of which messages a change that does not fit is passed over: `strict-mode off`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lenient {
    pub request: bool,
    pub response: bool,
}

impl Record {
    /// Its number among all of the process: `%rt`. What is no request has one from its log line on.
    pub(super) fn number(&self) -> u64 {
        let streams = &self.worker.process.totals.streams;
        let number = self.number.get();
        let number = number.unwrap_or_else(|| streams.fetch_add(1, Ordering::Relaxed));
        self.number.set(Some(number));
        number
    }

    /// The request's first line; empty when nothing is logged.
    pub(super) fn request_line(&self) -> &str {
        &self.request_line
    }

    /// Nothing is wrong before something is.
    pub(super) fn termination_so_far(&self) -> Termination {
        match self.termination {
            UNKNOWN => Termination::NORMAL,
            known => known,
        }
    }

    /// The frontend's name, marked where the client speaks TLS.
    pub(super) fn frontend_shown(&self) -> Cow<'_, str> {
        match self.tls {
            Some(_) => Cow::Owned(format!("{}~", self.frontend.name)),
            None => Cow::Borrowed(&self.frontend.name),
        }
    }

    /// What it is told instead of an answer.
    pub fn pages(&self) -> Pages<'_> {
        Pages {
            backend: self.backend.as_ref().map(|backend| &backend.errors),
            frontend: &self.frontend.errors,
        }
    }

    /// A rule refuses it.
    pub fn denied(&mut self) {
        match &self.backend {
            Some(backend) => backend.live().request_denied(),
            None => self.frontend.live().request_denied(),
        }
    }

    /// A rule leaves the client in the dark, which HAProxy counts as a refused request, on both sides.
    pub fn dropped(&mut self) {
        self.frontend.live().request_denied();
        if let Some(backend) = &self.backend {
            backend.live().request_denied();
        }
    }

    /// A rule refuses the answer.
    pub fn response_denied(&mut self) {
        self.answer_denied = true;
        self.frontend.live().response_denied();
        if let Some(backend) = &self.backend {
            backend.live().response_denied(self.server);
        }
    }

    /// The balancer fails at something itself, which all count that have to do with the request.
    pub fn failed(&mut self, fault: Fault) {
        self.failed_inside |= fault == Fault::Internal;
        let mut live = self.frontend.live();
        live.failed(fault);
        if let Some(listener) = self.counted_at {
            live.listener_mut(listener).faults.count(fault);
        }
        drop(live);
        if let Some(backend) = &self.backend {
            backend.live().failed(self.server, fault);
        }
    }

    /// A rule has looked into a cache.
    pub fn cache_asked(&mut self, found: bool) {
        match &self.backend {
            Some(backend) => backend.live().cache_asked(found),
            None => self.frontend.live().cache_asked(found),
        }
    }

    /// A rule answers it.
    pub fn answered(&mut self) {
        self.answered_by_rule = true;
    }

    /// Rules of a backend end it before a server was asked for.
    pub fn enter(&mut self, backend: &Arc<Backend>) {
        backend.live().request_begins(self.worker.process.now());
        self.backend = Some(Arc::clone(backend));
        self.is_at(Stage::Begun, None);
    }

    /// The balancer answers by a service of its own, asked for in a backend or in the frontend.
    pub fn intercept(&mut self, service: &'static str, backend: Option<&Arc<Backend>>) {
        if let Some(backend) = backend {
            backend.live().request_begins(self.worker.process.now());
            self.backend = Some(Arc::clone(backend));
        }
        self.intercepted = Some(service);
        let now = Some(self.clock.now());
        (self.clock.queue, self.clock.connect, self.clock.response) = (now, now, now);
    }

    /// Takes over what has flowed.
    pub fn settle(&mut self, up: &Flow<'_>, down: &Flow<'_>) {
        self.bytes_in += up.counted.get();
        self.bytes_out += down.counted.get();
        self.told.0 += up.told.get();
        self.told.1 += down.told.get();
    }

    /// The process began to stop while the request was on its way: its connection ends with it.
    pub fn is_last(&self) -> bool {
        self.worker.is_stopping() || self.frontend.gate.get() == Gate::Shut
    }

    /// `option abortonclose`: it ends when its client leaves before the answer.
    pub fn is_watched(&self) -> bool {
        let backend = self.backend.as_ref();
        let wanted =
            self.frontend.options.abortonclose && backend.is_some_and(|it| it.abortonclose);
        // Who takes a request of HTTP/2 back says so.
        wanted || self.http_major > 1
    }

    /// Remembers which server the client got.
    pub fn remember_server(&mut self) {
        let stores = std::mem::take(&mut self.stores);
        if let (Some(backend), Some(server)) = (&self.backend, self.server) {
            stick::store(stores, backend, server, self.worker.process.now());
        }
    }

    /// Counts what became of the request for `observe`.
    pub fn observe(&self, seen: Observation) {
        let (Some(backend), Some(index)) = (&self.backend, self.server) else {
            return;
        };
        let server = backend.server(index);
        if !server.observed {
            return;
        }
        let now = self.worker.process.now();
        let recorded = backend.live().observe(index, seen, now);
        if let Some(recorded) = recorded {
            check::tell(&self.worker.logger, backend, recorded);
            server.hurry.notify_one();
        }
    }

    /// What it wants of its backend, persistence left out.
    pub fn demand(&self) -> Demand {
        Demand {
            key: self.key,
            priority: self.priority,
            ..Demand::default()
        }
    }

    /// Has its own timeout instead of its backend's; `None`: for ever.
    pub fn set_timeout(&mut self, which: SetTimeout, limit: Option<Duration>) {
        self.own_timeouts[which as usize] = Some(limit);
    }

    /// What rules say of `server` and `tunnel`, and of the first, once there is a connection, its backend.
    pub fn timeouts_so_far(&self, backend: &Backend) -> [Option<Duration>; 2] {
        let server = match self.clock.connect {
            Some(_) => self.server_timeout(backend),
            None => self.own_timeouts[SetTimeout::Server as usize].flatten(),
        };
        let tunnel = self.own_timeouts[SetTimeout::Tunnel as usize].flatten();
        [server, tunnel]
    }

    /// How long its server may stay silent; `None`: for ever.
    pub fn server_timeout(&self, backend: &Backend) -> Option<Duration> {
        self.own_timeouts[SetTimeout::Server as usize].unwrap_or(backend.timeouts.server)
    }

    /// How long both sides may stay silent after HTTP; `None`: nothing is said of it.
    pub fn tunnel_timeout(&self, backend: &Backend) -> Option<Duration> {
        self.own_timeouts[SetTimeout::Tunnel as usize].unwrap_or(backend.timeouts.tunnel)
    }

    /// The request has left its server.
    pub fn unbind(&mut self) {
        self.bound = false;
        self.cookie.server_left();
    }
}
