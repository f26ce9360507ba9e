//! What is shown, as data: a terminal, a page and JSON render the same.

use super::answer::{self, letter};
use super::{Walk, entry};
use crate::judge::{Named, Settling, Sight, Tick, TickState, fill};
use crate::model::{Answer, Kind, Question, RevealRule};
use crate::progress::{Given, Mark};
use crate::text::{self, Block};
use crate::words::{Sentence, say};
use serde::Serialize;

/// One step at one moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Screen {
    pub activity: String,
    pub title: String,
    /// The id of the step.
    pub step: String,
    /// From 1.
    pub number: usize,
    pub of: usize,
    /// `step 2 of 6`
    pub place: String,
    /// `DO`, `LOOK`: what is asked, in the learner's language.
    pub heading: String,
    pub kind: &'static str,
    pub stage: Stage,
    /// What is not as the activity needs it to begin, and the way there.
    pub entry: Vec<String>,
    pub text: Vec<Block>,
    /// A command to try, where the text does not hold it.
    pub command: Option<String>,
    pub boxes: Vec<Tick>,
    pub mistake: Option<Named>,
    pub settling: Option<Settling>,
    /// What is waited for: one line; nothing is waited for without.
    pub waiting: Option<String>,
    /// An earlier step has come undone.
    pub undone: Option<String>,
    pub answered: Vec<Answered>,
    /// The question that is open.
    pub question: Option<Asked>,
    pub compare: Vec<Comparison>,
    pub note: Option<Note>,
    /// Shown once the step is passed, or was asked for.
    pub reveal: Option<Vec<Block>>,
    /// Those that were asked for.
    pub hints: Vec<HintGiven>,
    pub hints_left: usize,
    pub passed: bool,
    pub keys: Vec<Key>,
}

/// What Enter does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Answers the question: "I do not know".
    Question,
    /// Looks again.
    Waiting,
    /// Leaves the note out.
    Note,
    /// Goes to the next step.
    Done,
    /// Ends the activity.
    Last,
}

/// A question that waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// From 1.
    pub number: usize,
    pub of: usize,
    pub ask: String,
    pub choices: Vec<Choice>,
    /// Several may fit.
    pub several: bool,
    pub prompt: String,
    /// What was said to it before, and was not right.
    pub missed: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    pub letter: char,
    pub text: String,
}

/// A question that was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answered {
    pub ask: String,
    pub said: String,
    /// `None`: a guess, which is neither.
    pub right: Option<bool>,
    pub because: Vec<String>,
}

/// "You said / It was".
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// The question, where there were several.
    pub ask: Option<String>,
    pub said: String,
    pub was: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    pub prompt: String,
    pub needed: bool,
    /// Empty: it was left out.
    pub written: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HintGiven {
    /// `hint 2 of 3`
    pub title: String,
    pub text: Vec<Block>,
}

/// A key of the walk, and the command that does the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Key {
    pub key: String,
    pub does: String,
    pub command: String,
}

pub(super) fn build(walk: &Walk<'_>, sight: Sight<'_>) -> Screen {
    let step = walk.step();
    let passed = walk.has_passed();
    let verdict = walk.verdict(sight);
    let question = open_question(walk, sight);
    let note = note(walk);
    let stage = stage(walk, question.is_some(), note.as_ref());
    let mut screen = Screen {
        activity: walk.activity.id.clone(),
        title: walk.activity.title.clone(),
        step: step.id.clone(),
        number: walk.number(),
        of: walk.activity.steps.len(),
        place: place(walk, sight),
        heading: heading(step.kind, sight),
        kind: step.kind.name(),
        stage,
        entry: entry::missing(walk, sight),
        text: parsed(&step.text, sight),
        command: step
            .command
            .clone()
            .filter(|command| !step.text.contains(command.as_str())),
        waiting: waiting(&verdict.boxes, verdict.settling.as_ref(), passed, sight),
        boxes: verdict.boxes,
        mistake: verdict.mistake.filter(|_| !passed),
        settling: verdict.settling,
        undone: entry::undone(walk, sight),
        answered: answered(walk, sight),
        question,
        compare: compare(walk, sight),
        note,
        reveal: reveal(walk, sight),
        hints: hints(walk, sight),
        hints_left: step.hints.len().saturating_sub(given(walk)),
        passed,
        keys: Vec::new(),
    };
    screen.keys = keys(&screen, walk, sight);
    screen
}

pub(super) fn parsed(markdown: &str, sight: Sight<'_>) -> Vec<Block> {
    text::parse(markdown, &|text| fill::fill(text, sight))
}

/// The question in plain words.
pub(crate) fn ask(question: &Question, sight: Sight<'_>) -> String {
    text::plain(&question.ask, &|text| fill::fill(text, sight))
}

fn place(walk: &Walk<'_>, sight: Sight<'_>) -> String {
    let (n, of) = (walk.number(), walk.activity.steps.len());
    match walk.at {
        0 => say!(
            sight.words,
            PlaceFirst,
            n = n,
            of = of,
            minutes = walk.activity.minutes
        ),
        _ => say!(sight.words, Place, n = n, of = of),
    }
}

