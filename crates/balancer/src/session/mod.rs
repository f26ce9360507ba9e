//! One client connection: request after request, until someone has had enough.

mod http2;
mod inspect;
mod proxied;
mod read_request;
mod tcp;

use crate::error_page;
use crate::listener::Entrance;
use crate::plan::{Frontend, Gate, Mode};
use crate::process::Secured;
use crate::request;
use crate::request::record::Record;
use crate::request::scratch::Scratch;
use crate::stick::tracked::Tracked;
use crate::tls;
use crate::upstream::Own;
use crate::wire::{Alarm, Reader, Stream};
use crate::worker::Worker;
use lb_core::termination::{Cause, Phase, Termination};
use read_request::Unread;
use samples::Variables;
use samples::tls::Tls;
use std::cell::RefCell;
use std::future::poll_fn;
use std::io::IoSlice;
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::Instant;

/// A connection as it was accepted.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The number of its socket.
    pub socket: i32,
    pub peer: SocketAddr,
    pub local: SocketAddr,
    /// The name that the client asked for, as a PROXY header tells it.
    pub authority: Option<Rc<[u8]>>,
    /// Both ends of the connection itself, where a PROXY header has told of others.
    pub below: Option<(SocketAddr, SocketAddr)>,
    pub frontend: Arc<Frontend>,
    /// How it came in.
    pub entrance: Rc<Entrance>,
    /// With `option socket-stats`: the address of the listener it came in on.
    pub counted_at: Option<SocketAddr>,
    /// What its TLS has settled.
    pub tls: Option<Rc<Tls>>,
}

/// A client connection at work.
#[derive(Debug)]
pub struct Session {
    pub worker: Rc<Worker>,
    pub accepted: Accepted,
    /// As the plan in force says: a reload changes it between two requests.
    pub frontend: Arc<Frontend>,
    pub client: Stream,
    /// Guards the client, and the way to the server.
    pub alarm: Alarm,
    /// Guards the way back.
    pub other_alarm: Alarm,
    /// It has sent a request before.
    pub has_served: bool,
    /// Idle connections to servers that nobody else may use.
    pub own: Own,
    /// The frontend is no longer in the plan.
    retired: bool,
    since: Instant,
    /// When the last request ended, or the connection was there to be used.
    pub idle_since: Instant,
    /// When the first byte of what is read now came.
    begun: Instant,
    /// How long it took until the connection was there to be used: the header of the PROXY protocol, TLS.
    pub handshake: Duration,
    /// What rules have set.
    pub variables: Rc<RefCell<Variables>>,
    /// Entries that it is counted in from its beginning to its end.
    pub tracked: Rc<RefCell<Tracked>>,
    /// The major version of HTTP that the client speaks.
    pub http_major: u8,
}

/// Serves a client until it leaves.
pub async fn serve(stream: impl Into<Stream>, accepted: Accepted, worker: Rc<Worker>) {
    let now = Instant::now();
    let mut session = Session {
        worker,
        frontend: Arc::clone(&accepted.frontend),
        accepted,
        client: stream.into(),
        alarm: Alarm::default(),
        other_alarm: Alarm::default(),
        has_served: false,
        own: Own::default(),
        retired: false,
        since: now,
        idle_since: now,
        begun: now,
        handshake: Duration::ZERO,
        variables: Rc::default(),
        tracked: Rc::default(),
        http_major: 1,
    };
    if !session.begin_connection().await {
        return;
    }
    let mut secured = None;
    if let Some(entry) = session.accepted.entrance.tls.clone() {
        let most = session.worker.plan().global.max_tls_connections;
        secured = Secured::begin(&session.worker.process, most);
        let Some(secured) = &secured else { return };
        let limit = session.accepted.frontend.timeouts.client;
        let shaking = Box::pin(entry.shake_hands(session.client));
        let hands = session.alarm.limit(limit, shaking).await;
        let hands = hands.unwrap_or(Err(tls::Failure::Timeout));
        let resumed = hands.as_ref().ok().map(|(_, facts)| facts.resumed);
        session.frontend.live().hands_shaken(resumed);
        match hands {
            Ok((client, facts)) => {
                secured.is_ready(facts.resumed);
                session.client = client;
                session.accepted.tls = Some(Rc::new(facts));
            }
            Err(failure) => {
                let silent = failure.is_silence();
                return proxied::log(&failure, silent, &session.accepted, &session.worker);
            }
        }
    }
    if session.begin_session() {
        session.is_ready(now);
        session.run().await;
    }
    drop(secured);
}

/// What ended the wait for a request.
enum Woken {
    Bytes(Box<Scratch>),
    Closed,
    Stopping,
}

/// Looks for bytes. Memory is taken only when there seem to be some, and given back when there are none after all.
fn poll_first_bytes(worker: &Worker, reader: &mut Reader, cx: &mut Context<'_>) -> Poll<Woken> {
    if reader.poll_readable(cx).is_pending() {
        return Poll::Pending;
    }
    let mut scratch = worker.spares.take();
    match reader.poll_fill(cx, &mut scratch.up.buffer) {
        Poll::Ready(Ok(1..)) => return Poll::Ready(Woken::Bytes(scratch)),
        Poll::Ready(_) => return Poll::Ready(Woken::Closed),
        Poll::Pending => {}
    }
    worker.spares.give_back(scratch);
    Poll::Pending
}

