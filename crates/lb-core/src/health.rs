//! The rise and fall machine: how check results make a server UP or DOWN.

use std::num::NonZeroU32;

/// One number between 0 and `rise + fall - 1`; the server is up from `rise` on (HAProxy `src/check.c`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    rise: u32,
    fall: u32,
    value: u32,
}

/// What one result changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flip {
    Up,
    Down,
}

impl Health {
    /// Starts on the edge: up, but the first failure is enough for DOWN and the first success for full credit.
    pub fn new(rise: NonZeroU32, fall: NonZeroU32) -> Self {
        Self {
            rise: rise.get(),
            fall: fall.get(),
            value: rise.get(),
        }
    }

    /// Counts one result: a success that reaches `rise` restores full credit, a failure that falls below
    /// `rise` clears it.
    pub fn record(&mut self, passed: bool) -> Option<Flip> {
        let was_up = self.is_up();
        if passed {
            self.value = (self.value + 1).min(self.highest());
            if self.is_up() {
                self.value = self.highest();
            }
        } else {
            self.value = self.value.saturating_sub(1);
            if !self.is_up() {
                self.value = 0;
            }
        }
        match (was_up, self.is_up()) {
            (false, true) => Some(Flip::Up),
            (true, false) => Some(Flip::Down),
            _ => None,
        }
    }

    pub fn is_up(&self) -> bool {
        self.value >= self.rise
    }

    /// Neither fully up nor fully down: `fastinter` applies.
    pub fn is_changing(&self) -> bool {
        self.value != 0 && self.value != self.highest()
    }

    /// Full credit (`set server health up`).
    pub fn force_up(&mut self) {
        self.value = self.highest();
    }

    /// No credit (`set server health down`).
    pub fn force_down(&mut self) {
        self.value = 0;
    }

    /// One failure left to survive, if it is more (`on-error sudden-death`).
    pub fn nearly_down(&mut self) {
        self.value = self.value.min(self.rise + 1);
    }

    /// Back to the edge, as at start (leaving maintenance).
    pub fn restart(&mut self) {
        self.value = self.rise;
    }

    /// The counter of another process; more than it can be is the most it can be.
    pub(crate) fn set(&mut self, value: u32) {
        self.value = value.min(self.highest());
    }

    /// `k` of `UP k/fall`: failures left to survive, the deadly one included.
    pub fn credit(&self) -> u32 {
        (self.value + 1).saturating_sub(self.rise)
    }

    /// The bare counter, as in the CSV column `check_health`.
    pub fn value(&self) -> u32 {
        self.value
    }

    pub fn rise(&self) -> u32 {
        self.rise
    }

    pub fn fall(&self) -> u32 {
        self.fall
    }

    /// Takes the counter of a former self, as far as it still fits.
    pub fn inherit(&mut self, former: &Health) {
        self.value = if former.is_up() {
            (self.rise + former.credit() - 1).min(self.highest())
        } else {
            former.value.min(self.rise - 1)
        };
    }

    fn highest(&self) -> u32 {
        self.rise + self.fall - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn health(rise: u32, fall: u32) -> Health {
        Health::new(
            NonZeroU32::new(rise).unwrap(),
            NonZeroU32::new(fall).unwrap(),
        )
    }

    /// Plays results (`+` passed, `-` failed) and shows the machine after each, as `status` would.
    fn play(mut health: Health, results: &str) -> Vec<String> {
        results
            .chars()
            .map(|result| {
                health.record(result == '+');
                if health.is_up() {
                    format!("UP {}/{}", health.credit(), health.fall())
                } else {
                    format!("DOWN {}/{}", health.value(), health.rise())
                }
            })
            .collect()
    }

    #[test]
    fn the_first_failure_after_start_is_enough() {
        assert_eq!(play(health(2, 3), "-"), ["DOWN 0/2"]);
    }

    #[test]
    fn the_first_success_gives_full_credit() {
        assert_eq!(
            play(health(2, 3), "+---"),
            ["UP 3/3", "UP 2/3", "UP 1/3", "DOWN 0/2"]
        );
    }

    #[test]
    fn rise_successes_bring_it_back() {
        assert_eq!(
            play(health(2, 3), "-++"),
            ["DOWN 0/2", "DOWN 1/2", "UP 3/3"]
        );
    }

    #[test]
    fn one_success_restores_and_one_failure_clears() {
        assert_eq!(
            play(health(2, 3), "+--+"),
            ["UP 3/3", "UP 2/3", "UP 1/3", "UP 3/3"]
        );
        assert_eq!(
            play(health(3, 1), "-++-+"),
            ["DOWN 0/3", "DOWN 1/3", "DOWN 2/3", "DOWN 0/3", "DOWN 1/3"]
        );
    }

    #[test]
    fn flips_are_told_once() {
        let mut it = health(2, 2);
        let flips: Vec<_> = [true, false, false, false, true, true, true]
            .into_iter()
            .map(|passed| it.record(passed))
            .collect();
        assert_eq!(
            flips,
            [
                None,
                None,
                Some(Flip::Down),
                None,
                None,
                Some(Flip::Up),
                None
            ]
        );
    }

    #[test]
    fn a_reload_with_other_limits_keeps_the_side() {
        let mut down = health(5, 5);
        let mut former = health(2, 3);
        former.record(false);
        down.inherit(&former);
        assert!(!down.is_up());
        let mut up = health(1, 1);
        up.inherit(&health(2, 3));
        assert!(up.is_up());
    }
}
