//! What is asked over the control socket, and doing it.

use super::protocol::{Outcome, Reply, Request, SignalKind, Signalled, Started};
use super::unit::{Asker, Role, State, Unit, UnitId, WaitFor, Waiting};
use super::{End, Supervisor, launch};
use crate::dns::{self, Places};
use crate::exit::Exit;
use crate::observe::{port, process};
use crate::problem::{Problem, Result};
use course::facts::Happened;
use jiff::Timestamp;
use rustix::process::Signal;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Sender;

/// How long a process may take to end or to get ready before the asker is told that it has not.
const PATIENCE: Duration = Duration::from_secs(5);

impl Supervisor {
    pub(super) fn asked(&mut self, request: Request, reply: Sender<Reply>) {
        tracing::debug!(?request, "asked");
        let outcome = match request {
            Request::Status => return self.ask_beliefs(Some(reply)),
            Request::Reload => return self.reload(Some(reply)),
            Request::Down => return self.stop(End::Down, Some(reply)),
            Request::Add { servers } => self.add(servers).map(|added| Some(Reply::Added(added))),
            Request::Watch => {
                let _ = reply.try_send(Reply::Status(Box::new(self.snapshot())));
                return self.watchers.push(reply);
            }
            Request::Signal { target, signal } => self
                .target(&target)
                .and_then(|id| self.signal(id, signal, &reply)),
            Request::Start { target } => self
                .target(&target)
                .and_then(|id| self.start_again(id, &reply)),
        };
        match outcome {
            Ok(None) => {}
            Ok(Some(answer)) => {
                let _ = reply.try_send(answer);
            }
            Err(problem) => {
                let _ = reply.try_send(Reply::Problem(problem));
            }
        }
    }

    /// A unit by its name, or a server by its port.
    fn target(&self, target: &str) -> Result<UnitId> {
        let number = target.parse::<u16>().ok();
        let meant =
            |unit: &Unit| unit.name == target || (number.is_some() && unit.port() == number);
        self.units
            .iter()
            .position(meant)
            .map(UnitId)
            .ok_or_else(|| {
                let servers: Vec<String> = self
                    .units
                    .iter()
                    .filter_map(|unit| Some(format!("{} ({})", unit.name, unit.port()?)))
                    .collect();
                let what = match number {
                    Some(_) => format!("no server here listens on {target}"),
                    None => format!("there is no {target}"),
                };
                Problem::new("no-such-server", Exit::Usage, what)
                    .why(format!("the servers here are {}", servers.join(", ")))
            })
    }

    /// Sends a signal. `Ok(None)`: the answer comes when the process has ended.
    fn signal(
        &mut self,
        id: UnitId,
        signal: SignalKind,
        reply: &Sender<Reply>,
    ) -> Result<Option<Reply>> {
        let stranger = self.stranger(id);
        let unit = &mut self.units[id.0];
        let (name, port) = (unit.name.clone(), unit.port());
        let answer = |outcome| {
            Ok(Some(Reply::Signalled(Signalled {
                name: name.clone(),
                port,
                signal,
                outcome,
            })))
        };
        if let Some(holder) = stranger {
            return self.signal_stranger(id, &holder, signal).map(Some);
        }
        match &unit.state {
            State::Stopped { since, by, how } => {
                let by = if *by == Some(Asker::You) {
                    "by you".to_owned()
                } else {
                    how.clone()
                };
                return answer(Outcome::AlreadyStopped { since: *since, by });
            }
            State::Frozen { .. } if signal == SignalKind::Stop => {
                return answer(Outcome::AlreadyFrozen);
            }
            State::Idle | State::Adopted(_) => {
                return answer(Outcome::AlreadyStopped {
                    since: Timestamp::now(),
                    by: "it was not started".to_owned(),
                });
            }
            State::Starting { .. } | State::Up { .. } | State::Frozen { .. } => {}
        }
        let pid = unit.pid().expect("it lives");
        unit.signal(signal.raw());
        if signal == SignalKind::Stop {
            unit.state = State::Frozen {
                pid,
                since: Timestamp::now(),
            };
            self.changed = true;
            if let Some(port) = port {
                self.journal.write(Happened::Frozen { port });
            }
            self.notice(
                &name,
                "frozen by SIGSTOP: it accepts connections and never answers",
            );
            return answer(Outcome::Frozen { pid });
        }
        // A frozen process takes the signal when it goes on.
        unit.signal(Signal::CONT);
        unit.signalled = Some((signal, Asker::You));
        self.wait(id, WaitFor::End(signal), reply);
        Ok(None)
    }

    /// The server of somebody else that stands where a unit of ours would.
    fn stranger(&self, id: UnitId) -> Option<port::Holder> {
        let unit = &self.units[id.0];
        match (&unit.role, &unit.state) {
            (Role::Server { address, .. }, State::Adopted(_) | State::Stopped { .. }) => {
                port::holder(*address)
            }
            _ => None,
        }
    }