fn heading(kind: Kind, sight: Sight<'_>) -> String {
    let sentence = match kind {
        Kind::Explain => Sentence::Explain,
        Kind::Do => Sentence::Do,
        Kind::Predict => Sentence::Predict,
        Kind::Look => Sentence::LookAt,
        Kind::Reveal => Sentence::Reveal,
        Kind::Quiz => Sentence::Quiz,
        Kind::Find => Sentence::Find,
    };
    sight.words.say(sentence, &[])
}

fn stage(walk: &Walk<'_>, asks: bool, note: Option<&Note>) -> Stage {
    let reads = matches!(walk.step().kind, Kind::Explain | Kind::Reveal);
    match () {
        () if asks => Stage::Question,
        () if !walk.has_passed() && !reads => Stage::Waiting,
        () if note.is_some_and(|note| note.written.is_none()) => Stage::Note,
        () if walk.number() == walk.activity.steps.len() => Stage::Last,
        () => Stage::Done,
    }
}

fn waiting(
    boxes: &[Tick],
    settling: Option<&Settling>,
    passed: bool,
    sight: Sight<'_>,
) -> Option<String> {
    if passed {
        return None;
    }
    if let Some(settling) = settling {
        return Some(settling.why.clone());
    }
    let open = boxes.iter().find(|tick| tick.state == TickState::Open)?;
    match open.found.is_empty() {
        true => Some(say!(sight.words, WaitingFor, what = open.say)),
        false => Some(open.found.clone()),
    }
}

/// The question whose turn it is, and its number from 0: the first that is not settled.
pub(super) fn turn(walk: &Walk<'_>) -> Option<usize> {
    let step = walk.step();
    if walk.has_passed() {
        return None;
    }
    let record = walk.record();
    let marks = record.marks.get(&step.id);
    (0..step.questions.len()).find(|at| match step.kind {
        Kind::Predict => record
            .guess
            .get(&step.id)
            .and_then(|given| given.at(*at))
            .is_none(),
        _ => match marks.and_then(|marks| marks.get(*at)) {
            None | Some(Mark::Missed) => true,
            Some(Mark::Right | Mark::Told) => false,
        },
    })
}

fn open_question(walk: &Walk<'_>, sight: Sight<'_>) -> Option<Asked> {
    let step = walk.step();
    let at = turn(walk)?;
    let question = &step.questions[at];
    let choices = match &question.answer {
        Answer::One { choices, .. } | Answer::Several { choices, .. } => choices.as_slice(),
        _ => &[],
    };
    let choices: Vec<Choice> = choices
        .iter()
        .enumerate()
        .map(|(at, text)| Choice {
            letter: letter(at),
            text: fill::fill(text, sight),
        })
        .collect();
    let record = walk.record();
    let missed = record.marks.get(&step.id).and_then(|marks| marks.get(at)) == Some(&Mark::Missed);
    let said = record.answer.get(&step.id).and_then(|given| given.at(at));
    Some(Asked {
        number: at + 1,
        of: step.questions.len(),
        ask: ask(question, sight),
        prompt: prompt(step.kind, question, &choices, sight),
        several: matches!(question.answer, Answer::Several { .. }),
        choices,
        missed: said
            .filter(|_| missed)
            .map(|said| answer::words(question, said, sight)),
    })
}

fn prompt(kind: Kind, question: &Question, choices: &[Choice], sight: Sight<'_>) -> String {
    let last = choices.last().map_or('a', |choice| choice.letter);
    match (&question.answer, kind) {
        (Answer::One { .. }, Kind::Predict) => say!(sight.words, GuessOne, last = last),
        (Answer::One { .. }, _) => say!(sight.words, AnswerOne, last = last),
        (Answer::Several { .. }, _) => say!(sight.words, TickSome),
        (_, Kind::Predict) => say!(sight.words, GuessFree),
        (Answer::Number { .. }, _) => say!(sight.words, AnswerNumber),
        _ => say!(sight.words, AnswerFree),
    }
}

/// What was said so far; of a quiz with what there is to say about it.
fn answered(walk: &Walk<'_>, sight: Sight<'_>) -> Vec<Answered> {
    let step = walk.step();
    let record = walk.record();
    let given = |all: &std::collections::BTreeMap<String, Given>, at| {
        all.get(&step.id)
            .and_then(|given: &Given| given.at(at))
            .map(str::to_owned)
    };
    let told = step
        .questions
        .iter()
        .enumerate()
        .filter_map(|(at, question)| {
            if step.kind == Kind::Predict {
                let said = given(&record.guess, at)?;
                return Some(Answered {
                    ask: ask(question, sight),
                    said: answer::words(question, &said, sight),
                    right: None,
                    because: Vec::new(),
                });
            }
            let mark = *record.marks.get(&step.id)?.get(at)?;
            (mark != Mark::Missed).then_some(())?;
            let said = given(&record.answer, at).unwrap_or_default();
            let (_, because) = answer::judge(question, &said, sight);
            let live = matches!(question.answer, Answer::Live { .. });
            Some(Answered {
                ask: ask(question, sight),
                said: answer::words(question, &said, sight),
                right: Some(mark == Mark::Right),
                // A live value has gone on since.
                because: if live { Vec::new() } else { because },
            })
        });
    told.collect()
}

