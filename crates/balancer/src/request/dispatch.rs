//! From a backend to a connection: whose turn it is, retries, other servers.

use super::balance_key;
use super::leaving::{self, Left};
use super::queue;
use super::record::Record;
use super::scratch::Scratch;
use super::view::Moment;
use crate::cookie::{self, Choice};
use crate::h1::head::{Fields, RequestHead};
use crate::http2::Terms;
use crate::plan::{Backend, HttpRules, LogFormat, Mode, ServerChoice};
use crate::proxy_protocol::Ends;
use crate::session::Session;
use crate::stick;
use crate::streams::Stage;
use crate::tls;
use crate::upstream::{self, Found, Greeting, Link, Place, Wanted};
use crate::wire::{Alarm, Fault};
use lb_core::backend::{Carried, Demand, Observation};
use lb_core::server::ServerIndex;
use lb_core::termination::{Cause, Phase, Termination};
use samples::View;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The pause before another attempt on the same server, unless `timeout connect` is shorter.
const TURN_AROUND: Duration = Duration::from_secs(1);

/// The client left before there was a connection to a server.
const LEFT: Termination = Termination::new(Cause::Client, Phase::Connect);

/// Notes what a request is balanced by; `body`: what has come of it.
pub fn choose_key(
    record: &mut Record,
    session: &Session,
    head: &RequestHead,
    body: &[u8],
    backend: &Backend,
) {
    let client = session.accepted.peer.ip();
    let key = backend.key.as_ref();
    record.key = key.and_then(|it| balance_key::key(&it.of, it.hashing, head, body, client));
}

/// Waits for a slot on a server: the one its cookie names, which then is taken out of it where
/// it is not for servers, or whose turn it is.
///
/// What it is balanced by, if anything, was noted by [`choose_key`].
pub async fn admit(
    record: &mut Record,
    session: &mut Session,
    scratch: &mut Scratch,
    backend: Arc<Backend>,
) -> Result<(), Termination> {
    let now = session.worker.process.now();
    // As HAProxy does it: rules first, then cookies, then what is remembered.
    let ruled = ruled_server(&backend, record, &scratch.request);
    let fields = &mut scratch.request.fields;
    let by_cookie = bound_server(&backend, fields, &mut record.cookie, ruled.is_some());
    let mut bound = ruled.or(by_cookie);
    record.backend = Some(Arc::clone(&backend));
    if !backend.stick.is_empty() {
        let (remembered, stores) = look_up(record, session, scratch, &backend, bound.is_some());
        bound = bound.or(remembered);
        record.stores = stores;
    }
    let demand = Demand {
        bound: bound.or_else(|| last_server(session, &backend)),
        ..record.demand()
    };
    let admission = {
        let mut live = backend.live();
        live.admit(demand, now)
    };
    record.bound = bound.is_some();
    queue::wait_for_slot(record, session, scratch, &backend, admission).await
}

/// `option prefer-last-server`: the server that the client has a connection to, unless too many wait for it.
fn last_server(session: &Session, backend: &Arc<Backend>) -> Option<ServerIndex> {
    let reuse = &backend.reuse;
    if !reuse.prefer_last {
        return None;
    }
    let live = backend.live();
    let mut servers = session.own.servers(backend).into_iter();
    servers.find(|&server| {
        let waiting = live.server(server).queue().0 + 1;
        let patient = reuse.max_queue == 0 || waiting < u64::from(reuse.max_queue);
        live.balance().is_indifferent()
            && live.server(server).eligible()
            && (patient || live.has_room(server))
    })
}

/// What `use-server` says: a server that is down is passed over, unless persistence holds even then.
fn ruled_server(backend: &Backend, record: &Record, head: &RequestHead) -> Option<ServerIndex> {
    if backend.use_servers.is_empty() {
        return None;
    }
    let moment = Moment::new(record, &backend.name);
    let view = moment.view(head, &[], None);
    let mut rules = backend.use_servers.iter();
    rules.find_map(|rule| {
        if !rule.condition.holds(&view) {
            return None;
        }
        let index = match &rule.to {
            ServerChoice::Named(index) => ServerIndex(*index),
            ServerChoice::Computed(format) => {
                let name = format.render(&view);
                let mut servers = backend.servers.iter();
                servers.find(|server| server.name.as_bytes() == name)?.index
            }
        };
        let usable = backend.persist || backend.live().server(index).is_up();
        usable.then_some(index)
    })
}

