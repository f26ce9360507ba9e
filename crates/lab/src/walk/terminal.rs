//! The walk in a terminal: the step is printed once, then what changes, line by line. Input is lines, so that it works
//! in a screen reader and in a test; nothing is redrawn.

mod editor;
mod input;

use super::render::Page;
use super::store::{Lock, Locked};
use super::{Seen, Session};
use crate::exit::Exit;
use crate::observe::watch;
use crate::problem::{Problem, Result};
use course::judge::{Tick, TickState};
use course::model::{Step, What};
use course::walk::{Action, Entry, Outcome, Reply, Screen, Stage};
use course::words::Sentence;
use input::{Input, Typed};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How soon a change is met.
const BEAT: Duration = Duration::from_millis(200);
/// Without news the world is looked at so often, where things come that nobody tells: the balancer's opinion.
const LOOK: Duration = Duration::from_secs(1);
/// Where all that is waited for makes news.
const REST: Duration = Duration::from_secs(10);
/// A box that is not ticked tells of its changes at most so often.
const FOUND: Duration = Duration::from_secs(2);

/// Walks through the activity that is open, until the learner leaves.
pub(crate) fn walk(session: &Session) -> Result {
    let _alone = alone(session)?;
    session.store.keep_unsaved();
    ask_name(session)?;
    let changed = Arc::new(AtomicBool::new(false));
    let tell = Arc::clone(&changed);
    let _watching = watch::telling(&session.work, move || tell.store(true, Ordering::Relaxed));
    let first = session.see()?;
    let mut walking = Walking {
        session,
        page: Page::new(&session.ui, &session.words),
        input: Input::default(),
        last: first.screen,
        mode: Mode::Step,
        found: Vec::new(),
    };
    walking.show_all();
    walking.go(&changed)
}

/// One walk in a folder: the second is told where the first is.
fn alone(session: &Session) -> Result<Option<Lock>> {
    session.work.create()?;
    match Lock::try_new(&session.work.run().join("walk.lock")) {
        Ok(lock) => Ok(Some(lock)),
        // A folder that cannot be written is told when there is something to save.
        Err(Locked::Failed(_)) => Ok(None),
        Err(Locked::By(holder)) => Err(Problem::new(
            "walk-open",
            Exit::NotReady,
            "a walk is open in this folder already",
        )
        .why(format!("{holder} shows it"))
        .next("go on there, or act from here:  lab check   lab hint   lab answer a   lab next")),
    }
}

fn ask_name(session: &Session) -> Result<()> {
    if !session.catalog.course.rules.name || session.store.read()?.learner.is_some() {
        return Ok(());
    }
    let Some(name) = session
        .ui
        .ask_line(&session.words.say(Sentence::YourName, &[]))
    else {
        return Ok(());
    };
    session.store.change(|progress| {
        progress.learner = Some(name);
        Ok(())
    })
}

struct Walking<'s> {
    session: &'s Session,
    page: Page<'s>,
    input: Input,
    last: Screen,
    mode: Mode,
    /// When each unticked box last told what was found.
    found: Vec<(String, Instant)>,
}

/// What the next line means.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Mode {
    /// A key or an answer of the step.
    Step,
    /// A line for the notebook.
    Noting,
    /// `y` does this after all.
    Confirm(Action),
    /// The activity is done; Enter opens another one.
    After(Option<String>),
}

/// Whether the walk goes on.
#[derive(PartialEq, Eq)]
enum Then {
    On,
    Leave,
}

