//! Lists of patterns, written in the configuration or read from files, and changed while the balancer runs.

use crate::expand::replaced;
use crate::pattern::{Matching, Pattern};
use crate::value::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// The patterns of one ACL line, or a map.
#[derive(Debug)]
pub struct PatternSet {
    pub matching: Matching,
    pub ignore_case: bool,
    /// Entries have values.
    pub is_map: bool,
    entries: RwLock<Entries>,
}

#[derive(Debug, Default)]
struct Entries {
    list: Vec<Entry>,
    /// Where plain texts stand, so that a long list is not walked.
    places: HashMap<Vec<u8>, usize>,
    last_number: u64,
    /// Of the entries in force.
    version: u32,
    /// The newest that was asked for.
    next: u32,
    /// What is being made ready, by version. Nobody is compared with it.
    prepared: BTreeMap<u32, Vec<Entry>>,
}

/// What is wrong with a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WrongVersion {
    /// Nobody has asked for it yet.
    Future,
    /// HAProxy's words about the entry.
    Entry(String),
}

/// One pattern.
#[derive(Clone, Debug)]
pub struct Entry {
    /// As written.
    pub key: String,
    pub value: Option<String>,
    /// Of this process alone: entries are numbered as they come.
    pub number: u64,
    pattern: Pattern,
}

impl Entry {
    /// The value, with the groups of its regular expression in a text it matches: `\1`.
    pub(crate) fn expanded(&self, text: &[u8]) -> Option<Vec<u8>> {
        let value = self.value.as_deref()?.as_bytes();
        match &self.pattern {
            Pattern::Regex(regex) => replaced(regex, text, value),
            _ => Some(value.to_vec()),
        }
    }
}

impl PatternSet {
    pub fn new(matching: Matching, ignore_case: bool, is_map: bool) -> Self {
        Self {
            matching,
            ignore_case,
            is_map,
            entries: RwLock::default(),
        }
    }

    /// Adds an entry at the end; the error is HAProxy's.
    pub fn add(&self, key: &str, value: Option<&str>) -> Result<(), String> {
        let pattern = self.matching.parse(key, self.ignore_case)?;
        let mut entries = self.write();
        if self.matching == Matching::Str
            && let Pattern::Text(text) = &pattern
        {
            let place = entries.list.len();
            entries.places.entry(text.clone()).or_insert(place);
        }
        let entry = entries.entry(key, value, pattern);
        entries.list.push(entry);
        Ok(())
    }

    /// Asks for a new version, to be made ready beside the one in force.
    pub fn prepare(&self) -> u32 {
        let mut entries = self.write();
        entries.next += 1;
        entries.next
    }

    /// Adds an entry to a version.
    ///
    /// # Errors
    ///
    /// The version was not asked for, or the entry is none.
    pub fn add_to(&self, version: u32, key: &str, value: Option<&str>) -> Result<(), WrongVersion> {
        let (now, next) = self.versions();
        if version == now {
            return self.add(key, value).map_err(WrongVersion::Entry);
        }
        if version > next {
            return Err(WrongVersion::Future);
        }
        let pattern = self.matching.parse(key, self.ignore_case);
        let mut entries = self.write();
        let entry = entries.entry(key, value, pattern.map_err(WrongVersion::Entry)?);
        entries.prepared.entry(version).or_default().push(entry);
        Ok(())
    }

    /// Puts a version in force, in one step; false: it was not asked for, or is an old one.
    pub fn commit(&self, version: u32) -> bool {
        let mut entries = self.write();
        if version <= entries.version || version > entries.next {
            return false;
        }
        entries.list = entries.prepared.remove(&version).unwrap_or_default();
        entries.prepared = entries.prepared.split_off(&version);
        entries.version = version;
        entries.find_places(self.matching);
        true
    }

    /// The version in force, and the newest that was asked for.
    pub fn versions(&self) -> (u32, u32) {
        let entries = self.read();
        (entries.version, entries.next)
    }

    /// The entries of a version, in their order.
    pub fn entries_of(&self, version: u32) -> Vec<Entry> {
        let entries = self.read();
        match version == entries.version {
            true => entries.list.clone(),
            false => entries.prepared.get(&version).cloned().unwrap_or_default(),
        }
    }

    /// Takes all entries of a version out.
    pub fn clear_version(&self, version: u32) {
        let mut entries = self.write();
        if version == entries.version {
            entries.list.clear();
            entries.places.clear();
        } else {
            entries.prepared.remove(&version);
        }
    }

    /// How many entries all versions have.
    pub fn count(&self) -> usize {
        let entries = self.read();
        let prepared: usize = entries.prepared.values().map(Vec::len).sum();
        entries.list.len() + prepared
    }

    /// Whether there is an entry of this key, as written.
    pub fn contains(&self, key: &str) -> bool {
        let entries = self.read();
        match (self.matching, self.ignore_case) {
            (Matching::Str, false) => entries.places.contains_key(key.as_bytes()),
            _ => entries.list.iter().any(|entry| entry.key == key),
        }
    }

    /// Gives all entries of a key another value; false: there is none.
    pub fn set(&self, key: &str, value: &str) -> bool {
        let mut entries = self.write();
        let mut found = false;
        for entry in entries.list.iter_mut().filter(|entry| entry.key == key) {
            entry.value = Some(value.to_owned());
            found = true;
        }
        found
    }

