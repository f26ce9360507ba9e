//! What is known of a request: for the log line and the counters, which are written when it ends, however it ends.

use super::body::Flow;
use super::transcript;
use crate::access_log::{self, Connections, Entry, Timers};
use crate::check;
use crate::cookie;
use crate::h1::head::{Fields, RequestHead};
use crate::logger::level;
use crate::plan::{Backend, CookieMode, Direction, Frontend, LogFormat, Plan};
use crate::rules::Answer;
use crate::session::Session;
use crate::stick;
use crate::worker::Worker;
use lb_core::backend::{Observation, Outcome, PhaseTimes};
use lb_core::queue::Positions;
use lb_core::server::ServerIndex;
use lb_core::termination::{Cause, Phase, Termination};
use samples::Variables;
use samples::variables::Scope;
use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::SystemTime;
use tokio::time::Instant;

/// Unless told otherwise, the task was ended from outside or by a bug.
const UNKNOWN: Termination = Termination::new(Cause::Internal, Phase::Done);

/// The record of one request. Dropping it gives back what the request holds, counts it and logs it.
#[derive(Debug)]
pub struct Record {
    pub worker: Rc<Worker>,
    /// In force when it began.
    pub plan: Arc<Plan>,
    /// The address the client called.
    pub called: SocketAddr,
    /// Of its connection, too.
    pub variables: Rc<RefCell<Variables>>,
    /// What the client gets instead of an error page.
    pub answer: Option<Answer>,
    /// Made by `unique-id-format`.
    pub unique_id: Option<String>,
    /// The level of its log line, where a rule sets one; `Some(None)`: no line.
    pub level: Option<Option<u8>>,
    pub frontend: Arc<Frontend>,
    pub backend: Option<Arc<Backend>>,
    /// The server it goes to.
    pub server: Option<ServerIndex>,
    /// The client's cookie led to it.
    pub bound: bool,
    pub cookie: cookie::Trace,
    /// What the client is to be remembered by, once it has its server.
    pub stores: stick::Stores,
    /// It holds a slot on that server, which is given back when the record is dropped.
    pub holds_slot: bool,
    pub queue: Positions,
    /// See [`lb_core::algorithm::Ask::key`].
    pub key: Option<u32>,
    pub client: SocketAddr,
    /// With `option socket-stats`: the listener that counts it.
    counted_at: Option<SocketAddr>,
    clock: Clock,
    /// For the log; empty when nothing is logged.
    request_line: String,
    pub request_captures: Vec<Option<Vec<u8>>>,
    pub response_captures: Vec<Option<Vec<u8>>>,
    /// What the client got.
    pub status: Option<u16>,
    pub server_status: Option<u16>,
    pub bytes_in: u64,
    pub bytes_out: u64,
    /// What the statistics know already, in and out.
    told: (u64, u64),
    pub termination: Termination,
    pub retries: u32,
    pub redispatched: bool,
    /// Answered by the balancer itself, as asked.
    intercepted: bool,
    /// Answered as a rule says.
    answered_by_rule: bool,
    early: bool,
    logged: bool,
}

