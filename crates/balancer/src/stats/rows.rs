//! What is true now, as rows: frontends, listeners, servers and backends of the live plan.

use super::columns::Column as C;
use super::parts::{
    self, address, agent, checks, lastsess, name, protocols, rate, responses, times,
};
use super::row::{Kind, Row};
use crate::cookie;
use crate::listener::{self, Place};
use crate::plan::{Backend, Bind, Frontend, Gate, Mode, Proxy, Server};
use lb_core::Uptime;
use lb_core::server::Server as LiveServer;

/// How much of its weight a server has.
struct Share {
    weight: u32,
    throttle: Option<u32>,
}

/// Which rows, and how much of them.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// A bit mask of `1` frontends, `2` backends, `4` servers, `8` listeners; `None`: all.
    pub kinds: Option<u32>,
    /// Only the server or listener with this number.
    pub server: Option<u32>,
    /// Leave out servers that are down.
    pub hide_down: bool,
    /// Leave out servers in maintenance.
    pub hide_maint: bool,
    /// Tell addresses and algorithms too.
    pub legends: bool,
}

impl View {
    const FRONTENDS: u32 = 1;
    const BACKENDS: u32 = 2;
    const SERVERS: u32 = 4;
    const LISTENERS: u32 = 8;

    /// The rows of one proxy in HAProxy's order.
    pub fn rows(&self, proxy: &Proxy, now: Uptime) -> Vec<Row> {
        match proxy {
            Proxy::Frontend(frontend) => self.frontend_rows(frontend, now),
            Proxy::Backend(backend) => self.backend_rows(backend, now),
        }
    }

    fn wants(&self, kind: u32) -> bool {
        self.kinds.is_none_or(|kinds| kinds & kind != 0)
    }

    fn frontend_rows(&self, frontend: &Frontend, now: Uptime) -> Vec<Row> {
        let mut rows = Vec::new();
        if self.wants(Self::FRONTENDS) {
            rows.push(frontend_row(frontend, now));
        }
        if self.wants(Self::LISTENERS) && frontend.options.socket_stats {
            let binds = (1..).zip(&frontend.binds);
            let shown = binds.filter(|&(id, _)| self.server.is_none_or(|wanted| wanted == id));
            rows.extend(shown.map(|(id, bind)| self.listener_row(frontend, id, bind)));
        }
        rows
    }

    /// A `bind` line without name is called `sock-1`, `sock-2` ...
    fn listener_row(&self, frontend: &Frontend, id: u32, bind: &Bind) -> Row {
        let mut row = Row::new(Kind::Listener, frontend.id, id);
        let own_name = bind.name.clone().unwrap_or_else(|| format!("sock-{id}"));
        name(&mut row, &frontend.name, own_name, frontend.mode);
        let address = match listener::place(&bind.address) {
            Ok(Place::Inet(address)) => Some(address),
            _ => None,
        };
        let counters = address.map(|address| frontend.live().listener(address));
        let counters = counters.unwrap_or_default();
        row.set_u32(C::Scur, counters.scur);
        row.set_u32(C::Smax, counters.smax);
        row.set_u32(C::Slim, bind.maxconn);
        for (column, number) in [
            (C::Stot, counters.stot),
            (C::Bin, counters.bin),
            (C::Bout, counters.bout),
            (C::Dreq, 0),
            (C::Dresp, 0),
            (C::Ereq, counters.ereq),
            (C::Dcon, 0),
            (C::Dses, 0),
            (C::Wrew, counters.faults.wrew),
            (C::Eint, counters.faults.eint),
        ] {
            row.set_u64(column, number);
        }
        row.set_text(C::Status, "OPEN");
        if let Some(address) = address.filter(|_| self.legends) {
            row.set_text(C::Addr, address.to_string());
        }
        row
    }

    fn backend_rows(&self, backend: &Backend, now: Uptime) -> Vec<Row> {
        // One list for all that follows: servers may come and go meanwhile.
        let list: Vec<_> = backend.servers.iter().collect();
        // Of other backends, perhaps: looked up before this one is locked.
        let looked_at = list.iter().map(|s| backend.looked_at(s.index));
        let looked_at: Vec<_> = looked_at.collect();
        // A copy, so that the lock is not held while text is made.
        let (servers, mut rows) = {
            let live = backend.live();
            let rows = Vec::from_iter(
                self.wants(Self::BACKENDS)
                    .then(|| self.backend_row(backend, &live, now)),
            );
            let servers = list.iter().map(|server| {
                let index = server.index;
                let server = live.server(index);
                let share = Share {
                    weight: live.current_weight(index),
                    throttle: live.throttle(index),
                };
                (server.clone(), share)
            });
            (servers.collect::<Vec<_>>(), rows)
        };
        if self.wants(Self::SERVERS) {
            let shown = list.iter().zip(&servers).zip(&looked_at);
            let shown = shown.filter(|((server, (live, _)), _)| self.shows(server, live));
            let shown = shown.map(|((server, (live, share)), looked_at)| {
                let mut row = self.server_row(backend, server, live, now);
                row.set_text(
                    C::Status,
                    live.status_by(looked_at.as_ref().unwrap_or(live)),
                );
                row.set_u32(C::Weight, share.weight);
                if let Some(throttle) = share.throttle {
                    row.set_u32(C::Throttle, throttle);
                }
                row
            });
            rows.splice(0..0, shown);
        }
        rows
    }

