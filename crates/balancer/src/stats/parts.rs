//! Groups of columns that several kinds of rows have.

use super::columns::Column as C;
use super::row::{Row, Value};
use crate::plan::{Mode, Place, ServerAddress, ServerPort};
use lb_core::Uptime;
use lb_core::check::CheckStatus;
use lb_core::counters::{Http2Counters, Responses, Times};
use lb_core::rate::Rate;
use lb_core::server::Server as LiveServer;

/// What every row has.
pub(super) fn name(row: &mut Row, proxy: &str, object: String, mode: Mode) {
    row.set_text(C::Pxname, proxy.to_owned());
    row.set_text(C::Svname, object);
    row.set_u32(C::Pid, 1u32);
    row.set_u32(C::Iid, row.proxy);
    row.set_u32(C::Sid, row.id);
    row.set_u32(C::Type, row.kind as u32);
    row.set_text(C::Mode, mode_name(mode));
    for column in [C::SslSess, C::SslReusedSess, C::SslFailedHandshake] {
        row.set_u64(column, 0);
    }
}

/// As in the file.
pub fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Tcp => "tcp",
        Mode::Http => "http",
    }
}

/// What is counted of HTTP/2.
pub(super) fn http2(row: &mut Row, counters: &Http2Counters) {
    for (column, number) in [
        (C::H2OpenConnections, counters.connections),
        (C::H2TotalConnections, counters.connections_total),
        (C::H2BackendOpenStreams, counters.streams),
        (C::H2BackendTotalStreams, counters.streams_total),
    ] {
        row.set_u64(column, number);
    }
}

/// The counters of HTTP/1 where it is spoken; all others of the two are 0 until told.
pub(super) fn protocols(row: &mut Row, http1: &[(C, u64)], mode: Mode) {
    for &column in C::ALL.iter().filter(|&&c| c >= C::H2HeadersRcvd) {
        row.set_u64(column, 0);
    }
    if mode == Mode::Http {
        for &(column, number) in http1 {
            row.set_u64(column, number);
        }
    }
}

pub(super) fn lastsess(row: &mut Row, since: Option<Uptime>) {
    let seconds = since.map_or(-1, |since| since.as_secs().try_into().unwrap_or(i32::MAX));
    row.set(C::Lastsess, Value::S32(seconds));
}

pub(super) fn rate(row: &mut Row, rate: &Rate, now: Uptime) {
    row.set_u32(C::Rate, rate.per_second(now));
    row.set_u32(C::RateMax, rate.max());
}

pub(super) fn responses(row: &mut Row, responses: &Responses) {
    let columns = [C::Hrsp1xx, C::Hrsp2xx, C::Hrsp3xx, C::Hrsp4xx, C::Hrsp5xx];
    for (column, count) in columns.into_iter().zip(responses.class) {
        row.set_u64(column, count);
    }
    row.set_u64(C::HrspOther, responses.other);
}

pub(super) fn times(row: &mut Row, times: &Times) {
    for (mean, max, average) in [
        (C::Qtime, C::QtimeMax, &times.queue),
        (C::Ctime, C::CtimeMax, &times.connect),
        (C::Rtime, C::RtimeMax, &times.response),
        (C::Ttime, C::TtimeMax, &times.total),
    ] {
        row.set_u32(mean, average.milliseconds());
        row.set_u32(max, average.max());
    }
}

/// Checks that are switched off tell nothing; in maintenance only what was counted remains.
pub(super) fn checks(row: &mut Row, live: &LiveServer, now: Uptime) {
    let Some(check) = live.check().filter(|check| check.enabled()) else {
        return;
    };
    row.set_u64(C::Chkfail, live.counters().chkfail);
    row.set_u64(C::Chkdown, live.counters().chkdown);
    row.set_u32(C::Downtime, live.down_time(now).as_secs());
    if live.in_maintenance() {
        return;
    }
    let last = check.last();
    let running = if check.in_progress() { "* " } else { "" };
    row.set_text(C::CheckStatus, format!("{running}{}", last.status.code()));
    if let Some(code) = last.code {
        row.set_u32(C::CheckCode, code);
    }
    if last.status != CheckStatus::Initializing {
        let milliseconds = last.duration.as_millis().try_into().unwrap_or(u64::MAX);
        row.set_u64(C::CheckDuration, milliseconds);
    }
    row.set_text(C::CheckDesc, last.status.description());
    if !last.info.is_empty() {
        row.set_text(C::LastChk, last.info.clone());
    }
    row.set_u32(C::CheckRise, check.health().rise());
    row.set_u32(C::CheckFall, check.health().fall());
    row.set_u32(C::CheckHealth, check.health().value());
}

/// The same of the agent.
pub(super) fn agent(row: &mut Row, live: &LiveServer) {
    let Some(agent) = live.agent().filter(|agent| agent.enabled()) else {
        return;
    };
    let last = agent.last();
    let running = if agent.in_progress() { "* " } else { "" };
    row.set_text(C::AgentStatus, format!("{running}{}", last.status.code()));
    if let Some(code) = last.code {
        row.set_u32(C::AgentCode, code);
    }
    if last.status != CheckStatus::Initializing {
        let milliseconds = last.duration.as_millis().try_into().unwrap_or(u64::MAX);
        row.set_u64(C::AgentDuration, milliseconds);
    }
    row.set_text(C::AgentDesc, last.status.description());
    if !last.info.is_empty() {
        row.set_text(C::LastAgt, last.info.clone());
    }
    row.set_u32(C::AgentRise, agent.health().rise());
    row.set_u32(C::AgentFall, agent.health().fall());
    row.set_u32(C::AgentHealth, agent.health().value());
}

/// As in the column `addr`.
pub fn address(address: &ServerAddress) -> String {
    match address.place() {
        None => "unix".into(),
        Some(Place { ip, port }) => ip.map_or_else(String::new, |ip| {
            std::net::SocketAddr::new(ip, port_number(port)).to_string()
        }),
    }
}

/// The port as HAProxy shows it: an offset by the sixteen bits of its number, the client's port as 0.
pub fn port_number(port: ServerPort) -> u16 {
    match port {
        ServerPort::Fixed(port) => port,
        ServerPort::Client => 0,
        ServerPort::Offset(offset) => (offset & i32::from(u16::MAX)) as u16,
    }
}
