use super::*;
use course::judge::Named;

fn tick(say: &str, found: &str, state: TickState) -> Tick {
    Tick {
        id: "x".into(),
        say: say.into(),
        found: found.into(),
        state,
    }
}

fn screen() -> Screen {
    Screen {
        activity: "3.3".into(),
        title: "Kill one of the servers".into(),
        step: "kill".into(),
        number: 2,
        of: 6,
        place: "step 2 of 6".into(),
        heading: "DO".into(),
        kind: "do",
        stage: Stage::Waiting,
        entry: Vec::new(),
        text: text::parse(
            "Go to the terminal where **server02** runs and press `Ctrl-C`.",
            &str::to_owned,
        ),
        command: None,
        boxes: vec![
            tick(
                "server02 no longer listens on 8081",
                "8081 still answers",
                TickState::Open,
            ),
            tick(
                "the three others do",
                "8080 and 8083 answer, 8082 does not",
                TickState::Open,
            ),
        ],
        mistake: Some(Named {
            id: "wrong-server".into(),
            say: "you stopped server03 (8082, by Ctrl-C, 4 s ago), not server02.".into(),
            next: vec!["lab start server03".into(), "then stop server02".into()],
        }),
        settling: None,
        waiting: Some("8081 still answers".into()),
        undone: None,
        answered: Vec::new(),
        question: None,
        compare: Vec::new(),
        note: None,
        reveal: None,
        hints: Vec::new(),
        hints_left: 3,
        passed: false,
        keys: Vec::new(),
    }
}

#[track_caller]
fn check(screen: &Screen, width: usize, expected: &str) {
    let words = Words::english();
    assert_eq!(
        Page::plain(width, &words).screen(screen).join("\n"),
        expected
    );
}

#[test]
fn a_step_with_a_mistake() {
    check(
        &screen(),
        90,
        "3.3  Kill one of the servers                                                   step 2 of 6\n\
         ------------------------------------------------------------------------------------------\n\
         DO\n\
         Go to the terminal where server02 runs and press `Ctrl-C`.\n\
         \n  \
           [ ] server02 no longer listens on 8081   8081 still answers\n  \
           [ ] the three others do                  8080 and 8083 answer, 8082 does not\n\
         not yet: you stopped server03 (8082, by Ctrl-C, 4 s ago), not server02.\n   \
            next   lab start server03\n          \
                   then stop server02",
    );
}

#[test]
fn a_narrow_page_puts_what_was_found_below() {
    let narrow = Screen {
        mistake: None,
        text: Vec::new(),
        ..screen()
    };
    check(
        &narrow,
        46,
        "3.3  Kill one of the servers       step 2 of 6\n\
         ----------------------------------------------\n\
         DO\n\
         \n  \
           [ ] server02 no longer listens on 8081\n          \
                   8081 still answers\n  \
           [ ] the three others do\n          \
                   8080 and 8083 answer, 8082 does not",
    );
}

#[test]
fn you_said_and_it_was_stand_below_each_other() {
    let words = Words::english();
    let page = Page::plain(60, &words);
    let compared = Screen {
        compare: vec![Comparison {
            ask: None,
            said: "a  the balancer notices the refusal and asks another server".into(),
            was: "2 of 14: 503".into(),
        }],
        passed: true,
        ..screen()
    };
    assert_eq!(
        page.outcome(&compared),
        [
            "",
            "  You said   a the balancer notices the refusal and asks",
            "             another server",
            "  It was     2 of 14: 503",
        ]
    );
}

#[test]
fn what_cannot_be_seen_has_a_mark_of_its_own() {
    let words = Words::english();
    let page = Page::plain(60, &words);
    let unseen = tick("it was noticed", "look yourself", TickState::Unseen);
    assert_eq!(
        page.boxes(&[unseen], false),
        ["  [?] it was noticed   look yourself"]
    );
}
