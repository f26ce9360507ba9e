//! `show cache`.

use super::session::{Context, Reply};
use crate::cache;
use std::fmt::Write;

/// Tells what each cache keeps. HAProxy tells places in memory; here they are numbers of caches and answers.
pub(super) fn show(context: &mut Context<'_>, _: &[String]) -> Reply {
    let mut text = String::new();
    let now = cache::now();
    for (number, cache) in context.plan.caches.iter().enumerate() {
        let (number, store) = (number + 1, cache.live());
        let _ = writeln!(
            text,
            "{number:#x}: {} (shctx:{number:#x}, available blocks:{})",
            cache.name,
            store.available()
        );
        for shown in store.shown(now) {
            let variant: String = shown
                .variant
                .bytes()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            let _ = writeln!(
                text,
                "{:#x} hash:{} vary:0x{variant} size:{} ({} blocks), refcount:{}, expire:{}",
                shown.id, shown.hash, shown.size, shown.blocks, shown.users, shown.left
            );
        }
    }
    Reply::Data(text)
}
