//! What rules and health checks ask of a plan and its process: how busy proxies and servers are.

use crate::plan::Plan;
use lb_core::Uptime;
use samples::tables::Fill;
use samples::view::{BackendLoad, Load, ServerLoad};
use std::hash::{BuildHasher, Hasher, RandomState};

/// Of the frontend of this name.
pub fn frontend(plan: &Plan, name: &str, now: Uptime) -> Option<Load> {
    let frontend = plan.frontend(name)?;
    let live = frontend.live();
    let counters = live.counters();
    Some(Load {
        id: frontend.id,
        sessions: small(counters.scur),
        rate: small(counters.rate.per_second(now)),
        requests: small(counters.req_rate.per_second(now)),
    })
}

/// Of the backend of this name.
pub fn backend(plan: &Plan, name: &str, now: Uptime) -> Option<BackendLoad> {
    let backend = plan.backend(name)?;
    let live = backend.live();
    let counters = live.counters();
    Some(BackendLoad {
        load: Load {
            id: backend.id,
            sessions: small(counters.scur),
            rate: small(counters.rate.per_second(now)),
            requests: 0,
        },
        usable: small(live.usable() as u64),
        queued: small(queued(&live)),
        slots: slots(&live),
        free: free_of_all(&live),
    })
}

/// Of a server.
pub fn server(plan: &Plan, backend: &str, server: &str, now: Uptime) -> Option<ServerLoad> {
    let backend = plan.backend(backend)?;
    let live = backend.live();
    let server = live.server(live.find(server)?);
    let counters = server.counters();
    Some(ServerLoad {
        up: server.is_up() && !server.in_maintenance(),
        sessions: small(counters.scur),
        rate: small(counters.rate.per_second(now)),
        queued: small(server.queue().0),
        weight: server.weight().into(),
        initial_weight: server.initial_weight().into(),
        free: free(server),
    })
}

/// Of the stick table of this name.
pub fn table(plan: &Plan, name: &str, now: Uptime) -> Option<Fill> {
    let mut live = plan.table(name)?.live();
    live.expire(now);
    Some(Fill {
        used: live.len(),
        size: live.spec().size,
    })
}

/// The keys of a hash map's state, which the system's random source makes.
pub fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// How far local time is ahead of UTC at a moment, both in seconds.
pub fn local_offset(at: i64) -> i64 {
    let timestamp = jiff::Timestamp::from_second(at).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let offset = jiff::tz::TimeZone::system().to_offset(timestamp);
    offset.seconds().into()
}

/// Waiting for the backend or for one of its servers.
fn queued(backend: &lb_core::backend::Backend) -> u64 {
    let servers = backend.servers().map(|server| server.queue().0);
    backend.queue().0 + servers.sum::<u64>()
}

/// Places left at servers that are up and in their lines; `None`: one of them has no limit.
fn slots(backend: &lb_core::backend::Backend) -> Option<i64> {
    let up = backend.servers().filter(|server| server.is_up());
    up.map(|server| {
        let places = i64::from(server.maxconn()?) - i64::try_from(server.counters().scur).ok()?;
        let line = i64::from(server.max_queue()?) - i64::try_from(server.queue().0).ok()?;
        Some(places + line)
    })
    .sum()
}

/// Places left at usable servers; `None`: one of them has no limit.
fn free_of_all(backend: &lb_core::backend::Backend) -> Option<i64> {
    let usable = backend.servers().filter(|server| server.eligible());
    usable.map(free).sum()
}

/// Places left once those that wait have theirs; `None`: no limit.
fn free(server: &lb_core::server::Server) -> Option<i64> {
    let taken = server.counters().scur + server.queue().0;
    let places = i64::from(server.maxconn()?) - i64::try_from(taken).ok()?;
    Some(places.max(0))
}

fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
