//! Whole walks, as a learner goes them.

use super::*;
use crate::file;
use crate::model::{Course, Entry as Line, Group, Hidden, RevealRule};
use crate::testing::{World, at};
use diagnostics::Sources;

const KILL: &str = r#"+++
format  = 1
id      = "k"
title   = "Kill one"
minutes = 8
bridge  = "q"

[start]
servers  = 4
balancer = true

[[step]]
id      = "predict"
kind    = "predict"
hide    = ["balancer-opinion"]
choices = ["nobody sees a thing", "the caller waits"]
truth   = 2

[[step]]
id     = "kill"
kind   = "do"
settle = "3s"
check  = [
  { id = "gone", what = "port", server = "server02", open = false, say = "server02 no longer listens on {server02.port}" },
  { id = "others", what = "port", server = "!server02", open = true, say = "the three others do" },
]
[[step.mistake]]
id   = "wrong-server"
if   = [{ what = "ended", server = "!server02" }, { what = "port", server = "server02", open = true }]
say  = "you stopped {ended.name}, not server02."
next = ["lab start {ended.name}"]

[[step]]
id      = "observe"
kind    = "look"
try     = "lab hit -n 4"
check   = [{ id = "enough", what = "requests", since = "kill", min = 4, say = "4 requests since" }]
compare = { step = "predict", was = ["the caller waits: {requests.failed} of {requests.total}"] }
note    = "one line for your notebook"

[[step]]
id   = "reveal"
kind = "reveal"

[[solve]]
step   = "predict"
answer = 2
[[solve]]
step = "kill"
do   = ["kill server02"]
[[solve]]
step = "observe"
do   = ["hit 4"]
[[trial]]
step    = "kill"
do      = ["kill server03"]
mistake = "wrong-server"
+++

## predict

You will stop **server02**. What happens?

## kill

Stop server02 ({server02.port}).

### hint

Each server runs in its own terminal.

### hint

    lab kill server02

### reveal

Like this: `lab kill server02`.

## observe

Ask a few times.

### hint

    lab hit -n 4

## reveal

It did not know.
"#;

const QUIZ: &str = r#"+++
format  = 1
id      = "q"
title   = "Questions"
minutes = 3
needs   = ["k"]

[[step]]
id   = "quiz"
kind = "quiz"
pass = 2
[[step.question]]
ask     = "Who?"
choices = ["one", "two", "three"]
truth   = 2
because = "Two it is."
[[step.question]]
ask     = "How many?"
number  = 4
because = "Four."
[[step.question]]
ask     = "Which fit?"
choices = ["big", "new", "cart"]
truth   = [1, 2]
because = ["Yes.", "Yes.", "No: that is stickiness."]

[[step]]
id   = "words"
kind = "find"
note = "and why?"
note_needed = true
[[step.question]]
ask      = "What did the last line say?"
contains = ["address already in use"]
[[step.question]]
ask  = "How many sessions?"
live = "server01.stot"
[[step.question]]
ask  = "What does LastChk say?"
live = "server02.last_chk"

[[solve]]
step   = "quiz"
answer = [2, 4, [1, 2]]
[[solve]]
step   = "words"
answer = ["address already in use", "31", "L4OK"]
note   = "x"
+++

## quiz

Three.

## words

Look it up.

### hint

Look.
"#;

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