    fn shows(&self, server: &Server, live: &LiveServer) -> bool {
        self.server.is_none_or(|id| id == server.id)
            && !(self.hide_maint && live.in_maintenance())
            && (live.is_up() || !self.hide_down)
    }

    fn server_row(
        &self,
        backend: &Backend,
        server: &Server,
        live: &LiveServer,
        now: Uptime,
    ) -> Row {
        let mut row = Row::new(Kind::Server, backend.id, server.id);
        let counters = live.counters();
        let (queued, most_queued) = live.queue();
        name(&mut row, &backend.name, server.name.clone(), backend.mode);
        for (column, number) in [
            (C::Qcur, queued),
            (C::Qmax, most_queued),
            (C::Scur, counters.scur),
            (C::Smax, counters.smax),
            (C::Uweight, live.weight().into()),
            (C::Act, (!live.is_backup()).into()),
            (C::Bck, live.is_backup().into()),
            (C::Lastchg, live.last_change(now).as_secs()),
            (C::SrvIcur, counters.idle),
            (C::IdleConnCur, counters.idle),
            (C::SafeConnCur, 0),
            (C::UsedConnCur, counters.scur),
            (C::NeedConnEst, counters.scur),
        ] {
            row.set_u32(column, number);
        }
        for (column, number) in [
            (C::Stot, counters.stot),
            (C::Bin, counters.bin),
            (C::Bout, counters.bout),
            (C::Dresp, counters.dresp),
            (C::Econ, counters.econ),
            (C::Eresp, counters.eresp),
            (C::Wretr, counters.wretr),
            (C::Wredis, counters.wredis),
            (C::Lbtot, counters.lbtot),
            (C::CliAbrt, counters.cli_abrt),
            (C::SrvAbrt, counters.srv_abrt),
            (C::Wrew, counters.faults.wrew),
            (C::Connect, counters.connect),
            (C::Reuse, counters.reuse),
            (C::Eint, counters.faults.eint),
        ] {
            row.set_u64(column, number);
        }
        for (column, limit) in [(C::Slim, live.maxconn()), (C::Qlimit, live.max_queue())] {
            if let Some(limit) = limit {
                row.set_u32(column, limit);
            }
        }
        if let Some(leader) = live.tracks() {
            row.set_text(C::Tracked, leader.to_owned());
        }
        lastsess(&mut row, live.last_session(now));
        rate(&mut row, &counters.rate, now);
        times(&mut row, &counters.times);
        if backend.mode == Mode::Http {
            responses(&mut row, &counters.responses);
            row.set_u64(C::ReqTot, counters.responses.total);
        }
        checks(&mut row, live, now);
        agent(&mut row, live);
        if server.observed {
            row.set_u64(C::Hanafail, counters.hanafail);
        }
        if self.legends {
            row.set_text(C::Addr, address(&server.address));
            let cookie = backend.cookie.as_ref();
            if let Some(value) = cookie::value_of(cookie, server) {
                row.set_text(C::Cookie, value.into_owned());
            }
        }
        row
    }

