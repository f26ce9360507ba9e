//! The master (`-W`): starts the worker that carries the traffic, and on a reload another one that takes its place.
//!
//! It never sees a client. A worker is this program again, with the same words; what it listens on it takes over from
//! the one before it.

mod cli;
mod worker;

use crate::cli::Options;
use crate::daemon;
use crate::load::os_text;
use crate::messages::{Label, Messages};
use rustix::process::Signal;
use std::io;
use std::os::unix::net::UnixDatagram;
use std::process::{ExitCode, ExitStatus};
use std::time::Instant;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::task::LocalSet;
use worker::{Ended, Folder, Worker};
pub use worker::{is_worker, own_socket};

/// What a shell reports for a process that ended on SIGINT.
const INTERRUPTED: u8 = 130;

/// Everything that may happen to the master.
#[derive(Debug)]
enum Event {
    Reload,
    /// End now, with this exit code, after the workers were sent this signal.
    Stop(Signal, u8),
    /// Let what runs finish.
    Finish,
    Ended(Ended),
}

struct Master {
    options: Options,
    messages: Messages,
    folder: Folder,
    /// The current worker first, those that still finish behind it.
    workers: Vec<Worker>,
    began: Instant,
    reloads: u32,
    failed: u32,
    last_failed: bool,
    ended: mpsc::UnboundedSender<Event>,
}

/// Runs until the last worker has ended.
pub fn run(options: Options, messages: Messages) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let told = runtime
        .and_then(|runtime| LocalSet::new().block_on(&runtime, Master::live(options, messages)));
    told.unwrap_or_else(|error| {
        let why = os_text(&error);
        Messages::new(false).alert(&format!("[haproxy.main()] the master cannot start: {why}"));
        ExitCode::FAILURE
    })
}

impl Master {
    async fn live(options: Options, messages: Messages) -> io::Result<ExitCode> {
        let (ended, events) = mpsc::unbounded_channel();
        let mut master = Self {
            folder: Folder::make()?,
            options,
            messages: Messages::running(messages.is_quiet()),
            workers: Vec::new(),
            began: Instant::now(),
            reloads: 0,
            failed: 0,
            last_failed: false,
            ended: ended.clone(),
        };
        if !master.start_worker().await? {
            return Ok(ExitCode::FAILURE);
        }
        let asked = cli::listen(master.options.master_socket.as_deref())?;
        master.announce()?;
        master.obey(listen_to_signals(ended, events)?, asked).await
    }

    /// Tells whoever waits for it that the first worker listens.
    fn announce(&self) -> io::Result<()> {
        if let Some(path) = &self.options.pid_file {
            std::fs::write(path, format!("{}\n", std::process::id()))?;
        }
        if let Some(socket) = std::env::var_os("NOTIFY_SOCKET").filter(|_| self.options.systemd) {
            UnixDatagram::unbound()?.send_to(b"READY=1\n", socket)?;
        }
        if daemon::is_detached() {
            daemon::let_go()?;
        }
        Ok(())
    }

    async fn obey(
        mut self,
        mut events: mpsc::UnboundedReceiver<Event>,
        mut asked: mpsc::UnboundedReceiver<cli::Asked>,
    ) -> io::Result<ExitCode> {
        let mut exit = 0;
        loop {
            tokio::select! {
                Some(question) = asked.recv() => match question {
                    cli::Asked::Status(tell) => { let _ = tell.send(self.status()); }
                    cli::Asked::Reload => self.reload().await?,
                },
                Some(event) = events.recv() => match event {
                    Event::Reload => self.reload().await?,
                    Event::Finish => self.tell_all(Signal::USR1),
                    Event::Stop(signal, code) => {
                        exit = code;
                        self.messages.warning("Exiting Master process...");
                        self.tell_all(signal);
                    }
                    Event::Ended(ended) => {
                        if let Some(code) = self.worker_ended(&ended, exit) {
                            return Ok(ExitCode::from(code));
                        }
                    }
                },
            }
        }
    }

