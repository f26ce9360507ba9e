use super::*;
use crate::progress::At;
use crate::testing::{World, at};
use crate::words::Words;

fn step(id: &str) -> StepReport {
    StepReport {
        id: id.into(),
        kind: "do".into(),
        shown: Some(at(0)),
        passed: Some(at(200)),
        seconds: Some(200),
        hints_of: 2,
        ..StepReport::default()
    }
}

fn sample(name: Option<&str>, hints: u32) -> Report {
    let guess = StepReport {
        kind: "predict".into(),
        hints_of: 0,
        seconds: Some(20),
        answers: vec![AnswerReport {
            ask: String::new(),
            said: "a  nobody | sees <it>".into(),
            right: Some(false),
        }],
        ..step("predict")
    };
    let observe = StepReport {
        was: vec!["the caller waits".into()],
        note: "it waits".into(),
        hints,
        misses: 1,
        revealed: hints > 2,
        ..step("observe")
    };
    Report {
        format: FORMAT,
        lab: "0.1.0".into(),
        course: "c".into(),
        learner: name.map(str::to_owned),
        made: at(300),
        guesses: 1,
        guesses_fitted: 0,
        activities: vec![ActivityReport {
            id: "3.3".into(),
            title: "Kill".into(),
            started: Some(at(0)),
            finished: None,
            steps: vec![
                guess,
                observe,
                StepReport {
                    passed: None,
                    seconds: None,
                    shown: None,
                    ..step("quiz")
                },
            ],
        }],
    }
}

#[test]
fn the_notebook_holds_what_was_said_seen_and_written() {
    let text = notebook(&sample(None, 0), &Words::english(), &TimeZone::UTC);
    let expected = "# Notebook\n\n## 3.3  Kill\n\n2026-11-22\n\n**predict** (12:03)\n\n- You said: a  nobody | sees <it>\n\n\
                    **observe** (12:03)\n\n- It was: the caller waits\n- \"it waits\"\n";
    assert_eq!(text, expected);
}

#[test]
fn the_report_lists_every_step() {
    let text = report(&sample(Some("Ana"), 3), &Words::english(), &TimeZone::UTC);
    for line in [
        "# Report of Ana\n",
        "Activities begun: 1, done: 0.   Time: 4 min, days: 1.   Guesses that fitted: 0 of 1.   2026-11-22, lab 0.1.0",
        "| 3.3 | predict | 20 s |  |  |\n",
        "| 3.3 | observe | 3 min | 3/2 | solution looked at, wrong tries: 1 |\n",
        "| 3.3 | quiz | - | 0/2 | open |\n",
    ] {
        assert!(text.contains(line), "{line:?} in:\n{text}");
    }
}

#[test]
fn json_comes_back() {
    let report = sample(Some("Ana"), 1);
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
}

#[test]
fn a_page_escapes_what_people_type() {
    let html = page(
        &sample(Some("<b>Ana"), 0),
        &Words::english(),
        &TimeZone::UTC,
    );
    assert!(html.contains("Report of &lt;b&gt;Ana"), "{html}");
    assert!(
        html.contains("sees &lt;it&gt;") && !html.contains("<it>"),
        "{html}"
    );
    assert!(
        !html.contains("http"),
        "nothing is loaded from elsewhere: {html}"
    );
}

#[test]
fn a_class_shows_where_the_text_is_weak() {
    let reports = [
        ("ana.json".to_owned(), sample(Some("Ana"), 2)),
        ("bo.json".to_owned(), sample(None, 0)),
    ];
    let html = class_page(&reports, &Words::english());
    assert!(
        html.contains(">Ana</th>") && html.contains(">bo.json</th>"),
        "{html}"
    );
    assert!(html.contains("<strong>weak 1/2</strong>"), "{html}");
    assert!(html.contains("<td>0/2</td>"), "{html}");
    assert!(
        html.contains("3 min, 2 of 2 hints, wrong tries: 1"),
        "{html}"
    );
}

#[test]
fn it_is_drawn_up_from_progress() {
    let mut progress = Progress::new("c");
    let record = progress.activities.entry("k".into()).or_default();
    record.started = Some(At(at(0)));
    record.shown.insert("predict".into(), At(at(0)));
    record.steps.insert("predict".into(), At(at(31)));
    record
        .guess
        .insert("predict".into(), Given::One("b".into()));
    let world = World::four();
    let activity = crate::walk::sample_activity();
    let drawn = draw_up(&[activity], &progress, world.sight(), "0.1.0");
    let step = &drawn.activities[0].steps[0];
    assert_eq!((step.kind.as_str(), step.seconds), ("predict", Some(31)));
    assert_eq!(step.answers[0].said, "b  the caller waits");
    assert_eq!((drawn.guesses, drawn.guesses_fitted), (1, 1));
    assert_eq!((drawn.seconds(), drawn.days(&TimeZone::UTC)), (31, 1));
}
