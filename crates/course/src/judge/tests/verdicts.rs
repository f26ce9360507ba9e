//! Whole steps: boxes, the one mistake, waiting, ticks that stay.

use super::filled::plain;
use super::*;
use crate::judge::{self, TickState, Verdict, stays};
use crate::model::{Check, Mistake, Requests, Starter, Step};
use crate::testing::STEP;
use std::collections::BTreeSet;
use std::time::Duration;

fn port(at: &str, open: bool) -> Condition {
    condition(What::Port {
        at: server(at),
        open,
        answers: None,
        by: Starter::Any,
        count: None,
        processes: None,
        frozen: None,
    })
}

fn ended(at: &str) -> Condition {
    condition(What::Ended {
        at: server(at),
        since: SINCE,
        count: None,
    })
}

fn box_(id: &str, condition: Condition, say: &str) -> Check {
    Check {
        id: id.into(),
        condition,
        say: say.into(),
    }
}

/// "Stop server02", as in activity 3.3.
fn kill() -> Step {
    Step {
        settle: Some(Duration::from_secs(3)),
        checks: vec![
            box_("gone", port("server02", false), "server02 no longer listens on {server02.port}"),
            box_("others", port("!server02", true), "the three others do"),
        ],
        mistakes: vec![
            Mistake {
                id: "wrong-server".into(),
                when: vec![ended("!server02"), port("server02", true)],
                say: "you stopped {ended.name} ({ended.port}, {ended.how}, {ended.ago} ago), not server02.".into(),
                next: vec!["lab start {ended.name}".into()],
            },
            Mistake {
                id: "anything-stopped".into(),
                when: vec![ended("!server02")],
                say: "something stopped".into(),
                next: Vec::new(),
            },
        ],
        ..plain(STEP)
    }
}

fn judged(step: &Step, world: &World) -> Verdict {
    judge::step(step, world.sight(), &BTreeSet::new())
}

fn states(verdict: &Verdict) -> Vec<TickState> {
    verdict.boxes.iter().map(|tick| tick.state).collect()
}

use TickState::{Open, Ticked, Unseen};

#[test]
fn nothing_done_yet_is_no_mistake() {
    let verdict = judged(&kill(), &World::four());
    assert_eq!(states(&verdict), [Open, Ticked]);
    assert_eq!(verdict.boxes[0].say, "server02 no longer listens on 8081");
    assert_eq!(verdict.boxes[0].found, "8081 still answers");
    assert_eq!(
        (verdict.mistake, verdict.settling, verdict.passed),
        (None, None, false)
    );
}

#[test]
fn the_first_mistake_that_fits_is_named_once_it_has_settled() {
    let verdict = judged(&kill(), &World::four().killed(8082, 198));
    assert_eq!(verdict.mistake, None);
    assert!(verdict.settling.is_some());
    let verdict = judged(&kill(), &World::four().killed(8082, 196));
    assert_eq!(states(&verdict), [Open, Open]);
    let mistake = verdict.mistake.unwrap();
    assert_eq!(
        mistake.say,
        "you stopped server03 (8082, by Ctrl-C, 4 s ago), not server02."
    );
    assert_eq!(mistake.next, ["lab start server03"]);
}

#[test]
fn a_step_passes_when_all_boxes_hold_at_once() {
    let verdict = judged(&kill(), &World::four().killed(8082, 190).killed(8081, 195));
    assert!(!verdict.passed);
    assert_eq!(verdict.mistake.unwrap().id, "anything-stopped");
    assert!(judged(&kill(), &World::four().killed(8081, 195)).passed);
}

#[test]
fn a_step_without_boxes_never_passes_by_itself() {
    assert!(!judged(&plain(STEP), &World::four()).passed);
}

fn row_without_server02() -> Condition {
    condition(What::Requests(Requests {
        by: crate::model::Caller::Learner,
        since: SINCE,
        min: 4,
        status: None,
        path: None,
        at: None,
        servers: None,
        in_a_row_without: Some(server("server02")),
        share: Vec::new(),
        slower: None,
        queued: None,
        termination: None,
        cookie: None,
        backend: None,
    }))
}

#[test]
fn what_happened_stays_and_how_things_are_does_not() {
    assert!(stays(&row_without_server02()));
    assert!(stays(&ended("server02")));
    assert!(!stays(&port("server02", false)));
    let mut not = ended("server02");
    not.not = true;
    assert!(!stays(&not));
}

#[test]
fn a_tick_that_was_kept_counts() {
    let step = Step {
        checks: vec![
            box_("row", row_without_server02(), "four in a row"),
            box_("gone", port("server02", false), "gone"),
        ],
        ..plain(STEP)
    };
    let world = World::four().killed(8081, 150);
    assert!(!judged(&step, &world).passed);
    assert!(judge::step(&step, world.sight(), &["row".to_owned()].into()).passed);
}

fn noticed() -> Step {
    let down = What::Health {
        at: server("server02"),
        state: "DOWN".into(),
        since: None,
    };
    Step {
        checks: vec![
            box_("noticed", condition(down), "the balancer has noticed"),
            box_("row", row_without_server02(), "four in a row"),
        ],
        mistakes: vec![Mistake {
            id: "still-asked".into(),
            when: vec![port("server02", false)],
            say: "it is still asked".into(),
            next: Vec::new(),
        }],
        ..plain(STEP)
    }
}

#[test]
fn health_is_waited_for_as_long_as_its_checks_take() {
    let world = World::checked().killed(8081, 198).believes(2, "UP 1/3", 1);
    let verdict = judged(&noticed(), &world);
    assert_eq!(verdict.mistake, None);
    let settling = verdict.settling.unwrap();
    assert_eq!(settling.why, "2 of 3 checks failed, about 2 s to go");
    assert_eq!(settling.until, crate::testing::at(202));
    // Three checks and the wait for the first are over: something else is the matter.
    let world = World::checked().killed(8081, 191).believes(2, "UP", 100);
    assert_eq!(
        judged(&noticed(), &world).mistake.unwrap().id,
        "still-asked"
    );
    // A shorter `inter` is waited for less long.
    let mut world = World::checked().killed(8081, 198).believes(2, "UP", 100);
    for server in &mut world.balancer().config.as_mut().unwrap().servers {
        server.check.as_mut().unwrap().inter_ms = 200;
    }
    assert_eq!(judged(&noticed(), &world).settling, None);
    // Nobody checks at all.
    let world = World::four().killed(8081, 198);
    assert_eq!(judged(&noticed(), &world).settling, None);
}

#[test]
fn what_cannot_be_seen_is_left_to_the_learner_and_the_rest_is_judged() {
    let mut world = World::checked();
    world.balancer().statistics_seen = false;
    let verdict = judged(&noticed(), &world);
    assert_eq!(states(&verdict), [Unseen, Open]);
    assert!(!verdict.on_trust && !verdict.passed);
    let world = {
        let world = world.killed(8081, 150);
        world.hits(151, &[8080, 8082, 8083, 8080])
    };
    let verdict = judged(&noticed(), &world);
    assert_eq!(states(&verdict), [Unseen, Ticked]);
    assert!(verdict.on_trust && !verdict.passed);
}
