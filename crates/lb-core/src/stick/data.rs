//! What an entry of a table remembers.

use super::Frequency;
use crate::Uptime;
use std::sync::Arc;
use std::time::Duration;

/// The kinds of data, in the order in which `show table` lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DataKind {
    ServerId,
    Gpt0,
    Gpc0,
    Gpc0Rate,
    ConnCnt,
    ConnRate,
    ConnCur,
    SessCnt,
    SessRate,
    HttpReqCnt,
    HttpReqRate,
    HttpErrCnt,
    HttpErrRate,
    BytesInCnt,
    BytesInRate,
    BytesOutCnt,
    BytesOutRate,
    Gpc1,
    Gpc1Rate,
    ServerKey,
    HttpFailCnt,
    HttpFailRate,
}

use DataKind::*;

impl DataKind {
    pub const ALL: [Self; 22] = [
        ServerId,
        Gpt0,
        Gpc0,
        Gpc0Rate,
        ConnCnt,
        ConnRate,
        ConnCur,
        SessCnt,
        SessRate,
        HttpReqCnt,
        HttpReqRate,
        HttpErrCnt,
        HttpErrRate,
        BytesInCnt,
        BytesInRate,
        BytesOutCnt,
        BytesOutRate,
        Gpc1,
        Gpc1Rate,
        ServerKey,
        HttpFailCnt,
        HttpFailRate,
    ];

    /// As written after `store`.
    pub fn name(self) -> &'static str {
        match self {
            ServerId => "server_id",
            Gpt0 => "gpt0",
            Gpc0 => "gpc0",
            Gpc0Rate => "gpc0_rate",
            ConnCnt => "conn_cnt",
            ConnRate => "conn_rate",
            ConnCur => "conn_cur",
            SessCnt => "sess_cnt",
            SessRate => "sess_rate",
            HttpReqCnt => "http_req_cnt",
            HttpReqRate => "http_req_rate",
            HttpErrCnt => "http_err_cnt",
            HttpErrRate => "http_err_rate",
            BytesInCnt => "bytes_in_cnt",
            BytesInRate => "bytes_in_rate",
            BytesOutCnt => "bytes_out_cnt",
            BytesOutRate => "bytes_out_rate",
            Gpc1 => "gpc1",
            Gpc1Rate => "gpc1_rate",
            ServerKey => "server_key",
            HttpFailCnt => "http_fail_cnt",
            HttpFailRate => "http_fail_rate",
        }
    }

    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// It counts events in a period.
    pub fn is_rate(self) -> bool {
        self.name().ends_with("_rate")
    }

    /// It counts to 2^64, the others to 2^32.
    fn is_long(self) -> bool {
        matches!(self, BytesInCnt | BytesOutCnt)
    }
}

/// One thing to remember: its kind, and the period of a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    pub kind: DataKind,
    pub period: Duration,
}

/// The value of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Datum {
    Number(u64),
    Rate(Frequency),
    Server(Option<Arc<str>>),
}

impl Datum {
    pub(super) fn new(stored: &Stored) -> Self {
        match stored.kind {
            ServerKey => Self::Server(None),
            kind if kind.is_rate() => Self::Rate(Frequency::new(stored.period)),
            _ => Self::Number(0),
        }
    }

    pub(super) fn add(&mut self, kind: DataKind, events: u64, now: Uptime) {
        match self {
            Self::Number(number) if kind.is_long() => *number = number.saturating_add(events),
            // As HAProxy's counters of 32 bits do
            Self::Number(number) => {
                *number = u64::from((*number as u32).wrapping_add(events as u32))
            }
            Self::Rate(rate) => rate.add(events, now),
            Self::Server(_) => {}
        }
    }

    pub(super) fn set(&mut self, value: u64, now: Uptime) {
        match self {
            Self::Number(number) => *number = value,
            Self::Rate(rate) => rate.set(value, now),
            Self::Server(_) => {}
        }
    }

    pub(super) fn value(&self, now: Uptime) -> u64 {
        match self {
            Self::Number(number) => *number,
            Self::Rate(rate) => rate.value(now),
            Self::Server(_) => 0,
        }
    }
}