impl Session {
    /// No other request comes after this one.
    pub fn is_last(&self) -> bool {
        self.retired || self.worker.is_stopping() || self.frontend.gate.get() == Gate::Shut
    }

    /// From here on it can be used, however long that took.
    fn is_ready(&mut self, accepted: Instant) {
        let now = Instant::now();
        (self.since, self.idle_since, self.begun) = (now, now, now);
        self.handshake = now - accepted;
    }

    async fn run(mut self) {
        if self.frontend.mode == Mode::Tcp {
            return Box::pin(self.pass_on()).await;
        }
        if self.speaks_http2() {
            return Box::pin(self.serve_http2(&[])).await;
        }
        while let Some(mut scratch) = self.wait_for_client().await {
            if self.begins_http2(&mut scratch).await {
                let worker = Rc::clone(&self.worker);
                Box::pin(self.serve_http2(scratch.up.buffer.filled())).await;
                return worker.spares.give_back(scratch);
            }
            // Apart from the connection, which is to be small while it is idle.
            let goes_on = Box::pin(self.serve_what_came(&mut scratch)).await;
            self.worker.spares.give_back(scratch);
            if !goes_on {
                break;
            }
        }
    }

    /// Serves requests until nothing is left in the buffer; false when the connection is to be closed.
    async fn serve_what_came(&mut self, scratch: &mut Scratch) -> bool {
        loop {
            self.follow_plan();
            let request = match self.read_request(scratch).await {
                Ok(request) => request,
                Err(unread) => {
                    self.refuse(unread).await;
                    return false;
                }
            };
            if !request::serve(self, scratch, request).await {
                return false;
            }
            self.has_served = true;
            self.handshake = Duration::ZERO;
            self.since = Instant::now();
            self.idle_since = self.since;
            if scratch.up.buffer.is_empty() {
                return true;
            }
        }
    }

    /// Looks the frontend up again: a reload takes effect between two requests.
    fn follow_plan(&mut self) {
        match self.worker.plan().frontend(&self.accepted.frontend.name) {
            Some(frontend) => self.frontend = Arc::clone(frontend),
            None => self.retired = true,
        }
    }

    /// Waits for the first bytes of a request, without a buffer meanwhile; `None` when the connection is to be closed.
    async fn wait_for_client(&mut self) -> Option<Box<Scratch>> {
        let limit = if self.has_served {
            self.keep_alive_limit()
        } else {
            self.request_limit()
        };
        let deadline = limit.map(|limit| self.since + limit);
        let (worker, reader) = (&self.worker, &mut self.client.reader);
        // A connection that has not said a word yet may still send its one request.
        let leaves_at_stop = self.has_served;
        let woken = {
            let mut stop = pin!(worker.stopping());
            let woken = poll_fn(|cx| {
                if let Poll::Ready(woken) = poll_first_bytes(worker, reader, cx) {
                    return Poll::Ready(woken);
                }
                if leaves_at_stop && stop.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(Woken::Stopping);
                }
                Poll::Pending
            });
            self.alarm.until(deadline, woken).await
        };
        match woken {
            Some(Woken::Bytes(scratch)) => return Some(scratch),
            // Between two requests a client may leave, and be left, without a word.
            _ if self.has_served => {}
            Some(_) => self.refuse(Unread::Closed { any_byte: false }).await,
            None => self.refuse(Unread::TooSlow { any_byte: false }).await,
        }
        None
    }

    fn request_limit(&self) -> Option<Duration> {
        let timeouts = &self.frontend.timeouts;
        timeouts.http_request.or(timeouts.client)
    }

    fn keep_alive_limit(&self) -> Option<Duration> {
        self.frontend
            .timeouts
            .http_keep_alive
            .or_else(|| self.request_limit())
    }

    /// Answers what was no request, and counts and logs it where somebody meant one.
    async fn refuse(&mut self, unread: Unread) {
        let options = &self.frontend.options;
        let (termination, status, any_byte) = match unread {
            Unread::Closed { any_byte } => (
                Termination::new(Cause::Client, Phase::Request),
                400,
                any_byte,
            ),
            Unread::TooSlow { any_byte } => (
                Termination::new(Cause::ClientTimeout, Phase::Request),
                408,
                any_byte,
            ),
            Unread::Invalid { status } => {
                (Termination::new(Cause::Proxy, Phase::Request), status, true)
            }
        };
        if !any_byte && options.http_ignore_probes {
            return;
        }
        let unseen = !any_byte && options.dontlognull;
        let begun = if any_byte {
            self.begun
        } else {
            self.idle_since
        };
        let mut record = Record::of_no_request(self, begun, termination);
        record.status = Some(status);
        if unseen {
            record.do_not_log();
        }
        if error_page::is_silent(&self.frontend.errors, status) {
            return;
        }
        let page = error_page::to_no_request(status);
        let mut slices = [IoSlice::new(&page)];
        let limit = self.frontend.timeouts.client;
        let writer = &mut self.client.writer;
        // Whether it arrives is no longer of interest.
        let _ = writer.write_all(&mut slices, &mut self.alarm, limit).await;
    }
}
