//! Scripts made of configuration lines.

use crate::plan::{CheckAction, CheckExpect, CheckScript};
use crate::testing::Bench;

#[track_caller]
pub(super) fn script(lines: &str) -> CheckScript {
    let text = format!(
        "defaults\n mode http\n timeout connect 1s\n timeout server 1s\n\
         backend b\n {lines}\n server s 127.0.0.1:80 check\n"
    );
    let plan = Bench::new(&text).into_plan();
    let backend = plan.backend("b").expect("the text has it");
    backend.check.clone()
}

/// The one expectation of a script.
#[track_caller]
pub(super) fn expectation(lines: &str) -> CheckExpect {
    let steps = script(lines).steps;
    let mut found = steps.into_iter().filter_map(|step| match step.action {
        CheckAction::Expect(expect) => Some(expect),
        _ => None,
    });
    found.next().expect("the lines have it")
}
