//! When a name is asked for, for which kind of address, and when to give up (manual, section 5.3.2). Pure: whoever
//! calls says what time it is.

use crate::plan::{AddressFamily, Hold, Resolvers};
use lb_core::Uptime;
use lb_core::transition::ResolutionFailure;

/// One name, looked up again and again.
#[derive(Debug)]
pub(super) struct Question {
    preferred: AddressFamily,
    phase: Phase,
    last: Outcome,
    last_valid: Uptime,
}

#[derive(Debug)]
enum Phase {
    Resting {
        until: Uptime,
    },
    Asking {
        family: AddressFamily,
        since: Uptime,
        /// Questions left to send; `None`: without end.
        left: Option<u32>,
        /// Name servers that were asked, and that have answered.
        sent: usize,
        answered: usize,
    },
}

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Wait,
    /// Ask every name server.
    Ask(AddressFamily),
    /// There was no valid answer: [`Question::failure`] tells what that means.
    GiveUp,
}

/// How asking ended, or goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    None,
    Valid,
    NxDomain,
    Refused,
    Timeout,
    Other,
}

impl Question {
    /// To be asked at once. Until an answer says otherwise, the last one was valid and came now.
    pub(super) fn new(preferred: AddressFamily, now: Uptime) -> Self {
        Self {
            preferred,
            phase: Phase::Resting { until: now },
            last: Outcome::None,
            last_valid: now,
        }
    }

    pub(super) fn preferred(&self) -> AddressFamily {
        self.preferred
    }

    /// When to [`wake`](Self::wake) it.
    pub(super) fn due(&self, policy: &Resolvers) -> Uptime {
        match self.phase {
            Phase::Resting { until } => until,
            Phase::Asking { since, .. } => since + policy.timeout.retry,
        }
    }

    /// Time has passed.
    pub(super) fn wake(&mut self, now: Uptime, policy: &Resolvers) -> Next {
        if now < self.due(policy) {
            return Next::Wait;
        }
        let (family, left) = match self.phase {
            Phase::Resting { .. } => (self.preferred, policy.retries.checked_sub(1)),
            Phase::Asking {
                left: Some(0),
                answered,
                ..
            } => {
                if answered == 0 {
                    self.last = Outcome::Timeout;
                }
                return self.give_up(now, policy);
            }
            // Somebody has answered, if not with an address: the other kind has its turn.
            Phase::Asking {
                family,
                left,
                answered: 1..,
                ..
            } if family == self.preferred => (other(family), left),
            Phase::Asking { left, .. } => (self.preferred, left.map(|left| left - 1)),
        };
        self.ask(family, left, now)
    }

    /// So many name servers were asked.
    pub(super) fn was_sent(&mut self, count: usize) {
        if let Phase::Asking { sent, .. } = &mut self.phase {
            *sent = count;
        }
    }

    /// A name server has answered without an address.
    pub(super) fn failed(&mut self, outcome: Outcome, now: Uptime, policy: &Resolvers) -> Next {
        let Phase::Asking {
            family,
            left,
            sent,
            answered,
            ..
        } = &mut self.phase
        else {
            return Next::Wait;
        };
        *answered += 1;
        self.last = outcome;
        if answered < sent {
            return Next::Wait;
        }
        match (*family == self.preferred, *left) {
            (true, left) => {
                let family = other(*family);
                self.ask(family, left, now)
            }
            (false, Some(0)) => self.give_up(now, policy),
            (false, _) => Next::Wait,
        }
    }

    /// A name server has answered with addresses.
    pub(super) fn succeeded(&mut self, now: Uptime, policy: &Resolvers) {
        self.last = Outcome::Valid;
        self.last_valid = now;
        self.rest(now, policy);
    }

    /// Why its servers have no address any more; `None`: the last valid answer still holds.
    pub(super) fn failure(&self, now: Uptime, hold: &Hold) -> Option<ResolutionFailure> {
        let (period, failure) = match self.last {
            Outcome::None | Outcome::Valid => return None,
            Outcome::NxDomain => (hold.nx, ResolutionFailure::NxDomain),
            Outcome::Refused => (hold.refused, ResolutionFailure::Refused),
            Outcome::Timeout => (hold.timeout, ResolutionFailure::Timeout),
            Outcome::Other => (hold.other, ResolutionFailure::Other),
        };
        (now >= self.last_valid + period).then_some(failure)
    }