#[test]
fn a_whole_walk() {
    let mut ana = killer();
    let screen = ana.screen();
    assert_eq!(
        (screen.place.as_str(), screen.heading.as_str()),
        ("step 1 of 4, about 8 minutes", "PREDICT")
    );
    assert_eq!(screen.stage, Stage::Question);
    let asked = screen.question.unwrap();
    assert_eq!(asked.ask, "");
    assert_eq!(asked.choices.len(), 2);
    ana.does(
        Action::Next,
        Refused,
        "there is a question first:  lab answer a",
    );
    ana.does(Action::Answer("a".into()), Stayed, "kept: a.  We will see.");
    assert!(ana.screen().passed);
    ana.goes_on();

    ana.later(110, |world| world);
    let screen = ana.screen();
    assert_eq!(screen.waiting.as_deref(), Some("8081 still answers"));
    assert_eq!(screen.stage, Stage::Waiting);
    ana.does(Action::Check, Refused, "not yet.");
    ana.later(120, |world| world.killed(8082, 116));
    assert_eq!(
        ana.screen().mistake.unwrap().say,
        "you stopped server03, not server02."
    );
    ana.later(130, |world| world.restarted(8082, 121).killed(8081, 125));
    assert!(ana.screen().passed);
    assert_eq!(ana.record().steps["kill"], At(at(125)));
    ana.goes_on();

    ana.later(140, |world| world.hits(126, &[8080, -8081]));
    let screen = ana.screen();
    assert_eq!(screen.boxes[0].found, "2 so far (lab hit 2)");
    assert_eq!(screen.compare, []);
    assert_eq!(screen.command.as_deref(), Some("lab hit -n 4"));
    ana.later(150, |world| world.hits(145, &[8082, 8083]));
    let screen = ana.screen();
    let compared = Comparison {
        ask: None,
        said: "a  nobody sees a thing".into(),
        was: "the caller waits: 1 of 4".into(),
    };
    assert_eq!(screen.compare, [compared]);
    assert_eq!(screen.stage, Stage::Note);
    ana.does(
        Action::Note("it waits".into()),
        Stayed,
        "noted in .lab/notebook.md",
    );
    ana.does(
        Action::Note("and waits".into()),
        Stayed,
        "noted in .lab/notebook.md",
    );
    assert_eq!(ana.record().note["observe"], "it waits\nand waits");
    // What was measured stays, whatever comes after.
    ana.later(160, |world| world.hits(155, &[8080; 9]));
    assert_eq!(ana.screen().compare[0].was, "the caller waits: 1 of 4");
    ana.goes_on();
    let screen = ana.screen();
    assert_eq!((screen.kind, screen.stage), ("reveal", Stage::Last));
    ana.does(Action::Next, Finished, "");
    assert!(ana.progress.has_finished("k"));
}

#[test]
fn what_is_unknown_is_a_guess_too() {
    let mut ana = killer();
    ana.does(
        Action::Answer("x".into()),
        Refused,
        "one letter from a to b, please",
    );
    ana.does(
        Action::Answer(String::new()),
        Stayed,
        "kept: I do not know.  We will see.",
    );
    assert_eq!(ana.record().guess["predict"].at(0), Some("?"));
    ana.does(
        Action::Answer("a".into()),
        Refused,
        "all questions of this step are answered",
    );
}

#[test]
fn hints_come_one_by_one_and_the_last_says_so() {
    let mut ana = killer();
    ana.does(Action::Hint, Refused, "this step has no hints");
    ana.does(Action::Skip, Moved, "");
    let hint = ana.does(Action::Hint, Stayed, "hint 1 of 2");
    assert_eq!(hint.text.len(), 1);
    assert_eq!(ana.screen().hints_left, 1);
    let last = "hint 2 of 2 (the last; after this there is lab reveal)";
    ana.does(Action::Hint, Stayed, last);
    ana.does(Action::Hint, Stayed, last);
    assert_eq!((ana.record().hints, ana.record().hint["kill"]), (2, 2));
    assert_eq!(ana.screen().hints.len(), 2);
    assert!(ana.record().skipped.contains("predict"));
}

#[test]
fn a_reveal_before_a_pass_is_asked_for_twice_and_noted() {
    let mut ana = killer();
    ana.goes_to("kill");
    ana.does(
        Action::Reveal { sure: false },
        Confirm,
        "you have not passed this yet. Show anyway?",
    );
    assert_eq!(ana.screen().reveal, None);
    ana.does(Action::Reveal { sure: true }, Stayed, "REVEAL");
    assert!(ana.screen().reveal.is_some());
    assert!(ana.record().revealed.contains("kill"));
    ana.rules.reveal = RevealRule::AfterPass;
    ana.does(
        Action::Reveal { sure: true },
        Refused,
        "locked until the step is passed: so it was decided for this course",
    );
    ana.later(130, |world| world.killed(8081, 125));
    assert!(ana.screen().passed);
    ana.does(Action::Reveal { sure: false }, Stayed, "REVEAL");
}

impl Learner {
    fn goes_to(&mut self, step: &str) {
        let entry = Entry {
            step: Some(step.into()),
            restart: false,
        };
        self.opens(&entry).unwrap();
    }
}

#[test]
fn a_class_may_forbid_to_pass_over() {
    let mut ana = killer();
    ana.rules.skip = false;
    ana.does(
        Action::Skip,
        Refused,
        "steps cannot be passed over in this course",
    );
    ana.answers("a");
    ana.does(Action::Skip, Moved, "");
}

