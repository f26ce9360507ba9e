//! The last invalid request of each frontend and the last invalid answer of each backend, for `show errors`.

use crate::h1::fault::Fault;
use crate::process::lock;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

/// So much of HAProxy's buffer does not hold bytes of a head.
const KEPT: usize = 64;

/// Those of the process, since its start.
#[derive(Debug, Default)]
pub struct Snapshots(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    taken: u32,
    last: BTreeMap<(Side, String), Arc<Snapshot>>,
}

/// Whose message it is; the proxy's name goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// A frontend's client.
    Request,
    /// A backend's server.
    Response,
}

/// A message that was refused.
#[derive(Debug)]
pub struct Snapshot {
    pub taken: SystemTime,
    /// Its number among all, from 0.
    pub event: u32,
    pub client: SocketAddr,
    /// Of an answer: who asked, and the server that gave it, each with its number.
    pub exchange: Option<[(String, u32); 2]>,
    /// It is not the first request of its connection.
    pub is_later: bool,
    /// The head did not fit.
    pub too_large: bool,
    pub fault: Fault,
    /// Bytes of the buffer it came in.
    pub buffer: usize,
    /// As it came, and whatever had come behind it.
    pub bytes: Vec<u8>,
}

impl Snapshots {
    /// Keeps a message instead of the one before it.
    pub fn take(&self, side: Side, proxy: &str, snapshot: Snapshot) {
        let mut kept = lock(&self.0);
        let event = kept.taken;
        kept.taken += 1;
        let snapshot = Arc::new(Snapshot { event, ..snapshot });
        kept.last.insert((side, proxy.to_owned()), snapshot);
    }

    /// How many were taken.
    pub fn taken(&self) -> u32 {
        lock(&self.0).taken
    }

    pub fn last(&self, side: Side, proxy: &str) -> Option<Arc<Snapshot>> {
        lock(&self.0).last.get(&(side, proxy.to_owned())).cloned()
    }
}

impl Snapshot {
    /// A request, or with `exchange` an answer, taken now.
    ///
    /// `buffer`: the size of the buffer that it came in.
    pub fn now(client: SocketAddr, bytes: &[u8], buffer: usize, fault: Fault) -> Self {
        Self {
            taken: SystemTime::now(),
            event: 0,
            client,
            exchange: None,
            is_later: false,
            too_large: false,
            fault,
            buffer,
            bytes: bytes[..bytes.len().min(buffer.saturating_sub(KEPT))].to_vec(),
        }
    }
}