    /// Takes all entries of a key out; false: there was none.
    pub fn delete(&self, key: &str) -> bool {
        let mut entries = self.write();
        let before = entries.list.len();
        entries.list.retain(|entry| entry.key != key);
        let found = entries.list.len() < before;
        entries.find_places(self.matching);
        found
    }

    /// Takes all entries in force out.
    pub fn clear(&self) {
        let version = self.versions().0;
        self.clear_version(version);
    }

    /// All entries, in their order.
    pub fn entries(&self) -> Vec<Entry> {
        self.read().list.clone()
    }

    pub fn len(&self) -> usize {
        self.read().list.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a value matches one of the patterns.
    pub fn matches(&self, value: &Value<'_>) -> bool {
        self.find(value, |_| ()).is_some()
    }

    /// What `take` makes of the entry that a value matches: of networks the narrowest, of beginnings the longest, of
    /// everything else the first.
    pub fn find<T>(&self, value: &Value<'_>, take: impl FnOnce(&Entry) -> T) -> Option<T> {
        let value = value.clone().cast(self.matching.wants())?;
        let entries = self.read();
        if let (Matching::Str, Value::Text(text)) = (self.matching, &value) {
            let place = if self.ignore_case {
                entries.places.get(&text.to_ascii_lowercase())
            } else {
                entries.places.get(&**text)
            };
            return place.map(|place| take(&entries.list[*place]));
        }
        let holds = |entry: &&Entry| {
            self.matching
                .holds(&value, &entry.pattern, self.ignore_case)
        };
        let mut matching = entries.list.iter().filter(holds);
        let best = match self.matching {
            Matching::Ip | Matching::Beg if self.is_map => matching.reduce(|best, other| {
                if other.weight() > best.weight() {
                    other
                } else {
                    best
                }
            }),
            _ => matching.next(),
        };
        best.map(take)
    }

    fn read(&self) -> RwLockReadGuard<'_, Entries> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Entries> {
        self.entries.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    fn entry(&mut self, key: &str, value: Option<&str>, pattern: Pattern) -> Entry {
        self.last_number += 1;
        Entry {
            number: self.last_number,
            key: key.to_owned(),
            value: value.map(str::to_owned),
            pattern,
        }
    }

    fn find_places(&mut self, matching: Matching) {
        self.places.clear();
        if matching != Matching::Str {
            return;
        }
        for (place, entry) in self.list.iter().enumerate() {
            if let Pattern::Text(text) = &entry.pattern {
                self.places.entry(text.clone()).or_insert(place);
            }
        }
    }
}

impl Entry {
    /// How much a pattern says.
    fn weight(&self) -> usize {
        match &self.pattern {
            Pattern::Network(network) => usize::from(network.length),
            Pattern::Text(text) => text.len(),
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(matching: Matching, entries: &[(&str, &str)]) -> PatternSet {
        let map = PatternSet::new(matching, false, true);
        for (key, value) in entries {
            map.add(key, Some(value)).unwrap();
        }
        map
    }

    #[track_caller]
    fn check(map: &PatternSet, key: &str, expected: Option<&str>) {
        let found = map.find(&Value::text(key.as_bytes()), |entry| entry.value.clone());
        assert_eq!(found.flatten().as_deref(), expected, "{key}");
    }

    #[test]
    fn a_map_gives_the_value_of_the_closest_key() {
        let networks = map(
            Matching::Ip,
            &[("10.0.0.0/8", "wide"), ("10.1.0.0/16", "narrow")],
        );
        check(&networks, "10.1.2.3", Some("narrow"));
        check(&networks, "10.2.2.3", Some("wide"));
        check(&networks, "11.2.2.3", None);
        let beginnings = map(Matching::Beg, &[("/", "all"), ("/api", "api")]);
        check(&beginnings, "/api/x", Some("api"));
        check(&beginnings, "/x", Some("all"));
        let ends = map(Matching::End, &[("f", "first"), ("gif", "second")]);
        check(&ends, "x.gif", Some("first"));
    }

    #[test]
    fn a_version_is_made_ready_beside_the_one_in_force() {
        let map = map(Matching::Str, &[("a", "1")]);
        assert_eq!(map.add_to(1, "a", Some("2")), Err(WrongVersion::Future));
        assert_eq!(map.prepare(), 1);
        map.add_to(1, "a", Some("2")).unwrap();
        map.add_to(0, "b", Some("1")).unwrap();
        check(&map, "a", Some("1"));
        assert_eq!((map.versions(), map.count()), ((0, 1), 3));
        assert!(!map.commit(2) && !map.commit(0));
        assert!(map.commit(1) && !map.commit(1));
        check(&map, "a", Some("2"));
        check(&map, "b", None);
        assert_eq!((map.versions(), map.count()), ((1, 1), 1));
        map.prepare();
        map.add_to(2, "c", Some("3")).unwrap();
        map.clear_version(2);
        assert!(map.entries_of(2).is_empty());
        assert_eq!(map.len(), 1);
    }

    #[test]
    fn entries_come_and_go() {
        let map = map(Matching::Str, &[("a", "1"), ("b", "2"), ("a", "3")]);
        check(&map, "a", Some("1"));
        assert!(map.set("a", "9"));
        assert!(!map.set("z", "9"));
        check(&map, "a", Some("9"));
        assert!(map.delete("a"));
        check(&map, "a", None);
        check(&map, "b", Some("2"));
        assert!(!map.delete("a"));
        map.clear();
        assert!(map.is_empty());
    }
}
