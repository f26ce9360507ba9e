//! What one program tells the journal of itself: that it began to listen, and how it ended.

use crate::work_dir::WorkDir;
use crate::work_dir::journal::Journal;
use course::facts::Happened;
use rustix::process::Signal;
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

pub(super) struct Diary {
    journal: Journal,
    /// The port, the process that listens there, its command line and terminal.
    start: OnceLock<Start>,
    over: AtomicBool,
    told: AtomicBool,
}

struct Start {
    port: u16,
    pid: u32,
    command: String,
    terminal: Option<String>,
}

/// The signals that a program got and ends itself at.
pub(super) struct Heard(Receiver<Signal>);

impl Diary {
    pub(super) fn of(work: &WorkDir) -> Self {
        Self {
            journal: Journal::of(work),
            start: OnceLock::new(),
            over: AtomicBool::new(false),
            told: AtomicBool::new(false),
        }
    }

    pub(super) fn started(&self, port: u16, pid: u32) {
        let mut first = false;
        let start = self.start.get_or_init(|| {
            first = true;
            Start::read(port, pid)
        });
        if first {
            self.journal.write(Happened::Started {
                port,
                pid: Some(pid),
                command: start.command.clone(),
                terminal: start.terminal.clone(),
                of_lab: false,
            });
        }
    }

    pub(super) fn refused(&self, port: u16) {
        self.journal.write(Happened::Refused { port });
    }

    pub(super) fn began(&self) -> bool {
        self.start.get().is_some()
    }

    /// The program is ending: it will not listen any more.
    pub(super) fn over(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// Tells of the end, once, and only of one that began.
    pub(super) fn ended(&self, how: &str) {
        let Some(start) = self.start.get() else {
            return;
        };
        if self.told.swap(true, Ordering::Relaxed) {
            return;
        }
        self.journal.write(Happened::Ended {
            port: start.port,
            pid: Some(start.pid),
            command: start.command.clone(),
            how: Some(how.to_owned()),
            terminal: start.terminal.clone(),
        });
    }

    /// Listens for signals. Of those in `ends_itself` the program will end by itself; at those in `dies_of` the end is told,
    /// and then the process dies of them as if nobody had listened. Before that `begin` may still tell of the start; what
    /// is left over goes with `clean_up`.
    pub(super) fn hear(
        self: &Arc<Self>,
        ends_itself: &[Signal],
        dies_of: &[Signal],
        begin: impl Fn() + Send + 'static,
        clean_up: impl Fn() + Send + 'static,
    ) -> Heard {
        let (tell, heard) = channel();
        let raw = |signal: &Signal| signal.as_raw();
        let all = ends_itself.iter().chain(dies_of).map(raw);
        match Signals::new(all.collect::<Vec<_>>()) {
            Ok(mut signals) => {
                let (diary, deadly) = (Arc::clone(self), dies_of.to_vec());
                thread::spawn(move || {
                    for number in &mut signals {
                        let Some(signal) = Signal::from_named_raw(number) else {
                            continue;
                        };
                        if deadly.contains(&signal) {
                            begin();
                            diary.ended(name(signal));
                            clean_up();
                            if let Err(error) = emulate_default_handler(number) {
                                tracing::warn!(%error, "signal");
                            }
                        }
                        // The receiver is gone only when the program has ended.
                        let _ = tell.send(signal);
                    }
                });
            }
            Err(error) => tracing::warn!(%error, "signals are not heard"),
        }
        Heard(heard)
    }
}

impl Start {
    fn read(port: u16, pid: u32) -> Self {
        let process = procs::Process::read(pid);
        Self {
            port,
            pid,
            command: process
                .as_ref()
                .map(|process| process.command.clone())
                .unwrap_or_default(),
            terminal: process.and_then(|process| process.terminal),
        }
    }
}

impl Heard {
    /// How a program ended that has given back this code: by the signal that it got, or by itself.
    pub(super) fn last_words(&self, code: ExitCode) -> String {
        /// A signal reaches this program's threads one after the other, on a busy machine with a pause between them.
        const SOON: Duration = Duration::from_secs(2);
        if code != ExitCode::SUCCESS {
            return "exit 1".to_owned();
        }
        match self.0.recv_timeout(SOON) {
            Ok(signal) => name(signal).to_owned(),
            Err(_) => "exit 0".to_owned(),
        }
    }
}

pub(super) fn name(signal: Signal) -> &'static str {
    match signal {
        Signal::INT => "SIGINT",
        Signal::TERM => "SIGTERM",
        Signal::HUP => "SIGHUP",
        Signal::QUIT => "SIGQUIT",
        Signal::USR1 => "SIGUSR1",
        _ => "a signal",
    }
}