#[test]
fn back_and_forth_and_again() {
    let mut ana = killer();
    ana.does(Action::Back, Refused, "this is the first step");
    ana.answers("b");
    ana.goes_on();
    ana.does(Action::Back, Moved, "");
    assert!(ana.screen().passed);
    ana.goes_on();
    let wrong = Entry {
        step: Some("kil".into()),
        restart: false,
    };
    let steps = ["predict", "kill", "observe", "reveal"].map(str::to_owned);
    assert_eq!(ana.opens(&wrong), Err(NoSuchStep(steps.into())));
    ana.goes_to("4");
    assert_eq!(ana.screen().step, "reveal");
    ana.does(
        Action::Next,
        Refused,
        "not all of it is done: kill and observe. Go there:  lab activity k --step kill",
    );
    let again = Entry {
        step: None,
        restart: true,
    };
    ana.opens(&again).unwrap();
    assert_eq!(ana.screen().number, 1);
    assert!(ana.record().guess.is_empty());
}

#[test]
fn an_activity_goes_on_where_it_was_left() {
    let mut ana = killer();
    ana.answers("b");
    ana.goes_on();
    ana.later(300, |world| world);
    ana.opens(&Entry::default()).unwrap();
    assert_eq!(ana.screen().step, "kill");
    assert_eq!(ana.record().shown["kill"], At(at(100)));
    // From another activity one comes back to the first step that is open.
    ana.progress.current.as_mut().unwrap().activity = "other".into();
    ana.opens(&Entry::default()).unwrap();
    assert_eq!(ana.screen().step, "kill");
}

#[test]
fn a_pass_stays_and_a_world_that_came_undone_is_told() {
    let mut ana = killer();
    ana.answers("b");
    ana.goes_on();
    ana.later(130, |world| world.killed(8081, 125));
    assert!(ana.screen().passed);
    ana.goes_on();
    assert_eq!(ana.screen().undone, None);
    ana.later(140, |world| world.restarted(8081, 135));
    let undone = "no longer so: server02 no longer listens on 8081 (8081 still answers)";
    assert_eq!(ana.screen().undone.as_deref(), Some(undone));
    ana.does(Action::Back, Moved, "");
    let screen = ana.screen();
    assert!(screen.passed);
    assert!(
        screen
            .boxes
            .iter()
            .all(|tick| tick.state == TickState::Ticked)
    );
}

#[test]
fn what_an_activity_begins_with_is_told_at_its_beginning() {
    let mut ana = Learner::begins(KILL, World::empty().serves(8080));
    let expected = [
        "this begins with 4 servers; 1 answer here",
        "this begins with a balancer on 3000; nobody listens there",
        "make it so:  lab reset k",
    ];
    assert_eq!(ana.screen().entry, expected);
    ana.answers("a");
    assert_eq!(ana.screen().entry, Vec::<String>::new());
}

fn quizzed() -> Learner {
    Learner::begins(QUIZ, World::checked())
}

#[test]
fn a_quiz_is_tried_freely() {
    let mut ana = quizzed();
    let missed = "not quite. Try again, it costs nothing (or Enter to be told).";
    ana.does(Action::Answer("a".into()), Refused, missed);
    let asked = ana.screen().question.unwrap();
    assert_eq!((asked.number, asked.missed.as_deref()), (1, Some("a  one")));
    ana.does(Action::Answer("two".into()), Stayed, "yes.|Two it is.");
    ana.does(Action::Answer("many".into()), Refused, "a number, please");
    ana.does(Action::Answer(String::new()), Stayed, "it is:  4|Four.");
    let told = ana.answers("a c").said.join("\n");
    assert!(
        told.contains("a yes  big: Yes.\nb yes  new: Yes.\nc no   cart: No: that is"),
        "{told}"
    );
    assert!(!ana.screen().passed);
    let told = ana.answers("ab").said;
    assert_eq!(told.last().map(String::as_str), Some("done."));
    let screen = ana.screen();
    assert!(screen.passed);
    let right: Vec<Option<bool>> = screen.answered.iter().map(|answer| answer.right).collect();
    assert_eq!(right, [Some(true), Some(false), Some(true)]);
    assert_eq!(ana.record().misses["quiz"], 2);
}

