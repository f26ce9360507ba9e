//! What the balancer's log tells: requests, counted, and changes of state.

use super::protocol::{Event, What};
use super::{Supervisor, launch};
use crate::observe::http_log::{self, LogLine, Request};
use jiff::Timestamp;

/// Answered requests told one by one in a second; further ones are counted only, or telling would slow the balancer.
const TOLD_A_SECOND: u32 = 1000;

/// Keeps a flood of requests from being told one by one.
#[derive(Debug, Default)]
pub(crate) struct Flood {
    second: i64,
    told: u32,
}

impl Flood {
    fn has_room(&mut self, second: i64) -> bool {
        if second != self.second {
            *self = Self { second, told: 0 };
        }
        self.told += 1;
        self.told <= TOLD_A_SECOND
    }
}

impl Supervisor {
    pub(super) fn logged(&mut self, datagram: &str) {
        let frontend_known = |name: &str| {
            self.loaded
                .as_ref()
                .is_some_and(|loaded| loaded.agent_captured.iter().any(|known| known == name))
        };
        match http_log::parse(datagram, true) {
            LogLine::Request(mut request) => {
                if !frontend_known(&request.frontend) {
                    request.user_agent = None;
                }
                self.count(&request);
                self.journal_request(&request);
                if request.is_error() || self.flood.has_room(Timestamp::now().as_second()) {
                    self.tell(What::Request(request));
                }
            }
            LogLine::Message(message) => {
                self.journal_message(&message);
                self.changed = true;
                self.tell(classified(message));
            }
        }
    }

    fn count(&mut self, request: &Request) {
        if request.statistics || request.is_empty() {
            return;
        }
        self.changed = true;
        let error = u64::from(request.is_error());
        self.requests += 1;
        self.errors += error;
        *self
            .statuses
            .entry(request.status.unwrap_or(0))
            .or_default() += 1;
        let Some(server) = &request.server else {
            return;
        };
        if let Some(unit) = self
            .units
            .iter_mut()
            .find(|unit| unit.is_server(&request.backend, server))
        {
            unit.requests += 1;
            unit.errors += error;
            unit.last_ms = Some(request.ms);
        }
    }

    fn tell(&mut self, what: What) {
        let event = Event {
            time: Timestamp::now(),
            source: launch::BALANCER.to_owned(),
            what,
        };
        let text = crate::ui::event_line::text(&event, &self.ports());
        if let Some(id) = self.find(launch::BALANCER) {
            self.log(id, &text);
        }
        self.show(event);
    }

    /// The ports of servers by name, for request lines.
    pub(super) fn ports(&self) -> Vec<(String, u16)> {
        self.units
            .iter()
            .filter_map(|unit| Some((unit.name.clone(), unit.port()?)))
            .collect()
    }
}

/// A change of state is news; single checks and the balancer's housekeeping are for those who ask for them.
fn classified(message: String) -> What {
    let is_news = ["Server ", "Backup Server ", "backend ", "proxy "]
        .iter()
        .any(|head| message.starts_with(head));
    if is_news {
        What::Notice(message)
    } else {
        What::Wrote(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_told_in_part() {
        let mut flood = Flood::default();
        let told = |flood: &mut Flood, second| (0..5000).filter(|_| flood.has_room(second)).count();
        assert_eq!(told(&mut flood, 7), 1000);
        assert_eq!(told(&mut flood, 8), 1000);
    }

    #[test]
    fn changes_of_state_are_news_and_single_checks_are_not() {
        let news = |text: &str| matches!(classified(text.to_owned()), What::Notice(_));
        assert!(news(
            "Server nodes/server02 is DOWN, reason: Layer4 connection problem."
        ));
        assert!(news("backend 'nodes' has no server available!"));
        assert!(!news("Health check for server nodes/server02 failed"));
        assert!(!news(
            "Proxy http-in stopped (cumulated conns: FE: 0, BE: 0)."
        ));
    }
}
