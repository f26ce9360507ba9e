//! One who walks through an activity in a world of their own.

use super::part::Verdict;
use super::world::World;
use crate::exit::Exit;
use crate::observe::facts::Observer;
use crate::problem::{Problem, Result};
use crate::supervisor::engine::EngineName;
use crate::work_dir::journal::Journal;
use course::facts::{Facts, Happened};
use course::judge::{TickState, Verdict as Judged};
use course::model::{Activity, Answer, Kind, Play, RevealRule, Rules, Step};
use course::progress::Progress;
use course::walk::{Action, Entry, Look, Outcome, Walk};
use course::words::Words;
use jiff::tz::TimeZone;
use std::time::{Duration, Instant};

/// A step that is not passed by then will not be: longer than a server takes to be believed down, and a few requests to
/// one that refuses.
const PASSED_WITHIN: Duration = Duration::from_secs(25);
/// A mistake that is not named by then will not be.
const NAMED_WITHIN: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(100);

pub(super) struct Player<'a> {
    activity: &'a Activity,
    progress: Progress,
    pub(super) observer: Observer,
    words: Words,
    zone: TimeZone,
    pub(super) world: World,
}

impl<'a> Player<'a> {
    /// A world in which the activity can begin, and somebody at its first step.
    pub(super) fn enter(activity: &'a Activity, engine: EngineName) -> Result<Self> {
        let world = World::new(engine)?;
        let mut player = Self {
            observer: Observer::of_these_ports(&world.work, world.row()),
            activity,
            progress: Progress::new("play"),
            words: Words::english(),
            zone: TimeZone::UTC,
            world,
        };
        player.world.start(&activity.start)?;
        player.stand_at(None)?;
        Ok(player)
    }

    /// Opens a step, as `lab activity ID --step STEP` does.
    fn stand_at(&mut self, step: Option<&str>) -> Result<()> {
        let facts = self.observer.look();
        let entry = Entry {
            step: step.map(str::to_owned),
            restart: false,
        };
        open(self.activity, &mut self.progress, &entry)?;
        self.count_from_here(&facts);
        Ok(())
    }

    /// What the counters stand at when a step begins.
    fn count_from_here(&self, facts: &Facts) {
        let rows: Vec<_> = facts
            .beliefs
            .iter()
            .map(|belief| {
                let number =
                    |(name, value): &(String, String)| Some((name.clone(), value.parse().ok()?));
                (
                    format!("{}/{}", belief.backend, belief.server),
                    belief.columns.iter().filter_map(number).collect(),
                )
            })
            .collect();
        if !rows.is_empty() {
            Journal::of(&self.world.work).write(Happened::Counters { rows });
        }
    }

    fn walk<T>(
        &mut self,
        facts: &Facts,
        does: impl FnOnce(&mut Walk<'_>, Look<'_>) -> T,
    ) -> Result<T> {
        let look = Look {
            facts,
            words: &self.words,
            zone: &self.zone,
            terminal: None,
        };
        let mut walk = open(self.activity, &mut self.progress, &Entry::default())?;
        Ok(does(&mut walk, look))
    }

    fn judged(&mut self) -> Result<Judged> {
        let facts = self.observer.look();
        self.walk(&facts, |walk, look| walk.look(look).0)
    }

    /// Whether a step that was only just opened counts as passed.
    pub(super) fn passes_at_once(&mut self, step: &str) -> Result<bool> {
        self.stand_at(Some(step))?;
        Ok(self.judged()?.passed)
    }

    /// A step that asks the world for something and that no solution plays: it is passed as things are, or it cannot be
    /// played at all (it needs other machines, say) and is left out on purpose.
    pub(super) fn may_be_passed(&mut self, step: &Step) -> Result<bool> {
        const SOON: Duration = Duration::from_secs(4);
        if step.checks.is_empty() || self.play_of(step).is_some() {
            return Ok(true);
        }
        let begun = Instant::now();
        while begun.elapsed() < SOON {
            if self.judged()?.passed {
                return Ok(true);
            }
            std::thread::sleep(PAUSE);
        }
        Ok(false)
    }

