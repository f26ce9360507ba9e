//! From a backend to a connection: whose turn it is, retries, other servers.

use super::record::Record;
use crate::cookie::{self, Choice};
use crate::h1::head::Fields;
use crate::plan::Backend;
use crate::session::Session;
use crate::upstream::{self, Link};
use crate::wire::{Fault, Stream};
use lb_core::server::ServerIndex;
use lb_core::termination::{Cause, Phase, Termination};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The pause before another attempt on the same server, unless `timeout connect` is shorter.
const TURN_AROUND: Duration = Duration::from_secs(1);

/// Enters the backend and chooses a server for the request: the one its cookie names, which then is taken out of it
/// where it is not for servers, or whose turn it is.
pub fn admit(
    record: &mut Record,
    session: &Session,
    backend: Arc<Backend>,
    fields: &mut Fields,
) -> Result<(), Termination> {
    let now = session.worker.process.now();
    let bound = bound_server(&backend, fields, &mut record.cookie);
    let server = {
        let mut live = backend.live();
        live.request_begins(now);
        match bound {
            Some(server) => {
                live.admit_to(server, now);
                bound
            }
            None => live.admit(None, now),
        }
    };
    record.bound = bound.is_some();
    record.backend = Some(backend);
    record.server = server;
    match server {
        Some(_) => {
            record.mark_queue();
            Ok(())
        }
        None => Err(Termination::new(Cause::Server, Phase::Connect)),
    }
}

fn bound_server(
    backend: &Backend,
    fields: &mut Fields,
    trace: &mut cookie::Trace,
) -> Option<ServerIndex> {
    let cookie = backend.cookie.as_ref()?;
    let choose = |value: &[u8]| {
        let mut choice = Choice::Nobody;
        for server in &backend.servers {
            let own = cookie::value_of(Some(cookie), server);
            if own.is_none_or(|own| own.as_bytes() != value) {
                continue;
            }
            // Several servers may share a value: the first that is up serves.
            choice = if backend.live().server(server.index).is_up() {
                return Choice::Server(server.index);
            } else if backend.persist {
                return Choice::Down(server.index);
            } else {
                Choice::NoLonger
            };
        }
        choice
    };
    cookie::read(cookie, fields, trace, false, unix_seconds(), &choose)
}

/// What the dates in cookies count.
pub fn unix_seconds() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |time| time.as_secs())
}

/// Connects to the chosen server; after failures to it again, or to another one, as the configuration says.
pub async fn connect(
    record: &mut Record,
    session: &mut Session,
    may_reuse: bool,
) -> Result<Link, Termination> {
    let port = session.accepted.local.port();
    loop {
        let (backend, server) = chosen(record)?;
        if may_reuse && let Some(stream) = session.worker.idle.take(&backend, server, port) {
            return Ok(connected(record, &backend, server, stream, true));
        }
        let limit = backend.timeouts.connect;
        let address = &backend.server(server).address;
        match upstream::dial(address, port, &mut session.alarm, limit).await {
            Ok(stream) => return Ok(connected(record, &backend, server, stream, false)),
            Err(fault) => failed(record, session, &backend, server, &fault).await?,
        }
    }
}

/// Moves a request to another server, where the configuration allows it and there is one.
pub fn go_elsewhere(record: &mut Record, session: &Session) -> bool {
    let Ok((backend, server)) = chosen(record) else {
        return false;
    };
    let mut live = backend.live();
    if backend.redispatch.is_none() || live.usable() < 2 {
        return false;
    }
    record.retries += 1;
    record.server = live.redispatch(server, session.worker.process.now());
    record.unbind();
    record.redispatched = true;
    true
}

fn chosen(record: &Record) -> Result<(Arc<Backend>, ServerIndex), Termination> {
    match (&record.backend, record.server) {
        (Some(backend), Some(server)) => Ok((Arc::clone(backend), server)),
        _ => Err(Termination::new(Cause::Server, Phase::Connect)),
    }
}

fn connected(
    record: &mut Record,
    backend: &Backend,
    server: ServerIndex,
    stream: Stream,
    reused: bool,
) -> Link {
    backend.live().connected(server, reused);
    record.mark_connect();
    Link { stream, reused }
}

/// Prepares the next attempt, or ends the request.
async fn failed(
    record: &mut Record,
    session: &Session,
    backend: &Backend,
    server: ServerIndex,
    fault: &Fault,
) -> Result<(), Termination> {
    let timed_out = matches!(fault, Fault::Timeout);
    if record.retries >= backend.retries {
        let cause = if timed_out {
            Cause::ServerTimeout
        } else {
            Cause::Server
        };
        return Err(Termination::new(cause, Phase::Connect));
    }
    record.retries += 1;
    let now = session.worker.process.now();
    // A bound request leaves its server as late as possible.
    let goes_at_once = !record.bound && backend.live().usable() > 1;
    if redispatches(backend, record.retries, goes_at_once) {
        record.server = backend.live().redispatch(server, now);
        record.unbind();
        record.redispatched |= record.server != Some(server);
        return chosen(record).map(drop);
    }
    backend.live().retry(server, now);
    if !timed_out {
        let pause = backend.timeouts.connect.unwrap_or(TURN_AROUND);
        tokio::time::sleep(pause.min(TURN_AROUND)).await;
    }
    Ok(())
}

/// Manual "option redispatch": at the n-th retry, or the n-th from the last; with round robin, where no server is
/// dearer to the request than another, at every retry while there are others.
fn redispatches(backend: &Backend, retry: u32, goes_at_once: bool) -> bool {
    match backend.redispatch {
        None => false,
        Some(_) if goes_at_once => true,
        Some(every @ 1..) => retry.is_multiple_of(every.unsigned_abs()),
        Some(from_last) => {
            let period = i64::from(backend.retries) + 1 + i64::from(from_last);
            period > 0 && i64::from(retry) % period == 0
        }
    }
}
