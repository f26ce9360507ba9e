//! From step to step: checks, hints, reveals, back and forth.

use super::*;

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
