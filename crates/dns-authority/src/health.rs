//! Whether an examined address is well: a run of failures takes it out, a run of successes brings it back.

use crate::zone::Check;

/// What is known of one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    well: bool,
    /// Outcomes in a row that speak against `well`.
    against: u32,
}

impl Default for Health {
    /// Well until the opposite is seen, as a server in HAProxy starts.
    fn default() -> Self {
        Self {
            well: true,
            against: 0,
        }
    }
}

impl Health {
    pub fn is_well(self) -> bool {
        self.well
    }

    /// Takes in one examination; true when it changed the state.
    pub fn record(&mut self, check: &Check, success: bool) -> bool {
        if success == self.well {
            self.against = 0;
            return false;
        }
        self.against += 1;
        let enough = if self.well { check.fall } else { check.rise };
        let changed = self.against >= enough;
        if changed {
            *self = Self {
                well: success,
                against: 0,
            };
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// Outcomes as `+` and `-`; after each, the state as `W` (well) or `s` (sick).
    fn check(outcomes: &str, expected: &str) {
        let rules = Check {
            port: 80,
            every: Duration::from_secs(2),
            timeout: Duration::from_secs(1),
            rise: 2,
            fall: 3,
        };
        let mut health = Health::default();
        let states: String = outcomes
            .chars()
            .map(|outcome| {
                let before = health.is_well();
                let changed = health.record(&rules, outcome == '+');
                assert_eq!(changed, before != health.is_well());
                if health.is_well() { 'W' } else { 's' }
            })
            .collect();
        assert_eq!(states, expected);
    }

    #[test]
    fn three_failures_in_a_row_take_it_out() {
        check("---", "WWs");
        check("--+--+---", "WWWWWWWWs");
    }

    #[test]
    fn two_successes_in_a_row_bring_it_back() {
        check("---+-++", "WWssssW");
    }
}