fn bound_server(
    backend: &Backend,
    fields: &mut Fields,
    trace: &mut cookie::Trace,
    assigned: bool,
) -> Option<ServerIndex> {
    let cookie = backend.cookie.as_ref()?;
    let choose = |value: &[u8]| {
        let mut choice = Choice::Nobody;
        for server in backend.servers.iter() {
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
    cookie::read(cookie, fields, trace, assigned, unix_seconds(), &choose)
}

/// What is remembered of the client.
fn look_up(
    record: &Record,
    session: &Session,
    scratch: &Scratch,
    backend: &Backend,
    assigned: bool,
) -> (Option<ServerIndex>, stick::Stores) {
    let moment = Moment::new(record, &backend.name);
    let view = seen(&moment, session, scratch);
    stick::look_up(backend, &view, assigned, session.worker.process.now())
}

/// What can be asked about: in TCP mode there is no request.
fn seen<'v>(moment: &'v Moment<'_>, session: &Session, scratch: &'v Scratch) -> View<'v> {
    let mut view = moment.view(&scratch.request, &[], None);
    if session.frontend.mode == Mode::Tcp {
        view.request = None;
    }
    view
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
    scratch: &mut Scratch,
    wanted: Wanted,
) -> Result<Link, Termination> {
    let client_port = session.accepted.local.port();
    loop {
        let (backend, server) = chosen(record)?;
        let place = Place {
            greeting: greeting(record, session, scratch, &backend, server),
            backend: Arc::clone(&backend),
            server,
            client_port,
        };
        if let Some(found) = there_already(session, &place, wanted) {
            return Ok(connected(record, session, place, found));
        }
        let limit = backend.timeouts.connect;
        record.is_at(Stage::Connect, limit);
        let terms = Terms::of(&session.worker.plan().global);
        let http = (session.frontend.mode == Mode::Http).then_some(terms);
        let watched = record.is_watched();
        let dial = async |alarm: &mut Alarm| upstream::dial(&place, http, alarm, limit).await;
        match leaving::while_there(session, scratch, watched, dial).await {
            Ok(Ok(carrier)) => {
                let found = Found {
                    carrier,
                    carried: Carried::New,
                };
                return Ok(connected(record, session, place, found));
            }
            Ok(Err(fault)) => failed(record, session, scratch, &backend, server, &fault).await?,
            Err(Left) => return Err(LEFT),
        }
    }
}

/// A connection that the request may take: one that its client has, or one that is there for all.
fn there_already(session: &Session, place: &Place, wanted: Wanted) -> Option<Found> {
    if wanted == Wanted::Fresh {
        return None;
    }
    let own = session.own.take(place);
    if let Some(found) = &own
        && found.carried == Carried::Idle
    {
        // It was not counted among those that anybody may use.
        place.backend.live().idle_kept(place.server);
    }
    match wanted {
        Wanted::Proven | Wanted::Any => own.or_else(|| session.worker.idle.take(place, wanted)),
        Wanted::Fresh | Wanted::Own => own,
    }
}

/// Moves a request to another server, where the configuration allows it and there is one.
pub async fn go_elsewhere(
    record: &mut Record,
    session: &mut Session,
    scratch: &mut Scratch,
) -> bool {
    let Ok((backend, server)) = chosen(record) else {
        return false;
    };
    if backend.redispatch.is_none() || backend.live().usable() < 2 {
        return false;
    }
    record.retries += 1;
    redispatch(record, session, scratch, &backend, server)
        .await
        .is_ok()
}

async fn redispatch(
    record: &mut Record,
    session: &mut Session,
    scratch: &mut Scratch,
    backend: &Arc<Backend>,
    from: ServerIndex,
) -> Result<(), Termination> {
    let now = session.worker.process.now();
    record.holds_slot = false;
    let admission = {
        let mut live = backend.live();
        live.release(from);
        live.redispatch(from, record.demand(), now)
    };
    record.unbind();
    record.redispatched |= admission.server() != Some(from);
    queue::wait_for_slot(record, session, scratch, backend, admission).await
}

