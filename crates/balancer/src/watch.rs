//! Somebody in the same process who looks on: the lab that a learner's balancer runs in.

use haproxy_config::model::Config;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// Looks on without being seen in what the learner wrote or is told.
pub trait Watch: Send + Sync {
    /// Adds to a configuration without errors what lets one look on: a log, a stats socket.
    fn amend(&self, config: &mut Config);

    /// A configuration has come into force, and every port listens: the text of its files, in order.
    fn in_force(&self, text: &str);

    /// What the statistics page is to leave out now. Asked for each page.
    fn held_back(&self) -> HeldBack {
        HeldBack::default()
    }
}

/// What somebody who looks at the page is to find out in another way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeldBack {
    /// Who got how many requests.
    pub shares: bool,
    /// What is believed of the servers.
    pub states: bool,
}

/// A shared [`Watch`]; equal only to itself.
#[derive(Clone)]
pub struct Watched(Arc<dyn Watch>);

impl Watched {
    pub fn by(watch: impl Watch + 'static) -> Self {
        Self(Arc::new(watch))
    }
}

impl Deref for Watched {
    type Target = dyn Watch;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

impl PartialEq for Watched {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Watched {}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watched")
    }
}