impl Walking<'_> {
    fn go(&mut self, changed: &AtomicBool) -> Result {
        let mut looked = Instant::now();
        loop {
            match self.input.wait(BEAT)? {
                Typed::Line(line) => {
                    if self.line(&line)? == Then::Leave {
                        self.say(&[self.word(Sentence::Left)]);
                        return Ok(Exit::Done);
                    }
                    looked = Instant::now();
                }
                Typed::End => return Ok(Exit::Done),
                Typed::Nothing => {}
            }
            let news = changed.swap(false, Ordering::Relaxed);
            let pause = self.pause();
            if (news || looked.elapsed() >= pause) && !matches!(self.mode, Mode::After(_)) {
                let seen = self.session.see()?;
                looked = Instant::now();
                self.news(seen.screen);
            }
            if self.session.ui.closed() {
                return Ok(Exit::Done);
            }
        }
    }

    /// How long it may take until a change is met that makes no news.
    fn pause(&self) -> Duration {
        let activity = self.session.catalog.activity(&self.last.activity);
        let step = activity
            .and_then(|activity| activity.steps.iter().find(|step| step.id == self.last.step));
        let asks = |step: &Step| {
            step.checks
                .iter()
                .any(|check| comes_by_itself(&check.condition.what))
        };
        let waits = self.last.settling.is_some() || step.is_some_and(asks);
        if waits && !self.last.passed {
            LOOK
        } else {
            REST
        }
    }

    fn say(&self, lines: &[String]) {
        if !lines.is_empty() {
            self.session.ui.say_lines(lines);
        }
    }

    fn word(&self, sentence: Sentence) -> String {
        self.session.words.say(sentence, &[])
    }

    /// The whole step, and what it waits for.
    fn show_all(&mut self) {
        self.found.clear();
        let lines = [vec![String::new()], self.page.screen(&self.last)].concat();
        self.say(&lines);
        self.prompt();
    }

    /// What can be typed now.
    fn prompt(&self) {
        match (&self.last.question, self.last.stage, &self.last.note) {
            (Some(asked), _, _) => {
                self.say(&self.page.question(asked));
                self.session.ui.prompt(&asked.prompt);
            }
            (None, Stage::Note, Some(note)) => {
                let prompt = match note.needed {
                    true => format!("{}>", note.prompt),
                    false => format!("{} {}", note.prompt, self.word(Sentence::OrSkip)),
                };
                self.session.ui.prompt(&prompt);
            }
            _ => self.say(&self.page.waiting(&self.last)),
        }
    }

    /// Tells how the step has changed, each thing once.
    fn news(&mut self, screen: Screen) {
        let before = std::mem::replace(&mut self.last, screen);
        if (&before.activity, &before.step) != (&self.last.activity, &self.last.step) {
            self.mode = Mode::Step;
            return self.show_all();
        }
        let asking = self.last.stage == Stage::Question;
        let mut lines = Vec::new();
        let ticks = self.last.boxes.clone();
        let mut changed = Vec::new();
        for tick in ticks.iter().filter(|_| !before.passed) {
            let old = before.boxes.iter().find(|old| old.id == tick.id);
            if old.is_none_or(|old| self.is_new(old, tick)) {
                changed.push(tick.id.clone());
            }
        }
        lines.extend(
            self.page
                .some_boxes(&ticks, false, |tick| changed.contains(&tick.id)),
        );
        let id = |screen: &Screen| screen.mistake.as_ref().map(|mistake| mistake.id.clone());
        let (was, is) = (id(&before), id(&self.last));
        if (was != is && is.is_some()) || (before.undone.is_none() && self.last.undone.is_some()) {
            lines.extend(self.page.verdict(&self.last));
        }
        let passed = self.last.passed && !before.passed;
        if passed {
            lines.extend(self.page.outcome(&self.last));
        }
        self.say(&lines);
        let answered = before.question != self.last.question || before.note != self.last.note;
        if passed || answered || (asking && !lines.is_empty()) {
            self.prompt();
        }
    }

    fn is_new(&mut self, old: &Tick, tick: &Tick) -> bool {
        if old.state != tick.state {
            return true;
        }
        if tick.state == TickState::Ticked || old.found == tick.found {
            return false;
        }
        let told = self.found.iter().position(|(id, _)| *id == tick.id);
        if told.is_some_and(|at| self.found[at].1.elapsed() < FOUND) {
            return false;
        }
        self.found.retain(|(id, _)| *id != tick.id);
        self.found.push((tick.id.clone(), Instant::now()));
        true
    }

    fn line(&mut self, line: &str) -> Result<Then> {
        let typed = line.trim();
        match std::mem::replace(&mut self.mode, Mode::Step) {
            Mode::Noting if !typed.is_empty() => self.act(&Action::Note(typed.to_owned())),
            Mode::Noting => {
                self.prompt();
                Ok(Then::On)
            }
            Mode::Confirm(action) if matches!(typed, "y" | "yes") => self.act(&action),
            Mode::Confirm(_) => {
                self.prompt();
                Ok(Then::On)
            }
            Mode::After(next) => self.after(next, typed),
            Mode::Step => self.step(typed),
        }
    }

    /// A key, a word, or an answer.
    fn step(&mut self, typed: &str) -> Result<Then> {
        let chooses = self
            .last
            .question
            .as_ref()
            .is_some_and(|asked| !asked.choices.is_empty());
        let lower = typed.to_lowercase();
        match lower.as_str() {
            "" => self.enter(),
            "b" if chooses => self.act(&Action::Answer(typed.to_owned())),
            "h" | "hint" => self.act(&Action::Hint),
            "r" | "reveal" => self.act(&Action::Reveal { sure: false }),
            "b" | "back" => self.act(&Action::Back),
            "s" | "skip" => self.act(&Action::Skip),
            "next" => self.act(&Action::Next),
            "check" => self.act(&Action::Check),
            "q" | "quit" => Ok(Then::Leave),
            "l" | "list" => {
                let overview = self.session.overview(&self.session.store.read()?);
                self.say(&self.page.list(&overview));
                self.prompt();
                Ok(Then::On)
            }
            "o" | "open" => {
                if let Err(problem) = editor::open(self.session) {
                    self.session.ui.problem(&problem);
                }
                self.prompt();
                Ok(Then::On)
            }
            "n" | "note" => {
                self.mode = Mode::Noting;
                self.session.ui.prompt("note>");
                Ok(Then::On)
            }
            _ if lower.starts_with("note ") => self.act(&Action::Note(typed[5..].to_owned())),
            _ if self.last.question.is_some() => self.act(&Action::Answer(typed.to_owned())),
            _ if self.last.stage == Stage::Note => self.act(&Action::Note(typed.to_owned())),
            _ => {
                self.say(&[self.word(Sentence::KeysAre)]);
                self.say(&self.page.waiting(&self.last));
                Ok(Then::On)
            }
        }
    }

    fn enter(&mut self) -> Result<Then> {
        let action = match self.last.stage {
            Stage::Question => Action::Answer(String::new()),
            Stage::Waiting => Action::Check,
            Stage::Note => Action::Note(String::new()),
            Stage::Done | Stage::Last => Action::Next,
        };
        self.act(&action)
    }

    fn act(&mut self, action: &Action) -> Result<Then> {
        let Seen { screen, reply } = self.session.act(action)?;
        let Some(reply) = reply else {
            return Ok(Then::On);
        };
        match reply.outcome {
            Outcome::Moved => {
                self.last = screen;
                self.show_all();
            }
            Outcome::Finished => {
                self.last = screen;
                return Ok(self.finished());
            }
            Outcome::Confirm => {
                self.mode = Mode::Confirm(Action::Reveal { sure: true });
                self.session
                    .ui
                    .prompt(&format!("{} [y/N]", reply.said.join(" ")));
            }
            Outcome::Stayed | Outcome::Refused => {
                self.reply(action, &reply, &screen);
                self.stayed(action, screen);
            }
        }
        Ok(Then::On)
    }

    /// What was said to an act, but for what the lines after it say themselves: a named mistake is a "not yet", and
    /// the last line says "done".
    fn reply(&self, action: &Action, reply: &Reply, screen: &Screen) {
        let mut reply = reply.clone();
        if *action == Action::Check && screen.mistake.is_some() {
            reply.said.clear();
        }
        let done = self.word(Sentence::Done);
        reply.said.retain(|said| *said != done);
        self.say(&self.page.reply(&reply));
    }

    /// After an act that stays in the step: what it brought, once.
    fn stayed(&mut self, action: &Action, screen: Screen) {
        let before = std::mem::replace(&mut self.last, screen);
        if *action == Action::Check {
            self.say(&self.page.boxes(&self.last.boxes, self.last.passed));
            self.say(&self.page.verdict(&self.last));
        }
        if self.last.passed && !before.passed {
            self.say(&self.page.outcome(&self.last));
        }
        self.prompt();
    }

    fn finished(&mut self) -> Then {
        let words = &self.session.words;
        let done = words.say(Sentence::FinishedOne, &[("id", &self.last.activity)]);
        self.say(&[String::new(), done]);
        let next = self
            .session
            .store
            .read()
            .ok()
            .and_then(|progress| self.session.overview(&progress).next);
        let Some(next) = next else {
            self.say(&[self.word(Sentence::FinishedAll)]);
            return Then::Leave;
        };
        let title = self
            .session
            .catalog
            .activity(&next)
            .map_or("", |activity| activity.title.as_str());
        self.say(&[
            words.say(Sentence::NextIs, &[("id", &next), ("title", &title)]),
            self.word(Sentence::OpenNext),
        ]);
        self.mode = Mode::After(Some(next));
        Then::On
    }

    fn after(&mut self, next: Option<String>, typed: &str) -> Result<Then> {
        match (next, typed) {
            (Some(next), "") => {
                self.last = self.session.enter(&next, &Entry::default())?.screen;
                self.show_all();
                Ok(Then::On)
            }
            _ => Ok(Then::Leave),
        }
    }
}

/// What changes without a program, a file or the journal telling of it.
fn comes_by_itself(what: &What) -> bool {
    matches!(
        what,
        What::Health { .. } | What::Counter { .. } | What::RealServers { .. } | What::File { .. }
    )
}