/// When the phases ended, in milliseconds since the first byte.
#[derive(Debug)]
struct Clock {
    date: SystemTime,
    begun: Instant,
    request: Option<u64>,
    queue: Option<u64>,
    connect: Option<u64>,
    response: Option<u64>,
}

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

    /// The server has been reached: from here on bytes go both ways, unread.
    pub fn tunnel_begins(&mut self) {
        self.clock.response = self.clock.connect;
        self.log_early(0);
    }

    /// What came is no request.
    pub fn of_no_request(session: &Session, begun: Instant, termination: Termination) -> Self {
        let mut record = Self::new(session, begun);
        record.request_line = "<BADREQ>".into();
        record.termination = termination;
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
            redispatched: false,
            intercepted: false,
            answered_by_rule: false,
            early: false,
            logged: false,
        }
    }

    /// The request's first line; empty when nothing is logged.
    pub(super) fn request_line(&self) -> &str {
        &self.request_line
    }

    /// Nothing is wrong before something is.
    pub(super) fn termination_so_far(&self) -> Termination {
        match self.termination {
            UNKNOWN => Termination::NORMAL,
            known => known,
        }
    }

    pub(super) fn timers(&self) -> Timers {
        self.clock.timers()
    }

    /// From the answer's head on.
    pub(super) fn data_time(&self) -> Option<u64> {
        Some(self.clock.now().saturating_sub(self.clock.response?))
    }

    /// Its line is written before its end.
    pub(super) fn is_early(&self) -> bool {
        self.early
    }

    pub(super) fn backend_name(&self) -> &str {
        let backend = self.backend.as_ref();
        backend.map_or(&self.frontend.name, |backend| &backend.name)
    }

    /// The client gets no answer for a while: what it asked was refused before it counted as read.
    pub fn unmark_request(&mut self) {
        self.clock.request = None;
    }

    /// When the first byte came.
    pub fn date(&self) -> SystemTime {
        self.clock.date
    }

    /// A rule refuses it.
    pub fn denied(&mut self) {
        match &self.backend {
            Some(backend) => backend.live().request_denied(),
            None => self.frontend.live().request_denied(),
        }
    }

    /// A rule refuses the answer.
    pub fn response_denied(&mut self) {
        self.frontend.live().response_denied();
        if let Some(backend) = &self.backend {
            backend.live().response_denied();
        }
    }

    /// A rule answers it.
    pub fn answered(&mut self) {
        self.answered_by_rule = true;
    }

    /// Rules of a backend end it before a server was asked for.
    pub fn enter(&mut self, backend: &Arc<Backend>) {
        backend.live().request_begins(self.worker.process.now());
        self.backend = Some(Arc::clone(backend));
    }

    /// The balancer answers by itself, with the statistics of a backend or of the frontend.
    pub fn intercept(&mut self, backend: Option<&Arc<Backend>>) {
        if let Some(backend) = backend {
            backend.live().request_begins(self.worker.process.now());
            self.backend = Some(Arc::clone(backend));
        }
        self.intercepted = true;
        let now = Some(self.clock.now());
        (self.clock.queue, self.clock.connect, self.clock.response) = (now, now, now);
    }

    /// Where bytes are counted while they flow.
    pub fn ledger(&self) -> Ledger {
        Ledger {
            frontend: Arc::clone(&self.frontend),
            backend: self.backend.clone(),
            server: self.server,
        }
    }

    /// Takes over what has flowed.
    pub fn settle(&mut self, up: &Flow<'_>, down: &Flow<'_>) {
        self.bytes_in += up.counted.get();
        self.bytes_out += down.counted.get();
        self.told.0 += up.told.get();
        self.told.1 += down.told.get();
    }

    /// Captures the fields of the server's head.
    pub fn capture_response(&mut self, status: u16, fields: &Fields) {
        self.server_status = Some(status);
        self.observe(match status {
            // What a server does not know is no failure of it
            100..=499 | 501 | 505 => Observation::Answered,
            _ => Observation::AnsweredError,
        });
        let captured = self.capture(Direction::Response, fields);
        // what rules have captured before stays
        for (place, value) in self.response_captures.iter_mut().zip(captured) {
            *place = value.or(place.take());
        }
    }

    /// The server's head goes on to the client.
    pub fn mark_response(&mut self) {
        self.clock.response = Some(self.clock.now());
    }

    pub fn mark_queue(&mut self) {
        self.clock.queue = Some(self.clock.now());
    }

    pub fn mark_connect(&mut self) {
        self.clock.connect = Some(self.clock.now());
    }

    fn mark_request(&mut self) {
        self.clock.request = Some(self.clock.now());
    }

    /// `option logasap`: the line is written when the head of the response has come, and so much of its body.
    pub fn log_early(&mut self, buffered: u64) {
        if self.frontend.options.logasap && self.is_logged() {
            let termination = std::mem::replace(&mut self.termination, Termination::NORMAL);
            let connections = self.connections();
            self.bytes_out += buffered;
            self.log(connections, true);
            self.bytes_out -= buffered;
            self.termination = termination;
            self.logged = true;
        }
    }

    /// The process began to stop while the request was on its way: its connection ends with it.
    pub fn is_last(&self) -> bool {
        self.worker.is_stopping()
    }

    /// Nothing of it goes into the log.
    pub fn do_not_log(&mut self) {
        self.logged = true;
    }

    /// `option abortonclose`: it ends when its client leaves before the answer.
    pub fn is_watched(&self) -> bool {
        let backend = self.backend.as_ref();
        self.frontend.options.abortonclose && backend.is_some_and(|backend| backend.abortonclose)
    }

    fn is_logged(&self) -> bool {
        !self.frontend.log.is_empty() && self.frontend.log_format != LogFormat::Connect
    }

    /// The fields to be captured; places that rules fill are empty at first.
    fn capture(&self, direction: Direction, fields: &Fields) -> Vec<Option<Vec<u8>>> {
        let wanted = self.frontend.captures.iter();
        let wanted = wanted.filter(|capture| capture.direction == direction);
        let captured = wanted.map(|capture| {
            let value = fields.last_value(capture.header.as_deref()?.as_bytes())?;
            Some(value[..value.len().min(capture.len)].to_vec())
        });
        captured.collect()
    }

    /// Fills a place of the captures.
    pub fn fill_capture(&mut self, direction: Direction, place: usize, value: &[u8]) {
        let made = self.frontend.captures.iter();
        let mut made = made.filter(|capture| capture.direction == direction);
        let Some(capture) = made.nth(place) else {
            return;
        };
        let value = value[..value.len().min(capture.len)].to_vec();
        let captures = match direction {
            Direction::Request => &mut self.request_captures,
            Direction::Response => &mut self.response_captures,
        };
        if let Some(former) = captures.get_mut(place) {
            *former = Some(value);
        }
    }

    pub(super) fn connections(&self) -> Connections {
        let mut connections = Connections {
            process: self
                .worker
                .process
                .totals
                .connections
                .load(Ordering::Relaxed),
            frontend: self.frontend.live().counters().scur,
            ..Connections::default()
        };
        if let Some(backend) = &self.backend {
            let live = backend.live();
            connections.backend = live.counters().scur;
            let server = self.server.map(|index| live.server(index).counters().scur);
            connections.server = server.unwrap_or(0);
        }
        connections
    }

    fn log(&self, connections: Connections, early: bool) {
        if self.frontend.options.dontlog_normal && !self.is_worth_a_look() {
            return;
        }
        let entry = Entry {
            client: self.client,
            date: self.clock.date,
            frontend: &self.frontend.name,
            backend: self
                .backend
                .as_ref()
                .map_or(&self.frontend.name, |b| &b.name),
            server: self.server_name(),
            timers: self.clock.timers(),
            status: self.status,
            bytes: self.bytes_out,
            termination: self.termination,
            cookie_flags: self.cookie_flags(),
            connections,
            queue: self.queue,
            retries: self.retries,
            redispatched: self.redispatched,
            request_captures: &shown(&self.request_captures),
            response_captures: &shown(&self.response_captures),
            request: &self.request_line,
            early,
        };
        let line = match &self.frontend.log_text {
            Some(format) if self.frontend.log_format == LogFormat::Custom => {
                Some(transcript::line(self, format))
            }
            _ => access_log::line(self.frontend.log_format, &entry),
        };
        if let Some(line) = line {
            let separate = self.frontend.options.log_separate_errors && self.is_worth_a_look();
            let level = match self.level {
                Some(None) => return,
                Some(Some(level)) => level,
                None if separate => level::ERR,
                None => level::INFO,
            };
            self.worker.logger.send(&self.frontend.log, level, &line);
        }
    }

    /// Manual "dontlog-normal": errors, timeouts, retries, redispatches, and answers from 500 on.
    fn is_worth_a_look(&self) -> bool {
        let normal = matches!(self.termination.cause, Cause::Normal | Cause::Local);
        !normal
            || self.retries > 0
            || self.redispatched
            || self.status.is_some_and(|status| status >= 500)
    }

    /// Waits until the server is lost, where that ends the request.
    pub fn server_lost(&self) -> impl Future<Output = ()> + use<> {
        let backend = self.backend.clone();
        let server = self.server;
        async move {
            match (backend, server) {
                (Some(backend), Some(index)) => backend.server(index).lost().await,
                _ => std::future::pending().await,
            }
        }
    }

    /// Remembers which server the client got.
    pub fn remember_server(&mut self) {
        let stores = std::mem::take(&mut self.stores);
        if let (Some(backend), Some(server)) = (&self.backend, self.server) {
            stick::store(stores, backend, server, self.worker.process.now());
        }
    }

    /// Counts what became of the request for `observe`.
    pub fn observe(&self, seen: Observation) {
        let (Some(backend), Some(index)) = (&self.backend, self.server) else {
            return;
        };
        let server = backend.server(index);
        if !server.observed {
            return;
        }
        let now = self.worker.process.now();
        let recorded = backend.live().observe(index, seen, now);
        if let Some(recorded) = recorded {
            check::tell(&self.worker.logger, backend, recorded);
            server.hurry.notify_one();
        }
    }

    /// The request has left its server.
    pub fn unbind(&mut self) {
        self.bound = false;
        self.cookie.server_left();
    }

    /// Shown where the backend does more with cookies than to read them.
    pub(super) fn cookie_flags(&self) -> [char; 2] {
        let backend = self.backend.as_ref().or(self.frontend.other_half());
        let cookie = backend.and_then(|backend| backend.cookie.as_ref());
        match cookie {
            Some(cookie) if cookie.mode != CookieMode::Passive || cookie.indirect => {
                [self.cookie.presented.letter(), self.cookie.issued.letter()]
            }
            _ => ['-', '-'],
        }
    }

    pub(super) fn server_name(&self) -> &str {
        match (&self.backend, self.server) {
            _ if self.intercepted => "<STATS>",
            (Some(backend), Some(index)) => &backend.server(index).name,
            _ => "<NOSRV>",
        }
    }

    fn outcome(&self) -> Outcome {
        let Termination { cause, phase } = self.termination;
        let answering = matches!(phase, Phase::Headers | Phase::Data);
        let of_server = matches!(cause, Cause::Server | Cause::ServerTimeout);
        let of_client = matches!(cause, Cause::Client | Cause::ClientTimeout);
        Outcome {
            status: self.status,
            server_status: self.server_status,
            connect_failed: of_server && matches!(phase, Phase::Connect | Phase::Queue),
            response_failed: phase == Phase::Headers && (of_server || cause == Cause::Proxy),
            client_aborted: of_client && answering,
            server_aborted: of_server && phase == Phase::Data,
            times: self.clock.phases(),
        }
    }
}

