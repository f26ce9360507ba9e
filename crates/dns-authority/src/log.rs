//! The line for each question, and who writes it: a thread of its own, so that a terminal that stands still never keeps
//! an answer waiting.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::rc::Rc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use hickory_proto::op::{Query as Question, ResponseCode};
use hickory_proto::rr::{Name, RData};
use jiff::Zoned;

use crate::answer::Asker;
use crate::told::{Answered, FromCache, Sent, Way};

/// Lines that may wait to be written; beyond them they are left out.
const WAITING: usize = 4096;
/// How long the last lines may take when the server ends.
const LAST_LINES: Duration = Duration::from_millis(300);

/// Where lines go, and who else is told of each answer. Clones share one writer.
#[derive(Clone)]
pub(crate) struct Log {
    lines: SyncSender<String>,
    quiet: bool,
    listener: Option<Listener>,
}

/// Is called with each answer, from the thread that gives it: it must not take long.
pub(crate) type Listener = Rc<dyn Fn(Answered)>;

/// The writer's end, to be waited for.
pub(crate) struct Writer {
    ended: Receiver<()>,
}

impl Log {
    /// Writes to standard output. Quiet, it has no line for questions; a listener hears of them all the same.
    pub(crate) fn start(quiet: bool, listener: Option<Listener>) -> io::Result<(Self, Writer)> {
        let (lines, waiting) = sync_channel(WAITING);
        let (end, ended) = sync_channel(0);
        thread::Builder::new().name("log".into()).spawn(move || {
            write_all(&waiting);
            drop(end);
        })?;
        let log = Self {
            lines,
            quiet,
            listener,
        };
        Ok((log, Writer { ended }))
    }

    /// Tells of an answer, as far as anybody wants to know.
    pub(crate) fn answer(&self, sent: &Sent<'_>) {
        if let Some(listener) = &self.listener {
            listener(sent.answered());
        }
        if !self.quiet {
            self.say(&line(sent));
        }
    }

    /// Tells of a packet that was no question.
    pub(crate) fn odd(&self, code: ResponseCode, question: Option<&Question>, asker: Asker) {
        if !self.quiet {
            self.say(&odd_line(code, question, asker));
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

/// `google.com A -> 216.58.203.206  (127.0.0.1, UDP)`.
fn line(sent: &Sent<'_>) -> String {
    let mut text = asked(&sent.query.question);
    text.push_str(" ->");
    match sent.outcome().as_str() {
        "NOERROR" => {}
        outcome => {
            let _ = write!(text, " {outcome}");
        }
    }
    for item in &sent.response.answers {
        let _ = match item.data {
            RData::TXT(_) => write!(text, " TXT"),
            data => write!(text, " {data}"),
        };
    }
    let (ip, transport) = (sent.asker.ip.to_canonical(), sent.asker.transport);
    let _ = write!(text, "  ({ip}, {}", transport.word());
    if let Some(subnet) = sent.query.edns.as_ref().and_then(|edns| edns.subnet) {
        let _ = write!(text, ", for {subnet}");
    }
    if sent.truncated {
        text.push_str(", truncated");
    }
    text + &note(sent.way) + ")"
}

fn note(way: Way) -> String {
    let Way::Cache { port, how } = way else {
        return String::new();
    };
    match how {
        FromCache::Hit { left, .. } => format!("; cache {port}: kept, {left} s left"),
        FromCache::Asked => format!("; cache {port}: asked the authority"),
        FromCache::Nowhere => format!("; cache {port}: found nothing"),
    }
}

/// A line for a packet that was no question.
fn odd_line(code: ResponseCode, question: Option<&Question>, asker: Asker) -> String {
    let what = question.map_or_else(|| "(no question)".to_owned(), asked);
    format!(
        "{what} -> {}  ({}, {})",
        code_word(code),
        asker.ip.to_canonical(),
        asker.transport.word()
    )
}

fn asked(question: &Question) -> String {
    let Question {
        name, query_type, ..
    } = question;
    format!("{} {query_type}", without_dot(name))
}

/// As people write it; bytes that are no letters stay escaped.
pub(crate) fn without_dot(name: &Name) -> String {
    let text = name.to_ascii();
    match text.strip_suffix('.') {
        Some(rest) if !rest.is_empty() => rest.to_owned(),
        _ => text,
    }
}

/// As dig writes them.
pub(crate) fn code_word(code: ResponseCode) -> String {
    match code {
        ResponseCode::NoError => "NOERROR".into(),
        ResponseCode::FormErr => "FORMERR".into(),
        ResponseCode::ServFail => "SERVFAIL".into(),
        ResponseCode::NXDomain => "NXDOMAIN".into(),
        ResponseCode::NotImp => "NOTIMP".into(),
        ResponseCode::Refused => "REFUSED".into(),
        ResponseCode::BADVERS => "BADVERS".into(),
        other => format!("RCODE{}", u16::from(other)),
    }
}
