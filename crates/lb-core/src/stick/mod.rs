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
    /// As [`TableSpec::store`].
    data: Vec<Datum>,
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

    /// Takes over from the same table in the file before: all that it still has a place for.
    pub fn inherit(&mut self, former: &Self) {
        if self.spec.key == former.spec.key && self.spec.store == former.spec.store {
            self.entries.clone_from(&former.entries);
            self.by_end.clone_from(&former.by_end);
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
                data: self.spec.store.iter().map(Datum::new).collect(),
                ends: Uptime::ZERO,
                uses: 0,
            };
            self.entries.insert(key.clone(), entry);
        }
        self.touch(key, now)
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
        let kinds: Vec<_> = self.spec.store.iter().map(|stored| stored.kind).collect();
        let Some(entry) = self.entry(key, now) else {
            return;
        };
        for (datum, kind) in entry.data.iter_mut().zip(kinds) {
            match (kind, datum) {
                (DataKind::ServerId, Datum::Number(number)) => *number = id.into(),
                (DataKind::ServerKey, Datum::Server(server)) => *server = Some(Arc::clone(name)),
                _ => {}
            }
        }
    }

    /// Which server a client got, by id and by name.
    pub fn server(&self, entry: &Entry) -> (Option<u32>, Option<Arc<str>>) {
        let mut found = (None, None);
        for (stored, datum) in self.spec.store.iter().zip(&entry.data) {
            match (stored.kind, datum) {
                (DataKind::ServerId, Datum::Number(id)) => {
                    found.0 = u32::try_from(*id).ok().filter(|id| *id > 0);
                }
                (DataKind::ServerKey, Datum::Server(name)) => found.1.clone_from(name),
                _ => {}
            }
        }
        found
    }

    /// Counts events of a kind; nothing where that is not stored.
    pub fn count(&mut self, key: &Key, kind: DataKind, events: u64, now: Uptime) {
        let Some(at) = self.place(kind) else { return };
        if let Some(entry) = self.entries.get_mut(key) {
            entry.data[at].add(kind, events, now);
        }
    }

    /// A session that was counted in `conn_cur` has ended.
    pub fn uncount(&mut self, key: &Key, kind: DataKind) {
        let Some(at) = self.place(kind) else { return };
        if let Some(Datum::Number(number)) = self.entries.get_mut(key).map(|e| &mut e.data[at]) {
            *number = number.saturating_sub(1);
        }
    }

    /// Gives a kind a value; false: it is not stored.
    pub fn set(&mut self, key: &Key, kind: DataKind, value: u64, now: Uptime) -> bool {
        let Some(at) = self.place(kind) else {
            return false;
        };
        if let Some(entry) = self.entries.get_mut(key) {
            entry.data[at].set(value, now);
        }
        true
    }

    /// The value of a kind; `None`: it is not stored.
    pub fn value(&self, entry: &Entry, kind: DataKind, now: Uptime) -> Option<u64> {
        Some(entry.data[self.place(kind)?].value(now))
    }

    /// A line of `show table`, from `key=` on.
    pub fn line(&self, key: &Key, entry: &Entry, now: Uptime) -> String {
        let left = match self.spec.expire {
            Some(_) => entry.ends.saturating_sub(now).as_millis(),
            None => 0,
        };
        let key = key.show(self.spec.key);
        let mut line = format!("key={key} use={} exp={left}", entry.uses);
        for (stored, datum) in self.spec.store.iter().zip(&entry.data) {
            let name = stored.kind.name();
            line += &match datum {
                Datum::Number(number) => format!(" {name}={number}"),
                Datum::Rate(rate) => format!(" {name}({})={}", rate.period(), rate.value(now)),
                Datum::Server(name_of) => {
                    format!(" {name}={}", name_of.as_deref().unwrap_or("-"))
                }
            };
        }
        line
    }

    fn place(&self, kind: DataKind) -> Option<usize> {
        self.spec
            .store
            .iter()
            .position(|stored| stored.kind == kind)
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

#[cfg(test)]
mod tests;
