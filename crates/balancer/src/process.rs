//! What is one for the whole process: its clock, its totals, the plan in force.

use crate::listener::Place;
use crate::plan::Plan;
use crate::snapshots::Snapshots;
use crate::stats::meter::Meter;
use crate::streams::Streams;
use crate::watch::Watched;
use lb_core::Uptime;
use lb_core::rate::Rate;
use samples::Variables;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};
use tokio::sync::Notify;

/// Shared by all threads.
#[derive(Debug)]
pub struct Process {
    started: Instant,
    /// Wall-clock start.
    pub started_at: SystemTime,
    pub pid: u32,
    /// Worker threads.
    pub threads: usize,
    pub totals: Totals,
    /// How busy it is.
    pub meter: Meter,
    /// Told when a connection has ended while others wait for room.
    pub room: Notify,
    /// Told when a server was added, which may have to be checked.
    pub servers_added: Notify,
    /// Told when frontends begin to let clients in, or stop it.
    pub gates: Notify,
    /// What rules have set under `proc.`.
    pub variables: Mutex<Variables>,
    /// The sockets of each place that is listened on, by number: what `_getsocks` hands over.
    pub listeners: Mutex<BTreeMap<Place, Vec<i32>>>,
    /// What was refused last.
    pub snapshots: Snapshots,
    /// What is at work.
    pub streams: Streams,
    /// Who looks on.
    pub watched: Option<Watched>,
    plan: Mutex<Arc<Plan>>,
}

/// Of the process since its start, as in `show info`.
#[derive(Debug, Default)]
pub struct Totals {
    /// Client connections now: `CurrConns`.
    pub connections: AtomicU64,
    /// `CumConns`.
    pub connections_total: AtomicU64,
    /// Connections of clients that speak TLS now: `CurrSslConns`.
    pub tls_connections: AtomicU64,
    /// `CumSslConns`.
    pub tls_connections_total: AtomicU64,
    /// `CumReq`.
    pub requests_total: AtomicU64,
    /// Requests and what came to nothing, connections in TCP mode, those to the runtime API: `%rt`.
    pub streams: AtomicU64,
    /// `TotalBytesOut`.
    pub bytes_out: AtomicU64,
    pub dropped_logs: AtomicU64,
    /// `ConnRate`, `SessRate`.
    pub rates: Mutex<Rates>,
}

#[derive(Debug, Default)]
pub struct Rates {
    pub connections: Rate,
    pub sessions: Rate,
    /// Connections of TLS: `SslRate`.
    pub handshakes: Rate,
    /// Handshakes that took up no earlier session: `SslFrontendKeyRate`.
    pub keys: Rate,
}

/// A client that speaks TLS, while it does.
#[derive(Debug)]
pub struct Secured(Arc<Process>);

impl Secured {
    /// `None`: `most` do so already; 0: any number may.
    pub fn begin(process: &Arc<Process>, most: u32) -> Option<Self> {
        let next = |now: u64| (most == 0 || now < u64::from(most)).then_some(now + 1);
        let totals = &process.totals;
        totals
            .tls_connections
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, next)
            .ok()?;
        totals.tls_connections_total.fetch_add(1, Ordering::Relaxed);
        Some(Self(Arc::clone(process)))
    }

    /// Its handshake is done.
    pub fn is_ready(&self, resumed: bool) {
        if !resumed {
            let now = self.0.now();
            lock(&self.0.totals.rates).keys.tick(now);
        }
    }
}

impl Drop for Secured {
    fn drop(&mut self) {
        let totals = &self.0.totals;
        totals.tls_connections.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Process {
    pub fn new(plan: Arc<Plan>, threads: usize, watched: Option<Watched>) -> Self {
        Self {
            started: Instant::now(),
            started_at: SystemTime::now(),
            pid: std::process::id(),
            threads,
            watched,
            totals: Totals::default(),
            meter: Meter::default(),
            room: Notify::new(),
            servers_added: Notify::new(),
            gates: Notify::new(),
            variables: Mutex::default(),
            listeners: Mutex::default(),
            snapshots: Snapshots::default(),
            streams: Streams::default(),
            plan: Mutex::new(plan),
        }
    }

    /// Time since the start: what every decision is given.
    pub fn now(&self) -> Uptime {
        self.started.elapsed()
    }

    /// The plan in force.
    pub fn plan(&self) -> Arc<Plan> {
        Arc::clone(&lock(&self.plan))
    }

    /// Puts a new plan in force and gives the former one back.
    pub fn replace_plan(&self, plan: Arc<Plan>) -> Arc<Plan> {
        std::mem::replace(&mut *lock(&self.plan), plan)
    }
}

impl Totals {
    /// Takes a place for a client connection, unless `most` are taken.
    pub fn try_reserve(&self, most: u32) -> bool {
        let next = |connections: u64| (connections < u64::from(most)).then_some(connections + 1);
        self.connections
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, next)
            .is_ok()
    }

    /// A client connected to a place that was reserved.
    pub fn connection_opened(&self, tls: bool, now: Uptime) {
        self.connections_total.fetch_add(1, Ordering::Relaxed);
        let mut rates = lock(&self.rates);
        rates.connections.tick(now);
        rates.sessions.tick(now);
        if tls {
            rates.handshakes.tick(now);
        }
    }

    /// Forgets the highest rates (`clear counters`).
    pub fn clear_highest(&self) {
        let mut rates = lock(&self.rates);
        rates.connections.clear_max();
        rates.sessions.clear_max();
        rates.handshakes.clear_max();
        rates.keys.clear_max();
    }

    pub fn connection_closed(&self) {
        self.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Locks a value that is only ever held for a few lines. A panic elsewhere leaves it usable: every update
/// of the counters behind these locks is complete in itself.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
