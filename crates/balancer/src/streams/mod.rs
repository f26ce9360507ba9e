//! The streams at work (HAProxy's word: a request, or a connection in TCP mode): what `show sess` lists and
//! `shutdown session` ends.
//!
//! Each thread has a shelf of its own, whose lock others take only while somebody looks.

mod stream;

pub use stream::{Listener, Origin, Stage, State, Stream};

use crate::process::lock;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

/// All of the process.
#[derive(Debug, Default)]
pub struct Streams {
    shelves: Mutex<Vec<Arc<Shelf>>>,
    /// The control thread's.
    own: Arc<Shelf>,
    /// How often they were listed: a stream tells by it which lists are older than itself.
    epoch: AtomicU32,
}

/// Those of one thread, by number.
#[derive(Debug, Default)]
pub struct Shelf(Mutex<BTreeMap<u64, Arc<Stream>>>);

/// A stream that is listed until this is dropped.
#[derive(Debug)]
pub struct AtWork {
    stream: Arc<Stream>,
    shelf: Arc<Shelf>,
}

impl Streams {
    /// A shelf for one thread.
    pub fn shelf(&self) -> Arc<Shelf> {
        let shelf = Arc::default();
        lock(&self.shelves).push(Arc::clone(&shelf));
        shelf
    }

    /// Lists a stream from now on. `number` is unique in the process.
    pub fn begin(&self, shelf: &Arc<Shelf>, number: u64, origin: Origin) -> AtWork {
        let epoch = self.epoch.load(Ordering::Relaxed);
        let stream = Arc::new(Stream::new(number, epoch, origin));
        lock(&shelf.0).insert(number, Arc::clone(&stream));
        AtWork {
            stream,
            shelf: Arc::clone(shelf),
        }
    }

    /// The same for a connection to the runtime API, which the control thread serves.
    pub fn begin_own(&self, number: u64, origin: Origin) -> AtWork {
        self.begin(&self.own, number, origin)
    }

    /// All that are there now: thread after thread, the oldest first.
    pub fn list(&self) -> Vec<Arc<Stream>> {
        self.epoch.fetch_add(1, Ordering::Relaxed);
        let shelves = self.shelves();
        let all = shelves.iter();
        all.flat_map(|shelf| lock(&shelf.0).values().cloned().collect::<Vec<_>>())
            .collect()
    }

    fn shelves(&self) -> Vec<Arc<Shelf>> {
        let mut all = lock(&self.shelves).clone();
        all.push(Arc::clone(&self.own));
        all
    }

    /// The one that is shown by this address.
    pub fn find(&self, address: u64) -> Option<Arc<Stream>> {
        let number = Stream::number_of(address)?;
        let shelves = self.shelves();
        shelves
            .iter()
            .find_map(|shelf| lock(&shelf.0).get(&number).cloned())
    }
}

impl Deref for AtWork {
    type Target = Stream;

    fn deref(&self) -> &Stream {
        &self.stream
    }
}

impl AtWork {
    /// Itself, to be kept longer than its being listed.
    pub fn share(&self) -> Arc<Stream> {
        Arc::clone(&self.stream)
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        lock(&self.shelf.0).remove(&self.stream.number);
    }
}

#[cfg(test)]
mod tests;
