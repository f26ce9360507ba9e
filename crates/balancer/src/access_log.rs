//! One line a request, in HAProxy's formats (manual 8.2).

pub mod date;

use crate::plan::LogFormat;
use lb_core::queue::Positions;
use lb_core::termination::Termination;
use std::fmt::{self, Write};
use std::net::SocketAddr;
use std::time::SystemTime;

/// Letters of a captured value that would be taken for the line's own.
pub const IN_CAPTURES: &[u8] = b"\"#{|}";

/// Letters of a request's first line that would be taken for the line's own.
pub const IN_REQUESTS: &[u8] = b"\"#";

/// A text from outside, with what is not printable, or `special`, as `#` and its number.
pub fn encoded(text: &[u8], special: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text {
        if matches!(byte, b' '..=b'~') && !special.contains(byte) {
            out.push(char::from(*byte));
        } else {
            let _ = write!(out, "#{byte:02X}");
        }
    }
    out
}

/// What a line tells.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    pub client: SocketAddr,
    /// Of the first byte of the request.
    pub date: SystemTime,
    pub frontend: &'a str,
    /// The frontend's name when it was never routed.
    pub backend: &'a str,
    /// `<NOSRV>`, `<STATS>`, or a name.
    pub server: &'a str,
    pub timers: Timers,
    /// What the client got; `None`: nothing.
    pub status: Option<u16>,
    pub bytes: u64,
    pub termination: Termination,
    /// The third and fourth flag: the client's cookie, and the answer's.
    pub cookie_flags: [char; 2],
    pub connections: Connections,
    /// How far back it stood in the lines of servers and backend.
    pub queue: Positions,
    pub retries: u32,
    /// It went to another server than the first one chosen.
    pub redispatched: bool,
    /// Captured request headers; empty without captures.
    pub request_captures: &'a [String],
    pub response_captures: &'a [String],
    /// `capture cookie`, of the request and of the answer.
    pub cookies: [Option<&'a str>; 2],
    /// `<BADREQ>` when there was none to understand.
    pub request: &'a str,
    /// Written before the end (`option logasap`): totals go on growing.
    pub early: bool,
}

/// Whole milliseconds; `None`: not reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timers {
    pub request: Option<u64>,
    pub queue: Option<u64>,
    pub connect: Option<u64>,
    pub response: Option<u64>,
    pub total: u64,
}

/// At the moment of the line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Connections {
    pub process: u64,
    pub frontend: u64,
    pub backend: u64,
    pub server: u64,
}

/// The line of a request that has ended; `None` for a format that has none then.
pub fn line(format: LogFormat, entry: &Entry<'_>) -> Option<String> {
    match format {
        LogFormat::Http => Some(http(entry)),
        LogFormat::Tcp => Some(tcp(entry)),
        LogFormat::Connect | LogFormat::Custom => None,
    }
}

/// The line at the start of a request when no format was chosen.
pub fn connect(client: SocketAddr, local: SocketAddr, frontend: &str, mode: &str) -> String {
    format!(
        "Connect from {} to {}:{} ({frontend}/{mode})",
        Client(client),
        local.ip(),
        local.port()
    )
}

/// The line of a connection that came to nothing before it began.
pub fn failed(
    client: SocketAddr,
    frontend: &str,
    listener: &str,
    why: impl fmt::Display,
) -> String {
    format!(
        "{} [{}] {frontend}/{listener}: {why}",
        Client(client),
        date::local(SystemTime::now())
    )
}

fn http(entry: &Entry<'_>) -> String {
    let timers = &entry.timers;
    let [cause, phase] = entry.termination.letters();
    let [presented, issued] = entry.cookie_flags;
    let [of_request, of_answer] = entry.cookies.map(|cookie| cookie.unwrap_or("-"));
    let mut out = start(entry);
    let _ = write!(
        out,
        "{}/{}/{}/{}/{}{} {} {}{} {of_request} {of_answer} {cause}{phase}{presented}{issued} {} {}/{}",
        Milliseconds(timers.request),
        Milliseconds(timers.queue),
        Milliseconds(timers.connect),
        Milliseconds(timers.response),
        plus(entry.early),
        timers.total,
        Status(entry.status),
        plus(entry.early),
        entry.bytes,
        Counts(entry),
        entry.queue.server,
        entry.queue.backend,
    );
    for captures in [entry.request_captures, entry.response_captures] {
        if !captures.is_empty() {
            let _ = write!(out, " {{{}}}", captures.join("|"));
        }
    }
    let request = encoded(entry.request.as_bytes(), IN_REQUESTS);
    let _ = write!(out, " \"{request}\"");
    out
}

fn tcp(entry: &Entry<'_>) -> String {
    let timers = &entry.timers;
    let [cause, phase] = entry.termination.letters();
    let mut out = start(entry);
    let _ = write!(
        out,
        "{}/{}/{}{} {}{} {cause}{phase} {} {}/{}",
        Milliseconds(timers.queue),
        Milliseconds(timers.connect),
        plus(entry.early),
        timers.total,
        plus(entry.early),
        entry.bytes,
        Counts(entry),
        entry.queue.server,
        entry.queue.backend,
    );
    out
}

/// Client, date, and who was asked.
fn start(entry: &Entry<'_>) -> String {
    let mut out = String::with_capacity(256);
    let _ = write!(
        out,
        "{} [{}] {} {}/{} ",
        Client(entry.client),
        date::local(entry.date),
        entry.frontend,
        entry.backend,
        entry.server,
    );
    out
}

/// Address and port; `unix` and the number of the listener for a client of a socket file, which has no address.
struct Client(SocketAddr);

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (ip, port) = (self.0.ip(), self.0.port());
        match ip.is_unspecified() {
            true => write!(f, "unix:{port}"),
            false => write!(f, "{ip}:{port}"),
        }
    }
}

fn plus(early: bool) -> &'static str {
    if early { "+" } else { "" }
}

/// -1 for a phase that was not reached.
struct Milliseconds(Option<u64>);

impl fmt::Display for Milliseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(milliseconds) => write!(f, "{milliseconds}"),
            None => f.write_str("-1"),
        }
    }
}

/// -1 for none.
struct Status(Option<u16>);

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(status) => write!(f, "{status}"),
            None => f.write_str("-1"),
        }
    }
}

/// Connections of process, frontend, backend, server, and retries.
struct Counts<'a>(&'a Entry<'a>);

impl fmt::Display for Counts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = &self.0.connections;
        write!(
            f,
            "{}/{}/{}/{}/{}{}",
            counts.process,
            counts.frontend,
            counts.backend,
            counts.server,
            plus(self.0.redispatched),
            self.0.retries,
        )
    }
}

#[cfg(test)]
mod tests;
