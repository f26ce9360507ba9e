//! Events per second and sliding averages, as HAProxy's statistics show them.

use crate::Uptime;
use std::time::Duration;

/// Counts events over the last second: the running second in full, the one before it in part.
#[derive(Clone, Debug, Default)]
pub struct Rate {
    second: u64,
    current: u64,
    previous: u64,
    max: u64,
}

impl Rate {
    /// Counts one event.
    pub fn tick(&mut self, now: Uptime) {
        self.rotate(now);
        self.current += 1;
        self.max = self.max.max(self.per_second(now));
    }

    /// Events in the second that ends at `now`.
    pub fn per_second(&self, now: Uptime) -> u64 {
        let (current, previous) = match now.as_secs().saturating_sub(self.second) {
            0 => (self.current, self.previous),
            1 => (0, self.current),
            _ => (0, 0),
        };
        let remaining = u64::from(1000 - now.subsec_millis());
        current + previous * remaining / 1000
    }

    /// How long until there may be another event under a limit per second.
    pub fn wait(&self, limit: u32, now: Uptime) -> Duration {
        let (limit, left) = (u64::from(limit), self.per_second(now));
        if limit == 0 || left < limit {
            return Duration::ZERO;
        }
        // The previous second fades out evenly: a step of it makes room for one.
        Duration::from_millis((1000 / limit).max(1))
    }

    /// The highest value of [`Rate::per_second`] so far.
    pub fn max(&self) -> u64 {
        self.max
    }

    /// Forgets the highest value (`clear counters`).
    pub fn clear_max(&mut self) {
        self.max = 0;
    }

    fn rotate(&mut self, now: Uptime) {
        match now.as_secs().saturating_sub(self.second) {
            0 => return,
            1 => self.previous = self.current,
            _ => self.previous = 0,
        }
        self.current = 0;
        self.second = now.as_secs();
    }
}

/// The average over roughly the last [`Average::WINDOW`] values, in milliseconds, and the highest one.
#[derive(Clone, Debug, Default)]
pub struct Average {
    sum: u64,
    count: u64,
    max: u64,
}

impl Average {
    /// How many values weigh in: HAProxy's `TIME_STATS_SAMPLES`.
    pub const WINDOW: u64 = 512;

    pub fn add(&mut self, milliseconds: u64) {
        if self.count >= Self::WINDOW {
            self.sum -= self.sum.div_ceil(Self::WINDOW);
        } else {
            self.count += 1;
        }
        self.sum += milliseconds;
        self.max = self.max.max(milliseconds);
    }

    pub fn milliseconds(&self) -> u64 {
        if self.count == 0 {
            0
        } else {
            self.sum.div_ceil(self.count)
        }
    }

    pub fn max(&self) -> u64 {
        self.max
    }

    pub fn clear_max(&mut self) {
        self.max = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> Uptime {
        Uptime::from_millis(milliseconds)
    }

    #[test]
    fn the_previous_second_fades_out() {
        let mut rate = Rate::default();
        for _ in 0..10 {
            rate.tick(at(500));
        }
        assert_eq!(rate.per_second(at(999)), 10);
        assert_eq!(rate.per_second(at(1000)), 10);
        assert_eq!(rate.per_second(at(1500)), 5);
        assert_eq!(rate.per_second(at(2000)), 0);
        assert_eq!(rate.max(), 10);
    }

    #[test]
    fn a_pause_of_seconds_starts_from_nothing() {
        let mut rate = Rate::default();
        rate.tick(at(100));
        rate.tick(at(5100));
        assert_eq!(rate.per_second(at(5200)), 1);
    }

    #[test]
    fn the_average_follows_new_values() {
        let mut average = Average::default();
        assert_eq!(average.milliseconds(), 0);
        average.add(4);
        average.add(2);
        assert_eq!(average.milliseconds(), 3);
        for _ in 0..10_000 {
            average.add(100);
        }
        assert_eq!(average.milliseconds(), 100);
        assert_eq!(average.max(), 100);
    }
}