    fn ask(&mut self, family: AddressFamily, left: Option<u32>, now: Uptime) -> Next {
        self.phase = Phase::Asking {
            family,
            since: now,
            left,
            sent: 0,
            answered: 0,
        };
        Next::Ask(family)
    }

    fn give_up(&mut self, now: Uptime, policy: &Resolvers) -> Next {
        self.rest(now, policy);
        Next::GiveUp
    }

    fn rest(&mut self, now: Uptime, policy: &Resolvers) {
        self.phase = Phase::Resting {
            until: now + policy.timeout.resolve,
        };
    }
}

fn other(family: AddressFamily) -> AddressFamily {
    match family {
        AddressFamily::V4 => AddressFamily::V6,
        AddressFamily::V6 => AddressFamily::V4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolve::testing::policy;
    use AddressFamily::{V4, V6};
    use std::time::Duration;

    const MS: Duration = Duration::from_millis(1);

    fn asked(servers: usize) -> Question {
        let mut it = Question::new(V4, Uptime::ZERO);
        assert_eq!(it.wake(Uptime::ZERO, &policy()), Next::Ask(V4));
        it.was_sent(servers);
        it
    }

    #[test]
    fn a_valid_answer_rests_until_the_next_resolution() {
        let mut it = asked(1);
        it.succeeded(10 * MS, &policy());
        assert_eq!(it.due(&policy()), 1010 * MS);
        assert_eq!(it.wake(1009 * MS, &policy()), Next::Wait);
        assert_eq!(it.wake(1010 * MS, &policy()), Next::Ask(V4));
    }

    #[test]
    fn the_other_kind_of_address_is_asked_for_once_all_have_failed() {
        let mut it = asked(2);
        assert_eq!(it.failed(Outcome::NxDomain, MS, &policy()), Next::Wait);
        assert_eq!(it.failed(Outcome::NxDomain, MS, &policy()), Next::Ask(V6));
    }

    #[test]
    fn it_gives_up_after_all_retries_of_both_kinds() {
        let (mut it, policy) = (asked(1), policy());
        let mut asked_for = vec![V4];
        let mut now = Uptime::ZERO;
        loop {
            let next = match it.failed(Outcome::NxDomain, now, &policy) {
                Next::Wait => {
                    now = it.due(&policy);
                    it.wake(now, &policy)
                }
                next => next,
            };
            match next {
                Next::Ask(family) => asked_for.push(family),
                Next::GiveUp => break,
                Next::Wait => panic!("nothing to do at its time"),
            }
            it.was_sent(1);
        }
        assert_eq!(asked_for, [V4, V6, V4, V6, V4, V6]);
        assert_eq!(now, 400 * MS, "two waits of timeout retry");
    }

    #[test]
    fn silence_is_asked_again_for_the_same_kind_and_ends_as_a_timeout() {
        let (mut it, policy) = (asked(1), policy());
        assert_eq!(it.wake(200 * MS, &policy), Next::Ask(V4));
        assert_eq!(it.wake(400 * MS, &policy), Next::Ask(V4));
        assert_eq!(it.wake(600 * MS, &policy), Next::GiveUp);
        let hold = &policy.hold;
        assert_eq!(it.failure(3999 * MS, hold), None, "hold timeout 4s");
        assert_eq!(
            it.failure(4000 * MS, hold),
            Some(ResolutionFailure::Timeout)
        );
    }

    #[test]
    fn each_failure_has_its_own_hold_time() {
        for (outcome, seconds, failure) in [
            (Outcome::NxDomain, 2, ResolutionFailure::NxDomain),
            (Outcome::Refused, 3, ResolutionFailure::Refused),
            (Outcome::Other, 5, ResolutionFailure::Other),
        ] {
            let mut it = asked(1);
            it.failed(outcome, MS, &policy());
            let end = Duration::from_secs(seconds);
            assert_eq!(it.failure(end - MS, &policy().hold), None);
            assert_eq!(it.failure(end, &policy().hold), Some(failure));
        }
    }

    #[test]
    fn without_retries_it_never_gives_up() {
        let mut policy = policy();
        policy.retries = 0;
        let mut it = Question::new(V4, Uptime::ZERO);
        for round in 0..20 {
            assert_eq!(it.wake(round * 200 * MS, &policy), Next::Ask(V4));
            it.was_sent(1);
        }
    }
}
