//! Entries of stick tables that a connection or a request is counted in: `track-sc0` to `track-sc2`.

use crate::plan::Table;
use crate::process::Process;
use lb_core::stick::{DataKind, Key};
use samples::fetch::TRACKED;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// What happens, as a number and as a rate.
pub type Event = [DataKind; 2];

pub const CONNECTION: Event = [DataKind::ConnCnt, DataKind::ConnRate];
pub const SESSION: Event = [DataKind::SessCnt, DataKind::SessRate];
pub const REQUEST: Event = [DataKind::HttpReqCnt, DataKind::HttpReqRate];
/// The client is at fault.
pub const ERROR: Event = [DataKind::HttpErrCnt, DataKind::HttpErrRate];
/// The server is.
pub const FAILURE: Event = [DataKind::HttpFailCnt, DataKind::HttpFailRate];
const BYTES_IN: Event = [DataKind::BytesInCnt, DataKind::BytesInRate];
const BYTES_OUT: Event = [DataKind::BytesOutCnt, DataKind::BytesOutRate];

/// An entry, kept in its table as long as this lives.
#[derive(Debug)]
pub struct Hold {
    pub table: Arc<Table>,
    pub key: Key,
    process: Arc<Process>,
}

/// The counters of one connection, or of one request.
#[derive(Debug, Default)]
pub struct Tracked([Option<Hold>; TRACKED]);

/// The counters that a request sees: its own, and beneath them those of its connection.
#[derive(Debug, Default)]
pub struct Counters {
    own: Tracked,
    session: Rc<RefCell<Tracked>>,
}

/// Entries that bytes are counted in while they flow.
#[derive(Debug)]
pub struct Entries {
    entries: Vec<(Arc<Table>, Key)>,
    process: Arc<Process>,
}

impl Entries {
    pub fn count(&self, bytes_in: u64, bytes_out: u64) {
        for (table, key) in &self.entries {
            let now = self.process.now();
            let mut live = table.live();
            for kind in BYTES_IN {
                live.count(key, kind, bytes_in, now);
            }
            for kind in BYTES_OUT {
                live.count(key, kind, bytes_out, now);
            }
        }
    }
}

impl Hold {
    /// `None`: the table is full.
    fn new(table: Arc<Table>, key: Key, process: Arc<Process>) -> Option<Self> {
        let now = process.now();
        {
            let mut live = table.live();
            live.hold(&key, now)?;
            live.count(&key, DataKind::ConnCur, 1, now);
        }
        let hold = Self {
            table,
            key,
            process,
        };
        hold.count(CONNECTION, 1);
        Some(hold)
    }

    /// The table, and the key in it.
    pub fn parts(&self) -> (Arc<Table>, Key) {
        (Arc::clone(&self.table), self.key.clone())
    }

    pub fn count(&self, event: Event, times: u64) {
        let now = self.process.now();
        let mut live = self.table.live();
        for kind in event {
            live.count(&self.key, kind, times, now);
        }
        live.touch(&self.key, now);
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let now = self.process.now();
        let mut live = self.table.live();
        live.uncount(&self.key, DataKind::ConnCur);
        live.release(&self.key, now);
    }
}

impl Tracked {
    pub fn get(&self, counter: usize) -> Option<&Hold> {
        self.0.get(counter)?.as_ref()
    }

    /// Begins to track an entry; false: the counter tracks one already, or the table is full.
    pub fn track(
        &mut self,
        counter: usize,
        table: &Arc<Table>,
        key: Key,
        process: &Arc<Process>,
    ) -> bool {
        let Some(place @ None) = self.0.get_mut(counter) else {
            return false;
        };
        *place = Hold::new(Arc::clone(table), key, Arc::clone(process));
        place.is_some()
    }

    pub fn count(&self, event: Event) {
        for hold in self.0.iter().flatten() {
            hold.count(event, 1);
        }
    }
}

impl Counters {
    pub fn of(session: &Rc<RefCell<Tracked>>) -> Self {
        Self {
            own: Tracked::default(),
            session: Rc::clone(session),
        }
    }

    /// What a counter tracks: the table, and the key in it.
    pub fn get(&self, counter: usize) -> Option<(Arc<Table>, Key)> {
        let own = self.own.get(counter).map(Hold::parts);
        own.or_else(|| self.session.borrow().get(counter).map(Hold::parts))
    }

    /// Begins to track an entry for this request alone; see [`Tracked::track`].
    pub fn track(
        &mut self,
        counter: usize,
        table: &Arc<Table>,
        key: Key,
        process: &Arc<Process>,
    ) -> bool {
        self.own.track(counter, table, key, process)
    }

    /// Counts an event in all that is tracked.
    pub fn count(&self, event: Event, times: u64) {
        let session = self.session.borrow();
        for counter in 0..TRACKED {
            let hold = self.own.get(counter).or_else(|| session.get(counter));
            if let Some(hold) = hold {
                hold.count(event, times);
            }
        }
    }

    /// Counts an event in what one counter tracks for this request.
    pub fn count_own(&self, counter: usize, event: Event) {
        if let Some(hold) = self.own.get(counter) {
            hold.count(event, 1);
        }
    }

    /// All that is tracked, for whoever counts while the request is at work.
    pub fn entries(&self, process: &Arc<Process>) -> Entries {
        let entries = (0..TRACKED).filter_map(|counter| self.get(counter));
        Entries {
            entries: entries.collect(),
            process: Arc::clone(process),
        }
    }
}
