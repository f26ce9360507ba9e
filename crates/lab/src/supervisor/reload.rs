//! Loading a changed file into the running balancer.

use super::files::Loaded;
use super::inputs::Finding;
use super::protocol::{Reloaded, Reply};
use super::unit::{Role, State};
use super::{Engine, Supervisor, launch};
use crate::config_file::ConfigFile;
use crate::exit::Exit;
use crate::observe::port;
use crate::observe::process;
use crate::observe::runtime_api::{self, Running};
use crate::plan::{self, Plan, Ports, Wanted, change};
use crate::problem::{Problem, Result};
use crate::ui::words;
use jiff::Timestamp;
use rustix::process::Signal;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Sender;

/// A new configuration that is not in force by then will not be.
const IN_FORCE_WITHIN: Duration = Duration::from_secs(5);

/// A reload under way: what ran before, to go back to.
#[derive(Debug)]
pub(crate) struct Pending {
    before: Loaded,
    plan_before: Plan,
    change: Option<String>,
    since: Instant,
    reply: Option<Sender<Reply>>,
}

impl Supervisor {
    /// Checks the file and has it loaded. The outcome goes to `reply`, or to the screen.
    pub(super) fn reload(&mut self, reply: Option<Sender<Reply>>) {
        match self.begin_reload() {
            Ok(pending) => self.reloading = Some(Pending { reply, ..pending }),
            Err(problem) => self.refuse_reload(problem, reply),
        }
    }

    fn begin_reload(&mut self) -> Result<Pending> {
        let Some(loaded) = &self.loaded else {
            return Err(Problem::usage(
                "this lab runs without a balancer (--no-balancer)",
            ));
        };
        if self.reloading.is_some() {
            return Err(Problem::new(
                "reload-running",
                Exit::NotReady,
                "another reload is under way",
            )
            .next("try again in a moment:  lab reload"));
        }
        let State::Up { pid, .. } = self
            .balancer()
            .map_or(State::Idle, |unit| unit.state.clone())
        else {
            return Err(Problem::new(
                "balancer-stopped",
                Exit::NotReady,
                "the balancer does not run",
            )
            .next("start it, with the file as it is now:  lab start balancer"));
        };
        let file = self.checked(&loaded.file.path.clone())?;
        let plan = self.plan_for(&file)?;
        let change = change::describe(loaded.file.text(), file.text());
        let same_text = change.is_none();
        let before = self
            .loaded
            .replace(Loaded::new(file))
            .expect("there was one above");
        let plan_before = std::mem::replace(&mut self.plan, plan);
        let pending = Pending {
            before,
            plan_before,
            change,
            since: Instant::now(),
            reply: None,
        };
        if let Err(problem) = self.write_copy() {
            self.go_back(pending);
            return Err(problem);
        }
        let ask = verify(self.stats_socket(), pid, same_text);
        let found = self.found.clone();
        tokio::spawn(async move {
            let _ = found.send(Finding::Reloaded(ask.await));
        });
        Ok(pending)
    }

    /// The file, when nothing speaks against loading it.
    fn checked(&self, path: &std::path::Path) -> Result<ConfigFile> {
        let file = ConfigFile::read(path)?;
        if let Some(Engine::Haproxy(haproxy)) = &self.engine {
            file.ask_haproxy(haproxy)?;
        }
        Ok(file)
    }

    fn plan_for(&self, file: &ConfigFile) -> Result<Plan> {
        let wanted = Wanted {
            servers: None,
            ports: Ports::From(0),
            balancer: 0,
            statistics: 0,
        };
        let plan = plan::from_config(&file.config, &wanted)?;
        for bind in &plan.binds {
            let known = self
                .plan
                .binds
                .iter()
                .any(|old| old.address.port() == bind.address.port());
            if !known && port::test(bind.address).is_err() {
                let holder = port::holder(bind.address).unwrap_or_default();
                return Err(Problem::new(
                    "port-busy",
                    Exit::NotReady,
                    format!("port {} is taken", bind.address.port()),
                )
                .why(format!(
                    "{} listens there{}",
                    holder.command, holder.details
                ))
                .next("bind another port in the file, then:  lab reload"));
            }
        }
        Ok(plan)
    }

    /// Takes the verdict on a reload under way.
    pub(super) fn reloaded(&mut self, running: Option<Running>) {
        let Some(pending) = self.reloading.take() else {
            return;
        };
        let Some(running) = running else {
            let lines = self
                .balancer()
                .map(|unit| unit.last_lines.clone())
                .unwrap_or_default();
            let mut problem = Problem::new(
                "reload-failed",
                Exit::NotReady,
                "the balancer did not take the new file",
            );
            problem.why = lines;
            let reply = pending.reply.clone();
            self.go_back(pending);
            return self.refuse_reload(problem, reply);
        };
        let Some(loaded) = &mut self.loaded else {
            return;
        };
        loaded.at = Timestamp::now();
        loaded.running = Some(running.clone());
        let (file, remarks, loaded_at) =
            (loaded.file.name(), loaded.file.remarks.clone(), loaded.at);
        let unserved = self.adopt_plan();
        self.journal_load(None);
        let change = pending
            .change
            .clone()
            .unwrap_or_else(|| "nothing had changed".to_owned());
        self.changed = true;
        self.lab_line(format!("{file} is loaded: {change}"));
        let reloaded = Reloaded {
            file,
            pid: running.pid,
            loaded: loaded_at,
            ms: pending.since.elapsed().as_secs_f64() * 1000.0,
            change: pending.change,
            remarks,
            unserved,
        };
        if let Some(reply) = pending.reply {
            let _ = reply.try_send(Reply::Reloaded(reloaded));
        }
    }

