//! What a learner can do: look, ask for a hint, answer, go on, go back.

use super::answer::{self, Read};
use super::screen::{self, hint, parsed};
use super::{Look, Walk, sight};
use crate::judge::{Sight, Verdict};
use crate::model::{Kind, RevealRule};
use crate::progress::{At, Given, Mark};
use crate::text::Block;
use crate::words::say;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Looks at the world now; takes the learner's word for what cannot be seen.
    Check,
    Hint,
    Reveal {
        /// Before a pass it is asked for twice.
        sure: bool,
    },
    /// Answers the open question; empty: "I do not know".
    Answer(String),
    /// A line for the notebook; empty: none.
    Note(String),
    Next,
    /// Passes over a step without its check.
    Skip,
    Back,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reply {
    pub outcome: Outcome,
    /// Sentences of the engine.
    pub said: Vec<String>,
    /// An author's text that belongs to them: a hint, a reveal.
    pub text: Vec<Block>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Done; the learner stands where they stood.
    Stayed,
    /// Another step is shown.
    Moved,
    /// That was the last step.
    Finished,
    /// It cannot be done; said why.
    Refused,
    /// It must be asked for once more.
    Confirm,
}

impl Reply {
    fn new(outcome: Outcome, said: impl Into<String>) -> Self {
        Self {
            outcome,
            said: vec![said.into()],
            text: Vec::new(),
        }
    }

    fn refused(said: impl Into<String>) -> Self {
        Self::new(Outcome::Refused, said)
    }

    fn silent(outcome: Outcome) -> Self {
        Self {
            outcome,
            said: Vec::new(),
            text: Vec::new(),
        }
    }
}