#[test]
fn too_few_right_answers_bring_the_others_back() {
    let mut ana = quizzed();
    ana.answers("b");
    ana.answers("");
    let said = ana.answers("").said;
    let expected = "1 of the 2 that are needed. The others once more:";
    assert_eq!(said.last().map(String::as_str), Some(expected));
    assert_eq!(ana.screen().question.unwrap().number, 2);
    ana.answers("4");
    ana.answers("");
    assert!(ana.screen().passed);
}

#[test]
fn what_is_found_is_held_against_the_last_ten_seconds() {
    let mut ana = quizzed();
    ana.goes_to("words");
    ana.does(
        Action::Answer(String::new()),
        Refused,
        "look it up on the page, and type what you see",
    );
    let missed = "not quite. Try again, it costs nothing (or Enter to be told).";
    ana.does(Action::Answer("in use".into()), Refused, missed);
    ana.does(
        Action::Answer("error: Address already in use".into()),
        Stayed,
        "yes.",
    );
    ana.later(200, |world| world.hits(195, &[8080, 8080, 8081]));
    let said = ana.answers("28").said.join("|");
    assert!(
        said.ends_with("that is not what the page shows now"),
        "{said}"
    );
    ana.does(
        Action::Answer("29".into()),
        Stayed,
        "yes.|fits: 29 to 31 in the last ten seconds",
    );
    let said = ana.answers("L4O in 0ms").said.join("|");
    assert!(
        said.ends_with("that is not what the page shows now"),
        "{said}"
    );
    ana.does(
        Action::Answer("l4ok".into()),
        Stayed,
        "yes.|fits: \"L4OK in 0ms\"|done.",
    );
    ana.does(Action::Next, Refused, "a line of your own, please");
    ana.does(
        Action::Note("  ".into()),
        Refused,
        "a line of your own, please",
    );
    ana.does(
        Action::Note("because".into()),
        Stayed,
        "noted in .lab/notebook.md",
    );
    ana.goes_to("quiz");
    ana.does(Action::Skip, Moved, "");
    ana.does(Action::Next, Finished, "");
}

#[test]
fn what_cannot_be_compared_is_taken_on_trust() {
    let mut ana = quizzed();
    ana.goes_to("words");
    ana.answers("address already in use");
    ana.later(200, |mut world| {
        world.facts.beliefs.clear();
        world
    });
    let said = ana.answers("7").said.join("|");
    assert_eq!(
        said,
        "yes.|taken on your word: the statistics cannot be seen from here"
    );
}

#[test]
fn the_course_as_a_whole() {
    let entry = |id: &str, group| Line {
        id: id.into(),
        group,
    };
    let course = Course {
        title: "Course".into(),
        entries: vec![
            entry("k", Group::Activity),
            entry("q", Group::Challenge),
            entry("gone", Group::Bonus),
        ],
        ..Course::default()
    };
    let activities = [activity(KILL), activity(QUIZ)];
    let mut ana = killer();
    let nobody = Progress::new("c");
    let fresh = overview(&course, &activities, &nobody);
    assert_eq!((fresh.done, fresh.activities, fresh.challenges), (0, 1, 1));
    assert_eq!((fresh.minutes_left, fresh.next.as_deref()), (11, Some("k")));
    assert_eq!(fresh.entries[1].needs, ["k"]);
    assert_eq!(hidden(&activities, &nobody), []);
    assert_eq!(
        hidden(&activities, &ana.progress),
        [Hidden::BalancerOpinion]
    );
    ana.answers("b");
    assert_eq!(hidden(&activities, &ana.progress), []);
    let begun = overview(&course, &activities, &ana.progress);
    assert_eq!(
        (begun.entries[0].state, begun.entries[0].at),
        (StateOf::Here, Some(1))
    );
    assert_eq!((begun.entries[0].passed, begun.minutes_left), (1, 9));
    ana.progress.activities.get_mut("k").unwrap().finished = Some(At(at(1)));
    let done = overview(&course, &activities, &ana.progress);
    assert_eq!((done.done, done.next.as_deref()), (1, Some("q")));
}

#[test]
fn a_screen_is_data() {
    let mut ana = killer();
    let json = serde_json::to_value(ana.screen()).unwrap();
    assert_eq!(json["kind"], "predict");
    assert_eq!(json["question"]["choices"][1]["letter"], "b");
    assert_eq!(json["text"][0]["text"][1]["style"], "strong");
    assert_eq!(json["stage"], "question");
}
