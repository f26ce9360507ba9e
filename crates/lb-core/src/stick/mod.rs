//! Stick tables: what is remembered of clients (manual, "stick-table").
//!
//! A table is a plain value; its user keeps it behind a short lock and says what time it is.

mod data;
mod frequency;
mod key;

pub use data::{DataKind, Stored};
pub use frequency::Frequency;
pub use key::{Key, KeyKind};

use crate::Uptime;
use data::Datum;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// What was configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableSpec {
    pub name: String,
    pub key: KeyKind,
    /// Most entries.
    pub size: usize,
    /// How long an entry stays after its last use; `None`: for ever.
    pub expire: Option<Duration>,
    /// A full table takes nothing new.
    pub nopurge: bool,
    /// In the order of their kinds, each once.
    pub store: Vec<Stored>,
}

/// A table.
#[derive(Debug)]
pub struct Table {
    spec: TableSpec,
    entries: BTreeMap<Key, Entry>,
    /// Entries by the time they end, those without one first.
    by_end: BTreeSet<(Uptime, Key)>,
}

/// What is remembered under a key.
#[derive(Clone, Debug)]
pub struct Entry {
    /// As [`TableSpec::store`], of an array all its elements.
    data: Vec<Vec<Datum>>,
    ends: Uptime,
    /// Sessions that track it, which keeps it from being forgotten.
    uses: u32,
}

impl Table {
    pub fn new(spec: TableSpec) -> Self {
        Self {
            spec,
            entries: BTreeMap::new(),
            by_end: BTreeSet::new(),
        }
    }

    pub fn spec(&self) -> &TableSpec {
        &self.spec
    }

    /// Takes over from the same table in the file before: all that it still has a place for. Who tracks an entry there
    /// goes on doing so there.
    pub fn inherit(&mut self, former: &Self) {
        if self.spec.key != former.spec.key || self.spec.store != former.spec.store {
            return;
        }
        self.entries.clone_from(&former.entries);
        self.by_end.clone_from(&former.by_end);
        let current = self.place(DataKind::ConnCur, 0);
        for entry in self.entries.values_mut() {
            entry.uses = 0;
            if let Some((at, element)) = current {
                entry.data[at][element] = Datum::Number(0);
            }
        }
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// All entries, in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&Key, &Entry)> {
        self.entries.iter()
    }

    /// Forgets what has come to its end.
    pub fn expire(&mut self, now: Uptime) {
        let Some(expire) = self.spec.expire else {
            return;
        };
        while let Some((ends, key)) = self.by_end.first().filter(|(ends, _)| *ends <= now) {
            let (ends, key) = (*ends, key.clone());
            self.by_end.remove(&(ends, key.clone()));
            match self.entries.get_mut(&key) {
                Some(entry) if entry.uses > 0 => {
                    entry.ends = now + expire;
                    self.by_end.insert((entry.ends, key));
                }
                _ => drop(self.entries.remove(&key)),
            }
        }
    }

    pub fn get(&mut self, key: &Key, now: Uptime) -> Option<&Entry> {
        self.expire(now);
        self.entries.get(key)
    }

    /// An entry that is used now, which lets it live on; made if it is not there. `None`: the table is full.
    pub fn entry(&mut self, key: &Key, now: Uptime) -> Option<&mut Entry> {
        self.expire(now);
        if !self.entries.contains_key(key) {
            self.make_room()?;
            let entry = Entry {
                data: self.spec.store.iter().map(Self::fresh).collect(),
                ends: Uptime::ZERO,
                uses: 0,
            };
            self.entries.insert(key.clone(), entry);
        }
        self.touch(key, now)
    }

    fn fresh(stored: &Stored) -> Vec<Datum> {
        vec![Datum::new(stored); stored.elements]
    }

    /// Uses an entry, if it is there.
    pub fn touch(&mut self, key: &Key, now: Uptime) -> Option<&mut Entry> {
        let entry = self.entries.get_mut(key)?;
        self.by_end.remove(&(entry.ends, key.clone()));
        entry.ends = now + self.spec.expire.unwrap_or_default();
        self.by_end.insert((entry.ends, key.clone()));
        Some(entry)
    }

