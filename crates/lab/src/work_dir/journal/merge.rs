//! One start or end may be told by several: by the program itself, by the lab that started it, by those who look.

use course::facts::{Event, Happened};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// A process at a port.
type Program = (u32, u16);

/// Questions that went to the farm of caches: to a cache each looks like any other.
#[derive(Debug)]
pub(super) struct Farm {
    pub(super) time: Timestamp,
    pub(super) name: String,
    pub(super) replies: u32,
}

/// Calls the answers that the farm gave by its name: the last ones before `lab dig` told what it had asked, or, where a
/// cache was slower to write, those shortly after.
pub(super) fn name_the_farm(events: &mut [Event], farm: &mut Vec<Farm>) {
    /// A cache that has not written by then will not. (On a machine that is busy enough, two seconds are not enough.)
    const LATE: SignedDuration = SignedDuration::from_secs(10);
    for asked in farm.iter_mut() {
        let theirs = |event: &&mut Event| {
            matches!(&event.what, Happened::Dns { name, via, .. } if *name == asked.name && via == "cache")
                && event.time <= asked.time + LATE
        };
        for event in events.iter_mut().rev().filter(theirs) {
            let Happened::Dns { via, count, .. } = &mut event.what else {
                continue;
            };
            if asked.replies == 0 {
                break;
            }
            asked.replies = asked.replies.saturating_sub(*count);
            "farm".clone_into(via);
        }
    }
    farm.retain(|asked| asked.replies > 0);
}

/// Who looks while a program begins and ends may tell of its start when that is over.
const LATE: SignedDuration = SignedDuration::from_secs(5);

/// Each start and end once: the first time it was told, with the best account of how.
pub(super) fn once_each(events: &[Event]) -> Vec<Event> {
    let mut told: Vec<Event> = Vec::with_capacity(events.len());
    // Where the last word about a program stands in `told`, and whether it was its end.
    let mut last: HashMap<Program, (usize, bool)> = HashMap::new();
    for event in events {
        let (program, ended) = match &event.what {
            Happened::Started {
                port,
                pid: Some(pid),
                ..
            } => ((*pid, *port), false),
            Happened::Ended {
                port,
                pid: Some(pid),
                ..
            } => ((*pid, *port), true),
            _ => {
                told.push(event.clone());
                continue;
            }
        };
        match last.get(&program) {
            Some(&(at, was_end)) if was_end == ended => improve(&mut told[at], event),
            // A number is not given again so soon: this witness is late.
            Some(&(at, true)) if event.time < told[at].time + LATE => {}
            _ => {
                last.insert(program, (told.len(), ended));
                told.push(event.clone());
            }
        }
    }
    told
}

/// Whoever saw only that a program has gone knows less than who waited for it.
fn improve(known: &mut Event, again: &Event) {
    if let (Happened::Ended { how, .. }, Happened::Ended { how: told, .. }) =
        (&mut known.what, &again.what)
        && how.is_none()
    {
        how.clone_from(told);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked_through(via: &str, second: i64) -> Event {
        Event {
            time: Timestamp::from_second(second).unwrap(),
            what: Happened::Dns {
                name: "google.com".into(),
                kind: "A".into(),
                via: via.into(),
                answers: Vec::new(),
                count: 1,
            },
        }
    }

    #[test]
    fn answers_of_the_farm_are_called_so_whenever_they_were_written() {
        let mut events = [
            asked_through("cache", 1),
            asked_through("cache", 2),
            asked_through("authority", 3),
        ];
        let mut farm = vec![Farm {
            time: Timestamp::from_second(3).unwrap(),
            name: "google.com".into(),
            replies: 2,
        }];
        name_the_farm(&mut events[1..], &mut farm);
        assert_eq!(farm.len(), 1, "one answer is still to come");
        let mut late = [asked_through("cache", 4), asked_through("cache", 60)];
        name_the_farm(&mut late, &mut farm);
        assert!(farm.is_empty());
        assert_eq!(events[0], asked_through("cache", 1));
        assert_eq!(events[1], asked_through("farm", 2));
        assert_eq!(late, [asked_through("farm", 4), asked_through("cache", 60)]);
    }

    fn started(pid: u32, second: i64) -> Event {
        Event {
            time: Timestamp::from_second(second).unwrap(),
            what: Happened::Started {
                port: 8080,
                pid: Some(pid),
                command: "lab serve 8080".into(),
                terminal: None,
                of_lab: false,
            },
        }
    }

    fn ended(pid: u32, second: i64, how: Option<&str>) -> Event {
        Event {
            time: Timestamp::from_second(second).unwrap(),
            what: Happened::Ended {
                port: 8080,
                pid: Some(pid),
                command: "lab serve 8080".into(),
                how: how.map(str::to_owned),
                terminal: None,
            },
        }
    }

    #[test]
    fn two_witnesses_make_one_event_with_the_better_account() {
        let events = [
            started(7, 1),
            started(7, 2),
            ended(7, 3, None),
            ended(7, 4, Some("SIGINT")),
        ];
        assert_eq!(
            once_each(&events),
            [started(7, 1), ended(7, 3, Some("SIGINT"))]
        );
    }

    #[test]
    fn a_late_witness_makes_no_second_program() {
        let events = [
            started(7, 1),
            ended(7, 2, Some("SIGINT")),
            started(7, 2),
            ended(7, 3, None),
        ];
        assert_eq!(once_each(&events), events[..2]);
    }

    #[test]
    fn a_pid_that_is_given_again_is_another_program() {
        let events = [
            started(7, 1),
            ended(7, 2, Some("exit 0")),
            started(7, 9),
            ended(7, 10, None),
        ];
        assert_eq!(once_each(&events), events);
    }

    #[test]
    fn another_process_on_the_same_port_is_told_too() {
        let events = [started(7, 1), started(8, 2)];
        assert_eq!(once_each(&events), events);
    }
}
