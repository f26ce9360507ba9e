//! Whole walks, as a learner goes them.

mod answers;
mod course;
mod steps;

use super::*;
use crate::file;
use crate::model::{Course, Entry as Line, Group, Hidden, RevealRule};
use crate::testing::{World, at};
use diagnostics::Sources;

const KILL: &str = include_str!("tests/kill.md");

const QUIZ: &str = include_str!("tests/quiz.md");

/// The one about a killed server, for tests elsewhere.
pub(crate) fn sample_activity() -> Activity {
    activity(KILL)
}

fn activity(text: &str) -> Activity {
    let mut sources = Sources::new();
    let id = sources.add("a.md", text);
    let parsed = file::parse(&sources, id, &|_| None);
    assert!(!parsed.has_errors(), "{:?}", parsed.diagnostics);
    parsed.activity.unwrap()
}

/// A learner in front of a walk: each act goes through the record alone, as from another terminal.
struct Learner {
    activity: Activity,
    progress: Progress,
    rules: Rules,
    world: World,
}

impl Learner {
    fn begins(text: &str, mut world: World) -> Self {
        world.facts.now = at(100);
        let mut learner = Self {
            activity: activity(text),
            progress: Progress::new("c"),
            rules: Rules::default(),
            world,
        };
        learner.opens(&Entry::default()).unwrap();
        learner
    }

    fn opens(&mut self, entry: &Entry) -> Result<(), NoSuchStep> {
        let now = self.world.facts.now;
        Walk::open(&self.activity, &mut self.progress, self.rules, entry, now).map(drop)
    }

    fn later(&mut self, seconds: i64, change: impl FnOnce(World) -> World) {
        let world = std::mem::replace(&mut self.world, World::empty());
        self.world = change(world);
        self.world.facts.now = at(seconds);
    }

    fn with<T>(&mut self, does: impl FnOnce(&mut Walk<'_>, Look<'_>) -> T) -> T {
        // What is kept is all there is.
        let text = self.progress.to_text("0");
        self.progress = Progress::read(&text).unwrap();
        let look = Look {
            facts: &self.world.facts,
            words: &self.world.words,
            zone: &self.world.zone,
            terminal: None,
        };
        let mut walk = Walk::resume(
            &self.activity,
            &mut self.progress,
            self.rules,
            self.world.facts.now,
        )
        .unwrap();
        does(&mut walk, look)
    }

    fn screen(&mut self) -> Screen {
        self.with(|walk, look| {
            walk.look(look);
            walk.screen(look)
        })
    }

    #[track_caller]
    fn does(&mut self, action: Action, outcome: Outcome, said: &str) -> Reply {
        let reply = self.with(|walk, look| walk.act(&action, look));
        assert_eq!(
            (reply.outcome, reply.said.join("|").as_str()),
            (outcome, said),
            "{action:?}"
        );
        reply
    }

    #[track_caller]
    fn goes_on(&mut self) {
        self.does(Action::Next, Outcome::Moved, "");
    }

    fn answers(&mut self, typed: &str) -> Reply {
        self.with(|walk, look| walk.act(&Action::Answer(typed.into()), look))
    }

    fn record(&self) -> &Record {
        self.progress.record(&self.activity.id).unwrap()
    }
}

fn killer() -> Learner {
    Learner::begins(KILL, World::four())
}

use Outcome::{Confirm, Finished, Moved, Refused, Stayed};

impl Learner {
    fn goes_to(&mut self, step: &str) {
        let entry = Entry {
            step: Some(step.into()),
            restart: false,
        };
        self.opens(&entry).unwrap();
    }
}

fn quizzed() -> Learner {
    Learner::begins(QUIZ, World::checked())
}
