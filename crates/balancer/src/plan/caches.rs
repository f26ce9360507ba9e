//! Caches, alive.

use super::Plan;
use crate::cache::Kept;
use crate::process::lock;
use haproxy_config::model;
use lb_core::cache::{BLOCK, Limits, Store};
use std::sync::{Arc, Mutex, MutexGuard};

/// A cache and how to get at it.
#[derive(Debug)]
pub struct Cache {
    pub name: String,
    pub limits: Limits,
    /// Shared with the same cache in the plan before.
    live: Arc<Mutex<Store<Kept>>>,
}

impl Cache {
    /// What it keeps: hold it for a few lines, never over an `.await`.
    pub fn live(&self) -> MutexGuard<'_, Store<Kept>> {
        lock(&self.live)
    }
}

/// All caches; what was kept under the same name and within the same limits is taken over from the `former` plan.
pub(super) fn build(config: &model::Config, former: Option<&Plan>) -> Vec<Arc<Cache>> {
    let caches = config.caches.iter().map(|cache| {
        let limits = Limits {
            blocks: cache.megabytes * 1_024 * 1_024 / BLOCK,
            object: cache.object,
            age: cache.age,
            vary: cache.vary,
            variants: cache.variants,
        };
        let former = former.and_then(|plan| plan.cache(&cache.name));
        let same = former.filter(|former| former.limits == limits);
        Arc::new(Cache {
            name: cache.name.clone(),
            limits,
            live: match same {
                Some(former) => Arc::clone(&former.live),
                None => Arc::new(Mutex::new(Store::new(limits))),
            },
        })
    });
    caches.collect()
}
