//! What the file says and people may change while the balancer runs.

use std::sync::{OnceLock, PoisonError, RwLock};

/// A value of the file until somebody changes it. Reading it takes no lock until then.
#[derive(Debug, Default)]
pub(super) struct Changeable<T> {
    first: T,
    now: OnceLock<RwLock<T>>,
}

impl<T: Clone> Changeable<T> {
    pub(super) fn new(first: T) -> Self {
        Self {
            first,
            now: OnceLock::new(),
        }
    }

    pub(super) fn get(&self) -> T {
        match self.now.get() {
            None => self.first.clone(),
            Some(now) => now.read().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }

    /// In force until the next reload.
    pub(super) fn update(&self, change: impl FnOnce(&mut T)) {
        let now = self.now.get_or_init(|| RwLock::new(self.first.clone()));
        change(&mut now.write().unwrap_or_else(PoisonError::into_inner));
    }
}

#[cfg(test)]
mod tests {
    use super::Changeable;

    #[test]
    fn the_last_change_counts() {
        let it = Changeable::new(1);
        assert_eq!(it.get(), 1);
        it.update(|it| *it += 1);
        it.update(|it| *it += 1);
        assert_eq!(it.get(), 3);
    }
}
