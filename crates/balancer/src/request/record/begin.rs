//! How the record of a request begins.

use super::clock::Clock;
use super::{Record, UNKNOWN};
use crate::cookie;
use crate::h1::head::{Fields, RequestHead};
use crate::plan::Direction;
use crate::session::Session;
use crate::stick;
use crate::stick::tracked::{Counters, ERROR, REQUEST};
use lb_core::queue::Positions;
use lb_core::termination::{Cause, Termination};
use samples::variables::Scope;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::time::Instant;

impl Record {
    /// A request begins with its head, which has just come to its end.
    pub fn begin(session: &Session, head: &RequestHead, begun: Instant) -> Self {
        let mut record = Self::new(session, begun);
        record.mark_request();
        record.bytes_in = head.weight();
        for scope in [Scope::Transaction, Scope::Request, Scope::Response] {
            record.variables.borrow_mut().end(scope);
        }
        if record.is_logged() || record.frontend.http.any() {
            let line = [head.method(), head.target(), head.version_text()].join(&b' ');
            record.request_line = String::from_utf8_lossy(&line).into_owned();
        }
        record.request_captures = record.capture(Direction::Request, &head.fields);
        record.response_captures = record.capture(Direction::Response, &Fields::default());
        let now = record.worker.process.now();
        record.frontend.live().request_begins(now);
        record.counters.count(REQUEST, 1);
        let totals = &record.worker.process.totals;
        totals.requests_total.fetch_add(1, Ordering::Relaxed);
        record
    }

    /// In TCP mode a whole connection is what a request is in HTTP mode.
    pub fn of_connection(session: &Session, begun: Instant) -> Self {
        let mut record = Self::new(session, begun);
        record.mark_request();
        record
    }

    /// What came is no request.
    pub fn of_no_request(session: &Session, begun: Instant, termination: Termination) -> Self {
        let mut record = Self::new(session, begun);
        record.request_line = "<BADREQ>".into();
        record.termination = termination;
        record.counters.count(REQUEST, 1);
        if termination.cause != Cause::ClientTimeout {
            record.counters.count(ERROR, 1);
        }
        let now = record.worker.process.now();
        let mut live = record.frontend.live();
        live.request_begins(now);
        live.request_failed();
        if let Some(listener) = record.counted_at {
            live.listener_mut(listener).request_failed();
        }
        drop(live);
        record
    }

    fn new(session: &Session, begun: Instant) -> Self {
        Self {
            worker: Rc::clone(&session.worker),
            plan: session.worker.plan(),
            called: session.accepted.local,
            variables: Rc::clone(&session.variables),
            counters: Counters::of(&session.tracked),
            answer: None,
            unique_id: None,
            level: None,
            frontend: Arc::clone(&session.frontend),
            backend: None,
            server: None,
            bound: false,
            cookie: cookie::Trace::default(),
            stores: stick::Stores::new(),
            holds_slot: false,
            queue: Positions::default(),
            key: None,
            client: session.accepted.peer,
            tls: session.accepted.tls.clone(),
            http_major: 1,
            counted_at: session.accepted.counted_at,
            clock: Clock::new(begun),
            request_line: String::new(),
            request_captures: Vec::new(),
            response_captures: Vec::new(),
            status: None,
            server_status: None,
            bytes_in: 0,
            bytes_out: 0,
            told: (0, 0),
            termination: UNKNOWN,
            retries: 0,
            asked_once: false,
            redispatched: false,
            intercepted: None,
            answered_by_rule: false,
            answer_denied: false,
            early: false,
            logged: false,
        }
    }
}
