//! When the phases of a request ended.

use super::Record;
use crate::access_log::Timers;
use lb_core::backend::PhaseTimes;
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// When the phases ended, in milliseconds since the first byte.
#[derive(Debug)]
pub(super) struct Clock {
    pub(super) date: SystemTime,
    pub(super) begun: Instant,
    /// Between this request and what was before it, in milliseconds.
    idle: u64,
    /// Before the first request of a connection, in milliseconds.
    handshake: u64,
    pub(super) request: Option<u64>,
    pub(super) queue: Option<u64>,
    pub(super) connect: Option<u64>,
    pub(super) response: Option<u64>,
}

impl Clock {
    pub(super) fn new(begun: Instant, idle_since: Instant, handshake: Duration) -> Self {
        let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Self {
            idle: milliseconds(begun.saturating_duration_since(idle_since)),
            handshake: milliseconds(handshake),
            date: SystemTime::now() - begun.elapsed(),
            begun,
            request: None,
            queue: None,
            connect: None,
            response: None,
        }
    }

    pub(super) fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Each phase from the end of the one before it.
    pub(in crate::request) fn timers(&self) -> Timers {
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
    pub(super) fn phases(&self) -> Option<PhaseTimes> {
        let timers = self.timers();
        Some(PhaseTimes {
            queue: timers.queue?,
            connect: timers.connect?,
            response: timers.response?,
            total: timers.total,
        })
    }
}

impl Record {
    /// The client gets no answer for a while: what it asked was refused before it counted as read.
    pub fn unmark_request(&mut self) {
        self.clock.request = None;
    }

    /// When the first byte came.
    pub fn date(&self) -> SystemTime {
        self.clock.date
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

    pub(super) fn mark_request(&mut self) {
        self.clock.request = Some(self.clock.now());
    }

    /// When the connection was accepted, or the request before this one had ended.
    pub(in crate::request) fn accept_date(&self) -> SystemTime {
        let waited = self.clock.idle + self.clock.handshake;
        self.clock.date - Duration::from_millis(waited)
    }

    /// Milliseconds that the connection was idle before this request.
    pub(in crate::request) fn idle_time(&self) -> u64 {
        self.clock.idle
    }

    /// Milliseconds until the connection could be used.
    pub(in crate::request) fn handshake_time(&self) -> u64 {
        self.clock.handshake
    }

    pub(in crate::request) fn timers(&self) -> Timers {
        self.clock.timers()
    }

    /// From the answer's head on.
    pub(in crate::request) fn data_time(&self) -> Option<u64> {
        Some(self.clock.now().saturating_sub(self.clock.response?))
    }

    /// The server has been reached: from here on bytes go both ways, unread.
    pub fn tunnel_begins(&mut self) {
        self.clock.response = self.clock.connect;
        self.log_early(0);
    }
}
