//! What is logged, how, and where to.

use super::Host;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

/// `log ADDRESS [len N] [format F] [sample RANGES:SIZE] FACILITY [LEVEL [MINLEVEL]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogTarget {
    pub address: LogAddress,
    /// Longest line in bytes, 80 to 65535; default 1024.
    pub len: u16,
    pub format: LogFraming,
    /// Syslog facility code, 0 to 23.
    pub facility: u8,
    /// Least urgent syslog level that is still sent, 0 (emerg) to 7 (debug).
    pub level: u8,
    /// Most urgent level a message is capped to.
    pub min_level: u8,
    /// Only some of the lines are sent.
    pub sample: Option<LogSample>,
    /// `log-tag` of the section: the program's name in its lines.
    pub tag: Option<String>,
}

/// `sample RANGES:SIZE`: of so many lines that follow each other, those whose numbers, from 1, lie in the ranges are sent.
#[derive(Debug)]
pub struct LogSample {
    ranges: Vec<(u32, u32)>,
    size: u32,
    /// Lines so far, counted anew after each `size` of them.
    seen: AtomicU32,
}

impl LogSample {
    /// `ranges` have both ends included, and end at `size` at the latest, which is at least 1.
    pub fn new(ranges: Vec<(u32, u32)>, size: u32) -> Self {
        Self {
            ranges,
            size: size.max(1),
            seen: AtomicU32::new(0),
        }
    }

    /// Counts a line; whether it is one of those that are sent.
    pub fn takes(&self) -> bool {
        let next = |seen: u32| Some((seen + 1) % self.size);
        let seen = self.seen.fetch_update(Relaxed, Relaxed, next);
        let number = seen.unwrap_or_default() + 1;
        let mut ranges = self.ranges.iter();
        ranges.any(|(low, high)| (*low..=*high).contains(&number))
    }
}

/// A copy counts for itself.
impl Clone for LogSample {
    fn clone(&self) -> Self {
        Self::new(self.ranges.clone(), self.size)
    }
}

impl PartialEq for LogSample {
    fn eq(&self, other: &Self) -> bool {
        self.ranges == other.ranges && self.size == other.size
    }
}

impl Eq for LogSample {}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LogAddress {
    Stdout,
    Stderr,
    Udp(Host, u16),
    Unix(String),
    Fd(i32),
}

/// How a log line is framed (manual, "log", `format`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFraming {
    /// As `Local`; with `log-send-hostname` as `Rfc3164`.
    #[default]
    Unsaid,
    /// `<PRI>Nov 22 06:32:19 haproxy[PID]: MESSAGE`.
    Local,
    Rfc3164,
    Rfc5424,
    Priority,
    Short,
    Timed,
    Iso,
    Raw,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// `Connect from 127.0.0.1:43714 to 127.0.0.1:20002 (f3/HTTP)`.
    #[default]
    Connect,
    Tcp,
    Http,
    /// As `log-format` says.
    Custom,
}

/// `capture request|response header NAME len N`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
    pub direction: Direction,
    /// In lower case; `None`: a rule fills it.
    pub header: Option<String>,
    /// Longest kept value in bytes.
    pub len: usize,
}

/// `capture cookie NAME len N`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieCapture {
    /// How its name begins; a `=` at the end makes it the whole name.
    pub name: String,
    /// Longest text of name and value that is kept, in bytes.
    pub len: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Request,
    Response,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_in_rounds() {
        let sample = LogSample::new(vec![(1, 1), (3, 4)], 5);
        let taken: Vec<bool> = (0..10).map(|_| sample.takes()).collect();
        let round = [true, false, true, true, false];
        assert_eq!(taken, [round, round].concat());
        assert!(sample.clone().takes());
    }
}
