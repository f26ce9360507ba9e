//! The line for each question, and who writes it: a thread of its own, so that a terminal that stands still never keeps
//! an answer waiting.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use hickory_proto::op::{Query as Question, ResponseCode};
use hickory_proto::rr::{Name, RData};
use jiff::Zoned;

use crate::answer::Asker;
use crate::query::Query;
use crate::response::{Response, Transport};

/// Lines that may wait to be written; beyond them they are left out.
const WAITING: usize = 4096;
/// How long the last lines may take when the server ends.
const LAST_LINES: Duration = Duration::from_millis(300);

/// Where lines go. Clones share one writer.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    lines: SyncSender<String>,
    quiet: bool,
}

/// The writer's end, to be waited for.
pub(crate) struct Writer {
    ended: Receiver<()>,
}

impl Log {
    /// Writes to standard output. Quiet, it has no line for questions.
    pub(crate) fn start(quiet: bool) -> io::Result<(Self, Writer)> {
        let (lines, waiting) = sync_channel(WAITING);
        let (end, ended) = sync_channel(0);
        thread::Builder::new().name("log".into()).spawn(move || {
            write_all(&waiting);
            drop(end);
        })?;
        Ok((Self { lines, quiet }, Writer { ended }))
    }

    /// A line for a question, made only when somebody wants it.
    pub(crate) fn question(&self, line: impl FnOnce() -> String) {
        if !self.quiet {
            self.say(&line());
        }
    }

    /// A line that is always wanted.
    pub(crate) fn say(&self, text: &str) {
        let now = Zoned::now();
        let (hour, minute, second) = (now.hour(), now.minute(), now.second());
        let line = format!("{hour:02}:{minute:02}:{second:02}  {text}\n");
        match self.lines.try_send(line) {
            // Nobody reads fast enough, or at all: the answers are what matters.
            Ok(()) | Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {}
        }
    }
}

impl Writer {
    /// Waits until the last line is written, but not for a reader that stands still. All [`Log`]s must be gone.
    pub(crate) fn wait(self) {
        match self.ended.recv_timeout(LAST_LINES) {
            Ok(()) | Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
    }
}

/// Writes what comes, and all that waits in one go.
fn write_all(lines: &Receiver<String>) {
    while let Ok(mut text) = lines.recv() {
        while text.len() < 1 << 16 {
            match lines.try_recv() {
                Ok(line) => text.push_str(&line),
                Err(_) => break,
            }
        }
        let mut stdout = io::stdout().lock();
        // A reader that went away is no error: the server serves on.
        let _ = stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush());
    }
}

/// `google.com A -> 216.58.203.206  (127.0.0.1, UDP)`; `more` is added inside the brackets.
pub(crate) fn line(
    query: &Query,
    response: &Response<'_>,
    asker: Asker,
    truncated: bool,
    more: &str,
) -> String {
    let mut text = asked(&query.question);
    text.push_str(" ->");
    match (response.header.response_code, response.answers.is_empty()) {
        (ResponseCode::NoError, true) => text.push_str(" NODATA"),
        (ResponseCode::NoError, false) => {}
        (code, _) => {
            let _ = write!(text, " {}", code_word(code));
        }
    }
    for item in &response.answers {
        let _ = match item.data {
            RData::TXT(_) => write!(text, " TXT"),
            data => write!(text, " {data}"),
        };
    }
    let _ = write!(
        text,
        "  ({}, {}",
        asker.ip.to_canonical(),
        transport(asker.transport)
    );
    if let Some(subnet) = query.edns.as_ref().and_then(|edns| edns.subnet) {
        let _ = write!(text, ", for {subnet}");
    }
    if truncated {
        text.push_str(", truncated");
    }
    text + more + ")"
}

/// A line for a packet that was no question.
pub(crate) fn odd_line(code: ResponseCode, question: Option<&Question>, asker: Asker) -> String {
    let what = question.map_or_else(|| "(no question)".to_owned(), asked);
    format!(
        "{what} -> {}  ({}, {})",
        code_word(code),
        asker.ip.to_canonical(),
        transport(asker.transport)
    )
}

fn asked(question: &Question) -> String {
    let Question {
        name, query_type, ..
    } = question;
    format!("{} {query_type}", without_dot(name))
}

/// As people write it; bytes that are no letters stay escaped.
fn without_dot(name: &Name) -> String {
    let text = name.to_ascii();
    match text.strip_suffix('.') {
        Some(rest) if !rest.is_empty() => rest.to_owned(),
        _ => text,
    }
}

fn transport(transport: Transport) -> &'static str {
    match transport {
        Transport::Udp => "UDP",
        Transport::Tcp => "TCP",
    }
}

/// As dig writes them.
fn code_word(code: ResponseCode) -> String {
    match code {
        ResponseCode::FormErr => "FORMERR".into(),
        ResponseCode::ServFail => "SERVFAIL".into(),
        ResponseCode::NXDomain => "NXDOMAIN".into(),
        ResponseCode::NotImp => "NOTIMP".into(),
        ResponseCode::Refused => "REFUSED".into(),
        ResponseCode::BADVERS => "BADVERS".into(),
        other => format!("RCODE{}", u16::from(other)),
    }
}
