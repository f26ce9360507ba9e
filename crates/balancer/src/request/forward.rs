//! A request on its way: to a server, to another one when that fails, and the answer back.

use super::exchange::{End, Exchange, Refusal};
use super::record::Record;
use super::refusal::REFUSED;
use super::scratch::Scratch;
use super::{Request, client_stays, dispatch, local, route, tunnel};
use crate::plan::{Backend, Plan, RetryOn, ReuseMode};
use crate::rules::Answer;
use crate::session::Session;
use crate::upstream::{Carrier, Link, Wanted};
use lb_core::termination::{Cause, Phase, Termination};
use std::sync::Arc;

/// Passes a request on to a server and the answer back; true when the client's connection may carry another one.
pub async fn forward(
    session: &mut Session,
    scratch: &mut Scratch,
    record: &mut Record,
    mut request: Request,
    backend: Arc<Backend>,
    plan: &Plan,
) -> bool {
    let body = request.body(scratch, record);
    dispatch::choose_key(record, session, &scratch.request, body, &backend);
    let Request { facts, upload, .. } = &mut request;
    let asked = dispatch::admit(record, session, scratch, Arc::clone(&backend)).await;
    if let Err(termination) = asked {
        return local::refuse(session, scratch, record, facts, upload, termination.into()).await;
    }
    if let Some(answer) = elsewhere(record, &backend, scratch) {
        record.answer = Some(answer);
        // HAProxy counts the field that ends the connection, here alone.
        record.bytes_out += b"connectionclose".len() as u64;
        let refusal = Refusal {
            termination: Termination::new(Cause::Local, Phase::Connect),
            status: None,
        };
        local::send_page(session, scratch, record, refusal, false).await;
        return false;
    }
    let mut wanted = wanted(session, &backend);
    let mut can_be_repeated = upload.is_empty() && route::is_idempotent(scratch.request.method());
    loop {
        let mut link = match dispatch::connect(record, session, scratch, wanted).await {
            Ok(link) => link,
            Err(termination) => {
                return local::refuse(session, scratch, record, facts, upload, termination.into())
                    .await;
            }
        };
        let retry_on = retry_on(record, &backend).filter(|_| upload.keep());
        let exchange = Exchange::new(session, &backend, scratch, record, &link, facts);
        let end = exchange
            .retrying(retry_on.cloned())
            .run(session, scratch, record, &mut link, upload)
            .await;
        if let End::Again { server_stays } = end {
            if server_stays {
                give_back(session, link, plan);
            }
            scratch.down.clear();
            if let Err(termination) = dispatch::ask_again(record, session, scratch).await {
                let refusal = termination.into();
                return local::refuse(session, scratch, record, facts, upload, refusal).await;
            }
            continue;
        }
        upload.discard(&mut scratch.up);
        match end {
            End::Done {
                client_stays,
                server_stays,
            } => {
                record.termination = Termination::NORMAL;
                if server_stays {
                    give_back(session, link, plan);
                }
                return client_stays;
            }
            End::Tunnel => {
                tunnel::run(session, scratch, record, &backend, link).await;
                return false;
            }
            // Once on a fresh connection to the same server; a server that dies just now may have taken that one
            // as well, so once more on another server where that is allowed.
            End::Stale
                if can_be_repeated
                    && (wanted != Wanted::Fresh
                        || dispatch::go_elsewhere(record, session, scratch).await) =>
            {
                can_be_repeated = wanted != Wanted::Fresh;
                wanted = Wanted::Fresh;
            }
            // It may have been carried out: only the client can decide to ask again. HAProxy closes without
            // a word or a line in the log, which is what a client expects of a kept connection.
            End::Stale | End::Again { .. } => {
                record.termination = Termination::new(Cause::Server, Phase::Headers);
                record.do_not_log();
                return false;
            }
            End::Cut(termination) => {
                record.termination = termination;
                return false;
            }
            End::Dropped => {
                session.client.leave_in_the_dark();
                record.termination = REFUSED;
                return false;
            }
            End::Refused {
                refusal,
                upload_whole,
            } => {
                let stays = upload_whole && client_stays(session, scratch, facts);
                return local::send_page(session, scratch, record, refusal, stays).await;
            }
        }
    }
}

/// `redir`: the answer that sends a client to where its server's content is.
fn elsewhere(record: &Record, backend: &Backend, scratch: &Scratch) -> Option<Answer> {
    let prefix = backend.server(record.server?).redirect.as_ref()?;
    let request = &scratch.request;
    if !matches!(request.compared_method(), b"GET" | b"HEAD") {
        return None;
    }
    let mut answer = Answer::begin(302);
    let location = [prefix.as_bytes(), request.path_and_query()].concat();
    for (name, value) in [
        (&b"cache-control"[..], &b"no-cache"[..]),
        (b"content-length", b"0"),
        (b"location", &location),
    ] {
        answer.head.fields.append(name, value);
    }
    Some(answer)
}

/// What of `retry-on` still holds for a request.
fn retry_on<'a>(record: &Record, backend: &'a Backend) -> Option<&'a RetryOn> {
    let on = &backend.retry_on;
    let allowed = !record.asked_once && record.retries < backend.retries;
    (allowed && on.is_after_sending()).then_some(on)
}

/// Which idle connection a request may take. With `http-reuse safe` the first one of a client has a new connection, so that
/// a server that closes it at that moment is told from one that breaks down; where `retry-on` covers all that
/// may become of a connection, it does not matter.
fn wanted(session: &Session, backend: &Backend) -> Wanted {
    let on = &backend.retry_on;
    let survives = on.conn_failure && on.empty_response && on.response_timeout;
    match (backend.reuse.mode, session.has_served || survives) {
        (ReuseMode::Never, _) => Wanted::Own,
        (ReuseMode::Safe, false) => Wanted::Fresh,
        (ReuseMode::Aggressive, false) => Wanted::Proven,
        (ReuseMode::Always, _) | (_, true) => Wanted::Any,
    }
}

/// Keeps a connection for a later request, unless the plan it was made for is no longer in force. One of HTTP/2 looks
/// after itself.
fn give_back(session: &Session, link: Link, plan: &Plan) {
    let worker = &session.worker;
    let in_force = std::ptr::eq(Arc::as_ptr(&worker.plan()), plan);
    if !in_force || worker.is_stopping() || link.is_http2() {
        return;
    }
    let Link {
        stream,
        place,
        reused,
        ..
    } = link;
    let carrier = Carrier::Single(stream);
    if place.backend.reuse.mode == ReuseMode::Never {
        let most = session.frontend.options.max_server_connections;
        session.own.keep(place, carrier, most);
    } else {
        worker.idle.keep(&place, carrier, reused);
    }
}
