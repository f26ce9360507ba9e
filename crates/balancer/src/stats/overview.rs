//! The process as a whole: what the page's head and `show info` both tell.

use super::meter::{Load, Look};
use crate::plan::Plan;
use crate::process::{Process, lock};
use lb_core::Uptime;
use lb_core::rate::Rate;
use std::sync::atomic::{AtomicU64, Ordering};

/// One look at the process.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The machine: `node` in the file, else its host name.
    pub node: String,
    /// Most open files.
    pub files_max: u64,
    pub connections: u64,
    pub connections_total: u64,
    pub requests_total: u64,
    pub bytes_out: u64,
    pub connection_rate: Highest,
    pub session_rate: Highest,
    pub handshake_rate: Highest,
    pub key_rate: Highest,
    pub tls_connections: u64,
    pub tls_connections_total: u64,
    /// Addresses listened on, those of the runtime API among them.
    pub listeners: u64,
    /// Connections, listeners of each thread, health checks.
    pub tasks: u64,
    pub load: Load,
}

/// Events in the last second, and the most there were in one.
#[derive(Clone, Copy, Debug)]
pub struct Highest {
    pub now: u64,
    pub max: u64,
}

impl Overview {
    pub fn of(plan: &Plan, process: &Process, now: Uptime) -> Self {
        let totals = &process.totals;
        let connections = get(&totals.connections);
        let bytes_out = get(&totals.bytes_out);
        let listeners = listeners(plan);
        let checks = plan
            .backends
            .iter()
            .flat_map(|backend| backend.servers.iter());
        let checks = checks.filter(|server| server.check.is_some()).count() as u64;
        let rates = lock(&totals.rates);
        Self {
            node: node(plan),
            files_max: files_max(),
            connections,
            connections_total: get(&totals.connections_total),
            requests_total: get(&totals.requests_total),
            bytes_out,
            connection_rate: Highest::of(&rates.connections, now),
            session_rate: Highest::of(&rates.sessions, now),
            handshake_rate: Highest::of(&rates.handshakes, now),
            key_rate: Highest::of(&rates.keys, now),
            tls_connections: get(&totals.tls_connections),
            tls_connections_total: get(&totals.tls_connections_total),
            listeners,
            tasks: connections + checks + listeners * process.threads as u64,
            load: process
                .meter
                .load(Look::take(now, bytes_out), process.threads),
        }
    }
}

impl Highest {
    fn of(rate: &Rate, now: Uptime) -> Self {
        Self {
            now: rate.per_second(now),
            max: rate.max(),
        }
    }
}

/// `node` in the file, else the machine's name.
pub fn node(plan: &Plan) -> String {
    let machine = || {
        let uname = rustix::system::uname();
        uname.nodename().to_string_lossy().into_owned()
    };
    plan.global.node.clone().unwrap_or_else(machine)
}

fn listeners(plan: &Plan) -> u64 {
    let binds: usize = plan.frontends.iter().map(|f| f.binds.len()).sum();
    (binds + plan.global.stats_sockets.len()) as u64
}

fn files_max() -> u64 {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    limit.current.unwrap_or(u64::from(u32::MAX))
}

fn get(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}
