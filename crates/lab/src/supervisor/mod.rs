//! One `lab up`, from its first child to its last: the one place where events are ordered and children are ended.

mod add;
pub(crate) mod child;
pub(crate) mod control;
pub(crate) mod engine;
mod files;
mod inputs;
mod journal;
mod launch;
mod look;
pub(crate) mod protocol;
mod reload;
mod requests;
mod shutdown;
pub(crate) mod snapshot;
mod traffic;
mod unit;

use crate::config_file::ConfigFile;
use crate::dns;
use crate::observe::port::Holder;
use crate::observe::stat_csv::Belief;
use crate::plan::Plan;
use crate::problem::{Problem, Result};
use crate::ui::view::View;
use crate::work_dir::WorkDir;
use crate::work_dir::journal::{Fold, Journal};
use crate::work_dir::log_file::LogFile;
use crate::work_dir::run_record::RunRecord;
use child::{ChildNews, News};
use control::Asked;
use engine::Engine;
use files::{Loaded, Seen};
use inputs::{Finding, Input, StopSignal};
use jiff::Timestamp;
pub(crate) use launch::{NAME_SERVER, socket_folder, stop_words};
use protocol::{Event, Reply, What};
use shutdown::Stopping;
use std::fs::File;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use unit::{Role, State, Unit, UnitId, WaitFor};

/// Set in the environment of a supervisor that runs without a terminal.
pub(crate) const DETACHED: &str = "LAB_DETACHED";

/// What one `lab up` was told to do; all of it checked before.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) work: WorkDir,
    pub(crate) plan: Plan,
    /// With `None`, servers only.
    pub(crate) balancer: Option<(Engine, ConfigFile)>,
    /// Planned servers that somebody else runs already, by name.
    pub(crate) adopted: Vec<(String, Holder)>,
    pub(crate) options: Options,
    /// Held for as long as the supervisor lives.
    pub(crate) lock: File,
    pub(crate) began: Instant,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    /// Load the file on each save.
    pub(crate) watch: bool,
    /// Answer browsers with the bare text too.
    pub(crate) echo_plain: bool,
    /// Show single health checks.
    pub(crate) log_checks: bool,
    /// The name server leaves out addresses of the lab's site where nothing accepts connections on this port.
    /// Where the activities are shown to browsers.
    pub(crate) page: Option<SocketAddr>,
    pub(crate) watched_site: Option<u16>,
}

/// How it ended.
#[derive(Debug)]
pub(crate) enum End {
    Stopped(StopSignal),
    /// `lab down`.
    Down,
    Failed(Problem),
}

#[derive(Debug)]
enum Phase {
    Starting,
    Running,
    Stopping(Stopping),
}

pub(crate) struct Supervisor {
    work: WorkDir,
    /// This program, which its children are too.
    program: PathBuf,
    plan: Plan,
    options: Options,
    units: Vec<Unit>,
    engine: Option<Engine>,
    loaded: Option<Loaded>,
    seen: Seen,
    beliefs: Option<Vec<Belief>>,
    reloading: Option<reload::Pending>,
    requests: u64,
    errors: u64,
    flood: traffic::Flood,
    statuses: std::collections::BTreeMap<u16, u64>,
    view: View,
    watchers: Vec<mpsc::Sender<Reply>>,
    /// Something that the block shows has changed.
    changed: bool,
    shown_second: i64,
    phase: Phase,
    began: Instant,
    record: RunRecord,
    journal: Journal,
    requests_told: Fold,
    events: LogFile,
    /// Where the balancer is to send its log.
    log: std::net::SocketAddr,
    news: mpsc::UnboundedSender<News>,
    found: mpsc::UnboundedSender<Finding>,
    _lock: File,
}

