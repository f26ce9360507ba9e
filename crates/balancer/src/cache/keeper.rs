//! An answer on its way into a cache, beside its way to the client.

use super::{Kept, now};
use crate::h1::framing::Framing;
use crate::h1::head::{Fields, ResponseHead};
use crate::plan::Cache;
use lb_core::cache::{BLOCK, Life, Variant};
use std::sync::Arc;

/// Takes what comes of an answer. Dropping it before it is whole gives its place up.
#[derive(Debug)]
pub struct Keeper {
    cache: Arc<Cache>,
    key: Arc<[u8]>,
    variant: Variant,
    life: Life,
    /// `None`: it was kept, or is not to be kept.
    kept: Option<Kept>,
    /// Of its head and its trailers, as HAProxy counts them.
    head: usize,
    /// What the store has been told of.
    blocks: usize,
}

/// What HAProxy writes before an answer, and beside each piece of it.
const OVERHEAD: usize = 132;
const PER_PIECE: usize = 4;

impl Keeper {
    /// `None`: the cache does not want it.
    pub(super) fn begin(
        cache: &Arc<Cache>,
        key: &Arc<[u8]>,
        variant: Variant,
        life: Life,
        kept: Kept,
    ) -> Option<Self> {
        let head = size_of_head(&kept.head);
        let announced = kept.head.fields.value(b"content-length");
        let announced = announced.and_then(|text| std::str::from_utf8(text).ok()?.parse().ok());
        let least: usize = head.saturating_add(announced.unwrap_or(0));
        if least > cache.limits.object || !cache.live().begin(key, variant, now()) {
            return None;
        }
        let mut keeper = Self {
            cache: Arc::clone(cache),
            key: Arc::clone(key),
            variant,
            life,
            kept: Some(kept),
            head,
            blocks: 0,
        };
        keeper.make_room().then_some(keeper)
    }

    /// Takes a piece of the body.
    pub fn take(&mut self, piece: &[u8]) {
        if let Some(kept) = &mut self.kept
            && !piece.is_empty()
        {
            kept.body.extend_from_slice(piece);
            if !self.make_room() {
                self.give_up();
            }
        }
    }

    /// All of it has come; `framing`: how.
    pub fn finish(&mut self, framing: Framing, trailers: &Fields) {
        if framing == Framing::Chunked {
            self.head += size_of(trailers);
            if !self.make_room() {
                return self.give_up();
            }
        }
        let size = self.size();
        if let Some(mut kept) = self.kept.take() {
            kept.framing = framing;
            if framing == Framing::Chunked {
                kept.trailers = trailers.clone();
            }
            kept.body.shrink_to_fit();
            let mut store = self.cache.live();
            store.keep(&self.key, self.variant, kept, size, self.life, now());
        }
    }

    fn size(&self) -> usize {
        let body = self.kept.as_ref().map_or(0, |kept| kept.body.len());
        self.head + if body > 0 { PER_PIECE + body } else { 0 }
    }

    /// False: it is too large, or there is no room.
    fn make_room(&mut self) -> bool {
        let blocks = self.size().div_ceil(BLOCK);
        let more = blocks - self.blocks;
        if self.size() > self.cache.limits.object || (more > 0 && !self.cache.live().grow(more)) {
            return false;
        }
        self.blocks = blocks;
        true
    }

    fn give_up(&mut self) {
        if self.kept.take().is_some() {
            let mut store = self.cache.live();
            store.give_up(&self.key, self.variant, self.blocks);
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.give_up();
    }
}

/// The first line and the fields.
fn size_of_head(head: &ResponseHead) -> usize {
    let line = head.version_text().len() + 3 + head.reason().len() + PER_PIECE;
    OVERHEAD + line + size_of(&head.fields)
}

/// Fields and what ends them.
fn size_of(fields: &Fields) -> usize {
    let fields = fields.iter();
    let fields: usize = fields
        .map(|(name, value)| name.len() + value.len() + PER_PIECE)
        .sum();
    fields + PER_PIECE + 1
}
