//! Walking through the activities: the course, the progress and the world brought together.

pub(crate) mod render;
mod spoilers;
pub(crate) mod store;
mod terminal;

pub(crate) use spoilers::{Spoilers, hidden};
pub(crate) use terminal::walk;

use crate::cli::Labs;
use crate::exit::Exit;
use crate::observe::facts::Observer;
use crate::problem::{Problem, Result};
use crate::ui::Ui;
use crate::work_dir::journal::Journal;
use crate::work_dir::{WorkDir, write_whole};
use course::catalog::Catalog;
use course::facts::{Facts, Happened};
use course::judge::{Moments, Sight};
use course::model::{Activity, Answer, Step, What};
use course::progress::Progress;
use course::report::{self, Report};
use course::walk::{Action, Entry, Look, Outcome, Overview, Reply, Screen, Walk};
use course::words::Words;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::cell::RefCell;
use std::rc::Rc;
use store::Store;

/// One learner in front of one course.
pub(crate) struct Session {
    pub(crate) ui: Rc<Ui>,
    pub(crate) work: WorkDir,
    pub(crate) catalog: Catalog,
    pub(crate) words: Words,
    pub(crate) zone: TimeZone,
    pub(crate) store: Store,
    observer: RefCell<Observer>,
    terminal: Option<String>,
}

/// The open step after something was done.
pub(crate) struct Seen {
    pub(crate) screen: Screen,
    pub(crate) reply: Option<Reply>,
}

impl Session {
    pub(crate) fn open(ui: &Rc<Ui>, work: &WorkDir, labs: &Labs) -> Result<Self> {
        let catalog = crate::course::load(labs, work)?;
        Ok(Self {
            ui: Rc::clone(ui),
            work: work.clone(),
            words: crate::course::words(labs, work)?,
            zone: TimeZone::system(),
            store: Store::new(work, &catalog.course.id),
            observer: RefCell::new(Observer::new(work)),
            terminal: procs::Process::read(std::process::id()).and_then(|me| me.terminal),
            catalog,
        })
    }

    pub(crate) fn facts(&self) -> Facts {
        self.observer.borrow_mut().look()
    }

    pub(crate) fn look<'a>(&'a self, facts: &'a Facts) -> Look<'a> {
        Look {
            facts,
            words: &self.words,
            zone: &self.zone,
            terminal: self.terminal.as_deref(),
        }
    }

    /// Opens an activity: from now on it is the current one.
    pub(crate) fn enter(&self, id: &str, entry: &Entry) -> Result<Seen> {
        let activity = self.activity(id)?;
        self.store.change(|progress| {
            Walk::open(
                activity,
                progress,
                self.catalog.course.rules,
                entry,
                Timestamp::now(),
            )
            .map(drop)
            .map_err(|steps| no_such_step(activity, entry, &steps.0))
        })?;
        let seen = self.see()?;
        self.begin_counting(&seen.screen)?;
        Ok(seen)
    }

    /// Looks at the open step, and keeps what came to pass.
    pub(crate) fn see(&self) -> Result<Seen> {
        let facts = self.facts();
        let look = self.look(&facts);
        let screen = self.change(|walk| {
            walk.look(look);
            walk.screen(look)
        })?;
        Ok(Seen {
            screen,
            reply: None,
        })
    }

    /// Does something in the open step.
    pub(crate) fn act(&self, action: &Action) -> Result<Seen> {
        let facts = self.facts();
        let look = self.look(&facts);
        let (screen, reply) = self.change(|walk| {
            let reply = walk.act(action, look);
            if reply.outcome == Outcome::Moved {
                // What the next step asks for may be there already.
                walk.look(look);
            }
            (walk.screen(look), reply)
        })?;
        if reply.outcome == Outcome::Moved {
            self.begin_counting(&screen)?;
        }
        Ok(Seen {
            screen,
            reply: Some(reply),
        })
    }

