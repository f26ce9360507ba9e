//! Quizzes, and what is found on a page.

use super::*;

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
