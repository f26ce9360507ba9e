//! One request, from its head to its log line.

pub mod additions;
pub mod balance_key;
pub mod body;
pub mod dispatch;
pub mod exchange;
pub mod leaving;
pub mod local;
pub mod queue;
pub mod record;
pub mod refusal;
pub mod route;
pub mod scratch;
pub mod transcript;
pub mod tunnel;
pub mod view;

use crate::access_log;
use crate::h1::facts::Facts;
use crate::h1::framing::{self, Framing};
use crate::logger::level;
use crate::plan::{Backend, KeepAlive, LogFormat, Plan, ReuseMode};
use crate::session::Session;
use crate::upstream::Wanted;
use body::Transfer;
use exchange::{End, Exchange, Refusal};
use lb_core::termination::{Cause, Phase, Termination};
use record::Record;
use route::Destination;
use scratch::Scratch;
use std::sync::Arc;
use tokio::time::Instant;

/// A request whose head has come; the head itself is in the scratch.
#[derive(Debug)]
pub struct Request {
    pub facts: Facts,
    /// Its body, from what is in the buffer already to its end.
    pub upload: Transfer,
    /// When its first byte came.
    pub begun: Instant,
}

/// Serves a request; true when its connection may carry another one.
pub async fn serve(session: &mut Session, scratch: &mut Scratch, mut request: Request) -> bool {
    let mut record = Record::begin(session, &scratch.request, request.begun);
    let plan = Arc::clone(&record.plan);
    log_connect(session);
    additions::name(&mut record, &scratch.request);
    if refusal::is_monitor(session, scratch) {
        return refusal::monitor(session, scratch, &mut record, &mut request).await;
    }
    if let Some(stays) = refusal::by_frontend(session, scratch, &mut record, &mut request).await {
        return stays;
    }
    match route::destination(session, &record, &scratch.request, &plan) {
        Destination::Statistics(stats) => {
            local::statistics(session, scratch, &mut record, &mut request, &plan, &stats).await
        }
        Destination::Backend(backend) => {
            record.enter(&backend);
            let ruled = refusal::by_backend(session, scratch, &mut record, &mut request, &backend);
            if let Some(stays) = ruled.await {
                return stays;
            }
            additions::add(&mut record, &mut scratch.request, &backend);
            proxy(session, scratch, &mut record, request, backend, &plan).await
        }
        Destination::Nowhere => {
            let nobody = Refusal::from(Termination::new(Cause::Server, Phase::Connect));
            local::refuse(
                session,
                scratch,
                &mut record,
                &request.facts,
                &mut request.upload,
                nobody,
            )
            .await
        }
    }
}

/// Whether the client's connection stays open after this request, as far as the client and the process go.
pub fn client_stays(session: &Session, scratch: &Scratch, facts: &Facts) -> bool {
    framing::persists(scratch.request.version, facts)
        && !session.is_last()
        && session.frontend.http.options.keep_alive != KeepAlive::None
}

/// Without a log format, a line is written when a request begins.
fn log_connect(session: &Session) {
    let frontend = &session.frontend;
    if frontend.log_format == LogFormat::Connect && !frontend.log.is_empty() {
        let accepted = &session.accepted;
        let line = access_log::connect(accepted.peer, accepted.local, &frontend.name, "HTTP");
        session
            .worker
            .logger
            .send(&frontend.log, level::INFO, &line);
    }
}

/// Passes a request on to a server and the answer back.
async fn proxy(
    session: &mut Session,
    scratch: &mut Scratch,
    record: &mut Record,
    request: Request,
    backend: Arc<Backend>,
    plan: &Plan,
) -> bool {
    let Request {
        facts, mut upload, ..
    } = request;
    let admitted = dispatch::admit(record, session, scratch, Arc::clone(&backend)).await;
    if let Err(termination) = admitted {
        return local::refuse(
            session,
            scratch,
            record,
            &facts,
            &mut upload,
            termination.into(),
        )
        .await;
    }
    let mut wanted = wanted(session, &backend);
    let mut can_be_repeated = upload.is_empty() && route::is_idempotent(scratch.request.method());
    loop {
        let mut link = match dispatch::connect(record, session, scratch, wanted).await {
            Ok(link) => link,
            Err(termination) => {
                return local::refuse(
                    session,
                    scratch,
                    record,
                    &facts,
                    &mut upload,
                    termination.into(),
                )
                .await;
            }
        };
        let exchange = Exchange::new(session, &backend, scratch, record, &facts);
        let end = exchange
            .run(session, scratch, record, &mut link, upload)
            .await;
        match end {
            End::Done {
                client_stays,
                server_stays,
            } => {
                record.termination = Termination::NORMAL;
                if server_stays {
                    give_back(session, record, &backend, link, plan);
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
                upload = Transfer::begin(Framing::NONE, &mut scratch.up)
                    .expect("nothing cannot be malformed");
            }
            // It may have been carried out: only the client can decide to ask again. HAProxy closes without
            // a word or a line in the log, which is what a client expects of a kept connection.
            End::Stale => {
                record.termination = Termination::new(Cause::Server, Phase::Headers);
                record.do_not_log();
                return false;
            }
            End::Cut(termination) => {
                record.termination = termination;
                return false;
            }
            End::Refused {
                refusal,
                upload_whole,
            } => {
                let stays = upload_whole && client_stays(session, scratch, &facts);
                return local::send_page(session, scratch, record, refusal, stays).await;
            }
        }
    }
}

/// Which idle connection a request may take. With `http-reuse safe` the first one of a client has a new connection, so that
/// a server that closes it at that moment is told from one that breaks down.
fn wanted(session: &Session, backend: &Backend) -> Wanted {
    match (backend.reuse.mode, session.has_served) {
        (ReuseMode::Never, _) => Wanted::Own,
        (ReuseMode::Safe, false) => Wanted::Fresh,
        (ReuseMode::Aggressive, false) => Wanted::Proven,
        (ReuseMode::Always, _) | (_, true) => Wanted::Any,
    }
}

/// Keeps a connection for a later request, unless the plan it was made for is no longer in force.
fn give_back(
    session: &mut Session,
    record: &Record,
    backend: &Arc<Backend>,
    link: crate::upstream::Link,
    plan: &Plan,
) {
    let worker = &session.worker;
    let in_force = std::ptr::eq(Arc::as_ptr(&worker.plan()), plan);
    if let Some(server) = record.server.filter(|_| in_force && !worker.is_stopping()) {
        if backend.reuse.mode == ReuseMode::Never {
            let most = session.frontend.options.max_server_connections;
            session.own.keep(backend, server, link.stream, most);
            return;
        }
        let port = session.accepted.local.port();
        worker.idle.keep(backend, server, port, link);
    }
}
