//! Rules for steps: what each kind must have, and who names whom.

use crate::file::activity::Read;
use crate::file::body::{Piece, Section};
use crate::file::report::Report;
use crate::file::step::{ReadStep, looks};
use crate::model::{Answer, Kind};
use diagnostics::nearest;

pub(crate) fn all(read: &Read, sections: &[Section], report: &Report) {
    for (at, step) in read.steps.iter().enumerate() {
        has_check(step, report);
        compares_a_guess(step, &read.steps[..at], report);
        guess_is_compared(step, &read.steps[at + 1..], report);
        guess_has_a_truth(step, &read.steps[at + 1..], report);
        let section = sections.iter().find(|section| section.id == step.step.id);
        if let Some(section) = section {
            has_hints(step, section, read, report);
        }
    }
    reveals_something(read, report);
}

fn has_check(read: &ReadStep, report: &Report) {
    if looks(read.step.kind) && !read.has_checks {
        let message = format!("step `{}` has no check", read.step.id);
        let problem = report.error(
            "missing-check",
            message,
            &read.place,
            "nobody would notice that it is done",
        );
        report.push(problem.why("a `do` or `look` step is passed by its checks; one that is only read is of the kind `explain`"));
    }
}

fn compares_a_guess(read: &ReadStep, before: &[ReadStep], report: &Report) {
    let Some(compare) = &read.step.compare else {
        return;
    };
    let guesses = || {
        before
            .iter()
            .filter(|other| other.step.kind == Kind::Predict)
    };
    let Some(guess) = guesses().find(|other| other.step.id == compare.step) else {
        let label = match nearest(&compare.step, guesses().map(|other| other.step.id.as_str())) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "no such step before this one".to_owned(),
        };
        let message = format!("there is no guess `{}` to compare with", compare.step);
        let problem = report.error("unknown-step", message, &read.compare, label);
        report.push(problem.why("`compare` names an earlier step of the kind `predict`"));
        return;
    };
    let (questions, was) = (guess.step.questions.len(), compare.was.len());
    if was != 0 && was != questions {
        let message = format!(
            "step `{}` asks {questions} things, `was` tells {was}",
            compare.step
        );
        report.push(report.error(
            "was-count",
            message,
            &read.compare,
            "one text for each question",
        ));
    }
}

fn guess_is_compared(read: &ReadStep, after: &[ReadStep], report: &Report) {
    let compared = || after.iter().any(|other| is_about(other, read));
    if read.step.kind == Kind::Predict && !compared() {
        let id = &read.step.id;
        let message = format!("what was guessed in `{id}` is never compared with what happened");
        let problem = report.error(
            "missing-reveal",
            message,
            &read.place,
            "no later step says `compare`",
        );
        report.push(problem.next(format!("in the step that shows it:  compare = \"{id}\"")));
    }
}

fn is_about(other: &ReadStep, guess: &ReadStep) -> bool {
    let compare = other.step.compare.as_ref();
    compare.is_some_and(|compare| compare.step == guess.step.id)
}

/// Without words for what was measured, the true choice must be known.
fn guess_has_a_truth(read: &ReadStep, after: &[ReadStep], report: &Report) {
    let open = |answer: &Answer| match answer {
        Answer::One { truth, .. } => truth.is_none(),
        Answer::Number { truth } => truth.is_none(),
        Answer::Words { contains } => contains.is_empty(),
        Answer::Several { .. } | Answer::Live { .. } => false,
    };
    let told = after.iter().filter(|other| is_about(other, read));
    let mut told = told.filter_map(|other| other.step.compare.as_ref());
    let is_open = read
        .step
        .questions
        .iter()
        .any(|question| open(&question.answer));
    if read.step.kind == Kind::Predict && is_open && told.any(|compare| compare.was.is_empty()) {
        let message = format!("nothing says what is true in `{}`", read.step.id);
        let problem = report.error(
            "missing-truth",
            message,
            &read.place,
            "has a question without a right answer",
        );
        report.push(
            problem
                .next("say which choice is right, counted from 1:  truth = 2")
                .next(format!(
                    "or tell what was measured:  compare = {{ step = \"{}\", was = [\"..\"] }}",
                    read.step.id
                )),
        );
    }
}

/// Where something must be done, there is help; and the last help is what to type.
fn has_hints(step: &ReadStep, section: &Section, read: &Read, report: &Report) {
    let id = &step.step.id;
    let acts = read
        .solves
        .iter()
        .any(|solve| solve.value.step == *id && !solve.value.acts.is_empty());
    match section.hints.last() {
        None if looks(step.step.kind) && acts => {
            let message = format!("step `{id}` has no hint");
            let problem = report.warning(
                "missing-hint",
                message,
                &section.place,
                "whoever is stuck here stays stuck",
            );
            report.push(
                problem.next("below its text, from the least telling to the command:  ### hint"),
            );
        }
        Some(last) if looks(step.step.kind) && !holds_command(last) => {
            let message = format!("step `{id}`: the last hint does not contain a command");
            let problem = report.warning(
                "hint-without-command",
                message,
                &last.heading,
                "the last one before `lab reveal`",
            );
            report.push(problem.why(
                "a command stands in `backticks`, or on a line of its own, set in by four spaces",
            ));
        }
        _ => {}
    }
}

fn holds_command(hint: &Piece) -> bool {
    hint.text.contains('`') || hint.text.lines().any(|line| line.starts_with("    "))
}

fn reveals_something(read: &Read, report: &Report) {
    let steps = || read.steps.iter().map(|read| &read.step);
    let tells = steps().any(|step| step.kind == Kind::Reveal || step.reveal.is_some());
    if !tells && steps().any(|step| step.kind == Kind::Look) {
        let message = "nothing explains what was to be seen";
        let problem = report.warning(
            "missing-reveal",
            message,
            &report.head(),
            "this activity has no reveal",
        );
        report.push(
            problem
                .next("add a step of the kind `reveal`, or below the text of a step:  ### reveal"),
        );
    }
}