    /// Brings names and weights of the units in line with the new plan; tells servers that nobody runs.
    fn adopt_plan(&mut self) -> Vec<String> {
        let mut unserved = Vec::new();
        for unit in &mut self.units {
            if let Role::Server { address, members } = &mut unit.role {
                let planned = self
                    .plan
                    .servers
                    .iter()
                    .find(|server| server.address == *address);
                *members = planned
                    .map(|server| server.members.clone())
                    .unwrap_or_default();
            }
        }
        for server in &self.plan.servers {
            let known = self
                .units
                .iter()
                .any(|unit| matches!(&unit.role, Role::Server { address, .. } if *address == server.address));
            if !known && !port::is_open(server.address) {
                unserved.push(format!("{} {}", server.name, server.address.port()));
            }
        }
        unserved
    }

    pub(super) fn check_reload(&mut self) {
        if self
            .reloading
            .as_ref()
            .is_some_and(|pending| pending.since.elapsed() > IN_FORCE_WITHIN * 2)
        {
            self.reloaded(None);
        }
    }

    fn go_back(&mut self, pending: Pending) {
        self.loaded = Some(pending.before);
        self.plan = pending.plan_before;
        if let Err(problem) = self.write_copy() {
            tracing::warn!(what = problem.what, "copy not restored");
        }
    }

    fn refuse_reload(&mut self, problem: Problem, reply: Option<Sender<Reply>>) {
        let problem = self.not_loaded(problem);
        self.lab_line(problem.what.clone());
        if let Some(reply) = reply {
            let _ = reply.try_send(Reply::Problem(problem));
        }
    }

    /// Says of a problem what it means here: the file was not loaded, the old one stays.
    fn not_loaded(&self, mut problem: Problem) -> Problem {
        let Some(loaded) = &self.loaded else {
            return problem;
        };
        let first = problem
            .facts
            .get("first")
            .and_then(|first| first.as_str())
            .map(str::to_owned);
        let cause = first.unwrap_or_else(|| problem.what.clone());
        problem.what = format!("{} was not loaded: {cause}", loaded.file.name());
        if self.balancer().is_some_and(|unit| unit.pid().is_some()) {
            let time = words::time_of_day(loaded.at);
            problem.next.push(format!("correct it and run  lab reload  again;  the balancer goes on with the file of {time}"));
        }
        problem
    }
}

/// Sends the signal and waits until the balancer tells of the new configuration; `None` when it does not.
async fn verify(socket: PathBuf, pid: u32, same_text: bool) -> Option<Running> {
    let before = runtime_api::running(&socket).await.ok();
    // The start of the current second: load times are told in whole ones.
    let second = Timestamp::now().as_second();
    if !process::send(pid, Signal::USR2) {
        return None;
    }
    let until = Instant::now() + IN_FORCE_WITHIN;
    while Instant::now() < until {
        if let Ok(now) = runtime_api::running(&socket).await
            && is_new(before.as_ref(), &now, second, same_text)
        {
            return Some(now);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    None
}

/// Whether what runs now is the newly loaded configuration.
///
/// HAProxy has a new worker then; ours keeps its pid and tells hash and time of the text.
fn is_new(before: Option<&Running>, now: &Running, second: i64, same_text: bool) -> bool {
    match (before, &now.loaded) {
        (None, _) => true,
        (Some(before), None) => before.pid != now.pid,
        (Some(before), Some((hash, time))) => {
            let other_hash = before.loaded.as_ref().is_none_or(|(old, _)| old != hash);
            let in_time = time.parse::<i64>().is_ok_and(|time| time >= second);
            in_time && (other_hash || same_text)
        }
    }
}

impl Supervisor {
    /// `lab start balancer`: as Ctrl-C and start again would, with the file as it is now.
    pub(super) fn reread(&mut self) -> Result<()> {
        let Some(loaded) = &self.loaded else {
            return Ok(());
        };
        let file = self.checked(&loaded.file.path.clone())?;
        let plan = self.plan_for(&file)?;
        for bind in &plan.binds {
            if port::test(bind.address).is_err() {
                return Err(launch::busy(bind.address, "the balancer"));
            }
        }
        self.plan = plan;
        self.loaded = Some(Loaded::new(file));
        self.seen = super::files::Seen::new(self.loaded.as_ref());
        self.adopt_plan();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn haproxy(pid: u32) -> Running {
        Running { pid, loaded: None }
    }

    fn ours(hash: &str, time: i64) -> Running {
        Running {
            pid: 7,
            loaded: Some((hash.into(), time.to_string())),
        }
    }

    #[test]
    fn haproxy_is_new_with_a_new_worker() {
        assert!(!is_new(Some(&haproxy(7)), &haproxy(7), 100, false));
        assert!(is_new(Some(&haproxy(7)), &haproxy(8), 100, false));
    }

    #[test]
    fn ours_is_new_with_a_new_hash_or_a_new_time() {
        assert!(!is_new(Some(&ours("a", 90)), &ours("a", 90), 100, false));
        assert!(is_new(Some(&ours("a", 90)), &ours("b", 100), 100, false));
        assert!(is_new(Some(&ours("a", 90)), &ours("a", 100), 100, true));
        assert!(!is_new(Some(&ours("a", 90)), &ours("a", 90), 100, true));
    }
}