    /// Starts a worker in front of all others; false when it did not come up, and has said why.
    async fn start_worker(&mut self) -> io::Result<bool> {
        let place = self.folder.next_socket();
        let former = self.workers.first().map(|worker| worker.pid);
        let mut worker = Worker::start(place, former, self.reloads)?;
        if !worker.comes_up().await? {
            return Ok(false);
        }
        self.messages.say(
            Label::Notice,
            &format!("New worker ({}) forked", worker.pid),
        );
        self.messages.say(Label::Notice, "Loading success.");
        worker.watch(self.ended.clone());
        self.workers.insert(0, worker);
        Ok(true)
    }

    /// A new worker takes over; when it does not come up, the former one goes on.
    async fn reload(&mut self) -> io::Result<()> {
        self.messages.say(Label::Notice, "Reloading HAProxy");
        self.reloads += 1;
        self.last_failed = !self.start_worker().await?;
        if self.last_failed {
            self.failed += 1;
            self.messages.warning("Loading failure!");
        }
        Ok(())
    }

    fn tell_all(&self, signal: Signal) {
        for worker in &self.workers {
            worker.send(signal);
        }
    }

    /// The exit code, once nobody is left.
    fn worker_ended(&mut self, ended: &Ended, stopping: u8) -> Option<u8> {
        let was_current = self.workers.first().is_some_and(|it| it.pid == ended.pid);
        self.workers.retain(|worker| worker.pid != ended.pid);
        let (pid, how) = (ended.pid, describe(ended.status));
        if !was_current {
            self.messages
                .warning(&format!("Former worker ({pid}) exited with {how}"));
            return None;
        }
        self.messages
            .alert(&format!("Current worker ({pid}) exited with {how}"));
        let died = !ended.status.success() && stopping == 0 && !is_termination(ended.status);
        if died {
            self.messages
                .alert("exit-on-failure: killing every processes with SIGTERM");
            self.tell_all(Signal::TERM);
            return Some(code(ended.status));
        }
        self.messages
            .warning(&format!("All workers exited. Exiting... ({stopping})"));
        Some(stopping)
    }

    fn status(&self) -> cli::Status {
        let row = |worker: &Worker| cli::Row {
            pid: worker.pid,
            reloads: self.reloads - worker.generation,
            since: worker.since,
            socket: worker.socket.clone(),
        };
        cli::Status {
            since: self.began,
            reloads: self.reloads,
            failed: self.failed,
            last_failed: self.last_failed,
            workers: self.workers.iter().map(row).collect(),
        }
    }
}

fn listen_to_signals(
    tell: mpsc::UnboundedSender<Event>,
    events: mpsc::UnboundedReceiver<Event>,
) -> io::Result<mpsc::UnboundedReceiver<Event>> {
    let meanings: [(SignalKind, fn() -> Event); 5] = [
        (SignalKind::user_defined2(), || Event::Reload),
        (SignalKind::hangup(), || Event::Reload),
        (SignalKind::user_defined1(), || Event::Finish),
        (SignalKind::terminate(), || Event::Stop(Signal::TERM, 0)),
        (SignalKind::interrupt(), || {
            Event::Stop(Signal::INT, INTERRUPTED)
        }),
    ];
    for (kind, event) in meanings {
        let (mut signals, tell) = (signal(kind)?, tell.clone());
        tokio::task::spawn_local(async move {
            while signals.recv().await.is_some() {
                if tell.send(event()).is_err() {
                    return;
                }
            }
        });
    }
    Ok(events)
}

/// `code 143 (Terminated)`, as a shell counts and as the system calls it.
fn describe(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    let word = match status.signal() {
        None => "Exit",
        Some(2) => "Interrupt",
        Some(9) => "Killed",
        Some(11) => "Segmentation fault",
        Some(15) => "Terminated",
        Some(_) => "Signal",
    };
    format!("code {} ({word})", code(status))
}

fn code(status: ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt;
    let number = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal));
    number.and_then(|n| u8::try_from(n).ok()).unwrap_or(1)
}

/// Somebody asked the worker itself to end.
fn is_termination(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;
    matches!(status.signal(), Some(2 | 15))
}
