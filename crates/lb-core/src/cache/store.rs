//! What was kept, and who has to go when there is no more room.

use super::{BLOCK, Limits, Variant, Wanted};
use crate::xxh64;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Answers under the address that they were asked for by, with all they take counted in blocks. `T` is an answer.
#[derive(Debug)]
pub struct Store<T> {
    limits: Limits,
    kept: HashMap<Arc<[u8]>, Vec<Entry<T>>>,
    /// Answers by their last use, the least recent first.
    by_use: BTreeMap<u64, Arc<[u8]>>,
    uses: u64,
    /// Blocks that answers take.
    taken: usize,
    /// Blocks of answers that are still coming.
    coming: usize,
    /// Whose answers they are: none of them comes twice at the same time.
    awaited: Vec<(Arc<[u8]>, Variant)>,
}

#[derive(Debug)]
struct Entry<T> {
    answer: Arc<T>,
    /// Its place in `by_use`.
    used: u64,
    variant: Variant,
    size: usize,
    /// In seconds since 1970, as is the other one.
    expires: u64,
    since: u64,
    /// The age it came with.
    age: u32,
}

/// An answer that may be used.
#[derive(Debug)]
pub struct Found<T> {
    pub answer: Arc<T>,
    /// In seconds.
    pub age: u64,
}

/// An answer as `show cache` tells of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its number, which no other one has.
    pub id: u64,
    pub hash: u32,
    pub variant: Variant,
    /// In bytes and in blocks.
    pub size: usize,
    pub blocks: usize,
    /// Seconds that it still has.
    pub left: u64,
    /// How many are getting it just now.
    pub users: usize,
}

impl<T> Store<T> {
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            kept: HashMap::new(),
            by_use: BTreeMap::new(),
            uses: 0,
            taken: 0,
            coming: 0,
            awaited: Vec::new(),
        }
    }

    /// Looks for what a request wants. `now` in seconds since 1970, everywhere.
    pub fn find(&mut self, key: &[u8], wanted: &Wanted, now: u64) -> Option<Found<T>> {
        self.expire(key, now);
        let used = self.next_use();
        let entries = self.kept.get_mut(key)?;
        let mut entries = entries.iter_mut();
        let entry = entries.find(|entry| entry.variant.suits(wanted))?;
        let key = self.by_use.remove(&entry.used)?;
        self.by_use.insert(used, key);
        entry.used = used;
        Some(Found {
            answer: Arc::clone(&entry.answer),
            age: now.saturating_sub(entry.since) + u64::from(entry.age),
        })
    }

    /// All that was kept under this address is out of date.
    pub fn forget(&mut self, key: &[u8]) {
        for entry in self.kept.remove(key).into_iter().flatten() {
            self.dropped(&entry);
        }
    }

    /// An answer begins to come; false: it is not to be kept, because the same one is coming already, or too many differ.
    pub fn begin(&mut self, key: &Arc<[u8]>, variant: Variant, now: u64) -> bool {
        let coming = (Arc::clone(key), variant);
        if self.awaited.contains(&coming) {
            return false;
        }
        self.expire(key, now);
        self.remove_if(key, |entry| entry.variant == variant);
        let others = self.kept.get(key).map_or(0, Vec::len);
        if !variant.is_plain() && others >= self.limits.variants {
            return false;
        }
        self.awaited.push(coming);
        true
    }

    /// What is coming takes so many blocks more; false: there is no room, and nothing was taken.
    pub fn grow(&mut self, blocks: usize) -> bool {
        while self.taken + self.coming + blocks > self.limits.blocks {
            let Some((used, key)) = self.by_use.pop_first() else {
                return false;
            };
            self.by_use.insert(used, Arc::clone(&key));
            self.remove_if(&key, |entry| entry.used == used);
        }
        self.coming += blocks;
        true
    }

    /// An answer will not come to its end, or is not to be kept after all; so many blocks were taken for it.
    pub fn give_up(&mut self, key: &Arc<[u8]>, variant: Variant, blocks: usize) {
        self.coming -= blocks;
        self.awaited
            .retain(|(other, its)| other != key || *its != variant);
    }

    /// An answer has come, for which `blocks` were taken.
    pub fn keep(
        &mut self,
        key: &Arc<[u8]>,
        variant: Variant,
        answer: T,
        size: usize,
        life: super::Life,
        now: u64,
    ) {
        let blocks = size.div_ceil(BLOCK);
        self.give_up(key, variant, blocks);
        self.taken += blocks;
        let used = self.next_use();
        self.by_use.insert(used, Arc::clone(key));
        let entries = self.kept.entry(Arc::clone(key)).or_default();
        entries.push(Entry {
            answer: Arc::new(answer),
            used,
            variant,
            size,
            expires: now + u64::from(life.seconds),
            since: now,
            age: life.age,
        });
    }

    /// What is kept, by hash.
    pub fn shown(&self, now: u64) -> Vec<Shown> {
        let entries = self.kept.iter().flat_map(|(key, entries)| {
            let hash = xxh64::hash(key, 0) as u32;
            entries.iter().map(move |entry| (hash, entry))
        });
        let alive = entries.filter(|(_, entry)| entry.expires > now);
        let mut shown: Vec<_> = alive
            .map(|(hash, entry)| Shown {
                id: entry.used,
                hash,
                variant: entry.variant,
                size: entry.size,
                blocks: entry.size.div_ceil(BLOCK),
                left: entry.expires - now,
                users: Arc::strong_count(&entry.answer) - 1,
            })
            .collect();
        shown.sort_by_key(|shown| (shown.hash, shown.id));
        shown
    }

    /// Blocks that an answer could have: all but those of answers that are still coming.
    pub fn available(&self) -> usize {
        self.limits.blocks - self.coming
    }

    fn next_use(&mut self) -> u64 {
        self.uses += 1;
        self.uses
    }

    fn expire(&mut self, key: &[u8], now: u64) {
        self.remove_if(key, |entry| entry.expires <= now);
    }

    fn remove_if(&mut self, key: &[u8], goes: impl Fn(&Entry<T>) -> bool) {
        let Some(entries) = self.kept.get_mut(key) else {
            return;
        };
        let (gone, stay): (Vec<_>, Vec<_>) = std::mem::take(entries).into_iter().partition(goes);
        if stay.is_empty() {
            self.kept.remove(key);
        } else {
            *entries = stay;
        }
        for entry in gone {
            self.dropped(&entry);
        }
    }

    fn dropped(&mut self, entry: &Entry<T>) {
        self.by_use.remove(&entry.used);
        self.taken -= entry.size.div_ceil(BLOCK);
    }
}

#[cfg(test)]
mod tests;
