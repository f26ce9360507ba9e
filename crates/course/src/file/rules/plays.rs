//! Rules for `[[solve]]` and `[[trial]]`: they name what exists, and every mistake is tried.

use crate::file::activity::Read;
use crate::file::play::Named;
use crate::file::report::{Place, Report};
use crate::model::{Answer, Play, Step};
use diagnostics::nearest;

pub(crate) fn all(read: &Read, report: &Report) {
    let mut seen: Vec<&Named<Play>> = Vec::new();
    for solve in &read.solves {
        let id = &solve.value.step;
        if let Some(step) = known_step(read, id, &solve.step, report) {
            answers_fit(step, solve, report);
        }
        match seen.iter().find(|first| first.value.step == *id) {
            None => seen.push(solve),
            Some(first) => {
                let message = format!("step `{id}` is solved twice");
                let problem = report.error("duplicate-id", message, &solve.step, "again here");
                report.push(problem.beside(report.span(&first.step), "first here"));
            }
        }
    }
    for trial in &read.trials {
        if let Some(step) = known_step(read, &trial.value.step, &trial.step, report) {
            names_a_mistake(step, &trial.value.mistake, &trial.what, report);
        }
    }
    every_mistake_is_tried(read, report);
}

fn known_step<'r>(read: &'r Read, id: &str, place: &Place, report: &Report) -> Option<&'r Step> {
    let found = read.steps.iter().find(|read| read.step.id == *id);
    // a step that could not be read has its own errors
    if found.is_none() && !read.ids.iter().any(|known| known == id) {
        let label = match nearest(id, read.ids.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "no [[step]] has this id".to_owned(),
        };
        let message = format!("there is no step `{id}`");
        report.push(report.error("unknown-step", message, place, label));
    }
    found.map(|read| &read.step)
}

fn answers_fit(step: &Step, solve: &Named<Play>, report: &Report) {
    let (questions, answers) = (step.questions.len(), solve.value.answers.len());
    if answers > 0 && answers != questions {
        let message = format!(
            "step `{}` asks {questions} things, and {answers} are answered",
            step.id
        );
        report.push(report.error(
            "answer-count",
            message,
            &solve.what,
            "one answer for each question",
        ));
        return;
    }
    for (question, answer) in step.questions.iter().zip(&solve.value.answers) {
        let (Answer::One { choices, .. } | Answer::Several { choices, .. }) = &question.answer
        else {
            continue;
        };
        for part in answer.split_whitespace() {
            if !is_choice(part, choices.len()) {
                let message = format!("`{part}` is not one of the {} choices", choices.len());
                report.push(report.error("unknown-choice", message, &solve.what, "counted from 1"));
            }
        }
    }
}

/// `2`, or `b`.
fn is_choice(text: &str, choices: usize) -> bool {
    let letter = match text.as_bytes() {
        [letter @ b'a'..=b'z'] => Some(usize::from(letter - b'a') + 1),
        _ => text.parse().ok(),
    };
    letter.is_some_and(|number| (1..=choices).contains(&number))
}

fn names_a_mistake(step: &Step, mistake: &str, place: &Place, report: &Report) {
    let known = || step.mistakes.iter().map(|mistake| mistake.id.as_str());
    if known().any(|id| id == mistake) {
        return;
    }
    let label = match nearest(mistake, known()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("step `{}` has no such mistake", step.id),
    };
    let message = format!("there is no mistake `{mistake}` in step `{}`", step.id);
    report.push(report.error("unknown-mistake", message, place, label));
}

fn every_mistake_is_tried(read: &Read, report: &Report) {
    for step in &read.steps {
        for (mistake, place) in step.step.mistakes.iter().zip(&step.mistakes) {
            let tries = |trial: &&Named<_>| is_trial_of(trial, &step.step.id, &mistake.id);
            if read.trials.iter().find(tries).is_none() {
                let message = format!("no trial makes the mistake `{}`", mistake.id);
                let problem = report.error(
                    "missing-trial",
                    message,
                    place,
                    "nobody knows whether it is noticed",
                );
                report.push(problem.next(format!(
                    "[[trial]]  step = \"{}\"  do = [\"..\"]  mistake = \"{}\"",
                    step.step.id, mistake.id
                )));
            }
        }
    }
}

fn is_trial_of(trial: &Named<crate::model::Trial>, step: &str, mistake: &str) -> bool {
    trial.value.step == step && trial.value.mistake == mistake
}
