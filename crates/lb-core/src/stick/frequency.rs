//! Events in a period: the running period in full, the one before it in part.

use crate::Uptime;
use std::time::Duration;

/// A counter of what happened in the last `period`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frequency {
    /// In whole milliseconds, at least one.
    period: u64,
    /// When the running period began, in milliseconds.
    begun: u64,
    current: u64,
    previous: u64,
}

impl Frequency {
    /// A period below a millisecond counts as one.
    pub fn new(period: Duration) -> Self {
        Self {
            period: milliseconds(period).max(1),
            begun: 0,
            current: 0,
            previous: 0,
        }
    }

    /// In milliseconds, as tables name it.
    pub fn period(&self) -> u64 {
        self.period
    }

    /// Counts events, and gives those of the running period.
    pub fn add(&mut self, events: u64, now: Uptime) -> u64 {
        let now = milliseconds(now);
        match now.saturating_sub(self.begun) / self.period {
            0 => {}
            1 => {
                self.previous = std::mem::take(&mut self.current);
                self.begun += self.period;
            }
            _ => {
                (self.previous, self.current) = (0, 0);
                self.begun = now;
            }
        }
        self.current += events;
        self.current
    }

    /// Events in the period that ends now.
    pub fn value(&self, now: Uptime) -> u64 {
        let elapsed = milliseconds(now).saturating_sub(self.begun);
        let (past, current, left) = match elapsed / self.period {
            0 => (self.previous, self.current, self.period - elapsed),
            1 => (self.current, 0, 2 * self.period - elapsed),
            _ => (0, 0, 0),
        };
        // So few that the share would come and go
        if past <= 1 && current == 0 {
            return past;
        }
        (current * self.period + past * left) / self.period
    }

    /// Begins anew with a value (`set table`).
    pub fn set(&mut self, events: u64, now: Uptime) {
        self.begun = milliseconds(now);
        (self.previous, self.current) = (0, events);
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[track_caller]
    fn check(events: &[(u64, u64)], at: u64, expected: u64) {
        let mut frequency = Frequency::new(10 * SECOND);
        for (count, milliseconds) in events {
            frequency.add(*count, Duration::from_millis(*milliseconds));
        }
        assert_eq!(frequency.value(Duration::from_millis(at)), expected);
    }

    #[test]
    fn the_running_period_counts_in_full_and_the_last_in_part() {
        check(&[(5, 0)], 9_999, 5);
        check(&[(10, 0)], 10_000, 10);
        check(&[(10, 0)], 15_000, 5);
        check(&[(10, 0), (4, 12_000)], 15_000, 4 + 5);
        check(&[(10, 0), (4, 12_000)], 25_000, 2);
        check(&[(10, 0)], 30_000, 0);
    }

    #[test]
    fn a_single_event_does_not_fade() {
        check(&[(1, 0)], 19_999, 1);
        check(&[(1, 0)], 20_000, 0);
    }

    #[test]
    fn after_silence_a_period_begins_with_its_first_event() {
        check(&[(1, 0), (3, 37_000)], 46_999, 3);
    }
}