    fn signal_stranger(
        &mut self,
        id: UnitId,
        holder: &port::Holder,
        signal: SignalKind,
    ) -> Result<Reply> {
        let unit = &self.units[id.0];
        let began = Instant::now();
        let Some(pid) = holder.pid.filter(|&pid| process::send(pid, signal.raw())) else {
            let what = format!(
                "{} is {}, which the lab may not stop",
                unit.name, holder.command
            );
            return Err(
                Problem::new("port-other-user", Exit::NotReady, what).next("look:  ss -ltnp")
            );
        };
        let signalled = |outcome| {
            Reply::Signalled(Signalled {
                name: unit.name.clone(),
                port: unit.port(),
                signal,
                outcome,
            })
        };
        if signal == SignalKind::Stop {
            return Ok(signalled(Outcome::Frozen { pid }));
        }
        while began.elapsed() < Duration::from_secs(1) {
            if process::start_time(pid).is_none() {
                let ms = began.elapsed().as_secs_f64() * 1000.0;
                return Ok(signalled(Outcome::Ended { pid, ms }));
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(signalled(Outcome::StillRuns { pid }))
    }

    fn start_again(&mut self, id: UnitId, reply: &Sender<Reply>) -> Result<Option<Reply>> {
        let unit = &mut self.units[id.0];
        let (name, port) = (unit.name.clone(), unit.port());
        let runs = |pid, thawed| {
            Ok(Some(Reply::Started(Started {
                name: name.clone(),
                port,
                pid,
                ready_ms: None,
                thawed,
            })))
        };
        match unit.state {
            State::Up { pid, .. } => return runs(pid, false),
            State::Frozen { pid, since } => {
                unit.signal(Signal::CONT);
                unit.state = State::Up { pid, since };
                self.changed = true;
                if let Some(port) = port {
                    self.journal.write(Happened::Thawed { port });
                }
                self.notice(&name, "goes on (SIGCONT)");
                return runs(pid, true);
            }
            State::Starting { .. } => {}
            State::Idle | State::Stopped { .. } | State::Adopted(_) => {
                match &self.units[id.0].role {
                    Role::Server { address, .. } if port::test(*address).is_err() => {
                        return Err(launch::busy(*address, &name));
                    }
                    Role::NameServer(address) => dns::taken::test(&Places::on(address.port()))?,
                    Role::Page(address) if port::test(*address).is_err() => {
                        return Err(launch::busy(*address, &name));
                    }
                    Role::Server { .. } | Role::Page(_) => {}
                    Role::Balancer => self.reread()?,
                }
                self.start(id)?;
            }
        }
        self.wait(id, WaitFor::Ready, reply);
        Ok(None)
    }

    fn wait(&mut self, id: UnitId, for_what: WaitFor, reply: &Sender<Reply>) {
        let waiting = Waiting {
            for_what,
            since: Instant::now(),
            reply: reply.clone(),
        };
        self.units[id.0].waiting.push(waiting);
    }

    /// Tells those who wait for the end of a process (or for a start that has failed now).
    pub(super) fn answer_waiting(&mut self, id: UnitId, pid: Option<u32>, how: &str) {
        for waiting in std::mem::take(&mut self.units[id.0].waiting) {
            let reply = match waiting.for_what {
                WaitFor::End(signal) => {
                    let unit = &self.units[id.0];
                    let outcome = Outcome::Ended {
                        pid: pid.unwrap_or(0),
                        ms: waiting.since.elapsed().as_secs_f64() * 1000.0,
                    };
                    Reply::Signalled(Signalled {
                        name: unit.name.clone(),
                        port: unit.port(),
                        signal,
                        outcome,
                    })
                }
                WaitFor::Ready => Reply::Problem(self.start_failed(id, how)),
            };
            let _ = waiting.reply.try_send(reply);
        }
    }

    /// Tells those who have waited too long.
    pub(super) fn check_waiting(&mut self) {
        for at in 0..self.units.len() {
            let late = |waiting: &Waiting| waiting.since.elapsed() > PATIENCE;
            let unit = &mut self.units[at];
            let pid = unit.pid().unwrap_or(0);
            let over: Vec<Waiting> = unit
                .waiting
                .extract_if(.., |waiting| late(waiting))
                .collect();
            for waiting in over {
                let unit = &self.units[at];
                let reply = match waiting.for_what {
                    WaitFor::End(signal) => Reply::Signalled(Signalled {
                        name: unit.name.clone(),
                        port: unit.port(),
                        signal,
                        outcome: Outcome::StillRuns { pid },
                    }),
                    WaitFor::Ready => {
                        Reply::Problem(self.start_failed(UnitId(at), "it is not ready after 5 s"))
                    }
                };
                let _ = waiting.reply.try_send(reply);
            }
        }
    }
}