/// Runs until it is told to stop, or cannot start. Nothing it has started is left.
pub(crate) async fn run(setup: Setup, view: View) -> Result<End> {
    let (asked_in, asked) = mpsc::channel(64);
    let (mut supervisor, mut inputs) = Supervisor::open(setup, view, asked)?;
    let control = supervisor.record.control_socket();
    let listener = tokio::net::UnixListener::bind(&control)
        .map_err(|error| Problem::io("open the control socket", &error))?;
    let server = tokio::spawn(control::serve(listener, asked_in));

    supervisor.launch();
    let end = loop {
        let input = inputs.next().await;
        supervisor.take(input);
        if let Some(end) = supervisor.ended() {
            break end;
        }
    };
    supervisor.finish(&end);
    drop(inputs);
    let _ = tokio::time::timeout(Duration::from_millis(500), server).await;
    Ok(end)
}

impl Supervisor {
    fn take(&mut self, input: Input) {
        match input {
            Input::Child(news) => self.child(news),
            Input::Asked(Asked { request, reply }) => self.asked(request, reply),
            Input::Logged(line) => self.logged(&line),
            Input::Found(finding) => self.found(finding),
            Input::Stop(signal) => self.stop(End::Stopped(signal), None),
            Input::Tick => self.tick(),
        }
    }

    fn found(&mut self, finding: Finding) {
        match finding {
            Finding::Beliefs(beliefs, reply) => {
                self.changed |= self.beliefs != beliefs;
                self.beliefs = beliefs;
                if let Some(reply) = reply {
                    let _ = reply.try_send(Reply::Status(Box::new(self.snapshot())));
                }
            }
            Finding::Reloaded(running) => self.reloaded(running),
        }
    }

    fn child(&mut self, News { unit, run, what }: News) {
        if self.units[unit.0].run != run {
            return;
        }
        match what {
            ChildNews::Line(line) => self.wrote(unit, line),
            ChildNews::Ready => self.ready(unit),
            ChildNews::Exited(status) => match status {
                Ok(status) => self.exited(unit, status),
                Err(error) => tracing::error!(%error, "cannot wait for a child"),
            },
        }
    }

    fn ready(&mut self, id: UnitId) {
        let unit = &mut self.units[id.0];
        let State::Starting { pid, at } = unit.state else {
            return;
        };
        unit.state = State::Up {
            pid,
            since: Timestamp::now(),
        };
        let started = protocol::Started {
            name: unit.name.clone(),
            port: unit.port(),
            pid,
            ready_ms: Some(at.elapsed().as_secs_f64() * 1000.0),
            thawed: false,
        };
        unit.waiting.retain(|waiting| {
            let mine = waiting.for_what == WaitFor::Ready;
            if mine {
                let _ = waiting.reply.try_send(Reply::Started(started.clone()));
            }
            !mine
        });
        tracing::info!(unit.name = started.name, pid, "ready");
        self.changed = true;
        self.save_record();
        self.journal_start(id, pid);
        match self.phase {
            Phase::Starting => self.launch(),
            Phase::Running => {
                let text = format!("is back{}, pid {pid}", port_words(started.port));
                self.notice(&started.name, text);
            }
            Phase::Stopping(_) => {}
        }
    }

    fn exited(&mut self, id: UnitId, status: std::process::ExitStatus) {
        let unit = &mut self.units[id.0];
        let how = unit.ending(status);
        let (ending, started) = (
            unit.short_ending(status),
            matches!(unit.state, State::Starting { .. }),
        );
        let pid = unit.pid();
        let by = unit.signalled.take().map(|(_, asker)| asker);
        unit.state = State::Stopped {
            since: Timestamp::now(),
            how: how.clone(),
            by,
        };
        let name = unit.name.clone();
        tracing::info!(unit.name = name, how, "ended");
        self.answer_waiting(id, pid, &how);
        self.journal_end(id, pid, &ending);
        self.changed = true;
        self.save_record();
        match self.phase {
            Phase::Starting if started => {
                let problem = self.start_failed(id, &how);
                self.stop(End::Failed(problem), None);
            }
            Phase::Starting | Phase::Running => {
                self.notice(&name, how);
                if name == launch::BALANCER {
                    self.beliefs = None;
                }
            }
            Phase::Stopping(_) => self.log(id, &how),
        }
    }

