//! Scripts made of configuration lines.

use crate::plan::{CheckAction, CheckExpect, CheckScript};
use crate::testing::Bench;
use samples::Format;
use samples::format::Piece;

/// A format without anything to look up.
pub(super) fn plainly(format: &Format) -> Vec<u8> {
    let texts = format.pieces.iter().map(|piece| match piece {
        Piece::Text(text) => text.as_bytes(),
        other => panic!("{other:?} is to be looked up"),
    });
    texts.collect::<Vec<_>>().concat()
}

/// A process with one backend `b`, which has these lines.
#[track_caller]
pub(super) fn bench_of(lines: &str) -> Bench {
    let text = format!(
        "defaults\n mode http\n timeout connect 1s\n timeout server 1s\n\
         backend b\n {lines}\n server s 127.0.0.1:80 check\n"
    );
    Bench::new(&text)
}

#[track_caller]
pub(super) fn script(lines: &str) -> CheckScript {
    let plan = bench_of(lines).into_plan();
    let backend = plan.backend("b").expect("the text has it");
    backend.check.clone()
}

/// The one expectation of a script.
#[track_caller]
pub(super) fn expectation(lines: &str) -> CheckExpect {
    let steps = script(lines).steps;
    let mut found = steps.into_iter().filter_map(|step| match step.action {
        CheckAction::Expect(expect) => Some(*expect),
        _ => None,
    });
    found.next().expect("the lines have it")
}
