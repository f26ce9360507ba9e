//! The lab's DNS: its name server, who asks it, and what its zone holds.

pub(crate) mod dig;
mod free;
mod journal;
mod private;
pub(crate) mod resolve;
pub(crate) mod server;
pub(crate) mod taken;
mod turn;
pub(crate) mod zone;

use crate::problem::Result;
use crate::work_dir::WorkDir;
use crate::work_dir::run_record::RunRecord;
use crate::work_dir::settings::Settings;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::{Ipv4Addr, SocketAddr};

/// Where the lab's name server listens when nothing else is set. Not 5353, which is multicast DNS and often taken.
pub(crate) const PORT: u16 = 5300;
/// How many caches stand in front of it, on the ports after its own: a farm, as big resolvers are.
pub(crate) const CACHES: u16 = 3;

/// A name server of the lab and its caches, by where they listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Places {
    pub(crate) server: SocketAddr,
    pub(crate) caches: Vec<SocketAddr>,
}

impl Places {
    /// Those of the lab that runs in this work folder, else those that one would have.
    ///
    /// # Errors
    /// The settings of the folder cannot be read.
    pub(crate) fn here(work: &WorkDir) -> Result<Self> {
        let record = RunRecord::load(work).filter(|record| record.supervisor.is_alive());
        match record.and_then(|record| record.name_server) {
            Some(address) => Ok(Self::on(address.port())),
            None => Ok(Self::usual(&Settings::load(&work.settings())?)),
        }
    }

    /// Those of this work folder.
    pub(crate) fn usual(settings: &Settings) -> Self {
        Self::on(settings.ports.nameserver.unwrap_or(PORT))
    }

    /// The server on `port`, its caches on the ports after it as far as there are any.
    pub(crate) fn on(port: u16) -> Self {
        let local = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let caches = (1..=CACHES).filter_map(|n| port.checked_add(n));
        Self {
            server: local(port),
            caches: caches.map(local).collect(),
        }
    }

    /// All of them, the server first.
    pub(crate) fn all(&self) -> impl Iterator<Item = SocketAddr> + '_ {
        std::iter::once(self.server).chain(self.caches.iter().copied())
    }
}

/// Whether a line of the name server tells of an answer of its own; its caches tell theirs too.
pub(crate) fn is_answer(line: &str) -> bool {
    line.contains(" -> ") && !line.contains("; cache ")
}

/// What nobody can foretell: the hash of nothing under the keys that the standard library draws.
pub(crate) fn chance() -> u32 {
    let [a, b, c, d, ..] = RandomState::new().build_hasher().finish().to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
}

/// `127.0.0.1#5300`, as dig writes it.
pub(crate) fn with_hash(address: SocketAddr) -> String {
    format!("{}#{}", address.ip(), address.port())
}