    /// Forgets one entry; false: it is in use.
    pub fn remove(&mut self, key: &Key) -> bool {
        match self.entries.get(key) {
            Some(entry) if entry.uses > 0 => false,
            Some(entry) => {
                self.by_end.remove(&(entry.ends, key.clone()));
                self.entries.remove(key);
                true
            }
            None => true,
        }
    }

    /// A session begins to track an entry. `None`: the table is full.
    pub fn hold(&mut self, key: &Key, now: Uptime) -> Option<&mut Entry> {
        let entry = self.entry(key, now)?;
        entry.uses += 1;
        Some(entry)
    }

    /// It does so no longer.
    pub fn release(&mut self, key: &Key, now: Uptime) {
        if let Some(entry) = self.touch(key, now) {
            entry.uses = entry.uses.saturating_sub(1);
        }
    }

    /// Remembers which server a client got.
    pub fn store_server(&mut self, key: &Key, id: u32, name: &Arc<str>, now: Uptime) {
        let places = [DataKind::ServerId, DataKind::ServerKey].map(|kind| self.place(kind, 0));
        let Some(entry) = self.entry(key, now) else {
            return;
        };
        if let Some((at, _)) = places[0] {
            entry.data[at] = vec![Datum::Number(id.into())];
        }
        if let Some((at, _)) = places[1] {
            entry.data[at] = vec![Datum::Server(Some(Arc::clone(name)))];
        }
    }

    /// Which server a client got, by id and by name.
    pub fn server(&self, entry: &Entry) -> (Option<u32>, Option<Arc<str>>) {
        let datum = |kind| self.datum(entry, kind, 0);
        let id = match datum(DataKind::ServerId) {
            Some(Datum::Number(id)) => u32::try_from(*id).ok().filter(|id| *id > 0),
            _ => None,
        };
        let name = match datum(DataKind::ServerKey) {
            Some(Datum::Server(name)) => name.clone(),
            _ => None,
        };
        (id, name)
    }

    /// Counts events of a kind, and gives what is counted by now; `None`: it is not stored.
    pub fn count(&mut self, key: &Key, kind: DataKind, events: u64, now: Uptime) -> Option<u64> {
        self.count_at(key, (kind, 0), events, now)
    }

    /// The same for an element of an array.
    pub fn count_at(
        &mut self,
        key: &Key,
        (kind, element): (DataKind, usize),
        events: u64,
        now: Uptime,
    ) -> Option<u64> {
        let datum = self.datum_mut(key, kind, element)?;
        Some(datum.add(kind, events, now))
    }

    /// A session that was counted in `conn_cur` has ended.
    pub fn uncount(&mut self, key: &Key, kind: DataKind) {
        if let Some(Datum::Number(number)) = self.datum_mut(key, kind, 0) {
            *number = number.saturating_sub(1);
        }
    }

    /// Gives a kind a value; false: it is not stored.
    pub fn set(&mut self, key: &Key, kind: DataKind, value: u64, now: Uptime) -> bool {
        self.set_at(key, (kind, 0), value, now)
    }

    /// The same for an element of an array.
    pub fn set_at(
        &mut self,
        key: &Key,
        (kind, element): (DataKind, usize),
        value: u64,
        now: Uptime,
    ) -> bool {
        let datum = self.datum_mut(key, kind, element);
        datum.map(|datum| datum.set(value, now)).is_some()
    }

    /// The value of a kind; `None`: it is not stored.
    pub fn value(&self, entry: &Entry, kind: DataKind, now: Uptime) -> Option<u64> {
        self.value_at(entry, (kind, 0), now)
    }

    /// The same for an element of an array.
    pub fn value_at(
        &self,
        entry: &Entry,
        (kind, element): (DataKind, usize),
        now: Uptime,
    ) -> Option<u64> {
        Some(self.datum(entry, kind, element)?.value(now))
    }

