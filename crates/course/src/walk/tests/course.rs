//! All activities together, and a screen as data.

use super::*;

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