/// "You said / It was", once the step that compares is passed.
pub(super) fn compare(walk: &Walk<'_>, sight: Sight<'_>) -> Vec<Comparison> {
    let step = walk.step();
    let Some(compare) = &step.compare else {
        return Vec::new();
    };
    let reads = matches!(step.kind, Kind::Explain | Kind::Reveal);
    let Some(guessed) = walk
        .activity
        .steps
        .iter()
        .find(|other| other.id == compare.step)
    else {
        return Vec::new();
    };
    if !walk.has_passed() && !reads {
        return Vec::new();
    }
    let record = walk.record();
    let guess = record.guess.get(&guessed.id);
    let kept = record.was.get(&step.id);
    let several = guessed.questions.len() > 1;
    let one = |(at, question): (usize, &Question)| {
        let said = guess
            .and_then(|guess| guess.at(at))
            .unwrap_or(answer::UNKNOWN);
        let measured = || compare.was.get(at).map(|was| fill::fill(was, sight));
        let was = kept.and_then(|was| was.get(at)).cloned().or_else(measured);
        Comparison {
            ask: several.then(|| ask(question, sight)),
            said: answer::words(question, said, sight),
            was: was
                .or_else(|| answer::truth(question, sight))
                .unwrap_or_else(|| "-".to_owned()),
        }
    };
    guessed.questions.iter().enumerate().map(one).collect()
}

fn note(walk: &Walk<'_>) -> Option<Note> {
    let step = walk.step();
    let reads = matches!(step.kind, Kind::Explain | Kind::Reveal);
    let prompt = step.note.clone().filter(|_| walk.has_passed() || reads)?;
    Some(Note {
        prompt,
        needed: step.note_needed,
        written: walk.record().note.get(&step.id).cloned(),
    })
}

fn reveal(walk: &Walk<'_>, sight: Sight<'_>) -> Option<Vec<Block>> {
    let step = walk.step();
    let shown = walk.has_passed() || walk.record().revealed.contains(&step.id);
    let text = step.reveal.as_ref().filter(|_| shown)?;
    Some(parsed(text, sight))
}

/// How many hints of this step were asked for.
pub(super) fn given(walk: &Walk<'_>) -> usize {
    walk.record()
        .hint
        .get(&walk.step().id)
        .map_or(0, |n| *n as usize)
}

fn hints(walk: &Walk<'_>, sight: Sight<'_>) -> Vec<HintGiven> {
    let all = &walk.step().hints;
    let given = given(walk).min(all.len());
    let hint = |at: usize| hint(walk, at, sight);
    (0..given).map(hint).collect()
}

/// A hint with its title; the last one says so.
pub(super) fn hint(walk: &Walk<'_>, at: usize, sight: Sight<'_>) -> HintGiven {
    let step = walk.step();
    let (n, of) = (at + 1, step.hints.len());
    let title = match (n == of, &step.reveal) {
        (true, Some(_)) => say!(sight.words, HintLastReveal, n = n, of = of),
        (true, None) if of > 1 => say!(sight.words, HintLast, n = n, of = of),
        _ => say!(sight.words, Hint, n = n, of = of),
    };
    HintGiven {
        title,
        text: parsed(&step.hints[at], sight),
    }
}

fn keys(screen: &Screen, walk: &Walk<'_>, sight: Sight<'_>) -> Vec<Key> {
    let words = sight.words;
    let key = |key: &str, does: String, command: &str| Key {
        key: key.to_owned(),
        does,
        command: command.to_owned(),
    };
    let mut keys = vec![match screen.stage {
        Stage::Question | Stage::Note => key("Enter", say!(words, KeySkip), "lab answer"),
        Stage::Waiting => key("Enter", say!(words, KeyCheck), "lab check"),
        Stage::Done => key("Enter", say!(words, KeyNext), "lab next"),
        Stage::Last => key("Enter", say!(words, KeyEnd), "lab next"),
    }];
    if screen.stage == Stage::Question {
        keys.clear();
    }
    if screen.hints_left > 0 && !screen.passed {
        let does = say!(words, KeyHint, n = screen.hints_left);
        keys.push(key("h", does, "lab hint"));
    }
    let locked = walk.rules.reveal == RevealRule::AfterPass && !screen.passed;
    if walk.step().reveal.is_some() && screen.reveal.is_none() && !locked {
        keys.push(key("r", say!(words, KeyReveal), "lab reveal"));
    }
    if walk.at > 0 {
        keys.push(key("b", say!(words, KeyBack), "lab back"));
    }
    if walk.rules.skip && screen.stage == Stage::Waiting {
        keys.push(key("s", say!(words, KeyPass), "lab next --skip"));
    }
    if screen.stage != Stage::Question && screen.stage != Stage::Note {
        keys.push(key("n", say!(words, KeyNote), "lab note \"...\""));
        keys.push(key("l", say!(words, KeyList), "lab activity --list"));
    }
    keys.push(key("q", say!(words, KeyQuit), ""));
    keys
}
