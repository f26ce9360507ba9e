//! What an entry of a table remembers.

use super::Frequency;
use crate::Uptime;
use std::sync::Arc;
use std::time::Duration;

/// Declares the kinds of data once: a variant and its name after `store`.
macro_rules! kinds {
    ($($kind:ident $name:literal,)*) => {
        /// The kinds of data, in the order in which `show table` lists them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum DataKind {
            $($kind,)*
        }

        impl DataKind {
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// As written after `store`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)*
                }
            }
        }
    };
}

kinds! {
    ServerId "server_id",
    Gpt0 "gpt0",
    Gpc0 "gpc0",
    Gpc0Rate "gpc0_rate",
    ConnCnt "conn_cnt",
    ConnRate "conn_rate",
    ConnCur "conn_cur",
    SessCnt "sess_cnt",
    SessRate "sess_rate",
    HttpReqCnt "http_req_cnt",
    HttpReqRate "http_req_rate",
    HttpErrCnt "http_err_cnt",
    HttpErrRate "http_err_rate",
    BytesInCnt "bytes_in_cnt",
    BytesInRate "bytes_in_rate",
    BytesOutCnt "bytes_out_cnt",
    BytesOutRate "bytes_out_rate",
    Gpc1 "gpc1",
    Gpc1Rate "gpc1_rate",
    ServerKey "server_key",
    HttpFailCnt "http_fail_cnt",
    HttpFailRate "http_fail_rate",
    Gpt "gpt",
    Gpc "gpc",
    GpcRate "gpc_rate",
}

use DataKind::*;

impl DataKind {
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// It counts events in a period.
    pub fn is_rate(self) -> bool {
        self.name().ends_with("_rate")
    }

    /// It holds several numbers.
    pub fn is_array(self) -> bool {
        matches!(self, Gpt | Gpc | GpcRate)
    }

    /// Where this kind is found in a table that has an array instead.
    pub(super) fn in_array(self) -> Option<(Self, usize)> {
        Some(match self {
            Gpt0 => (Gpt, 0),
            Gpc0 => (Gpc, 0),
            Gpc1 => (Gpc, 1),
            Gpc0Rate => (GpcRate, 0),
            Gpc1Rate => (GpcRate, 1),
            _ => return None,
        })
    }

    /// It counts to 2^64, the others to 2^32.
    fn is_long(self) -> bool {
        matches!(self, BytesInCnt | BytesOutCnt)
    }
}

/// One thing to remember: its kind, the period of a rate, how many numbers an array has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    pub kind: DataKind,
    pub period: Duration,
    /// 1 of what is no array.
    pub elements: usize,
}

impl Stored {
    /// What is neither a rate nor an array.
    pub fn plain(kind: DataKind) -> Self {
        Self {
            kind,
            period: Duration::ZERO,
            elements: 1,
        }
    }
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

    /// Counts events, and gives what is counted by now; of a rate, in the running period.
    pub(super) fn add(&mut self, kind: DataKind, events: u64, now: Uptime) -> u64 {
        match self {
            Self::Number(number) => {
                *number = match kind.is_long() {
                    true => number.saturating_add(events),
                    // As HAProxy's counters of 32 bits do
                    false => u64::from((*number as u32).wrapping_add(events as u32)),
                };
                *number
            }
            Self::Rate(rate) => rate.add(events, now),
            Self::Server(_) => 0,
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
