//! Playing an activity as its author says: does a fresh start fail, does the solution pass, is each mistake named?
//!
//! Each part is played in a world of its own: a folder in the temporary one, ports that are free, programs that are ended
//! with it. Nothing of a lab that runs beside it is touched, and nothing outside this machine is asked.

mod act;
mod browser;
mod edit;
mod part;
mod player;
mod screen;
mod world;

use crate::supervisor::engine::EngineName;
use course::model::Activity;
use part::{Outcome, Part};
use screen::Told;
use std::collections::BTreeMap;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
pub(crate) use world::PLAYED;

/// Worlds at a time for each core. Most of the time of playing is waiting: for health checks, for retries.
const FOR_EACH_CORE: usize = 5;
const MOST_AT_ONCE: usize = 12;

/// An activity, and where its file is.
#[derive(Clone, Copy)]
pub(crate) struct Lab<'a> {
    pub(crate) activity: &'a Activity,
    pub(crate) file: &'a str,
}

/// What came of all of them.
#[derive(Debug, Default)]
pub(crate) struct Played {
    pub(crate) labs: Vec<Told>,
}

impl Played {
    pub(crate) fn all_well(&self) -> bool {
        self.labs.iter().all(Told::is_well)
    }

    pub(crate) fn summary(&self) -> String {
        screen::summary(&self.labs)
    }

    pub(crate) fn to_json(&self) -> serde_json::Value {
        screen::json(&self.labs)
    }
}

/// Plays labs, several parts at once; `tell` gets each lab's lines, in order, as soon as they are known.
pub(crate) fn play(labs: &[Lab<'_>], engine: EngineName, mut tell: impl FnMut(&Told)) -> Played {
    let parts: Vec<(usize, usize, Part<'_>)> = labs
        .iter()
        .enumerate()
        .flat_map(|(at, lab)| {
            let parts = part::all(lab.activity).into_iter().enumerate();
            parts.map(move |(nth, part)| (at, nth, part))
        })
        .collect();
    let counts: Vec<usize> = (0..labs.len())
        .map(|at| parts.iter().filter(|part| part.0 == at).count())
        .collect();
    let queue = Mutex::new(parts.into_iter());
    let (done, outcomes) = channel();
    let mut played = Played::default();
    thread::scope(|scope| {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..(cores * FOR_EACH_CORE).min(MOST_AT_ONCE) {
            let done = done.clone();
            scope.spawn(|| work(&queue, labs, engine, done));
        }
        drop(done);
        let mut open: Vec<BTreeMap<usize, Outcome>> =
            labs.iter().map(|_| BTreeMap::new()).collect();
        for (at, nth, outcome) in outcomes {
            open[at].insert(nth, outcome);
            while let Some(next) = labs.get(played.labs.len())
                && open[played.labs.len()].len() == counts[played.labs.len()]
            {
                let all = std::mem::take(&mut open[played.labs.len()]);
                let told = Told::new(*next, all.into_values().collect());
                tell(&told);
                played.labs.push(told);
            }
        }
    });
    played
}

type Queue<'a> = Mutex<std::vec::IntoIter<(usize, usize, Part<'a>)>>;

fn work(
    queue: &Queue<'_>,
    labs: &[Lab<'_>],
    engine: EngineName,
    done: Sender<(usize, usize, Outcome)>,
) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
        let Some((at, nth, part)) = next else { return };
        let outcome = part.play(labs[at].activity, engine);
        if done.send((at, nth, outcome)).is_err() {
            return;
        }
    }
}
