//! How the record of a request begins.

use super::clock::Clock;
use super::{Connection, Lenient, Record, UNKNOWN};
use crate::cookie;
use crate::h1::head::{Fields, RequestHead};
use crate::plan::{Direction, Frontend};
use crate::session::{Accepted, Session};
use crate::stick;
use crate::stick::tracked::{Counters, ERROR, REQUEST, Tracked};
use crate::worker::Worker;
use lb_core::queue::{Positions, Priority};
use lb_core::termination::{Cause, Phase, Termination};
use samples::Variables;
use samples::variables::Scope;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::Instant;

/// The first line of what is no request, or was not looked at as one.
pub(super) const NO_REQUEST: &str = "<BADREQ>";

/// The connection that a request comes on.
struct Origin<'a> {
    worker: &'a Rc<Worker>,
    accepted: &'a Accepted,
    frontend: &'a Arc<Frontend>,
    variables: &'a Rc<RefCell<Variables>>,
    tracked: &'a Rc<RefCell<Tracked>>,
    idle_since: Instant,
    handshake: Duration,
    http_major: u8,
    first_request: bool,
}

impl<'a> Origin<'a> {
    fn of(session: &'a Session) -> Self {
        Self {
            worker: &session.worker,
            accepted: &session.accepted,
            frontend: &session.frontend,
            variables: &session.variables,
            tracked: &session.tracked,
            idle_since: session.idle_since,
            handshake: session.handshake,
            http_major: session.http_major,
            first_request: !session.has_served,
        }
    }
}

impl Record {
    /// A request begins with its head, which has just come to its end. It counts once it is [`Record::read`].
    pub fn begin(session: &Session, head: &RequestHead, begun: Instant) -> Self {
        let mut record = Self::new(&Origin::of(session), begun);
        record.mark_request();
        record.list(session);
        record.bytes_in = head.weight();
        for scope in [Scope::Transaction, Scope::Request, Scope::Response] {
            record.variables.borrow_mut().end(scope);
        }
        record.request_line = NO_REQUEST.to_owned();
        record.request_captures = record.capture(Direction::Request, &Fields::default());
        record.response_captures = record.capture(Direction::Response, &Fields::default());
        record
    }

    /// No `tcp-request` rule has refused it: its head is looked at.
    pub fn read(&mut self, head: &RequestHead) {
        self.request_line = String::new();
        if self.is_logged() || self.frontend.http.any() {
            let line = [head.method(), head.target(), head.version_text()].join(&b' ');
            self.request_line = String::from_utf8_lossy(&line).into_owned();
        }
        let captured = self.capture(Direction::Request, &head.fields);
        for (place, value) in self.request_captures.iter_mut().zip(captured) {
            *place = value.or(place.take());
        }
        let now = self.worker.process.now();
        self.frontend.live().request_begins(now);
        self.counters.count(REQUEST, 1);
        let totals = &self.worker.process.totals;
        totals.requests_total.fetch_add(1, Ordering::Relaxed);
    }

    /// In TCP mode a whole connection is what a request is in HTTP mode.
    pub fn of_connection(session: &Session, begun: Instant) -> Self {
        let mut record = Self::new(&Origin::of(session), begun);
        record.mark_request();
        record.list(session);
        record
    }

    /// What came is no request.
    pub fn of_no_request(session: &Session, begun: Instant, termination: Termination) -> Self {
        let mut record = Self::new(&Origin::of(session), begun);
        record.request_line = NO_REQUEST.into();
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

    /// A connection that came to nothing before it could be used: only its log line is made of this.
    pub fn of_no_ends(worker: &Rc<Worker>, accepted: &Accepted) -> Self {
        let now = Instant::now();
        let mut record = Self::new(
            &Origin {
                worker,
                accepted,
                frontend: &accepted.frontend,
                variables: &Rc::default(),
                tracked: &Rc::default(),
                idle_since: now,
                handshake: Duration::ZERO,
                http_major: 1,
                first_request: true,
            },
            now,
        );
        record.uncounted = true;
        record.status = Some(0);
        record.termination = Termination::new(Cause::Proxy, Phase::Request);
        record
    }

    fn new(origin: &Origin<'_>, begun: Instant) -> Self {
        Self {
            worker: Rc::clone(origin.worker),
            plan: origin.worker.plan(),
            called: origin.accepted.local,
            variables: Rc::clone(origin.variables),
            counters: Counters::of(origin.tracked),
            hit: None,
            asking: None,
            keeper: None,
            answer: None,
            unique_id: None,
            level: None,
            frontend: Arc::clone(origin.frontend),
            backend: None,
            server: None,
            bound: false,
            cookie: cookie::Trace::default(),
            stores: stick::Stores::new(),
            holds_slot: false,
            queue: Positions::default(),
            priority: Priority::default(),
            own_timeouts: [None, None],
            lenient: Lenient::default(),
            markings: Vec::new(),
            key: None,
            client: origin.accepted.peer,
            connection: Connection::of(origin.accepted, origin.first_request),
            tls: origin.accepted.tls.clone(),
            http_major: origin.http_major,
            counted_at: origin.accepted.counted_at,
            clock: Clock::new(begun, origin.idle_since, origin.handshake),
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
            failed_inside: false,
            early: false,
            logged: false,
            uncounted: false,
            at_work: None,
            number: Cell::new(None),
            source: None,
            server_http: None,
            captured_cookies: [None, None],
        }
    }
}