    fn change<T>(&self, does: impl FnOnce(&mut Walk<'_>) -> T) -> Result<T> {
        let outcome = self.store.change(|progress| {
            let open = progress
                .current
                .as_ref()
                .ok_or_else(no_activity)?
                .activity
                .clone();
            let activity = self.activity(&open)?;
            let before = progress.clone();
            let mut walk = Walk::resume(
                activity,
                progress,
                self.catalog.course.rules,
                Timestamp::now(),
            )
            .ok_or_else(no_activity)?;
            let outcome = does(&mut walk);
            Ok((outcome, (before != *progress).then(|| progress.clone())))
        })?;
        let (outcome, changed) = outcome;
        if let Some(remark) = self.store.remark() {
            self.ui.talk(remark);
        }
        if let Some(progress) = changed {
            self.write_notebook(&progress);
        }
        Ok(outcome)
    }

    pub(crate) fn activity(&self, id: &str) -> Result<&Activity> {
        self.catalog
            .activity(id)
            .ok_or_else(|| self.no_such_activity(id))
    }

    pub(crate) fn overview(&self, progress: &Progress) -> Overview {
        course::walk::overview(&self.catalog.course, &self.catalog.activities, progress)
    }

    pub(crate) fn report(&self, progress: &Progress) -> Report {
        let facts = Facts {
            now: Timestamp::now(),
            ports: crate::observe::facts::expected_ports(&self.work),
            ..Facts::default()
        };
        let moments = Moments::default();
        let sight = Sight {
            facts: &facts,
            moments: &moments,
            words: &self.words,
            zone: &self.zone,
        };
        report::draw_up(
            &self.catalog.activities,
            progress,
            sight,
            env!("CARGO_PKG_VERSION"),
        )
    }

    /// The notebook is a view of the progress; losing it loses nothing.
    pub(crate) fn write_notebook(&self, progress: &Progress) {
        let text = report::notebook(&self.report(progress), &self.words, &self.zone);
        if let Err(error) = write_whole(&self.work.notebook(), &text) {
            tracing::warn!(%error, "the notebook was not written");
        }
    }

    /// Notes the counters with which a step begins, where it asks how they grow.
    fn begin_counting(&self, screen: &Screen) -> Result<()> {
        let activity = self.activity(&screen.activity)?;
        let step = activity.steps.iter().find(|step| step.id == screen.step);
        if step.is_some_and(counts) {
            let rows = self.facts().beliefs.into_iter().map(|belief| {
                let columns = belief.columns.into_iter();
                let numbers = columns.filter_map(|(name, value)| Some((name, value.parse().ok()?)));
                (
                    format!("{}/{}", belief.backend, belief.server),
                    numbers.collect(),
                )
            });
            let rows: Vec<(String, Vec<(String, u64)>)> = rows.collect();
            if !rows.is_empty() {
                Journal::of(&self.work).write(Happened::Counters { rows });
            }
        }
        Ok(())
    }

    fn no_such_activity(&self, id: &str) -> Problem {
        let known: Vec<&str> = self
            .catalog
            .activities
            .iter()
            .map(|activity| activity.id.as_str())
            .collect();
        let wrong = self.catalog.file_of(id).filter(|file| file.has_errors());
        if let Some(file) = wrong {
            return Problem::new(
                "lab-file-wrong",
                Exit::FileWrong,
                format!("activity {id} cannot be opened: its file has errors"),
            )
            .why(file.name.clone())
            .next(format!("see them:  lab validate {}", file.name));
        }
        let problem = Problem::new(
            "no-such-activity",
            Exit::Usage,
            format!("there is no activity `{id}`"),
        )
        .why(format!("there are {}", known.join(", ")));
        match diagnostics::nearest(id, known.iter().copied()) {
            Some(near) => problem.next(format!("did you mean:  lab activity {near}")),
            None => problem.next("the list:  lab activity --list"),
        }
    }
}

/// A step that asks how counters grow, or to read them.
fn counts(step: &Step) -> bool {
    let grow = |what: &What| matches!(what, What::Counter { .. });
    step.checks.iter().any(|check| grow(&check.condition.what))
        || step
            .questions
            .iter()
            .any(|question| matches!(question.answer, Answer::Live { .. }))
}

pub(crate) fn no_activity() -> Problem {
    Problem::new("no-activity", Exit::NotReady, "no activity is open").next("lab activity")
}

fn no_such_step(activity: &Activity, entry: &Entry, steps: &[String]) -> Problem {
    let wanted = entry.step.as_deref().unwrap_or_default();
    let problem = Problem::new(
        "no-such-step",
        Exit::Usage,
        format!("{} has no step `{wanted}`", activity.id),
    )
    .why(format!(
        "its {} steps are {}",
        steps.len(),
        steps.join(", ")
    ));
    match diagnostics::nearest(wanted, steps.iter().map(String::as_str)) {
        Some(near) => problem.next(format!(
            "did you mean:  lab activity {} --step {near}",
            activity.id
        )),
        None => problem.next(format!("lab activity {} --step 1", activity.id)),
    }
}
