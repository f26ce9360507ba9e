//! Where lines go: log targets, and the terminal for changes of state.

mod framing;
mod sink;

use crate::load::os_text;
use crate::messages::{self, Label};
use crate::plan::{Backend, LogAddress, LogSample, LogTarget};
use crate::process::lock;
use framing::{Framing, Stamp};
use lb_core::check::CheckReport;
use lb_core::transition::Transition;
use sink::Sink;
use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// Sends log lines. Never blocks and never fails: a line that finds no room is counted as dropped, and that nobody
/// listens is said once.
#[derive(Debug)]
pub struct Logger {
    /// Print changes of state on stderr: not with `-q`.
    announce: bool,
    framing: Framing,
    sinks: Mutex<HashMap<LogAddress, Arc<Sink>>>,
    dropped: AtomicU64,
    has_complained: AtomicBool,
}

/// Syslog levels HAProxy uses.
pub mod level {
    pub const EMERG: u8 = 0;
    pub const ALERT: u8 = 1;
    pub const ERR: u8 = 3;
    pub const WARNING: u8 = 4;
    pub const NOTICE: u8 = 5;
    pub const INFO: u8 = 6;
}

impl Logger {
    /// `tag` is the program's name in a line, `haproxy` unless `log-tag` says otherwise; `host` is what
    /// `log-send-hostname` says.
    pub fn new(announce: bool, tag: &str, host: Option<&str>) -> Self {
        Self {
            announce,
            framing: Framing::new(tag, host),
            sinks: Mutex::default(),
            dropped: AtomicU64::new(0),
            has_complained: AtomicBool::new(false),
        }
    }

    /// Sends one line to every target that wants this level.
    pub fn send(&self, targets: &[LogTarget], level: u8, message: &str) {
        let wanting = targets.iter().filter(|target| {
            let sample = target.sample.as_ref();
            level <= target.level && sample.is_none_or(LogSample::takes)
        });
        let mut stamp = Stamp::default();
        for (number, target) in (1..).zip(wanting) {
            // `minlevel`: nothing is sent as more urgent than this.
            let level = level.max(target.min_level);
            let line = self.framing.line(target, level, message, &mut stamp);
            if let Some(sink) = self.sink(&target.address)
                && let Err(error) = sink.send(line)
            {
                self.not_sent(number, &error);
            }
        }
    }

    /// `number`: the target's place among those that wanted the line, from 1.
    fn not_sent(&self, number: usize, error: &io::Error) {
        if error.kind() == io::ErrorKind::WouldBlock {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        } else if !self.has_complained.swap(true, Ordering::Relaxed) {
            let (words, errno) = (os_text(error), error.raw_os_error().unwrap_or(0));
            let words =
                format!("sendmsg()/writev() failed in logger #{number}: {words} (errno={errno})");
            self.print(Label::Alert, &words);
        }
    }

    /// Lines for which there was no room: `DroppedLogs`.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Tells a server's change of state: on stderr and in the log of its backend.
    pub fn tell(&self, backend: &Backend, transition: &Transition) {
        let message = transition.to_string();
        self.print(Label::Warning, &message);
        self.send(&backend.log, transition.syslog_level(), &message);
        if let Some(alert) = transition.alert() {
            self.alert(backend, &alert);
        }
        if let Some(reminder) = transition.reminder() {
            self.print(Label::Warning, &reminder);
            self.send(&backend.log, level::NOTICE, &reminder);
        }
    }

    /// Tells that a backend serves nobody any more.
    pub fn alert(&self, backend: &Backend, words: &str) {
        self.print(Label::Alert, words);
        self.send(&backend.log, level::EMERG, words);
    }

    /// Tells what a check found (`option log-health-checks`).
    pub fn tell_check(&self, backend: &Backend, report: &CheckReport) {
        let message = report.to_string();
        self.print(Label::Warning, &message);
        self.send(&backend.log, level::NOTICE, &message);
    }

    /// Tells something of a server that is no change of its state.
    pub fn tell_words(&self, backend: &Backend, words: &str) {
        self.print(Label::Warning, words);
        self.send(&backend.log, level::NOTICE, words);
    }

    /// Says something on stderr that is for no log.
    pub fn note(&self, words: &str) {
        self.print(Label::Notice, words);
    }

    /// Tells that connections cannot be taken, for lack of descriptors say.
    pub fn tell_shortage(&self, targets: &[LogTarget], words: &str) {
        self.print(Label::Alert, words);
        self.send(targets, level::EMERG, words);
    }

    /// Tells what became of a frontend.
    pub fn tell_gate(&self, targets: &[LogTarget], words: &str) {
        self.print(Label::Warning, words);
        self.send(targets, level::WARNING, words);
    }

    fn print(&self, label: Label, message: &str) {
        if self.announce {
            messages::write_stderr(&messages::line(label, message));
        }
    }

    fn sink(&self, address: &LogAddress) -> Option<Arc<Sink>> {
        let mut sinks = lock(&self.sinks);
        if let Some(sink) = sinks.get(address) {
            return Some(Arc::clone(sink));
        }
        match Sink::open(address) {
            Ok(sink) => {
                let sink = Arc::new(sink);
                sinks.insert(address.clone(), Arc::clone(&sink));
                Some(sink)
            }
            Err(error) => {
                tracing::warn!(%error, ?address, "log target cannot be opened");
                None
            }
        }
    }
}
