//! A flood of equal requests makes one line a second, not thousands.

use course::facts::{Event, Happened, Request};
use jiff::Timestamp;

/// So many equal requests of one second are told one by one.
const TOLD_A_SECOND: u32 = 20;
/// Past so many kinds in one second, paths are no longer told apart.
const MOST_KINDS: usize = 200;
/// Requests whose times differ by less are of one kind, in milliseconds.
const SAME_TIME: u64 = 250;

/// Holds back what is too much, until the second is over.
#[derive(Debug, Default)]
pub(crate) struct Fold {
    second: i64,
    kinds: Vec<Kind>,
}

#[derive(Debug)]
struct Kind {
    like: Request,
    told: u32,
    held_back: u32,
}

impl Fold {
    /// Takes a request; gives back what should be written now.
    pub(crate) fn take(&mut self, time: Timestamp, mut request: Request) -> Vec<Event> {
        let mut due = self.due(time);
        let kind = match self.kind(&request) {
            Some(at) => at,
            None => {
                if self.kinds.len() >= MOST_KINDS {
                    request.path.clear();
                }
                self.kind(&request).unwrap_or_else(|| {
                    self.kinds.push(Kind {
                        like: request.clone(),
                        told: 0,
                        held_back: 0,
                    });
                    self.kinds.len() - 1
                })
            }
        };
        let kind = &mut self.kinds[kind];
        if kind.told < TOLD_A_SECOND {
            kind.told += 1;
            due.push(Event {
                time,
                what: Happened::Request(request),
            });
        } else {
            kind.held_back += request.count;
        }
        due
    }

    /// What was held back in a second that is over.
    pub(crate) fn due(&mut self, now: Timestamp) -> Vec<Event> {
        if now.as_second() == self.second {
            return Vec::new();
        }
        let end = Timestamp::new(self.second, 999_999_999).unwrap_or(now);
        self.second = now.as_second();
        let folded = |kind: Kind| {
            (kind.held_back > 0).then_some(Event {
                time: end,
                what: Happened::Request(Request {
                    count: kind.held_back,
                    ..kind.like
                }),
            })
        };
        self.kinds.drain(..).filter_map(folded).collect()
    }

    fn kind(&self, request: &Request) -> Option<usize> {
        self.kinds
            .iter()
            .position(|kind| is_like(&kind.like, request))
    }
}

/// Equal but for small differences of time.
fn is_like(a: &Request, b: &Request) -> bool {
    let about = |ms: u64| ms / SAME_TIME;
    about(a.ms) == about(b.ms)
        && (a.queued_ms > 0) == (b.queued_ms > 0)
        && a.server == b.server
        && a.status == b.status
        && a.path == b.path
        && a.caller == b.caller
        && a.agent == b.agent
        && (&a.frontend, &a.backend) == (&b.frontend, &b.backend)
        && (a.retries, a.statistics, &a.termination) == (b.retries, b.statistics, &b.termination)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(server: &str, ms: u64) -> Request {
        Request {
            server: Some(server.into()),
            path: "/".into(),
            ms,
            count: 1,
            ..Request::default()
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn counts(events: &[Event]) -> Vec<u32> {
        let count = |event: &Event| match &event.what {
            Happened::Request(request) => request.count,
            _ => 0,
        };
        events.iter().map(count).collect()
    }

    #[test]
    fn few_requests_are_told_as_they_come() {
        let mut fold = Fold::default();
        let told: Vec<Event> = (0..20)
            .flat_map(|_| fold.take(at(1), request("a", 1)))
            .collect();
        assert_eq!(counts(&told), [1; 20]);
        assert!(fold.due(at(2)).is_empty());
    }

    #[test]
    fn a_flood_is_told_in_part_and_counted_whole() {
        let mut fold = Fold::default();
        let mut told: Vec<Event> = Vec::new();
        for _ in 0..1000 {
            told.extend(fold.take(at(1), request("a", 1)));
            told.extend(fold.take(at(1), request("b", 1)));
        }
        assert_eq!(told.len(), 40);
        told.extend(fold.due(at(2)));
        assert_eq!(told.len(), 42);
        assert_eq!(counts(&told).iter().sum::<u32>(), 2000);
        assert!(fold.due(at(3)).is_empty());
    }

    #[test]
    fn a_slow_request_is_not_hidden_among_quick_ones() {
        let mut fold = Fold::default();
        for _ in 0..100 {
            fold.take(at(1), request("a", 1));
        }
        assert_eq!(counts(&fold.take(at(1), request("a", 3000))), [1]);
    }

    #[test]
    fn many_paths_do_not_fill_memory() {
        let mut fold = Fold::default();
        for n in 0..10_000 {
            let one = Request {
                path: format!("/{n}"),
                ..request("a", 1)
            };
            fold.take(at(1), one);
        }
        assert!(fold.kinds.len() <= MOST_KINDS + 1);
    }
}
