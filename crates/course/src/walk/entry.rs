//! Whether the world still is as a step expects it: on entry, and later.

use super::Walk;
use crate::judge::{Holds, Sight, fill};
use crate::model::{Condition, Kind, Place, Role, Starter, What};
use crate::words::{Sentence, say};

/// What an activity needs to begin and does not find: each with its way out. Told only at its first step.
pub(super) fn missing(walk: &Walk<'_>, sight: Sight<'_>) -> Vec<String> {
    let fresh = walk
        .activity
        .steps
        .iter()
        .all(|step| !walk.record().has_passed(&step.id));
    if !fresh {
        return Vec::new();
    }
    let start = &walk.activity.start;
    let mut missing = Vec::new();
    let servers = sight
        .facts
        .listeners
        .iter()
        .filter(|listener| listener.answer.is_some())
        .count();
    if servers < usize::from(start.servers) {
        let n = start.servers;
        missing.push(say!(sight.words, NeedsServers, n = n, runs = servers));
    }
    if start.balancer && !holds(&open(Role::Balancer), sight) {
        missing.push(say!(
            sight.words,
            NeedsBalancer,
            port = sight.facts.ports.balancer
        ));
    }
    if start.nameserver && !holds(&open(Role::NameServer), sight) {
        missing.push(say!(
            sight.words,
            NeedsNameServer,
            port = sight.facts.ports.nameserver
        ));
    }
    if !start.config.iter().all(|condition| holds(condition, sight)) {
        missing.push(match sight.facts.file.text {
            Some(_) => say!(sight.words, NeedsConfig, file = sight.facts.file.name),
            None => say!(sight.words, NeedsFile, file = sight.facts.file.name),
        });
    }
    // A name server alone is started on the way by `lab dig`, so nothing has to be done.
    let only_names =
        missing.len() == 1 && start.nameserver && start.servers == 0 && !start.balancer;
    if only_names {
        return Vec::new();
    }
    if !missing.is_empty() {
        missing.push(say!(sight.words, MakeItSo, id = walk.activity.id));
    }
    missing
}

fn holds(condition: &Condition, sight: Sight<'_>) -> bool {
    // What cannot be seen is not held against anybody.
    sight.look(condition).holds != Holds::No
}

fn open(role: Role) -> Condition {
    Condition {
        not: false,
        what: What::Port {
            at: Place::Role(role),
            open: true,
            answers: None,
            by: Starter::Any,
            count: None,
            processes: None,
            frozen: None,
        },
    }
}

/// What the step before had brought about and is no longer so, while this one only looks on.
pub(super) fn undone(walk: &Walk<'_>, sight: Sight<'_>) -> Option<String> {
    let looks = matches!(walk.step().kind, Kind::Look | Kind::Find | Kind::Predict);
    if !looks || walk.has_passed() {
        return None;
    }
    let before = walk.activity.steps[..walk.at]
        .iter()
        .rev()
        .find(|step| step.kind == Kind::Do)?;
    walk.record().has_passed(&before.id).then_some(())?;
    before.checks.iter().find_map(|check| {
        let is_state = matches!(
            check.condition.what,
            What::Port { .. } | What::Config { .. } | What::Loaded { current: true, .. }
        );
        let finding = sight.look(&check.condition);
        let broken = is_state && finding.holds == Holds::No;
        broken.then(|| {
            let say = fill::fill(&check.say, sight);
            sight.words.say(
                Sentence::NoLonger,
                &[("say", &say), ("found", &finding.found)],
            )
        })
    })
}
