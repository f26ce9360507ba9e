//! What changes while a plan is in force: a backend's state behind its lock, and limits that people set.

use lb_core::backend::Backend;
use std::ops::{Deref, DerefMut};
use std::sync::MutexGuard;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Waker;

/// How many may begin in a second, for the whole process; 0: no limit.
#[derive(Debug)]
pub struct Rates {
    pub connections: Limit,
    pub sessions: Limit,
    /// Of TLS.
    pub handshakes: Limit,
}

/// A number that may be changed while the plan is in force.
#[derive(Debug)]
pub struct Limit {
    in_file: u32,
    now: AtomicU32,
}

impl Limit {
    pub fn get(&self) -> u32 {
        self.now.load(Ordering::Relaxed)
    }

    /// What it was before anybody changed it.
    pub fn in_file(&self) -> u32 {
        self.in_file
    }

    /// In force until the next reload.
    pub fn set(&self, limit: u32) {
        self.now.store(limit, Ordering::Relaxed);
    }
}

impl From<u32> for Limit {
    fn from(limit: u32) -> Self {
        Self {
            in_file: limit,
            now: AtomicU32::new(limit),
        }
    }
}

/// A backend's state, locked. Requests whose turn came meanwhile are woken once it is free again.
#[derive(Debug)]
pub struct Live<'a>(Option<MutexGuard<'a, Backend>>);

const UNTIL_DROPPED: &str = "the lock is held until this is dropped";

impl<'a> Live<'a> {
    pub(super) fn of(locked: MutexGuard<'a, Backend>) -> Self {
        Self(Some(locked))
    }
}

impl Deref for Live<'_> {
    type Target = Backend;

    fn deref(&self) -> &Self::Target {
        self.0.as_ref().expect(UNTIL_DROPPED)
    }
}

impl DerefMut for Live<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.0.as_mut().expect(UNTIL_DROPPED)
    }
}

impl Drop for Live<'_> {
    fn drop(&mut self) {
        let woken = self.0.take().map(|mut locked| locked.take_woken());
        woken.into_iter().flatten().for_each(Waker::wake);
    }
}
