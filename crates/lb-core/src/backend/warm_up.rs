//! `slowstart`: a server that comes up gets its share step by step.

use super::Backend;
use crate::Uptime;
use crate::server::{Server, ServerIndex};
use crate::transition::{Change, Transition};
use std::task::{Poll, Waker};
use std::time::Duration;

/// The pause between two steps.
const STEP: Duration = Duration::from_secs(1);

/// A server on its way to its full share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WarmUp {
    pub(crate) since: Uptime,
    /// Steps made.
    pub(crate) steps: u32,
}

impl WarmUp {
    fn due(self) -> Uptime {
        self.since + STEP * (self.steps + 1)
    }
}

impl Backend {
    /// When the next step of a server is due. While nobody warms up, the waker is kept, and given to whoever asks
    /// [`Backend::take_woken`] when somebody begins.
    pub fn poll_warm_up(&mut self, waker: &Waker) -> Poll<Uptime> {
        let due = self.servers.iter().filter_map(|s| Some(s.warm_up?.due()));
        match due.min() {
            Some(due) => Poll::Ready(due),
            None => {
                self.warm_up_waker = Some(waker.clone());
                Poll::Pending
            }
        }
    }

    /// Makes every step that is due. Servers that have their full share now are told of.
    pub fn warm_up(&mut self, now: Uptime) -> Vec<Transition> {
        let due = |server: &Server| server.warm_up.is_some_and(|it| it.due() <= now);
        let all = (0..self.servers.len()).map(ServerIndex);
        let due: Vec<_> = all.filter(|i| due(&self.servers[i.0])).collect();
        let mut told = Vec::new();
        for index in due {
            self.servers[index.0].step();
            self.tell_weights();
            let requeued = self.serve_waiters(index);
            if self.servers[index.0].warm_up.is_none() {
                told.push(self.transition(index, Change::WarmedUp, requeued, false));
            }
        }
        told
    }

    /// It came up: from here on it warms up, where it is to.
    pub(super) fn begin_warm_up(&mut self, index: ServerIndex, now: Uptime) {
        let server = &mut self.servers[index.0];
        if server.slowstart() > 0 {
            server.warm_up = Some(WarmUp {
                since: now,
                steps: 0,
            });
            self.woken.extend(self.warm_up_waker.take());
        }
    }
}

impl Server {
    /// Whole seconds; 0: none.
    fn slowstart(&self) -> u32 {
        let seconds = self.spec.slowstart.as_millis().div_ceil(1000);
        u32::try_from(seconds).unwrap_or(u32::MAX)
    }

    fn step(&mut self) {
        let whole = self.slowstart();
        self.warm_up = self.warm_up.and_then(|it| {
            let steps = it.steps + 1;
            (steps < whole).then_some(WarmUp { steps, ..it })
        });
    }

    /// Its share of the full weight, in sixteenths.
    pub(crate) fn warmth(&self) -> u32 {
        self.warm_up.map_or(16, |it| {
            let whole = self.slowstart();
            (16 * it.steps + whole) / whole
        })
    }

    /// How much of its `maxconn` counts, in percent.
    pub(crate) fn open_share(&self) -> u64 {
        self.warm_up
            .map_or(100, |it| u64::from(100 * it.steps / self.slowstart()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algorithm::Balance;
    use crate::backend::{AdminChange, BackendSpec, Demand};
    use crate::server::ServerSpec;

    const FIRST: ServerIndex = ServerIndex(0);

    fn at(milliseconds: u64) -> Uptime {
        Uptime::from_millis(milliseconds)
    }

    fn backend(balance: Balance) -> Backend {
        let spec = BackendSpec {
            name: "b".into(),
            balance,
            servers: vec![
                ServerSpec {
                    name: "s1".into(),
                    weight: 100,
                    maxconn: 10,
                    slowstart: Duration::from_secs(5),
                    ..ServerSpec::default()
                },
                ServerSpec {
                    name: "s2".into(),
                    weight: 100,
                    ..ServerSpec::default()
                },
            ],
            ..BackendSpec::default()
        };
        let mut it = Backend::new(spec, at(0));
        assert_eq!(it.weight(), 200, "never at the start of the process");
        it.set_admin(FIRST, AdminChange::Maint, at(500));
        it.set_admin(FIRST, AdminChange::Ready, at(1500));
        it
    }

    #[test]
    fn weights_grow_as_observed_on_haproxy() {
        let mut it = backend(Balance::RoundRobin);
        let mut seen = vec![(it.weight() - 100, it.throttle(FIRST))];
        for second in 1..=4 {
            assert_eq!(
                it.poll_warm_up(Waker::noop()),
                Poll::Ready(at(1500 + second * 1000))
            );
            assert!(it.warm_up(at(1500 + second * 1000)).is_empty());
            seen.push((it.weight() - 100, it.throttle(FIRST)));
        }
        let observed = [(7, 6), (25, 25), (44, 43), (63, 62), (82, 81)];
        assert_eq!(seen, observed.map(|(weight, share)| (weight, Some(share))));
        let told = it.warm_up(at(6500));
        assert_eq!(
            told[0].to_string(),
            "Server b/s1 is UP. 2 active and 0 backup servers online. 0 sessions requeued, \
             0 total in queue."
        );
        assert_eq!((it.weight(), it.throttle(FIRST)), (200, None));
        assert!(it.poll_warm_up(Waker::noop()).is_pending());
    }

    #[test]
    fn maxconn_grows_too() {
        let mut it = backend(Balance::RoundRobin);
        let bound = Demand {
            bound: Some(FIRST),
            ..Demand::default()
        };
        let first = it.admit(bound, at(1500));
        assert_eq!(first, crate::backend::Admission::Slot(FIRST));
        assert!(it.admit(bound, at(1500)).server().is_some());
        assert_eq!(it.server(FIRST).queue().0, 1, "1 at first");
        it.warm_up(at(2500));
        assert_eq!(it.server(FIRST).queue().0, 0, "then 2");
    }

    #[test]
    fn going_down_ends_it() {
        let mut it = backend(Balance::RoundRobin);
        it.set_admin(FIRST, AdminChange::Maint, at(2000));
        assert!(it.poll_warm_up(Waker::noop()).is_pending());
        assert!(it.warm_up(at(9000)).is_empty());
    }
}
