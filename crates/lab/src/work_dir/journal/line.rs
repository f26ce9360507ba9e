//! One line of the journal. Most are events as those who judge want them; the name server and `lab dig` tell more, and
//! are translated here.

use super::merge::Farm;
use course::facts::{Event, Happened};
use jiff::Timestamp;
use serde::Deserialize;

/// What a line says to a reader.
#[derive(Debug)]
pub(super) enum Line {
    Event(Event),
    /// Questions that `lab dig` asked of the farm of caches: so many of the answers told for this name are theirs.
    Farm(Farm),
    /// Questions to somebody whose own account is not in the journal.
    Elsewhere(Vec<Event>),
}

/// A question as the lab's name server tells it.
#[derive(Deserialize)]
struct Answered {
    time: Timestamp,
    name: String,
    #[serde(rename = "type")]
    kind: String,
    via: String,
    addresses: Vec<String>,
    count: u32,
    asked_by: String,
}

/// Questions as `lab dig` tells them.
#[derive(Deserialize)]
struct Asked {
    time: Timestamp,
    name: String,
    #[serde(rename = "type")]
    kind: String,
    server: Option<String>,
    source: String,
    replies: u32,
    answers: Vec<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
enum Told {
    Dns(Answered),
    Dig(Asked),
}

/// `None` for what is no event: of another version, half written at a crash, or of no interest.
pub(super) fn parse(line: &str) -> Option<Line> {
    if let Ok(event) = serde_json::from_str(line) {
        return Some(Line::Event(event));
    }
    match serde_json::from_str(line).ok()? {
        Told::Dns(answered) => answered.line(),
        Told::Dig(asked) => asked.line(),
    }
}

impl Answered {
    /// What a cache asks on its own behalf nobody has typed.
    fn line(self) -> Option<Line> {
        (self.asked_by != "cache").then(|| {
            Line::Event(Event {
                time: self.time,
                what: Happened::Dns {
                    name: plain(&self.name),
                    kind: self.kind,
                    via: self.via,
                    answers: self.addresses,
                    count: self.count,
                },
            })
        })
    }
}

impl Asked {
    fn line(self) -> Option<Line> {
        if self.source == "farm" {
            return Some(Line::Farm(Farm {
                time: self.time,
                name: plain(&self.name),
                replies: self.replies,
            }));
        }
        let server = self.server.clone().unwrap_or_default();
        // The lab's own name server and its caches give an account of their own.
        let tells_itself = match self.source.as_str() {
            "given" => server.starts_with("127."),
            source => source != "system",
        };
        (!tells_itself).then(|| Line::Elsewhere(self.events(&server)))
    }

    /// One for each answer that was kept, and one for the rest.
    fn events(&self, via: &str) -> Vec<Event> {
        let event = |answers: &[String], count| Event {
            time: self.time,
            what: Happened::Dns {
                name: plain(&self.name),
                kind: self.kind.clone(),
                via: via.to_owned(),
                answers: answers.to_vec(),
                count,
            },
        };
        let mut events: Vec<Event> = self.answers.iter().map(|answer| event(answer, 1)).collect();
        let kept = u32::try_from(events.len()).unwrap_or(u32::MAX);
        let rest = self.replies.saturating_sub(kept);
        let last = self.answers.last().map_or(&[][..], Vec::as_slice);
        events.extend((rest > 0).then(|| event(last, rest)));
        events
    }
}

/// Without the final dot, in lower case.
fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dns(event: &Event) -> (String, String, u32) {
        match &event.what {
            Happened::Dns {
                via,
                answers,
                count,
                ..
            } => (via.clone(), answers.join(" "), *count),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_answer_of_the_name_server_is_a_question_of_a_learner() {
        let line = r#"{"time":"2026-11-22T12:00:00Z","event":"dns","name":"Google.com","type":"A","answer":"NOERROR","addresses":["192.0.2.1"],"ttl":300,"via":"authority","transport":"UDP","client":"127.0.0.1","asked_by":"client","count":2}"#;
        match parse(line) {
            Some(Line::Event(event)) => {
                assert_eq!(dns(&event), ("authority".into(), "192.0.2.1".into(), 2));
            }
            other => panic!("{other:?}"),
        }
        assert!(parse(&line.replace("\"client\",", "\"cache\",")).is_none());
    }

    #[test]
    fn only_questions_that_nobody_else_tells_are_taken_from_dig() {
        let line = r#"{"time":"2026-11-22T12:00:00Z","event":"dig","name":"google.com","type":"A","server":"192.0.2.53#53","source":"system","repeat":4,"replies":4,"answers":[["192.0.2.1"],["192.0.2.2"]],"first":{}}"#;
        match parse(line) {
            Some(Line::Elsewhere(events)) => {
                let told: Vec<_> = events.iter().map(dns).collect();
                assert_eq!(told.len(), 3);
                assert_eq!(told[0].0, "192.0.2.53#53");
                assert_eq!(told[2].2, 2);
            }
            other => panic!("{other:?}"),
        }
        assert!(parse(&line.replace("system", "lab-zone")).is_none());
        assert!(matches!(
            parse(&line.replace("system", "farm")),
            Some(Line::Farm(Farm { replies: 4, .. }))
        ));
        let given = line.replace("system", "given");
        assert!(matches!(parse(&given), Some(Line::Elsewhere(_))));
        assert!(parse(&given.replace("192.0.2.53", "127.0.0.1")).is_none());
    }

    #[test]
    fn what_is_no_event_is_nothing() {
        assert!(parse(r#"{"time":"2026-11-22T12:00:00Z","event":"up"}"#).is_none());
        assert!(parse("{").is_none());
    }
}
