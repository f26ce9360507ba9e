//! Which balancer runs here and can be asked: `.lab/run/balancer.json`, written by whoever runs it instrumented.

use super::WorkDir;
use super::run_record::Identity;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::PathBuf;

/// A balancer whose log and statistics the lab sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Registration {
    pub(crate) format: u32,
    /// The process that a learner started, or that `lab up` did.
    pub(crate) process: Identity,
    /// `lab` or `haproxy`.
    pub(crate) engine: String,
    /// As it was typed.
    pub(crate) file: PathBuf,
    /// The learner's text that runs.
    pub(crate) text: String,
    pub(crate) loaded: Timestamp,
    /// Where it answers to the runtime API.
    pub(crate) stats_socket: PathBuf,
    /// Its log tells of every request.
    pub(crate) tells_requests: bool,
}

impl Registration {
    const FORMAT: u32 = 2;

    pub(crate) fn new(process: Identity, engine: &str, stats_socket: PathBuf) -> Self {
        Self {
            format: Self::FORMAT,
            process,
            engine: engine.to_owned(),
            file: PathBuf::new(),
            text: String::new(),
            loaded: Timestamp::UNIX_EPOCH,
            stats_socket,
            tells_requests: true,
        }
    }

    /// The balancer that is registered here, if it still runs.
    pub(crate) fn load(work: &WorkDir) -> Option<Self> {
        Self::read(work).filter(|registration| registration.process.is_alive())
    }

    fn read(work: &WorkDir) -> Option<Self> {
        let text = fs::read_to_string(path(work)).ok()?;
        let registration: Self = serde_json::from_str(&text).ok()?;
        (registration.format == Self::FORMAT).then_some(registration)
    }

    /// Writes it. Where that is not possible the balancer goes on unseen.
    pub(crate) fn save(&self, work: &WorkDir) {
        let text = serde_json::to_string(self).expect("plain values");
        if let Err(error) = super::write_whole(&path(work), &text) {
            tracing::warn!(%error, "balancer not registered");
        }
    }

    /// Takes away what a balancer has left that was killed: its sockets, in the temporary folder.
    pub(crate) fn clean(work: &WorkDir) {
        let dead = Self::read(work).filter(|known| !known.process.is_alive());
        let folder = dead.as_ref().and_then(|dead| dead.stats_socket.parent());
        let name = folder.and_then(|folder| folder.file_name());
        if let (Some(folder), Some(name)) = (folder, name)
            && name.to_string_lossy().starts_with("lab-")
        {
            let _ = fs::remove_dir_all(folder);
        }
    }

    /// Takes the registration of this process away, and no other's.
    pub(crate) fn remove(work: &WorkDir, pid: u32) {
        if Self::read(work).is_some_and(|known| known.process.pid == pid) {
            let _ = fs::remove_file(path(work));
        }
    }
}

fn path(work: &WorkDir) -> PathBuf {
    work.run().join("balancer.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_living_balancer_is_registered() {
        let folder = tempfile::tempdir().unwrap();
        let work = WorkDir::at(folder.path());
        work.create().unwrap();
        assert_eq!(Registration::load(&work), None);
        let me = Identity::of("balancer", std::process::id());
        let mut registration = Registration::new(me.clone(), "lab", "/tmp/s".into());
        registration.save(&work);
        assert_eq!(Registration::load(&work), Some(registration.clone()));
        registration.process.started = me.started.map(|ticks| ticks + 1);
        registration.save(&work);
        assert_eq!(Registration::load(&work), None);
    }

    #[test]
    fn another_balancers_registration_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let work = WorkDir::at(folder.path());
        work.create().unwrap();
        let me = Identity::of("balancer", std::process::id());
        Registration::new(me.clone(), "lab", "/tmp/s".into()).save(&work);
        Registration::remove(&work, me.pid + 1);
        assert!(Registration::load(&work).is_some());
        Registration::remove(&work, me.pid);
        assert!(Registration::load(&work).is_none());
    }
}
