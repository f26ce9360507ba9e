//! The parts of playing an activity: the fresh start, the solution, each trial.

use super::player::Player;
use crate::problem::Result;
use crate::supervisor::engine::EngineName;
use course::model::{Activity, Kind, Trial};
use std::time::{Duration, Instant};

/// One part, played in a world of its own.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part<'a> {
    Fresh,
    Solve,
    Trial(&'a Trial),
}

/// What came of it.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub(super) part: String,
    pub(super) took: Duration,
    /// `Err`: why it is not as it must be.
    pub(super) verdict: Verdict,
}

/// In words for whoever wrote the lab.
pub(super) type Verdict = std::result::Result<String, String>;

/// In the order in which they are told.
pub(super) fn all(activity: &Activity) -> Vec<Part<'_>> {
    let trials = activity.trials.iter().map(Part::Trial);
    [Part::Fresh, Part::Solve]
        .into_iter()
        .chain(trials)
        .collect()
}

impl Part<'_> {
    pub(super) fn play(self, activity: &Activity, engine: EngineName) -> Outcome {
        let begun = Instant::now();
        let verdict = Player::enter(activity, engine).and_then(|mut player| match self {
            Part::Fresh => fresh(activity, &mut player),
            Part::Solve => solve(activity, &mut player),
            Part::Trial(trial) => try_out(activity, trial, &mut player),
        });
        Outcome {
            part: match self {
                Part::Fresh => "fresh start".to_owned(),
                Part::Solve => "solved".to_owned(),
                Part::Trial(trial) => format!("trial {}", trial.mistake),
            },
            took: begun.elapsed(),
            verdict: verdict.unwrap_or_else(|problem| Err(problem.render().trim_end().to_owned())),
        }
    }
}

/// Nothing was done, so nothing may be passed.
fn fresh(activity: &Activity, player: &mut Player<'_>) -> Result<Verdict> {
    let checked = |kind| matches!(kind, Kind::Do | Kind::Look);
    let mut open = Vec::new();
    for step in activity.steps.iter().filter(|step| checked(step.kind)) {
        if player.passes_at_once(&step.id)? {
            return Ok(Err(format!(
                "`{}` is passed though nothing was done: its checks ask for nothing that is not there at the start",
                step.id
            )));
        }
        open.push(format!("`{}` not passed", step.id));
    }
    Ok(Ok(open.join(", ")))
}

fn solve(activity: &Activity, player: &mut Player<'_>) -> Result<Verdict> {
    let (mut passed, mut left_out) = (0, Vec::new());
    for step in &activity.steps {
        if !player.may_be_passed(step)? {
            left_out.push(format!("`{}`", step.id));
            player.pass_over()?;
            continue;
        }
        if let Err(why) = player.solve_step(step)? {
            return Ok(Err(why));
        }
        passed += 1;
    }
    let count = activity.steps.len();
    Ok(Ok(match left_out.as_slice() {
        [] => format!("{passed} of {count} steps passed"),
        left_out => format!(
            "{passed} of {count} steps passed, not played: {}",
            left_out.join(", ")
        ),
    }))
}

/// The way to the step is the solution's; there the acts of the trial lead to the mistake.
fn try_out(activity: &Activity, trial: &Trial, player: &mut Player<'_>) -> Result<Verdict> {
    for step in &activity.steps {
        if step.id == trial.step {
            player.do_acts(&trial.acts)?;
            return player.meet(&trial.mistake);
        }
        if !player.may_be_passed(step)? {
            player.pass_over()?;
        } else if let Err(why) = player.solve_step(step)? {
            return Ok(Err(format!("on the way to `{}`: {why}", trial.step)));
        }
    }
    Ok(Err(format!("there is no step `{}`", trial.step)))
}
