//! All activities at once: what is done, what comes next, what must not be told yet.

use crate::model::{Activity, Course, Group, Hidden, Kind};
use crate::progress::Progress;
use serde::Serialize;

/// The course as a learner stands in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Overview {
    pub title: String,
    pub entries: Vec<Listed>,
    /// Of the activities proper.
    pub done: usize,
    pub activities: usize,
    pub challenges_done: usize,
    pub challenges: usize,
    /// Of all that is not done, bonus labs aside.
    pub minutes_left: u32,
    /// The activity to go on with; `None`: all is done.
    pub next: Option<String>,
}

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listed {
    pub id: String,
    pub title: String,
    pub group: &'static str,
    pub state: StateOf,
    pub minutes: u16,
    /// Steps that were passed.
    pub passed: usize,
    pub steps: usize,
    /// The step where the learner stands, from 1.
    pub at: Option<usize>,
    /// Activities that come before and are not done.
    pub needs: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StateOf {
    Done,
    /// The learner is here.
    Here,
    /// It was begun.
    Begun,
    New,
}

/// Where a learner stands in a course.
pub fn overview(course: &Course, activities: &[Activity], progress: &Progress) -> Overview {
    let entries: Vec<(Group, Listed)> = course
        .entries
        .iter()
        .filter_map(|entry| {
            let activity = activities.iter().find(|activity| activity.id == entry.id)?;
            Some((entry.group, listed(entry.group, activity, progress)))
        })
        .collect();
    let of = |wanted: Group| {
        entries
            .iter()
            .filter(move |(group, _)| *group == wanted)
            .map(|(_, listed)| listed)
    };
    let done = |group| {
        of(group)
            .filter(|listed| listed.state == StateOf::Done)
            .count()
    };
    let left = [Group::Activity, Group::Challenge]
        .into_iter()
        .flat_map(of)
        .filter(|listed| listed.state != StateOf::Done);
    let minutes_left = left.map(remaining).sum();
    Overview {
        title: course.title.clone(),
        done: done(Group::Activity),
        activities: of(Group::Activity).count(),
        challenges_done: done(Group::Challenge),
        challenges: of(Group::Challenge).count(),
        minutes_left,
        next: next(&entries, activities, progress),
        entries: entries.into_iter().map(|(_, listed)| listed).collect(),
    }
}

/// Minutes of the steps that are not passed.
fn remaining(listed: &Listed) -> u32 {
    let steps = u32::try_from(listed.steps.max(1)).unwrap_or(1);
    let left = u32::try_from(listed.steps - listed.passed.min(listed.steps)).unwrap_or(0);
    (u32::from(listed.minutes) * left).div_ceil(steps)
}

fn listed(group: Group, activity: &Activity, progress: &Progress) -> Listed {
    let record = progress.record(&activity.id);
    let passed = |id: &str| record.is_some_and(|record| record.has_passed(id));
    let passed = activity
        .steps
        .iter()
        .filter(|step| passed(&step.id))
        .count();
    let current = progress
        .current
        .as_ref()
        .filter(|current| current.activity == activity.id);
    let state = match (progress.has_finished(&activity.id), current, record) {
        (true, ..) => StateOf::Done,
        (false, Some(_), _) => StateOf::Here,
        (false, None, Some(_)) => StateOf::Begun,
        (false, None, None) => StateOf::New,
    };
    let at = current.and_then(|current| {
        activity
            .steps
            .iter()
            .position(|step| step.id == current.step)
    });
    Listed {
        id: activity.id.clone(),
        title: activity.title.clone(),
        group: name(group),
        state,
        minutes: activity.minutes,
        passed,
        steps: activity.steps.len(),
        at: at.map(|at| at + 1),
        needs: activity
            .needs
            .iter()
            .filter(|id| !progress.has_finished(id))
            .cloned()
            .collect(),
    }
}

const fn name(group: Group) -> &'static str {
    match group {
        Group::Intro => "intro",
        Group::Activity => "activity",
        Group::Challenge => "challenge",
        Group::Bonus => "bonus",
        Group::End => "end",
    }
}

/// The one that is open, or the one that takes up where it ended, or the first that is not done. What is at the end is
/// never next before all the rest.
fn next(
    entries: &[(Group, Listed)],
    activities: &[Activity],
    progress: &Progress,
) -> Option<String> {
    let open = |id: &String| {
        entries
            .iter()
            .any(|(_, listed)| listed.id == *id && listed.state != StateOf::Done)
    };
    let current = progress.current.as_ref();
    if let Some(current) = current.filter(|current| open(&current.activity)) {
        return Some(current.activity.clone());
    }
    let bridge = current.and_then(|current| {
        let activity = activities
            .iter()
            .find(|activity| activity.id == current.activity)?;
        activity.bridge.clone()
    });
    if let Some(bridge) = bridge.filter(open) {
        return Some(bridge);
    }
    let first = |groups: &[Group]| {
        let mut open = entries
            .iter()
            .filter(|(group, listed)| groups.contains(group) && listed.state != StateOf::Done);
        open.next().map(|(_, listed)| listed.id.clone())
    };
    first(&[Group::Intro, Group::Activity, Group::Challenge])
        .or_else(|| first(&[Group::End, Group::Bonus]))
}

/// What must be held back: a guess is open at the step where the learner stands.
pub fn hidden<'a>(activities: &'a [Activity], progress: &Progress) -> &'a [Hidden] {
    let held = || {
        let current = progress.current.as_ref()?;
        let activity = activities
            .iter()
            .find(|activity| activity.id == current.activity)?;
        let step = activity.steps.iter().find(|step| step.id == current.step)?;
        let passed = progress
            .record(&activity.id)
            .is_some_and(|record| record.has_passed(&step.id));
        (step.kind == Kind::Predict && !passed).then_some(step.hide.as_slice())
    };
    held().unwrap_or_default()
}
