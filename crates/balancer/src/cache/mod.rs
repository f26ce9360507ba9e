//! Answers that were kept: looked for by `cache-use`, kept by `cache-store`. What may be kept is decided in
//! [`lb_core::cache`].

mod keeper;

pub use keeper::Keeper;

use crate::h1::framing::Framing;
use crate::h1::head::{Fields, RequestHead, ResponseHead, Version};
use crate::plan::Cache;
use crate::request::record::Record;
use lb_core::cache::{Asked, Field, Variant, Wanted, life, not_modified, variant};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// An answer as it was kept.
#[derive(Debug)]
pub struct Kept {
    pub head: ResponseHead,
    pub body: Vec<u8>,
    pub trailers: Fields,
    /// Where its body ended.
    pub framing: Framing,
    /// When it was changed last, in seconds since 1970.
    changed: u64,
}

/// What a request has to do with a cache.
#[derive(Debug)]
pub struct Asking {
    cache: Arc<Cache>,
    key: Arc<[u8]>,
    asked: Asked,
    wanted: Wanted,
}

/// A kept answer that a request gets.
#[derive(Clone, Debug)]
pub struct Hit {
    pub cache: Arc<Cache>,
    pub kept: Arc<Kept>,
    /// In seconds.
    pub age: u64,
    /// The client has it already.
    pub not_modified: bool,
}

/// Most seconds that an `age` tells of (RFC 9111, section 1.2.2).
const OLDEST: u64 = 1 << 31;

/// `cache-use`: looks for an answer, and notes what it takes to keep one.
pub fn look_up(name: &str, head: &RequestHead, record: &mut Record) {
    let Some(cache) = record.plan.cache(name).cloned() else {
        return;
    };
    let fields = fields(&head.fields);
    let late = head.version == Version::Http11;
    let asked = Asked::of(head.compared_method(), late, &fields);
    let Some(key) = key(head) else {
        return;
    };
    let wanted = Wanted::of(&fields);
    if asked.usable && record.hit.is_none() {
        let found = cache.live().find(&key, &wanted, now());
        record.cache_asked(found.is_some());
        record.hit = found.map(|found| Hit {
            cache: Arc::clone(&cache),
            age: found.age.min(OLDEST),
            not_modified: not_modified(
                &fields,
                found.answer.head.fields.value(b"etag"),
                found.answer.changed,
            ),
            kept: found.answer,
        });
    }
    record.asking = Some(Box::new(Asking {
        cache,
        key,
        asked,
        wanted,
    }));
}

/// `cache-store`: begins to keep an answer, as its head is now, where it may be kept. What was kept of an address that a
/// request may have changed is forgotten.
pub fn store(name: &str, head: &mut ResponseHead, record: &mut Record) {
    let asking = record.asking.as_deref();
    let Some(asking) = asking.filter(|asking| asking.cache.name == name && record.hit.is_none())
    else {
        return;
    };
    if asking.asked.changes && (200..400).contains(&head.status) {
        asking.cache.live().forget(&asking.key);
    }
    let cache = &asking.cache;
    let answer = fields(&head.fields);
    let Some(life) = life(asking.asked, head.status, &answer, &cache.limits, now()) else {
        return;
    };
    let Some(variant) = variant(&answer, &asking.wanted, cache.limits.vary) else {
        return;
    };
    head.fields.retain(|name, _| name != b"age");
    record.keeper = keep(asking, variant, life, head);
}

fn keep(
    asking: &Asking,
    variant: Variant,
    life: lb_core::cache::Life,
    head: &ResponseHead,
) -> Option<Box<Keeper>> {
    let kept = Kept {
        head: head.clone(),
        body: Vec::new(),
        trailers: Fields::default(),
        framing: Framing::Close,
        changed: life.changed,
    };
    Keeper::begin(&asking.cache, &asking.key, variant, life, kept).map(Box::new)
}

/// What an answer is kept under: the whole address; two clients of one server find the same, whatever they speak.
fn key(head: &RequestHead) -> Option<Arc<[u8]>> {
    let target = head.target();
    if target.is_empty() {
        return None;
    }
    let mut key = Vec::new();
    if head.authority().is_none() {
        let host = head.fields.value(b"host")?;
        key.extend_from_slice(b"https://");
        key.extend_from_slice(host);
    }
    key.extend_from_slice(target);
    Some(key.into())
}

fn fields(fields: &Fields) -> Vec<Field<'_>> {
    fields.iter().collect()
}

/// Seconds since 1970.
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |time| time.as_secs())
}