    fn wrote(&mut self, id: UnitId, line: String) {
        const KEPT: usize = 12;
        let unit = &mut self.units[id.0];
        let text = without_clock(&line).to_owned();
        if matches!(unit.role, Role::NameServer(_)) && dns::is_answer(&text) {
            unit.requests += 1;
            self.changed = true;
        }
        if unit.last_lines.len() == KEPT {
            unit.last_lines.remove(0);
        }
        unit.last_lines.push(line);
        let event = Event {
            time: Timestamp::now(),
            source: unit.name.clone(),
            what: What::Wrote(text.clone()),
        };
        self.log(id, &text);
        self.show(event);
    }

    /// Everything that is due from time to time.
    fn tick(&mut self) {
        self.check_deadlines();
        self.journal.add(&self.requests_told.due(Timestamp::now()));
        let second = Timestamp::now().as_second();
        let turned = second != self.shown_second;
        if turned {
            self.shown_second = second;
            self.look_at_the_file();
            self.ask_beliefs_if_watched();
            self.look_for_strangers();
        }
        let moving = self.view.is_moving() || !self.watchers.is_empty();
        if moving && matches!(self.phase, Phase::Running) && (self.changed || turned) {
            let snapshot = self.snapshot();
            self.tell_watchers(&Reply::Status(Box::new(snapshot.clone())));
            self.view.snapshot(&snapshot);
            self.changed = false;
        }
    }

    /// A change told by the lab itself, under the name of what has changed.
    fn notice(&mut self, source: &str, text: impl Into<String>) {
        let text = text.into();
        if let Some(id) = self.find(source) {
            self.log(id, &text);
        }
        self.show(Event {
            time: Timestamp::now(),
            source: source.to_owned(),
            what: What::Notice(text),
        });
    }

    fn show(&mut self, event: Event) {
        if event.source == launch::LAB
            && let What::Notice(text) = &event.what
            && let Err(error) = self.events.write(event.time, text)
        {
            tracing::warn!(%error, "events not written");
        }
        self.view.event(&event);
        self.tell_watchers(&Reply::Event(event));
    }

    fn tell_watchers(&mut self, reply: &Reply) {
        use mpsc::error::TrySendError;
        // A watcher that is too slow misses lines; one that has gone is forgotten.
        self.watchers.retain(|watcher| {
            !matches!(
                watcher.try_send(reply.clone()),
                Err(TrySendError::Closed(_))
            )
        });
    }

    fn log(&mut self, id: UnitId, text: &str) {
        if let Err(error) = self.units[id.0].log.write(Timestamp::now(), text) {
            tracing::warn!(%error, "log not written");
        }
    }

    fn find(&self, name: &str) -> Option<UnitId> {
        self.units
            .iter()
            .position(|unit| unit.name == name)
            .map(UnitId)
    }

    fn balancer(&self) -> Option<&Unit> {
        self.units.iter().find(|unit| unit.role == Role::Balancer)
    }
}

fn port_words(port: Option<u16>) -> String {
    port.map(|port| format!(" on {port}")).unwrap_or_default()
}

/// A line without the time of day it may begin with: the log has its own.
fn without_clock(line: &str) -> &str {
    let is_clock = |word: &str| {
        word.len() == 8
            && word.bytes().enumerate().all(|(at, b)| {
                if at % 3 == 2 {
                    b == b':'
                } else {
                    b.is_ascii_digit()
                }
            })
    };
    match line.split_at_checked(8) {
        Some((clock, rest)) if is_clock(clock) => rest.trim_start(),
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    use super::without_clock;

    #[test]
    fn a_line_loses_its_own_clock() {
        assert_eq!(without_clock("12:41:17  GET /  200"), "GET /  200");
        assert_eq!(without_clock("listening"), "listening");
        assert_eq!(without_clock("12-41-17 x"), "12-41-17 x");
    }
}
