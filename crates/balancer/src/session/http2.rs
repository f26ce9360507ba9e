//! A client that speaks HTTP/2: requests beside each other, each a session of its own.

use super::{Accepted, Session};
use crate::http2::{self, MAX_HELD, PREFACE};
use crate::plan::{BindProtocol, Frontend, Http2, Sizes};
use crate::request::scratch::Scratch;
use crate::stick::tracked::Tracked;
use crate::upstream::Own;
use crate::wire::{Alarm, Joined, Markings, Stream};
use crate::worker::Worker;
use bytes::Bytes;
use h2::Reason;
use h2::server::{Builder, Connection};
use lb_core::counters::Http2Part;
use samples::Variables;
use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// Requests taken back before anybody has looked at them, before the client is sent away: more are an attack.
const MAX_TAKEN_BACK: usize = 100;

/// How long a silent client may take to hear that it is dismissed.
const LAST_WORD: Duration = Duration::from_secs(1);

/// What all requests of a connection share.
struct Shared {
    worker: Rc<Worker>,
    accepted: Accepted,
    variables: Rc<RefCell<Variables>>,
    tracked: Rc<RefCell<Tracked>>,
    own: Own,
    /// It counts for the first request.
    handshake: Cell<Duration>,
    /// Of its packets.
    markings: Markings,
}

impl Session {
    /// TLS or the configuration says so.
    pub(super) fn speaks_http2(&self) -> bool {
        let settled = self
            .accepted
            .tls
            .as_ref()
            .and_then(|tls| tls.alpn.as_deref());
        match self.accepted.entrance.protocol {
            BindProtocol::Http1 => false,
            BindProtocol::Http2 => true,
            BindProtocol::Any => settled == Some("h2"),
        }
    }

    /// Whether what has come is the beginning of HTTP/2, without a word on it before.
    pub(super) async fn begins_http2(&mut self, scratch: &mut Scratch) -> bool {
        if self.has_served || self.accepted.entrance.protocol == BindProtocol::Http1 {
            return false;
        }
        let deadline = self.request_limit().map(|limit| self.since + limit);
        loop {
            let buffer = &mut scratch.up.buffer;
            let come = buffer.filled();
            if come.len() >= PREFACE.len() {
                return come.starts_with(PREFACE);
            }
            if !PREFACE.starts_with(come) {
                return false;
            }
            let read = poll_fn(|cx| self.client.reader.poll_fill(cx, buffer));
            match self.alarm.until(deadline, read).await {
                Some(Ok(1..)) => {}
                _ => return false,
            }
        }
    }

    /// Serves requests until the client leaves, has been silent for too long, or the process stops. `first` has come
    /// already.
    pub(super) async fn serve_http2(mut self, first: &[u8]) {
        let limit = self.request_limit();
        let plan = self.worker.plan();
        let (settings, sizes) = (plan.global.http2, plan.global.sizes);
        let markings = Markings::default();
        let stream = Joined::new(first, self.client, Rc::clone(&markings));
        let begun = builder(settings, sizes).handshake::<_, Bytes>(stream);
        let Some(Ok(connection)) = self.alarm.limit(limit, begun).await else {
            return;
        };
        let idle = self.frontend.timeouts.http_keep_alive.or(limit);
        let shared = Shared {
            worker: self.worker,
            accepted: self.accepted,
            variables: self.variables,
            tracked: self.tracked,
            own: self.own,
            handshake: Cell::new(self.handshake),
            markings,
        };
        let _counted = Counted::begin(&shared.accepted.frontend, Http2Part::Connection);
        shared.serve(connection, idle).await;
    }
}

/// A connection or a stream, while it lasts.
struct Counted(Arc<Frontend>, Http2Part);

impl Counted {
    fn begin(frontend: &Arc<Frontend>, part: Http2Part) -> Self {
        frontend.live().http2_opened(part);
        Self(Arc::clone(frontend), part)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.live().http2_closed(self.1);
    }
}

fn builder(settings: Http2, sizes: Sizes) -> Builder {
    let mut builder = Builder::new();
    builder
        .initial_window_size(settings.initial_window)
        .max_concurrent_streams(settings.max_streams)
        .header_table_size(settings.header_table)
        .max_frame_size(settings.max_frame)
        .max_header_list_size(u32::try_from(sizes.buffer).unwrap_or(u32::MAX))
        .max_pending_accept_reset_streams(MAX_TAKEN_BACK)
        .max_send_buffer_size(MAX_HELD)
        .enable_connect_protocol();
    builder
}

impl Shared {
    async fn serve(self, mut connection: Connection<Joined, Bytes>, mut limit: Option<Duration>) {
        let mut requests = JoinSet::new();
        let mut silent_since = Instant::now();
        let (mut leaving, mut dismissed) = (false, false);
        loop {
            let deadline = limit
                .filter(|_| requests.is_empty())
                .map(|limit| silent_since + limit);
            let silence = async {
                match deadline {
                    Some(deadline) => sleep_until(deadline).await,
                    None => pending().await,
                }
            };
            tokio::select! {
                request = connection.accept() => match request {
                    Some(Ok((request, respond))) => {
                        let session = self.session(http2::stream(request, respond, Rc::clone(&self.markings)));
                        requests.spawn_local(session.serve_one());
                    }
                    Some(Err(_)) | None => break,
                },
                Some(_) = requests.join_next(), if !requests.is_empty() => {
                    silent_since = Instant::now();
                    if !leaving && self.is_retired() {
                        leaving = true;
                        connection.graceful_shutdown();
                    }
                }
                () = self.worker.stopping(), if !leaving => {
                    leaving = true;
                    connection.graceful_shutdown();
                    // Who does not answer this either has gone.
                    (limit, silent_since) = (Some(LAST_WORD), Instant::now());
                }
                () = silence => {
                    if dismissed {
                        break;
                    }
                    dismissed = true;
                    connection.abrupt_shutdown(Reason::NO_ERROR);
                    (limit, silent_since) = (Some(LAST_WORD), Instant::now());
                }
            }
        }
        // Their streams are gone with it, which each of them finds out.
        drop(connection);
        while requests.join_next().await.is_some() {}
    }

    /// The frontend is no longer in the plan.
    fn is_retired(&self) -> bool {
        let name = &self.accepted.frontend.name;
        self.worker.plan().frontend(name).is_none()
    }

    /// The session of one request.
    fn session(&self, client: Stream) -> Session {
        let variables = self.variables.borrow().clone();
        let now = Instant::now();
        Session {
            worker: Rc::clone(&self.worker),
            frontend: Arc::clone(&self.accepted.frontend),
            accepted: self.accepted.clone(),
            client,
            alarm: Alarm::default(),
            other_alarm: Alarm::default(),
            // As in HAProxy: a request among others may take any connection to a server.
            has_served: true,
            own: self.own.clone(),
            retired: false,
            since: now,
            idle_since: now,
            begun: now,
            handshake: self.handshake.take(),
            variables: Rc::new(RefCell::new(variables)),
            tracked: Rc::clone(&self.tracked),
            http_major: 2,
        }
    }
}

impl Session {
    async fn serve_one(mut self) {
        let _counted = Counted::begin(&self.accepted.frontend, Http2Part::Stream);
        let mut scratch = self.worker.spares.take();
        self.serve_what_came(&mut scratch).await;
        self.worker.spares.give_back(scratch);
    }
}
