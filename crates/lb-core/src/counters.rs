//! What the statistics count, under the names of HAProxy's CSV columns (manual 9.1 of the management guide).

use crate::rate::{Average, Rate};

/// Of a server.
#[derive(Clone, Debug, Default)]
pub struct ServerCounters {
    pub scur: u64,
    pub smax: u64,
    /// Every attempt to connect, retries included.
    pub stot: u64,
    /// How often the algorithm chose it.
    pub lbtot: u64,
    pub bin: u64,
    pub bout: u64,
    /// Answers that a rule refused.
    pub dresp: u64,
    /// Connections that failed for good.
    pub econ: u64,
    pub eresp: u64,
    /// Attempts again on the same server.
    pub wretr: u64,
    /// Requests that left it for another one.
    pub wredis: u64,
    pub cli_abrt: u64,
    pub srv_abrt: u64,
    /// New connections to the server.
    pub connect: u64,
    /// Requests that found an idle connection.
    pub reuse: u64,
    /// Idle connections to it now.
    pub idle: u64,
    pub responses: Responses,
    pub faults: Faults,
    pub chkfail: u64,
    /// How often `observe` has seen too many errors.
    pub hanafail: u64,
    pub chkdown: u64,
    pub rate: Rate,
    pub times: Times,
}

/// Of a backend: the same, for requests instead of attempts.
#[derive(Clone, Debug, Default)]
pub struct BackendCounters {
    pub scur: u64,
    pub smax: u64,
    pub stot: u64,
    pub lbtot: u64,
    pub bin: u64,
    pub bout: u64,
    pub dreq: u64,
    pub dresp: u64,
    pub econ: u64,
    pub eresp: u64,
    pub wretr: u64,
    pub wredis: u64,
    pub cli_abrt: u64,
    pub srv_abrt: u64,
    pub connect: u64,
    pub reuse: u64,
    pub responses: Responses,
    pub faults: Faults,
    pub cache: CacheCounters,
    pub chkdown: u64,
    pub rate: Rate,
    pub times: Times,
    pub http2: Http2Counters,
}

/// Of a frontend.
#[derive(Clone, Debug, Default)]
pub struct FrontendCounters {
    /// Connections now.
    pub scur: u64,
    pub smax: u64,
    pub stot: u64,
    pub bin: u64,
    pub bout: u64,
    pub dreq: u64,
    pub dresp: u64,
    pub ereq: u64,
    pub responses: Responses,
    pub faults: Faults,
    /// Requests.
    pub req_tot: u64,
    pub req_rate: Rate,
    /// Sessions.
    pub rate: Rate,
    pub conn_tot: u64,
    pub conn_rate: Rate,
    /// Connections, and sessions, that a rule refused.
    pub dcon: u64,
    pub dses: u64,
    /// Answered by the proxy itself.
    pub intercepted: u64,
    pub tls: TlsCounters,
    pub http2: Http2Counters,
    pub cache: CacheCounters,
}

/// Handshakes of TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TlsCounters {
    pub sessions: u64,
    /// Of these, those that took up an earlier one.
    pub resumed: u64,
    pub failed: u64,
}

/// What is counted of HTTP/2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Http2Part {
    Connection,
    Stream,
}

/// Connections of HTTP/2, and the requests in them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Http2Counters {
    pub connections: u64,
    pub connections_total: u64,
    pub streams: u64,
    pub streams_total: u64,
}

impl Http2Counters {
    pub(crate) fn opened(&mut self, part: Http2Part) {
        let (now, total) = self.part(part);
        *now += 1;
        *total += 1;
    }

    pub(crate) fn closed(&mut self, part: Http2Part) {
        let (now, _) = self.part(part);
        *now = now.saturating_sub(1);
    }

    /// What there is now stays.
    pub(crate) fn clear(&mut self) {
        *self = Self {
            connections: self.connections,
            streams: self.streams,
            ..Self::default()
        };
    }

    fn part(&mut self, part: Http2Part) -> (&mut u64, &mut u64) {
        match part {
            Http2Part::Connection => (&mut self.connections, &mut self.connections_total),
            Http2Part::Stream => (&mut self.streams, &mut self.streams_total),
        }
    }
}

/// Of one listening socket (`option socket-stats`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListenerCounters {
    pub scur: u64,
    pub smax: u64,
    pub stot: u64,
    pub bin: u64,
    pub bout: u64,
    pub ereq: u64,
    pub faults: Faults,
}

/// Looks into caches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheCounters {
    pub lookups: u64,
    /// Of these, those that found something.
    pub hits: u64,
}

impl CacheCounters {
    pub fn count(&mut self, found: bool) {
        self.lookups += 1;
        self.hits += u64::from(found);
    }
}

/// What went wrong within the balancer itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Changes by rules that did not fit.
    pub wrew: u64,
    /// Messages that were answered by an error because of that.
    pub eint: u64,
}

/// One of [`Faults`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Rewrite,
    Internal,
}

impl Faults {
    pub fn count(&mut self, fault: Fault) {
        match fault {
            Fault::Rewrite => self.wrew += 1,
            Fault::Internal => self.eint += 1,
        }
    }
}

impl ListenerCounters {
    pub fn connection_opened(&mut self) {
        self.scur += 1;
        self.smax = self.smax.max(self.scur);
        self.stot += 1;
    }

    pub fn connection_closed(&mut self) {
        self.scur = self.scur.saturating_sub(1);
    }

    pub fn request_failed(&mut self) {
        self.ereq += 1;
    }

    pub fn traffic(&mut self, bytes_in: u64, bytes_out: u64) {
        self.bin += bytes_in;
        self.bout += bytes_out;
    }

    pub(crate) fn clear(&mut self, all: bool) {
        if all {
            *self = Self {
                scur: self.scur,
                ..Self::default()
            };
        }
        self.smax = self.scur;
    }
}

/// Answers by class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Responses {
    /// 1xx to 5xx.
    pub class: [u64; 5],
    /// No status, or one outside.
    pub other: u64,
    /// All of them: `req_tot` of a server or backend.
    pub total: u64,
}

impl Responses {
    pub fn count(&mut self, status: Option<u16>) {
        self.total += 1;
        match status.map(|status| usize::from(status / 100)) {
            Some(class @ 1..=5) => self.class[class - 1] += 1,
            _ => self.other += 1,
        }
    }
}

/// Averages in milliseconds: `qtime`, `ctime`, `rtime`, `ttime`.
#[derive(Clone, Debug, Default)]
pub struct Times {
    pub queue: Average,
    pub connect: Average,
    pub response: Average,
    pub total: Average,
}

impl Times {
    pub(crate) fn clear_max(&mut self) {
        for average in [
            &mut self.queue,
            &mut self.connect,
            &mut self.response,
            &mut self.total,
        ] {
            average.clear_max();
        }
    }
}
