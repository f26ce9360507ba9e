//! The log line of a request.

use super::Record;
use super::begin::NO_REQUEST;
use super::captures::shown;
use crate::access_log::{self, Connections, Entry};
use crate::logger::level;
use crate::plan::{CookieMode, LogFormat};
use crate::request::transcript;
use lb_core::termination::{Cause, Termination};
use std::sync::atomic::Ordering;

impl Record {
    /// `option logasap`: the line is written when the head of the response has come, and so much of its body.
    pub fn log_early(&mut self, buffered: u64) {
        if self.frontend.options.logasap && self.is_logged() {
            let termination = std::mem::replace(&mut self.termination, Termination::NORMAL);
            let connections = self.connections();
            self.bytes_out += buffered;
            self.early = true;
            self.log(connections);
            self.early = false;
            self.bytes_out -= buffered;
            self.termination = termination;
            self.logged = true;
        }
    }

    /// Nothing of it goes into the log.
    pub fn do_not_log(&mut self) {
        self.logged = true;
    }

    pub(super) fn log(&self, connections: Connections) {
        if self.frontend.options.dontlog_normal && !self.is_worth_a_look() {
            return;
        }
        self.number();
        let entry = Entry {
            client: self.client,
            date: self.clock.date,
            frontend: &self.frontend_shown(),
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
            cookies: [0, 1].map(|of| self.captured_cookies[of].as_deref()),
            request: &self.request_line,
            early: self.early,
        };
        let of_error = self.frontend.error_log_text.as_ref();
        let line = match &self.frontend.log_text {
            _ if let Some(format) = of_error.filter(|_| self.is_of_no_request()) => {
                Some(transcript::line(self, format))
            }
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
            self.frontend.lines.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn is_of_no_request(&self) -> bool {
        self.request_line == NO_REQUEST
    }

    pub(super) fn is_logged(&self) -> bool {
        !self.frontend.log.is_empty() && self.frontend.log_format != LogFormat::Connect
    }

    /// Manual "dontlog-normal": errors, timeouts, retries, redispatches, and answers from 500 on.
    fn is_worth_a_look(&self) -> bool {
        let normal = matches!(self.termination.cause, Cause::Normal | Cause::Local);
        !normal
            || self.retries > 0
            || self.redispatched
            || self.status.is_some_and(|status| status >= 500)
    }

    pub(in crate::request) fn connections(&self) -> Connections {
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

    /// Shown where the backend does more with cookies than to read them.
    pub(in crate::request) fn cookie_flags(&self) -> [char; 2] {
        let backend = self.backend.as_ref().or(self.frontend.other_half());
        let cookie = backend.and_then(|backend| backend.cookie.as_ref());
        match cookie {
            Some(cookie) if cookie.mode != CookieMode::Passive || cookie.indirect => {
                [self.cookie.presented.letter(), self.cookie.issued.letter()]
            }
            _ => ['-', '-'],
        }
    }

    pub(in crate::request) fn server_name(&self) -> &str {
        match (self.intercepted, &self.backend, self.server) {
            (Some(service), ..) => service,
            (None, Some(backend), Some(index)) => &backend.server(index).name,
            _ => "<NOSRV>",
        }
    }

    pub(in crate::request) fn backend_name(&self) -> &str {
        let backend = self.backend.as_ref();
        backend.map_or(&self.frontend.name, |backend| &backend.name)
    }

    /// Its line is written before its end.
    pub(in crate::request) fn is_early(&self) -> bool {
        self.early
    }
}
