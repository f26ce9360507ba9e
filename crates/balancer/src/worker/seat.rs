//! Room for a connection, under every limit that counts for it.

use super::Worker;
use crate::listener::{Entrance, Room};
use crate::plan::{Frontend, Rates};
use crate::process::Process;
use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// A seat under the limits of the listener, the frontend and the process; given back when dropped.
pub(super) struct Seat {
    room: Room,
    pub(super) frontend: Arc<Frontend>,
    process: Arc<Process>,
    /// With `option socket-stats`: the address listened on.
    pub(super) counted_at: Option<SocketAddr>,
}

impl Seat {
    /// Waits for a seat; `None` when the frontend is gone.
    pub(super) async fn wait(worker: &Worker, entrance: &RefCell<Rc<Entrance>>) -> Option<Self> {
        loop {
            if Self::is_rated(worker, &entrance.borrow()) {
                // Who has just been taken counts only once its session begins.
                tokio::task::yield_now().await;
            }
            let ended = worker.process.room.notified();
            tokio::pin!(ended);
            // From here on no end is missed, even one before the first poll.
            ended.as_mut().enable();
            let plan = worker.plan();
            let entrance = Rc::clone(&entrance.borrow());
            let frontend = plan.frontend(&entrance.frontend)?;
            let tls = entrance.tls.is_some();
            let pause = Self::pause(&worker.process, &plan.rates, frontend, tls);
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
                continue;
            }
            if let Some(seat) = Self::take(
                &worker.process,
                plan.maxconn.get(),
                frontend,
                &entrance.room,
            ) {
                return Some(seat);
            }
            ended.await;
        }
    }

    /// `rate-limit sessions` is set.
    fn is_rated(worker: &Worker, entrance: &Entrance) -> bool {
        let plan = worker.plan();
        let frontend = plan.frontend(&entrance.frontend);
        frontend.is_some_and(|frontend| frontend.options.session_rate > 0)
    }

    /// `rate-limit sessions`, `maxconnrate`, `maxsessrate`, `maxsslrate`: how long until another session may begin.
    fn pause(process: &Process, limits: &Rates, frontend: &Frontend, tls: bool) -> Duration {
        let now = process.now();
        let of_frontend = match frontend.options.session_rate {
            0 => Duration::ZERO,
            limit => frontend.live().counters().rate.wait(limit, now),
        };
        let handshakes = if tls { limits.handshakes.get() } else { 0 };
        let limits = [limits.connections.get(), limits.sessions.get(), handshakes];
        if limits == [0; 3] {
            return of_frontend;
        }
        let rates = crate::process::lock(&process.totals.rates);
        [&rates.connections, &rates.sessions, &rates.handshakes]
            .into_iter()
            .zip(limits)
            .map(|(rate, limit)| rate.wait(limit, now))
            .fold(of_frontend, Duration::max)
    }

    fn take(
        process: &Arc<Process>,
        most: u32,
        frontend: &Arc<Frontend>,
        room: &Room,
    ) -> Option<Self> {
        if !room.take() {
            return None;
        }
        if !process.totals.try_reserve(most) {
            room.give_back();
            return None;
        }
        if !frontend.live().try_reserve(frontend.maxconn.get()) {
            process.totals.connection_closed();
            room.give_back();
            return None;
        }
        Some(Self {
            room: room.clone(),
            frontend: Arc::clone(frontend),
            process: Arc::clone(process),
            counted_at: None,
        })
    }

    /// It is taken on this socket.
    pub(super) fn at(mut self, listener: Option<SocketAddr>) -> Self {
        let counts = self.frontend.options.socket_stats;
        self.counted_at = listener.filter(|_| counts);
        self
    }

    /// A connection has come.
    pub(super) fn fill(&self, tls: bool) {
        let now = self.process.now();
        self.process.totals.connection_opened(tls, now);
        let mut live = self.frontend.live();
        live.connection_opened(now);
        if let Some(listener) = self.counted_at {
            live.listener_mut(listener).connection_opened();
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.room.give_back();
        self.process.totals.connection_closed();
        let mut live = self.frontend.live();
        live.connection_closed();
        if let Some(listener) = self.counted_at {
            live.listener_mut(listener).connection_closed();
        }
        drop(live);
        self.process.room.notify_waiters();
    }
}
