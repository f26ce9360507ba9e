//! One request, from its head to its log line.

pub mod additions;
pub mod balance_key;
pub mod body;
pub mod cached;
pub mod dispatch;
pub mod exchange;
mod first_answer;
pub mod forward;
pub mod gather;
pub mod leaving;
pub mod local;
pub mod queue;
pub mod record;
pub mod refusal;
pub mod room;
pub mod route;
pub mod scratch;
pub mod transcript;
pub mod tunnel;
pub mod view;

use crate::access_log;
use crate::h1::facts::Facts;
use crate::h1::framing;
use crate::logger::level;
use crate::plan::{Direction, KeepAlive, LogFormat};
use crate::session::Session;
use body::Transfer;
use exchange::Refusal;
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
    /// The client ended before the body did.
    pub cut: bool,
    /// When its first byte came.
    pub begun: Instant,
}

impl Request {
    /// What has come of its body, as far as rules get to see it.
    pub fn body<'a>(&self, scratch: &'a Scratch, record: &Record) -> &'a [u8] {
        let body = self.upload.payload(&scratch.up);
        if body.is_empty() {
            return body;
        }
        let head = &scratch.request;
        let most = room::for_body(head.weight(), &head.fields, record.plan.global.sizes);
        &body[..body.len().min(most)]
    }
}

/// Serves a request; true when its connection may carry another one.
pub async fn serve(session: &mut Session, scratch: &mut Scratch, mut request: Request) -> bool {
    let mut record = Record::begin(session, &scratch.request, request.begun);
    let plan = Arc::clone(&record.plan);
    log_connect(session);
    let frontend = Arc::clone(&session.frontend);
    let head = &scratch.request;
    if !refusal::by_content(session, head, &mut record, &frontend.name, &frontend.tcp) {
        return false;
    }
    record.read(&scratch.request);
    additions::name(&mut record, &scratch.request);
    if refusal::is_monitor(session, scratch) {
        return refusal::monitor(session, scratch, &mut record, &mut request).await;
    }
    if session.frontend.http.options.whole_bodies {
        let wait = gather::as_long_as_a_head(session, &request);
        let over = gather::wait(session, scratch, &mut record, &mut request, wait).await;
        if let Some(stays) = over {
            return stays;
        }
    }
    if let Some(stays) = refusal::by_frontend(session, scratch, &mut record, &mut request).await {
        return stays;
    }
    if let Some(hit) = record.hit.clone() {
        return cached::answer(session, scratch, &mut record, &mut request, &hit).await;
    }
    match route::destination(session, &record, &scratch.request, &plan) {
        Destination::Statistics(stats) => {
            local::statistics(session, scratch, &mut record, &mut request, &plan, &stats).await
        }
        Destination::Backend(backend) => {
            record.enter(&backend);
            let same = backend.listen && backend.name == frontend.name;
            let head = &scratch.request;
            if !same
                && !refusal::by_content(session, head, &mut record, &backend.name, &backend.tcp)
            {
                return false;
            }
            if let Some(wait) = gather::wanted(session, scratch, &request, &backend) {
                let over = gather::wait(session, scratch, &mut record, &mut request, wait).await;
                if let Some(stays) = over {
                    return stays;
                }
            }
            let ruled = refusal::by_backend(session, scratch, &mut record, &mut request, &backend);
            if let Some(stays) = ruled.await {
                return stays;
            }
            if let Some(hit) = record.hit.clone() {
                return cached::answer(session, scratch, &mut record, &mut request, &hit).await;
            }
            if request.cut {
                record.termination = Termination::new(Cause::Client, Phase::Request);
                return false;
            }
            record.capture_cookie(Direction::Request, &scratch.request.fields);
            additions::add(&mut record, &mut scratch.request, &backend);
            forward::forward(session, scratch, &mut record, request, backend, &plan).await
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