/// Captures as a log line shows them.
pub(super) fn shown(captures: &[Option<Vec<u8>>]) -> Vec<String> {
    let texts = captures
        .iter()
        .map(|capture| capture.as_deref().unwrap_or_default());
    texts
        .map(|text| String::from_utf8_lossy(text).into_owned())
        .collect()
}

/// Who counts the bytes of a request.
#[derive(Debug)]
pub struct Ledger {
    frontend: Arc<Frontend>,
    backend: Option<Arc<Backend>>,
    server: Option<ServerIndex>,
}

impl Ledger {
    pub fn count(&self, bytes_in: u64, bytes_out: u64) {
        self.frontend.live().traffic(bytes_in, bytes_out);
        // In a `listen`, what never got to the servers counts on both halves.
        if let Some(backend) = self.backend.as_ref().or(self.frontend.other_half()) {
            backend.live().traffic(self.server, bytes_in, bytes_out);
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let outcome = self.outcome();
        if outcome.response_failed {
            self.observe(match self.termination.cause {
                Cause::Proxy => Observation::InvalidAnswer,
                Cause::ServerTimeout => Observation::ReadTimeout,
                _ => Observation::Closed,
            });
        }
        let ledger = self.ledger();
        ledger.count(self.bytes_in - self.told.0, self.bytes_out - self.told.1);
        let mut connections = Connections::default();
        if let Some(backend) = &self.backend {
            let mut live = backend.live();
            live.request_ends(self.server, self.holds_slot, &outcome);
            connections.backend = live.counters().scur;
            let server = self.server.map(|index| live.server(index).counters().scur);
            connections.server = server.unwrap_or(0);
        } else if let Some(other_half) = self.frontend.other_half() {
            other_half
                .live()
                .traffic(None, self.bytes_in, self.bytes_out);
        }
        {
            let mut live = self.frontend.live();
            live.traffic(self.bytes_in, self.bytes_out);
            if let Some(listener) = self.counted_at {
                let listener = live.listener_mut(listener);
                listener.traffic(self.bytes_in, self.bytes_out);
            }
            let by_frontend = self.answered_by_rule || (self.intercepted && self.backend.is_none());
            live.request_ends(self.status, by_frontend);
            connections.frontend = live.counters().scur;
        }
        let totals = &self.worker.process.totals;
        totals
            .bytes_out
            .fetch_add(self.bytes_out, Ordering::Relaxed);
        if !self.logged && self.is_logged() {
            connections.process = totals.connections.load(Ordering::Relaxed);
            self.log(connections, false);
        }
    }
}

impl Clock {
    fn new(begun: Instant) -> Self {
        Self {
            date: SystemTime::now() - begun.elapsed(),
            begun,
            request: None,
            queue: None,
            connect: None,
            response: None,
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Each phase from the end of the one before it.
    fn timers(&self) -> Timers {
        let since = |mark: Option<u64>, before: Option<u64>| Some(mark?.saturating_sub(before?));
        Timers {
            request: self.request,
            queue: since(self.queue, self.request.or(Some(0))),
            connect: since(self.connect, self.queue),
            response: since(self.response, self.connect),
            total: self.now(),
        }
    }

    /// For the averages, once the server has answered.
    fn phases(&self) -> Option<PhaseTimes> {
        let timers = self.timers();
        Some(PhaseTimes {
            queue: timers.queue?,
            connect: timers.connect?,
            response: timers.response?,
            total: timers.total,
        })
    }
}
