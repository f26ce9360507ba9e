//! Ending: every child is asked, then forced; nothing is left.

use super::inputs::StopSignal;
use super::protocol::{Reply, SignalKind};
use super::unit::{Asker, Role, State, Unit};
use super::{End, Phase, Supervisor};
use jiff::Timestamp;
use rustix::process::Signal;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Sender;

/// A child that has not ended by then is killed.
const GRACE: Duration = Duration::from_millis(1500);

#[derive(Debug)]
pub(crate) struct Stopping {
    end: End,
    since: Instant,
    /// Names of those that ran when it began.
    stopped: Vec<String>,
    replies: Vec<Sender<Reply>>,
    forced: bool,
}

impl Supervisor {
    /// Begins to end. Asked a second time, it does not wait for anybody any more.
    pub(super) fn stop(&mut self, end: End, reply: Option<Sender<Reply>>) {
        if let Phase::Stopping(stopping) = &mut self.phase {
            stopping.replies.extend(reply);
            if matches!(end, End::Stopped(_)) {
                self.force();
            }
            return;
        }
        let interrupted = matches!(end, End::Stopped(StopSignal::Interrupt));
        if interrupted && matches!(self.phase, Phase::Running) {
            self.view.line("stopping ... (Ctrl-C again: at once)");
        }
        let running = self.units.iter().filter(|unit| unit.pid().is_some());
        let (mut stopped, servers): (Vec<String>, Vec<String>) = running
            .map(|unit| unit.name.clone())
            .partition(|name| name == super::launch::BALANCER);
        stopped.extend(servers);
        self.phase = Phase::Stopping(Stopping {
            end,
            since: Instant::now(),
            stopped,
            replies: reply.into_iter().collect(),
            forced: false,
        });
        for unit in &mut self.units {
            if unit.pid().is_some() {
                unit.signalled.get_or_insert((SignalKind::Int, Asker::Lab));
                unit.signal(Signal::INT);
                unit.signal(Signal::CONT);
            }
        }
    }

    pub(super) fn check_stopping(&mut self) {
        if let Phase::Stopping(stopping) = &self.phase
            && stopping.since.elapsed() > GRACE
            && !stopping.forced
        {
            self.force();
        }
    }

    fn force(&mut self) {
        if let Phase::Stopping(stopping) = &mut self.phase {
            stopping.forced = true;
        }
        for unit in &self.units {
            unit.signal(Signal::KILL);
        }
    }

    /// How it ended, once no child lives any more.
    pub(super) fn ended(&mut self) -> Option<End> {
        let Phase::Stopping(stopping) = &mut self.phase else {
            return None;
        };
        if self.units.iter().any(|unit| unit.pid().is_some()) {
            return None;
        }
        Some(std::mem::replace(&mut stopping.end, End::Down))
    }

    /// The last words, and the end of all that was written for this run only.
    pub(super) fn finish(&mut self, end: &End) {
        let Phase::Stopping(stopping) = &mut self.phase else {
            return;
        };
        let took = stopping.since.elapsed();
        let stopped = std::mem::take(&mut stopping.stopped);
        let replies = std::mem::take(&mut stopping.replies);
        if !matches!(end, End::Failed(_)) {
            self.tell_the_end(&stopped, took);
        }
        self.journal.add(&self.requests_told.due(Timestamp::now()));
        self.watchers.clear();
        self.record.remove(&self.work);
        for reply in replies {
            let _ = reply.try_send(Reply::Down(stopped.clone()));
        }
    }

    fn tell_the_end(&mut self, stopped: &[String], took: Duration) {
        let how = |unit: &Unit| match &unit.state {
            State::Stopped { how, .. } => how.clone(),
            _ => "ended".to_owned(),
        };
        let mut groups: Vec<(String, Vec<String>)> = Vec::new();
        for unit in stopped
            .iter()
            .filter_map(|name| self.find(name))
            .map(|id| &self.units[id.0])
        {
            let how = if unit.role == Role::Balancer {
                "stopped".to_owned()
            } else {
                how(unit)
            };
            match groups.iter_mut().find(|(known, _)| *known == how) {
                Some((_, names)) => names.push(unit.name.clone()),
                None => groups.push((how, vec![unit.name.clone()])),
            }
        }
        for (how, names) in groups {
            self.lab_line(format!("{} {how}", names.join(", ")));
        }
        let errors: Vec<String> = self
            .statuses
            .iter()
            .filter(|(code, _)| **code >= 500)
            .map(|(code, n)| format!("{n} x {code}"))
            .collect();
        let answered = self.requests - self.errors;
        let mut summary = format!("all stopped in {}.", crate::ui::words::took(took));
        if self.requests > 0 {
            let errors: String = errors.iter().map(|error| format!(", {error}")).collect();
            summary.push_str(&format!(
                "    {}: {answered} answered{errors}.",
                crate::ui::words::count(self.requests, "request")
            ));
        }
        let strangers: Vec<String> = self.units.iter().filter_map(stranger).collect();
        if !strangers.is_empty() {
            summary.push_str(&format!(
                "    Not mine, left alone: {}",
                strangers.join(", ")
            ));
        }
        self.view.last_line(&summary);
    }
}

fn stranger(unit: &Unit) -> Option<String> {
    match &unit.state {
        State::Adopted(holder) => Some(format!(
            "{} {}{}",
            unit.port()?,
            holder.command,
            holder.details
        )),
        _ => None,
    }
}