    fn backend_row(&self, backend: &Backend, live: &lb_core::backend::Backend, now: Uptime) -> Row {
        let mut row = Row::new(Kind::Backend, backend.id, 0);
        let counters = live.counters();
        let (queued, most_queued) = live.queue();
        name(&mut row, &backend.name, "BACKEND".into(), backend.mode);
        for (column, number) in [
            (C::Qcur, queued),
            (C::Qmax, most_queued),
            (C::Scur, counters.scur),
            (C::Smax, counters.smax),
            (C::Slim, backend.fullconn.into()),
            (C::Weight, live.weight().into()),
            (C::Uweight, live.user_weight().into()),
            (C::Act, live.usable() as u64),
            (C::Bck, live.usable_backups() as u64),
            (C::Lastchg, live.last_change(now).as_secs()),
            (C::AggServerStatus, 0),
            (C::AggServerCheckStatus, 0),
            (C::AggCheckStatus, 0),
        ] {
            row.set_u32(column, number);
        }
        for (column, number) in [
            (C::Stot, counters.stot),
            (C::Bin, counters.bin),
            (C::Bout, counters.bout),
            (C::Dreq, counters.dreq),
            (C::Dresp, counters.dresp),
            (C::Econ, counters.econ),
            (C::Eresp, counters.eresp),
            (C::Wretr, counters.wretr),
            (C::Wredis, counters.wredis),
            (C::Chkdown, counters.chkdown),
            (C::Lbtot, counters.lbtot),
            (C::CliAbrt, counters.cli_abrt),
            (C::SrvAbrt, counters.srv_abrt),
            (C::CompIn, 0),
            (C::CompOut, 0),
            (C::CompByp, 0),
            (C::CompRsp, 0),
            (C::Wrew, counters.faults.wrew),
            (C::Connect, counters.connect),
            (C::Reuse, counters.reuse),
            (C::Eint, counters.faults.eint),
        ] {
            row.set_u64(column, number);
        }
        row.set_text(C::Status, self.backend_status(live));
        if !backend.servers.is_empty() {
            row.set_u32(C::Downtime, live.down_time(now).as_secs());
        }
        lastsess(&mut row, live.last_session(now));
        rate(&mut row, &counters.rate, now);
        times(&mut row, &counters.times);
        if backend.mode == Mode::Http {
            responses(&mut row, &counters.responses);
            row.set_u64(C::ReqTot, counters.responses.total);
            row.set_u64(C::CacheLookups, counters.cache.lookups);
            row.set_u64(C::CacheHits, counters.cache.hits);
        }
        if self.legends {
            // HAProxy's column has no word for it.
            let name = live.algorithm();
            row.set_text(C::Algo, if name == "random" { "unknown" } else { name });
            if let Some(cookie) = &backend.cookie {
                row.set_text(C::Cookie, cookie.name.clone());
            }
        }
        let idle: u64 = live.servers().map(|s| s.counters().idle).sum();
        let (scur, http2) = (counters.scur, &counters.http2);
        protocols(
            &mut row,
            &[
                (
                    C::H1OpenConnections,
                    (idle + scur).saturating_sub(http2.connections),
                ),
                (C::H1OpenStreams, scur.saturating_sub(http2.streams)),
                (
                    C::H1TotalConnections,
                    counters.connect.saturating_sub(http2.connections_total),
                ),
                (
                    C::H1TotalStreams,
                    (counters.connect + counters.reuse).saturating_sub(http2.streams_total),
                ),
                (C::H1BytesIn, counters.bout),
                (C::H1BytesOut, counters.bin),
            ],
            backend.mode,
        );
        parts::http2(&mut row, http2);
        row
    }

    /// When servers are hidden, the backend tells how many of them are up.
    fn backend_status(&self, live: &lb_core::backend::Backend) -> String {
        let word = if live.is_up() { "UP" } else { "DOWN" };
        if !self.hide_down && !self.hide_maint {
            return word.into();
        }
        let up = live.servers().filter(|server| server.is_up());
        format!("{word} ({}/{})", up.count(), live.servers().count())
    }
}

fn frontend_row(frontend: &Frontend, now: Uptime) -> Row {
    let mut row = Row::new(Kind::Frontend, frontend.id, 0);
    let live = frontend.live().clone();
    let counters = live.counters();
    name(&mut row, &frontend.name, "FRONTEND".into(), frontend.mode);
    for (column, number) in [
        (C::Scur, counters.scur),
        (C::Smax, counters.smax),
        (C::Slim, frontend.maxconn.get().into()),
        (C::RateLim, frontend.options.session_rate.into()),
        (C::ReqRate, counters.req_rate.per_second(now)),
        (C::ReqRateMax, counters.req_rate.max()),
        (C::ConnRate, counters.conn_rate.per_second(now)),
        (C::ConnRateMax, counters.conn_rate.max()),
    ] {
        row.set_u32(column, number);
    }
    for (column, number) in [
        (C::Stot, counters.stot),
        (C::Bin, counters.bin),
        (C::Bout, counters.bout),
        (C::Dreq, counters.dreq),
        (C::Dresp, counters.dresp),
        (C::Ereq, counters.ereq),
        (C::ReqTot, counters.req_tot),
        (C::CompIn, 0),
        (C::CompOut, 0),
        (C::CompByp, 0),
        (C::CompRsp, 0),
        (C::ConnTot, counters.conn_tot),
        (C::Dcon, counters.dcon),
        (C::Dses, counters.dses),
        (C::Wrew, counters.faults.wrew),
        (C::Eint, counters.faults.eint),
    ] {
        row.set_u64(column, number);
    }
    row.set_text(
        C::Status,
        match frontend.gate.get() {
            Gate::Open => "OPEN",
            Gate::Paused => "PAUSED",
            Gate::Shut => "STOP",
        },
    );
    rate(&mut row, &counters.rate, now);
    if frontend.mode == Mode::Http {
        responses(&mut row, &counters.responses);
        row.set_u64(C::Intercepted, counters.intercepted);
        row.set_u64(C::CacheLookups, counters.cache.lookups);
        row.set_u64(C::CacheHits, counters.cache.hits);
    }
    let streams = counters.req_tot.saturating_sub(counters.responses.total);
    protocols(
        &mut row,
        &[
            (C::H1OpenConnections, counters.scur),
            (C::H1OpenStreams, streams),
            (C::H1TotalConnections, counters.conn_tot),
            (C::H1TotalStreams, counters.req_tot),
            (C::H1BytesIn, counters.bin),
            (C::H1BytesOut, counters.bout),
        ],
        frontend.mode,
    );
    for (column, number) in [
        (C::SslSess, counters.tls.sessions),
        (C::SslReusedSess, counters.tls.resumed),
        (C::SslFailedHandshake, counters.tls.failed),
    ] {
        row.set_u64(column, number);
    }
    parts::http2(&mut row, &counters.http2);
    row
}
