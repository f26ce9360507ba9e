use super::*;
use crate::cache::{Life, variant};

const LIFE: Life = Life {
    seconds: 30,
    age: 5,
    changed: 0,
};

fn store(blocks: usize) -> Store<&'static str> {
    Store::new(Limits {
        blocks,
        object: 10 * BLOCK,
        age: 60,
        vary: true,
        variants: 2,
    })
}

fn key(text: &str) -> Arc<[u8]> {
    text.as_bytes().into()
}

fn referer(text: &'static [u8]) -> (Wanted, Variant) {
    let wanted = Wanted::of(&[(b"referer", text)]);
    let kept = variant(&[(b"vary", b"referer")], &wanted, true).unwrap();
    (wanted, kept)
}

fn put(store: &mut Store<&'static str>, name: &'static str, blocks: usize, now: u64) -> bool {
    let key = key(name);
    let plain = Variant::default();
    if !store.begin(&key, plain, now) {
        return false;
    }
    if !store.grow(blocks) {
        store.give_up(&key, plain, 0);
        return false;
    }
    store.keep(&key, plain, name, blocks * BLOCK, LIFE, now);
    true
}

fn get(store: &mut Store<&'static str>, name: &str, now: u64) -> Option<(&'static str, u64)> {
    let found = store.find(name.as_bytes(), &Wanted::of(&[]), now)?;
    Some((*found.answer, found.age))
}

#[test]
fn an_answer_grows_older_until_it_is_no_longer_good() {
    let mut store = store(4);
    assert!(put(&mut store, "a", 1, 100));
    assert_eq!(get(&mut store, "a", 100), Some(("a", 5)));
    assert_eq!(get(&mut store, "a", 129), Some(("a", 34)));
    assert_eq!(get(&mut store, "a", 130), None);
    assert_eq!((store.taken, store.by_use.len()), (0, 0));
}

#[test]
fn the_least_recently_used_make_room() {
    let mut store = store(3);
    for name in ["a", "b", "c"] {
        assert!(put(&mut store, name, 1, 0));
    }
    assert!(get(&mut store, "a", 1).is_some());
    assert!(put(&mut store, "d", 2, 1));
    assert_eq!(get(&mut store, "b", 1), None);
    assert_eq!(get(&mut store, "c", 1), None);
    assert!(get(&mut store, "a", 1).is_some() && get(&mut store, "d", 1).is_some());
    assert!(!put(&mut store, "e", 4, 1));
    assert_eq!((store.taken, store.coming, store.available()), (0, 0, 3));
}

#[test]
fn the_same_answer_does_not_come_twice_and_one_that_breaks_off_gives_back_all() {
    let mut store = store(3);
    let (key, plain) = (key("a"), Variant::default());
    assert!(store.begin(&key, plain, 0));
    assert!(!store.begin(&key, plain, 0));
    assert!(store.grow(2));
    assert!(!store.grow(2));
    assert_eq!(store.available(), 1);
    store.give_up(&key, plain, 2);
    assert_eq!(store.available(), 3);
    assert!(store.begin(&key, plain, 0));
}

#[test]
fn so_many_variants_of_one_address_are_kept() {
    let mut store = store(9);
    let key = key("a");
    let mut keep = |name: &'static [u8]| {
        let (_, variant) = referer(name);
        let begun = store.begin(&key, variant, 0) && store.grow(1);
        if begun {
            store.keep(&key, variant, "x", BLOCK, LIFE, 0);
        }
        begun
    };
    assert!(keep(b"a") && keep(b"b") && keep(b"b"));
    assert!(!keep(b"c"));
    assert!(store.find(b"a", &referer(b"a").0, 1).is_some());
    assert!(store.find(b"a", &referer(b"c").0, 1).is_none());
    assert_eq!(store.shown(1).len(), 2);
    store.forget(b"a");
    assert_eq!((store.taken, store.shown(1).len()), (0, 0));
}

#[test]
fn what_is_kept_is_told_with_who_is_getting_it() {
    let mut store = store(4);
    put(&mut store, "a", 2, 10);
    let found = store.find(b"a", &Wanted::of(&[]), 10).unwrap();
    let shown = store.shown(15);
    assert_eq!((shown[0].blocks, shown[0].left, shown[0].users), (2, 25, 1));
    drop(found);
    assert_eq!(store.shown(40), []);
}
