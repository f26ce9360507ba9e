//! What is logged, how, and where to.

use super::Host;

/// `log ADDRESS [len N] [format F] FACILITY [LEVEL [MINLEVEL]]`.
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
    /// `log-tag` of the section: the program's name in its lines.
    pub tag: Option<String>,
}

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
