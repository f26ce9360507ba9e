//! `track`: who takes its state from whom, across backends.

use super::Backend;
use crate::process::lock;
use haproxy_config::model;
use lb_core::server::{Server as LiveServer, ServerIndex};
use lb_core::transition::{ResolutionFailure, Transition};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};

/// What binds a server to others.
#[derive(Debug, Default)]
pub(super) struct Ties {
    /// The server that it tracks.
    leader: OnceLock<Tie>,
    /// Those that track it. Who holds the lock tells them what has changed, so that the last word is the newest.
    followers: Mutex<Vec<Tie>>,
    /// Somebody tracks it, or did.
    needed: AtomicBool,
}

/// A server of some backend of the plan.
#[derive(Clone, Debug)]
struct Tie {
    backend: Weak<Backend>,
    server: ServerIndex,
}

impl Ties {
    pub(super) fn is_needed(&self) -> bool {
        self.needed.load(Ordering::Relaxed)
    }
}

impl Backend {
    /// The server whose checks count for one that tracks: the end of the chain, as it is now.
    pub fn looked_at(&self, index: ServerIndex) -> Option<LiveServer> {
        let leader = self.server(index).ties.leader.get()?;
        let backend = leader.backend.upgrade()?;
        let further = backend.looked_at(leader.server);
        further.or_else(|| Some(backend.live().server(leader.server).clone()))
    }

    /// A server that is taken away tracks nobody any more.
    pub(super) fn leave_leader(&self, index: ServerIndex) {
        let leader = self.server(index).ties.leader.get();
        let Some((leader, backend)) = leader.and_then(|it| Some((it, it.backend.upgrade()?)))
        else {
            return;
        };
        let followers = &backend.server(leader.server).ties.followers;
        let is_me = |tie: &Tie| tie.server == index && std::ptr::eq(tie.backend.as_ptr(), self);
        lock(followers).retain(|tie| !is_me(tie));
    }

    /// Brings those that track a server into its state, and hands over what changed with them.
    pub fn tell_followers(
        &self,
        index: ServerIndex,
        cause: Option<ResolutionFailure>,
        hear: &mut dyn FnMut(&Backend, Transition),
    ) {
        let followers = lock(&self.server(index).ties.followers);
        if followers.is_empty() {
            return;
        }
        let standing = self.live().standing(index);
        // HAProxy tells the last one of the file first.
        for follower in followers.iter().rev() {
            let Some(backend) = follower.backend.upgrade() else {
                continue;
            };
            let told = backend.live().follow(follower.server, standing, cause);
            told.into_iter().for_each(|told| hear(&backend, told));
        }
    }
}

/// Binds the servers of a new plan, and lets them begin in the state of those that they track.
pub(super) fn link(config: &model::Config, backends: &[Arc<Backend>]) {
    for (configured, backend) in config.backends.iter().zip(backends) {
        for (server, configured) in backend.servers.iter().zip(&configured.servers) {
            if let Some(tracked) = configured.track {
                let leader = (&backends[tracked.backend], ServerIndex(tracked.server));
                tie(leader, (backend, server.index));
            }
        }
    }
    for backend in backends {
        let ends = backend
            .servers
            .iter()
            .filter(|s| s.ties.leader.get().is_none());
        ends.for_each(|end| begin(backend, end.index));
    }
}

/// A server begins to track while the balancer runs.
pub(super) fn join(leader: (&Arc<Backend>, ServerIndex), follower: (&Arc<Backend>, ServerIndex)) {
    tie(leader, follower);
    let standing = leader.0.live().standing(leader.1);
    // In maintenance by force, nothing is to be told of it.
    follower.0.live().follow(follower.1, standing, None);
}

fn tie(leader: (&Arc<Backend>, ServerIndex), follower: (&Arc<Backend>, ServerIndex)) {
    let tie = |(backend, server): (&Arc<Backend>, ServerIndex)| Tie {
        backend: Arc::downgrade(backend),
        server,
    };
    let ties = &follower.0.server(follower.1).ties;
    ties.leader.get_or_init(|| tie(leader));
    let ties = &leader.0.server(leader.1).ties;
    ties.needed.store(true, Ordering::Relaxed);
    lock(&ties.followers).push(tie(follower));
}

/// Nobody is told of what holds from the start.
fn begin(backend: &Backend, index: ServerIndex) {
    let followers = lock(&backend.server(index).ties.followers).clone();
    backend.tell_followers(index, None, &mut |_, _| {});
    for follower in followers {
        if let Some(backend) = follower.backend.upgrade() {
            begin(&backend, follower.server);
        }
    }
}