impl Walk<'_> {
    /// Does what the learner wants, as far as it can be done.
    pub fn act(&mut self, action: &Action, look: Look<'_>) -> Reply {
        let moments = self.moments(look);
        let sight = sight(look, &moments);
        match action {
            Action::Check => {
                let (verdict, _) = self.look(look);
                self.check(&verdict, sight)
            }
            Action::Hint => self.give_hint(sight),
            Action::Reveal { sure } => self.reveal(*sure, sight),
            Action::Answer(typed) => self.answer(typed, sight),
            Action::Note(text) => self.note(text, sight),
            Action::Next => {
                self.look(look);
                self.next(sight)
            }
            Action::Skip => self.skip(sight),
            Action::Back => self.back(sight),
        }
    }

    fn check(&mut self, verdict: &Verdict, sight: Sight<'_>) -> Reply {
        if verdict.on_trust && !self.has_passed() {
            let id = self.step().id.clone();
            self.record_mut().trusted.insert(id);
            self.pass(sight);
            return Reply::new(Outcome::Stayed, say!(sight.words, OnYourWord));
        }
        match (self.has_passed(), self.step().kind) {
            (true, _) => Reply::new(Outcome::Stayed, say!(sight.words, Done)),
            (false, Kind::Explain | Kind::Reveal) => {
                Reply::new(Outcome::Stayed, say!(sight.words, NothingToCheck))
            }
            (false, Kind::Predict | Kind::Quiz | Kind::Find) => {
                Reply::refused(say!(sight.words, AnswerFirst))
            }
            (false, Kind::Do | Kind::Look) => Reply::refused(say!(sight.words, NotYet)),
        }
    }

    fn give_hint(&mut self, sight: Sight<'_>) -> Reply {
        let step = self.step();
        let given = screen::given(self);
        if step.hints.is_empty() {
            return Reply::refused(say!(sight.words, NoHints));
        }
        let at = given.min(step.hints.len() - 1);
        if given < step.hints.len() {
            let record = self.record_mut();
            record.hints += 1;
            *record.hint.entry(step.id.clone()).or_default() += 1;
        }
        let hint = hint(self, at, sight);
        Reply {
            outcome: Outcome::Stayed,
            said: vec![hint.title],
            text: hint.text,
        }
    }

    fn reveal(&mut self, sure: bool, sight: Sight<'_>) -> Reply {
        let step = self.step();
        let Some(text) = &step.reveal else {
            return Reply::refused(say!(sight.words, NoReveal));
        };
        if !self.has_passed() {
            if self.rules.reveal == RevealRule::AfterPass {
                return Reply::refused(say!(sight.words, RevealLocked));
            }
            if !sure && !self.record().revealed.contains(&step.id) {
                return Reply::new(Outcome::Confirm, say!(sight.words, RevealAnyway));
            }
            self.record_mut().revealed.insert(step.id.clone());
        }
        Reply {
            outcome: Outcome::Stayed,
            said: vec![say!(sight.words, Reveal)],
            text: parsed(text, sight),
        }
    }

    fn answer(&mut self, typed: &str, sight: Sight<'_>) -> Reply {
        let step = self.step();
        let Some(at) = screen::turn(self) else {
            let asks = !step.questions.is_empty();
            return Reply::refused(match asks {
                true => say!(sight.words, AllAnswered),
                false => say!(sight.words, NoQuestion),
            });
        };
        match step.kind {
            Kind::Predict => self.guess(at, typed, sight),
            _ => self.quiz(at, typed, sight),
        }
    }

    /// A guess is kept and never called wrong.
    fn guess(&mut self, at: usize, typed: &str, sight: Sight<'_>) -> Reply {
        let step = self.step();
        let kept = match typed.trim() {
            "" | answer::UNKNOWN => answer::UNKNOWN.to_owned(),
            typed => match answer::read(&step.questions[at], typed, sight) {
                Read::Kept(kept) => kept,
                Read::No(why) => return Reply::refused(why),
            },
        };
        let told = match kept.as_str() {
            answer::UNKNOWN => answer::words(&step.questions[at], &kept, sight),
            kept => kept.to_owned(),
        };
        let record = self.record_mut();
        let before = record.guess.remove(&step.id);
        record
            .guess
            .insert(step.id.clone(), Given::set(before, at, kept));
        if at + 1 == step.questions.len() {
            self.pass(sight);
            return Reply::new(Outcome::Stayed, say!(sight.words, Kept, said = told));
        }
        Reply::new(Outcome::Stayed, say!(sight.words, KeptOne, said = told))
    }

    fn quiz(&mut self, at: usize, typed: &str, sight: Sight<'_>) -> Reply {
        let step = self.step();
        let question = &step.questions[at];
        if typed.trim().is_empty() {
            return self.tell(at, sight);
        }
        let kept = match answer::read(question, typed, sight) {
            Read::Kept(kept) => kept,
            Read::No(why) => return Reply::refused(why),
        };
        let (right, because) = answer::judge(question, &kept, sight);
        self.mark(at, &kept, if right { Mark::Right } else { Mark::Missed });
        if !right {
            *self.record_mut().misses.entry(step.id.clone()).or_default() += 1;
            let mut said = vec![say!(sight.words, NotThatOne)];
            // To tick all that fit is told box by box; a single because would give the answer away.
            if matches!(
                question.answer,
                crate::model::Answer::Several { .. } | crate::model::Answer::Live { .. }
            ) {
                said.extend(because);
            }
            return Reply {
                outcome: Outcome::Refused,
                said,
                text: Vec::new(),
            };
        }
        let mut said = vec![say!(sight.words, Right)];
        said.extend(because);
        self.settle(said, sight)
    }

    /// Tells the answer instead of taking one.
    fn tell(&mut self, at: usize, sight: Sight<'_>) -> Reply {
        let step = self.step();
        let question = &step.questions[at];
        if step.kind == Kind::Find {
            return Reply::refused(say!(sight.words, FindIt));
        }
        let kept = self
            .record()
            .answer
            .get(&step.id)
            .and_then(|given| given.at(at))
            .unwrap_or(answer::UNKNOWN)
            .to_owned();
        self.mark(at, &kept, Mark::Told);
        let truth = answer::truth(question, sight).unwrap_or_default();
        let mut said = vec![say!(sight.words, ItIs, truth = truth)];
        said.extend(answer::judge(question, &kept, sight).1);
        self.settle(said, sight)
    }

    fn mark(&mut self, at: usize, kept: &str, mark: Mark) {
        let step = self.step();
        let record = self.record_mut();
        let before = record.answer.remove(&step.id);
        record
            .answer
            .insert(step.id.clone(), Given::set(before, at, kept.to_owned()));
        let marks = record.marks.entry(step.id.clone()).or_default();
        marks.resize(marks.len().max(at + 1), Mark::Missed);
        marks[at] = mark;
    }

    /// All questions have their turn; then enough of them are right, or the others are asked again.
    fn settle(&mut self, mut said: Vec<String>, sight: Sight<'_>) -> Reply {
        let step = self.step();
        if screen::turn(self).is_none() {
            let marks = self
                .record()
                .marks
                .get(&step.id)
                .cloned()
                .unwrap_or_default();
            let right = marks.iter().filter(|mark| **mark == Mark::Right).count();
            let needed = step.pass.map_or(step.questions.len(), usize::from);
            if right >= needed {
                self.pass(sight);
                said.push(say!(sight.words, Done));
            } else {
                said.push(say!(sight.words, OnceMore, right = right, needed = needed));
                let again = |mark: Mark| {
                    if mark == Mark::Right {
                        mark
                    } else {
                        Mark::Missed
                    }
                };
                let marks = marks.into_iter().map(again).collect();
                self.record_mut().marks.insert(step.id.clone(), marks);
            }
        }
        Reply {
            outcome: Outcome::Stayed,
            said,
            text: Vec::new(),
        }
    }

    fn note(&mut self, text: &str, sight: Sight<'_>) -> Reply {
        let step = self.step();
        let text = text.trim();
        if text.is_empty() && step.note_needed && step.note.is_some() {
            return Reply::refused(say!(sight.words, NoteNeeded));
        }
        let record = self.record_mut();
        match record.note.get_mut(&step.id) {
            Some(note) if !note.is_empty() && !text.is_empty() => {
                note.push('\n');
                note.push_str(text);
            }
            _ => {
                record.note.insert(step.id.clone(), text.to_owned());
            }
        }
        match text.is_empty() {
            true => Reply::silent(Outcome::Stayed),
            false => Reply::new(Outcome::Stayed, say!(sight.words, Noted)),
        }
    }

    fn next(&mut self, sight: Sight<'_>) -> Reply {
        let step = self.step();
        let reads = matches!(step.kind, Kind::Explain | Kind::Reveal);
        if reads && !self.has_passed() {
            self.pass(sight);
        }
        if !self.has_passed() {
            return match step.kind {
                Kind::Predict | Kind::Quiz | Kind::Find => {
                    Reply::refused(say!(sight.words, AnswerFirst))
                }
                _ => Reply::refused(say!(sight.words, NotYet)),
            };
        }
        let noted = self
            .record()
            .note
            .get(&step.id)
            .is_some_and(|note| !note.is_empty());
        if step.note.is_some() && step.note_needed && !noted {
            return Reply::refused(say!(sight.words, NoteNeeded));
        }
        self.forward(sight)
    }

    fn skip(&mut self, sight: Sight<'_>) -> Reply {
        if !self.has_passed() {
            if !self.rules.skip {
                return Reply::refused(say!(sight.words, SkipLocked));
            }
            let id = self.step().id.clone();
            let now = At(sight.facts.now);
            let record = self.record_mut();
            record.skipped.insert(id.clone());
            record.steps.insert(id, now);
        }
        self.forward(sight)
    }

    /// To the next step, or to the end.
    fn forward(&mut self, sight: Sight<'_>) -> Reply {
        let now = sight.facts.now;
        if self.at + 1 < self.activity.steps.len() {
            self.enter(self.at + 1, now);
            return Reply::silent(Outcome::Moved);
        }
        let open = |step: &&crate::model::Step| !self.record().has_passed(&step.id);
        let open: Vec<String> = self
            .activity
            .steps
            .iter()
            .filter(open)
            .map(|step| step.id.clone())
            .collect();
        if let [first, ..] = open.as_slice() {
            // It was entered in the middle.
            return Reply::refused(say!(
                sight.words,
                StepsOpen,
                steps = sight.words.list(&open),
                id = self.activity.id,
                first = first
            ));
        }
        self.record_mut().finished.get_or_insert(At(now));
        Reply::silent(Outcome::Finished)
    }

    fn back(&mut self, sight: Sight<'_>) -> Reply {
        match self.at {
            0 => Reply::refused(say!(sight.words, FirstStep)),
            at => {
                self.enter(at - 1, sight.facts.now);
                Reply::silent(Outcome::Moved)
            }
        }
    }
}