/// What a connection for this request begins with.
fn greeting(
    record: &Record,
    session: &Session,
    scratch: &Scratch,
    backend: &Backend,
    server: ServerIndex,
) -> Greeting {
    let server = backend.server(server);
    let accepted = &session.accepted;
    let client = upstream::Client {
        ends: Ends {
            source: accepted.peer,
            destination: accepted.local,
        },
        tls: accepted.tls.as_deref(),
        authority: accepted.authority.as_deref(),
        unique_id: record.unique_id.as_deref(),
    };
    Greeting::new(server, client, || {
        let moment = Moment::new(record, &backend.name);
        let view = seen(&moment, session, scratch);
        let name = server.sni.as_ref()?.evaluate(&view)?;
        Some(String::from_utf8_lossy(&name.into_text()).into_owned())
    })
}

fn chosen(record: &Record) -> Result<(Arc<Backend>, ServerIndex), Termination> {
    match (&record.backend, record.server) {
        (Some(backend), Some(server)) => Ok((Arc::clone(backend), server)),
        _ => Err(Termination::new(Cause::Server, Phase::Connect)),
    }
}

/// Log lines of one's own and rules on answers may tell of the connection to the server.
fn may_ask_of_connection(record: &Record, backend: &Backend) -> bool {
    let rules = [&record.frontend.http, &backend.http];
    let on_answers =
        |rules: &&HttpRules| !rules.response.is_empty() || !rules.after_response.is_empty();
    record.frontend.log_format == LogFormat::Custom || rules.iter().any(on_answers)
}

fn connected(record: &mut Record, session: &Session, place: Place, found: Found) -> Link {
    let backend = Arc::clone(&place.backend);
    backend.live().connected(place.server, found.carried);
    let link = Link::new(found, place, session);
    record.mark_connect();
    record.is_carried_by(&link.stream, record.server_timeout(&backend));
    record.server_http = match backend.mode {
        Mode::Http => Some(if link.is_http2() { 2 } else { 1 }),
        Mode::Tcp => None,
    };
    if may_ask_of_connection(record, &backend) {
        record.source = link.stream.local_address();
    }
    record.observe(Observation::Connected);
    link
}

/// Prepares the next attempt, or ends the request.
async fn failed(
    record: &mut Record,
    session: &mut Session,
    scratch: &mut Scratch,
    backend: &Arc<Backend>,
    server: ServerIndex,
    fault: &Fault,
) -> Result<(), Termination> {
    record.observe(Observation::NotConnected);
    let timed_out = matches!(fault, Fault::Timeout);
    // Another attempt would get the same certificate.
    let hopeless = matches!(fault, Fault::Io(error) if tls::is_wrong_name(error));
    if hopeless {
        record.retries = backend.retries;
    }
    if record.retries >= backend.retries || !backend.retry_on.conn_failure {
        let cause = if timed_out {
            Cause::ServerTimeout
        } else {
            Cause::Server
        };
        return Err(Termination::new(cause, Phase::Connect));
    }
    record.retries += 1;
    if redispatches(backend, record) {
        return redispatch(record, session, scratch, backend, server).await;
    }
    backend.live().retry(server, session.worker.process.now());
    if !timed_out {
        let pause = backend.timeouts.connect.unwrap_or(TURN_AROUND);
        let pause = pause.min(TURN_AROUND);
        record.is_at(Stage::Pause, Some(pause));
        let rest = async |_: &mut Alarm| tokio::time::sleep(pause).await;
        let rested = leaving::while_there(session, scratch, record.is_watched(), rest).await;
        rested.map_err(|Left| LEFT)?;
    }
    Ok(())
}

/// Prepares to ask once more what a server has not answered as it should; `retry-on` has allowed it.
pub async fn ask_again(
    record: &mut Record,
    session: &mut Session,
    scratch: &mut Scratch,
) -> Result<(), Termination> {
    let (backend, server) = chosen(record)?;
    record.retries += 1;
    backend.live().answer_rejected(server);
    if redispatches(&backend, record) {
        return redispatch(record, session, scratch, &backend, server).await;
    }
    backend.live().retry(server, session.worker.process.now());
    record.mark_queue();
    Ok(())
}

/// Manual "option redispatch": at the n-th retry, or the n-th from the last; with round robin, where no server is
/// dearer to the request than another, at every retry while there are others.
fn redispatches(backend: &Backend, record: &Record) -> bool {
    let retry = record.retries;
    // A bound request leaves its server as late as possible.
    let goes_at_once = !record.bound && {
        let live = backend.live();
        live.balance().is_indifferent() && live.usable() > 1
    };
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