    fn play_of(&self, step: &Step) -> Option<&'a Play> {
        self.activity.solve.iter().find(|play| play.step == step.id)
    }

    pub(super) fn pass_over(&mut self) -> Result<()> {
        self.go_on(&Action::Skip).map(drop)
    }

    /// Does what the solution says, and goes on to the next step.
    pub(super) fn solve_step(&mut self, step: &Step) -> Result<Verdict> {
        let play = self.play_of(step).cloned().unwrap_or_default();
        self.do_acts(&play.acts)?;
        if let Err(why) = self.answer(step, &play)? {
            return Ok(Err(why));
        }
        if matches!(step.kind, Kind::Do | Kind::Look)
            && let Err(why) = self.wait_for_pass(step)?
        {
            return Ok(Err(why));
        }
        if let Some(note) = play.note {
            let facts = self.observer.look();
            self.walk(&facts, |walk, look| walk.act(&Action::Note(note), look))?;
        }
        let reply = self.go_on(&Action::Next)?;
        Ok(match reply.outcome {
            Outcome::Moved | Outcome::Finished => Ok(String::new()),
            _ => Err(format!("`{}`: {}", step.id, reply.said.join(" "))),
        })
    }

    fn go_on(&mut self, action: &Action) -> Result<course::walk::Reply> {
        let facts = self.observer.look();
        let reply = self.walk(&facts, |walk, look| walk.act(action, look))?;
        if reply.outcome == Outcome::Moved {
            self.count_from_here(&facts);
        }
        Ok(reply)
    }

    fn answer(&mut self, step: &Step, play: &Play) -> Result<Verdict> {
        for (question, answer) in step.questions.iter().zip(&play.answers) {
            let facts = self.observer.look();
            let typed = match &question.answer {
                Answer::Live { server, column } => live(&facts, server, column),
                _ => answer.clone(),
            };
            let reply = self.walk(&facts, |walk, look| walk.act(&Action::Answer(typed), look))?;
            if reply.outcome == Outcome::Refused {
                return Ok(Err(format!(
                    "`{}`: the answer `{answer}` to \"{}\" was not taken: {}",
                    step.id,
                    question.ask,
                    reply.said.join(" ")
                )));
            }
        }
        Ok(Ok(String::new()))
    }

    fn wait_for_pass(&mut self, step: &Step) -> Result<Verdict> {
        let begun = Instant::now();
        loop {
            let judged = self.judged()?;
            if judged.passed {
                return Ok(Ok(String::new()));
            }
            if judged.on_trust {
                let facts = self.observer.look();
                self.walk(&facts, |walk, look| walk.act(&Action::Check, look))?;
                return Ok(Ok(String::new()));
            }
            if begun.elapsed() > PASSED_WITHIN {
                return Ok(Err(format!(
                    "`{}` was not passed within {} s: {}",
                    step.id,
                    PASSED_WITHIN.as_secs(),
                    open_boxes(&judged)
                )));
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Waits until this mistake is named.
    pub(super) fn meet(&mut self, mistake: &str) -> Result<Verdict> {
        let begun = Instant::now();
        loop {
            let judged = self.judged()?;
            let named = judged.mistake.as_ref();
            if let Some(named) = named.filter(|named| named.id == mistake) {
                return Ok(Ok(format!("said \"{}\"", named.say)));
            }
            if judged.passed {
                return Ok(Err(format!(
                    "expected the mistake `{mistake}`, but the step passed"
                )));
            }
            if begun.elapsed() > NAMED_WITHIN {
                let instead = match named {
                    Some(other) => format!("but it named `{}`: \"{}\"", other.id, other.say),
                    None => "but none was named".to_owned(),
                };
                return Ok(Err(format!(
                    "expected the mistake `{mistake}`, {instead}; {}",
                    open_boxes(&judged)
                )));
            }
            std::thread::sleep(PAUSE);
        }
    }

    pub(super) fn do_acts(&mut self, acts: &[String]) -> Result<()> {
        for act in acts {
            self.act(act).map_err(|problem| {
                Problem::new("act-failed", Exit::No, format!("`{act}` could not be done"))
                    .why(problem.what.clone())
            })?;
        }
        Ok(())
    }
}

fn open<'a>(activity: &'a Activity, progress: &'a mut Progress, entry: &Entry) -> Result<Walk<'a>> {
    let now = jiff::Timestamp::now();
    Walk::open(activity, progress, rules(), entry, now)
        .map_err(|_| wrong("the activity has no such step"))
}

fn rules() -> Rules {
    Rules {
        reveal: RevealRule::Any,
        skip: true,
        name: false,
    }
}

/// A value as the statistics have it now.
fn live(facts: &Facts, server: &str, column: &str) -> String {
    let mine = facts.beliefs.iter().find(|belief| belief.server == server);
    let cell = mine.and_then(|belief| belief.columns.iter().find(|(name, _)| name == column));
    cell.map(|(_, value)| value.clone()).unwrap_or_default()
}

fn open_boxes(judged: &Judged) -> String {
    let open = judged
        .boxes
        .iter()
        .filter(|tick| tick.state != TickState::Ticked);
    let told: Vec<String> = open
        .map(|tick| match tick.found.as_str() {
            "" => format!("[ ] {}", tick.say),
            found => format!("[ ] {}   {found}", tick.say),
        })
        .collect();
    told.join("; ")
}

fn wrong(what: &str) -> Problem {
    Problem::new("play", Exit::No, what)
}
