//! When the next check is due.

use crate::Uptime;
use crate::health::Health;
use std::time::Duration;

/// Intervals below this do not count when first checks are spread (HAProxy `SRV_CHK_INTER_THRES`).
const SPREAD_THRESHOLD: Duration = Duration::from_secs(1);

/// The pauses between the checks of one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Fully up.
    pub inter: Duration,
    /// Between up and down.
    pub fastinter: Duration,
    /// Fully down.
    pub downinter: Duration,
}

impl Timing {
    /// The pause after a check, by what is known of the server now.
    pub fn pause(&self, health: &Health) -> Duration {
        if health.is_changing() {
            self.fastinter
        } else if health.is_up() {
            self.inter
        } else {
            self.downinter
        }
    }
}

/// A pause with `spread-checks` jitter: `dice` in 0.0..1.0 moves it by up to `percent` both ways.
pub fn jitter(pause: Duration, percent: u8, dice: f64) -> Duration {
    let share = f64::from(percent.min(50)) / 100.0;
    pause.mul_f64(1.0 + share * (2.0 * dice - 1.0))
}

/// When each checked server of the process is checked first: the i-th of n after `i/n` of its interval, but at
/// least of the shortest interval of a second or more, so that they do not come all at once.
pub fn first_checks(intervals: &[Duration], now: Uptime) -> Vec<Uptime> {
    let shortest = intervals
        .iter()
        .copied()
        .filter(|&inter| inter >= SPREAD_THRESHOLD)
        .min()
        .unwrap_or_default();
    let count = u32::try_from(intervals.len()).unwrap_or(u32::MAX).max(1);
    (0..count)
        .zip(intervals)
        .map(|(position, &own)| now + own.max(shortest) * position / count)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroU32;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn pauses_follow_health() {
        let timing = Timing {
            inter: SECOND,
            fastinter: SECOND / 5,
            downinter: SECOND * 3,
        };
        let three = NonZeroU32::new(3).unwrap();
        let mut health = Health::new(three, three);
        assert_eq!(timing.pause(&health), SECOND / 5, "on the edge at start");
        health.record(true);
        assert_eq!(timing.pause(&health), SECOND);
        health.record(false);
        assert_eq!(timing.pause(&health), SECOND / 5);
        health.force_down();
        assert_eq!(timing.pause(&health), SECOND * 3);
        health.record(true);
        assert_eq!(timing.pause(&health), SECOND / 5);
    }

    #[test]
    fn first_checks_are_spread() {
        let at = first_checks(&[SECOND * 2; 4], Uptime::ZERO);
        assert_eq!(at, [Uptime::ZERO, SECOND / 2, SECOND, SECOND * 3 / 2]);
    }

    #[test]
    fn short_intervals_spread_over_the_shortest_long_one_or_over_themselves() {
        let half = SECOND / 2;
        assert_eq!(
            first_checks(&[half; 2], SECOND),
            [SECOND, SECOND * 5 / 4],
            "observed on HAProxy: 900 ms for four are 225 ms apart"
        );
        assert_eq!(
            first_checks(&[half, half, SECOND * 3], Uptime::ZERO),
            [Uptime::ZERO, SECOND, SECOND * 2]
        );
        assert!(first_checks(&[], SECOND).is_empty());
    }

    #[test]
    fn jitter_stays_within_its_share() {
        assert_eq!(jitter(SECOND, 0, 0.9), SECOND);
        assert_eq!(jitter(SECOND, 50, 0.0), SECOND / 2);
        assert!(jitter(SECOND, 50, 0.999) < SECOND * 3 / 2);
    }
}
