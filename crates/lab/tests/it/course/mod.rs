//! The whole course, played as a learner plays it: from an empty folder, without a network beyond the machine, by the
//! commands alone, with servers and a balancer in terminals of their own.

mod balancing;
mod beyond;
mod learner;
mod machine;
mod names;

use learner::Learner;
use testkit::program;

#[test]
fn the_whole_course_with_our_balancer() {
    plays("balancer -f myhaproxy.cfg");
}

#[test]
fn the_whole_course_with_haproxy() {
    if program::find("haproxy").is_some() {
        plays("balancer --engine haproxy -f myhaproxy.cfg");
    }
}

/// All of it, in the order of the course; `balancer` is what is typed where the course says to start one.
#[track_caller]
fn plays(balancer: &'static str) {
    let mut learner = Learner::new(balancer);
    names::play(&mut learner);
    balancing::play(&mut learner);
    beyond::play(&mut learner);
    everything_is_reported(&learner);
    learner.goes();
}

#[track_caller]
fn everything_is_reported(learner: &Learner) {
    let report = learner.json("report");
    let mut unlike = Vec::new();
    let mut activities = Vec::new();
    for activity in report["activities"].as_array().unwrap() {
        let id = activity["id"].as_str().unwrap();
        activities.push(id);
        for step in activity["steps"].as_array().unwrap() {
            let skipped = step["skipped"] == true || step["trusted"] == true;
            if step["passed"].is_null() || skipped || step["revealed"] == true {
                unlike.push(format!("{id}/{}", step["id"].as_str().unwrap()));
            }
        }
    }
    let left_out: &[&str] = match learner.machine.is_alone() {
        true => &[],
        // Other machines cannot be had without a network of one's own.
        false => &["real-machines/two-machines"],
    };
    assert_eq!(unlike, left_out, "{report}");
    assert_eq!(
        activities,
        [
            "intro",
            "1",
            "sites",
            "2",
            "3.1",
            "3.2",
            "where-weights-help",
            "3.3",
            "3.4",
            "4",
            "real-machines",
            "end",
            "links"
        ]
    );
    assert_eq!(
        (&report["guesses"], &report["guesses_fitted"]),
        (&10.into(), &10.into())
    );
    let told = learner.does("report").stdout;
    assert!(told.contains("Activities begun: 13, done: 13."), "{told}");
    assert!(
        !told.lines().any(|line| line.ends_with("| open |")),
        "{told}"
    );
}
