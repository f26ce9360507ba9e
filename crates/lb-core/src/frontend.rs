//! The client-facing half: it only counts, and says how many connections are there.

use crate::Uptime;
use crate::counters::{Fault, FrontendCounters, Http2Part, ListenerCounters, TlsCounters};
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// The live state of a frontend.
#[derive(Clone, Debug, Default)]
pub struct Frontend {
    counters: FrontendCounters,
    /// Of the sockets that were asked about, by the address they listen on.
    listeners: BTreeMap<SocketAddr, ListenerCounters>,
}

impl Frontend {
    pub fn counters(&self) -> &FrontendCounters {
        &self.counters
    }

    /// What the socket that listens on `address` has counted.
    pub fn listener(&self, address: SocketAddr) -> ListenerCounters {
        self.listeners.get(&address).cloned().unwrap_or_default()
    }

    /// The counters of the socket that listens on `address`, to count something.
    pub fn listener_mut(&mut self, address: SocketAddr) -> &mut ListenerCounters {
        self.listeners.entry(address).or_default()
    }

    /// Takes a place for a connection, unless `most` are taken. It is given back by
    /// [`Frontend::connection_closed`], whether a connection came or not.
    pub fn try_reserve(&mut self, most: u32) -> bool {
        let room = self.counters.scur < u64::from(most);
        self.counters.scur += u64::from(room);
        room
    }

    /// A client connected to a place that was reserved.
    pub fn connection_opened(&mut self, now: Uptime) {
        let counters = &mut self.counters;
        counters.smax = counters.smax.max(counters.scur);
        counters.conn_tot += 1;
        counters.conn_rate.tick(now);
    }

    /// Nothing speaks against it: its session begins.
    pub fn session_opened(&mut self, now: Uptime) {
        self.counters.stot += 1;
        self.counters.rate.tick(now);
    }

    /// A rule refused a connection, or its session.
    pub fn connection_denied(&mut self) {
        self.counters.dcon += 1;
    }

    pub fn session_denied(&mut self) {
        self.counters.dses += 1;
    }

    pub fn connection_closed(&mut self) {
        self.counters.scur = self.counters.scur.saturating_sub(1);
    }

    /// A whole request head has come.
    pub fn request_begins(&mut self, now: Uptime) {
        self.counters.req_tot += 1;
        self.counters.req_rate.tick(now);
    }

    /// A request has ended, with what the client got; `None`: nothing.
    pub fn request_ends(&mut self, status: Option<u16>, intercepted: bool) {
        self.counters.responses.count(status);
        self.counters.intercepted += u64::from(intercepted);
    }

    /// A request that was no request: bad syntax, too slow, gone half-way.
    pub fn request_failed(&mut self) {
        self.counters.ereq += 1;
    }

    /// A rule refused a request.
    pub fn request_denied(&mut self) {
        self.counters.dreq += 1;
    }

    /// A rule looked into a cache.
    pub fn cache_asked(&mut self, found: bool) {
        self.counters.cache.count(found);
    }

    /// The balancer failed at something itself.
    pub fn failed(&mut self, fault: Fault) {
        self.counters.faults.count(fault);
    }

    /// A handshake of TLS came to its end; `None`: it failed. Whether it took up an earlier session.
    pub fn hands_shaken(&mut self, resumed: Option<bool>) {
        let counters = &mut self.counters.tls;
        match resumed {
            Some(resumed) => {
                counters.sessions += 1;
                counters.resumed += u64::from(resumed);
            }
            None => counters.failed += 1,
        }
    }

    /// A client begins to speak HTTP/2, or asks for something in it.
    pub fn http2_opened(&mut self, part: Http2Part) {
        self.counters.http2.opened(part);
    }

    pub fn http2_closed(&mut self, part: Http2Part) {
        self.counters.http2.closed(part);
    }

    /// A rule refused an answer.
    pub fn response_denied(&mut self) {
        self.counters.dresp += 1;
    }

    pub fn traffic(&mut self, bytes_in: u64, bytes_out: u64) {
        self.counters.bin += bytes_in;
        self.counters.bout += bytes_out;
    }

    /// `clear counters` (`all`: not only the highest values).
    pub fn clear(&mut self, all: bool) {
        let counters = &mut self.counters;
        if all {
            *counters = FrontendCounters {
                scur: counters.scur,
                http2: counters.http2,
                ..FrontendCounters::default()
            };
        }
        // As in HAProxy, these go with the highest values.
        counters.tls = TlsCounters::default();
        counters.http2.clear();
        counters.smax = counters.scur;
        counters.rate.clear_max();
        counters.req_rate.clear_max();
        counters.conn_rate.clear_max();
        for listener in self.listeners.values_mut() {
            listener.clear(all);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_limited_and_come_back() {
        let mut frontend = Frontend::default();
        assert!(frontend.try_reserve(1));
        frontend.connection_opened(Uptime::ZERO);
        frontend.session_opened(Uptime::ZERO);
        assert!(!frontend.try_reserve(1));
        frontend.connection_closed();
        assert!(frontend.try_reserve(1));
        assert_eq!(frontend.counters().smax, 1);
        assert_eq!(
            frontend.counters().stot,
            1,
            "a place is not a connection yet"
        );
    }

    #[test]
    fn clearing_keeps_what_is_there() {
        let mut frontend = Frontend::default();
        frontend.try_reserve(10);
        frontend.connection_opened(Uptime::ZERO);
        frontend.session_opened(Uptime::ZERO);
        frontend.request_begins(Uptime::ZERO);
        frontend.request_ends(Some(200), false);
        frontend.clear(true);
        let counters = frontend.counters();
        assert_eq!((counters.scur, counters.smax), (1, 1));
        assert_eq!(
            (counters.stot, counters.req_tot, counters.responses.total),
            (0, 0, 0)
        );
    }
}