    /// Whether a kind is stored, be it in an array.
    pub fn stores(&self, kind: DataKind) -> bool {
        self.stores_at((kind, 0))
    }

    /// The same for an element of an array.
    pub fn stores_at(&self, (kind, element): (DataKind, usize)) -> bool {
        self.place(kind, element).is_some()
    }

    /// A line of `show table`, from `key=` on.
    pub fn line(&self, key: &Key, entry: &Entry, now: Uptime) -> String {
        let left = self.left(entry, now).unwrap_or_default().as_millis();
        let key = key.show(self.spec.key);
        let mut line = format!("key={key} use={} exp={left}", entry.uses);
        for (stored, data) in self.spec.store.iter().zip(&entry.data) {
            for (element, datum) in data.iter().enumerate() {
                line += &shown(stored.kind, element, datum, now);
            }
        }
        line
    }

    /// How long an entry stays if it is not used again; `None`: for ever.
    pub fn left(&self, entry: &Entry, now: Uptime) -> Option<Duration> {
        self.spec.expire.map(|_| entry.ends.saturating_sub(now))
    }

    /// For how long it has not been used; `None`: nobody counts that.
    pub fn idle(&self, entry: &Entry, now: Uptime) -> Option<Duration> {
        let expire = self.spec.expire?;
        Some(expire.saturating_sub(entry.ends.saturating_sub(now)))
    }

    /// Where a kind is kept: which of what is stored, and which element of that.
    fn place(&self, kind: DataKind, element: usize) -> Option<(usize, usize)> {
        let find = |kind| {
            self.spec
                .store
                .iter()
                .position(|stored| stored.kind == kind)
        };
        let (at, element) = match find(kind) {
            Some(at) => (at, element),
            None => {
                let (array, element) = kind.in_array()?;
                (find(array)?, element)
            }
        };
        (element < self.spec.store[at].elements).then_some((at, element))
    }

    fn datum<'e>(&self, entry: &'e Entry, kind: DataKind, element: usize) -> Option<&'e Datum> {
        let (at, element) = self.place(kind, element)?;
        Some(&entry.data[at][element])
    }

    fn datum_mut(&mut self, key: &Key, kind: DataKind, element: usize) -> Option<&mut Datum> {
        let (at, element) = self.place(kind, element)?;
        Some(&mut self.entries.get_mut(key)?.data[at][element])
    }

    /// Makes room for one more: those that end first go, one in 256 of all.
    fn make_room(&mut self) -> Option<()> {
        if self.entries.len() < self.spec.size {
            return Some(());
        }
        if self.spec.nopurge {
            return None;
        }
        let enough = (self.spec.size >> 8).max(1);
        let unused = self.by_end.iter().filter(|(_, key)| {
            let entry = self.entries.get(key);
            entry.is_some_and(|entry| entry.uses == 0)
        });
        let oldest: Vec<_> = unused.take(enough).cloned().collect();
        for end in &oldest {
            self.by_end.remove(end);
            self.entries.remove(&end.1);
        }
        (!oldest.is_empty()).then_some(())
    }
}

impl Entry {
    /// How many sessions track it.
    pub fn uses(&self) -> u32 {
        self.uses
    }
}

/// ` gpc0=1`: of an array, the number of an element stands before the first `_` of its name.
fn shown(kind: DataKind, element: usize, datum: &Datum, now: Uptime) -> String {
    let name = kind.name();
    let name = match name.split_once('_') {
        _ if !kind.is_array() => name.to_owned(),
        Some((first, rest)) => format!("{first}{element}_{rest}"),
        None => format!("{name}{element}"),
    };
    match datum {
        Datum::Number(number) => format!(" {name}={number}"),
        Datum::Rate(rate) => format!(" {name}({})={}", rate.period(), rate.value(now)),
        Datum::Server(server) => format!(" {name}={}", server.as_deref().unwrap_or("-")),
    }
}

#[cfg(test)]
mod tests;
