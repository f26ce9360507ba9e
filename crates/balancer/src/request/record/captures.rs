//! What of a request and its answer is kept for the log line: `capture`.

use super::Record;
use crate::access_log::{IN_CAPTURES, encoded};
use crate::cookie;
use crate::h1::head::Fields;
use crate::plan::Direction;
use crate::stick::tracked::{ERROR, FAILURE};
use lb_core::backend::Observation;

impl Record {
    /// Captures the fields of the server's head.
    pub fn capture_response(&mut self, status: u16, fields: &Fields) {
        self.server_status = Some(status);
        match status {
            400..=499 => self.counters.count(ERROR, 1),
            500..=599 if !matches!(status, 501 | 505) => self.counters.count(FAILURE, 1),
            _ => {}
        }
        self.observe(match status {
            // What a server does not know is no failure of it
            100..=499 | 501 | 505 => Observation::Answered,
            _ => Observation::AnsweredError,
        });
        let captured = self.capture(Direction::Response, fields);
        // what rules have captured before stays
        for (place, value) in self.response_captures.iter_mut().zip(captured) {
            *place = value.or(place.take());
        }
    }

    /// `capture cookie`: the first one whose name begins as it should.
    pub fn capture_cookie(&mut self, direction: Direction, fields: &Fields) {
        let Some(wanted) = &self.frontend.cookie_capture else {
            return;
        };
        let (of, name) = match direction {
            Direction::Request => (0, &b"cookie"[..]),
            Direction::Response => (1, &b"set-cookie"[..]),
        };
        let values = fields.iter().filter(|(known, _)| *known == name);
        let mut cookies = values.flat_map(|(_, value)| cookie::texts(direction, value));
        let found = cookies.find(|cookie| cookie.starts_with(wanted.name.as_bytes()));
        self.captured_cookies[of] = found.map(|cookie| {
            let kept = &cookie[..cookie.len().min(wanted.len)];
            String::from_utf8_lossy(kept).into_owned()
        });
    }

    /// Fills a place of the captures.
    pub fn fill_capture(&mut self, direction: Direction, place: usize, value: &[u8]) {
        let made = self.frontend.captures.iter();
        let mut made = made.filter(|capture| capture.direction == direction);
        let Some(capture) = made.nth(place) else {
            return;
        };
        let value = value[..value.len().min(capture.len)].to_vec();
        let captures = match direction {
            Direction::Request => &mut self.request_captures,
            Direction::Response => &mut self.response_captures,
        };
        if let Some(former) = captures.get_mut(place) {
            *former = Some(value);
        }
    }

    /// The fields to be captured; places that rules fill are empty at first.
    pub(super) fn capture(&self, direction: Direction, fields: &Fields) -> Vec<Option<Vec<u8>>> {
        let wanted = self.frontend.captures.iter();
        let wanted = wanted.filter(|capture| capture.direction == direction);
        let captured = wanted.map(|capture| {
            let value = fields.last_value(capture.header.as_deref()?.as_bytes())?;
            Some(value[..value.len().min(capture.len)].to_vec())
        });
        captured.collect()
    }
}

/// Captures as a log line shows them.
pub(in crate::request) fn shown(captures: &[Option<Vec<u8>>]) -> Vec<String> {
    let texts = captures
        .iter()
        .map(|capture| capture.as_deref().unwrap_or_default());
    texts.map(|text| encoded(text, IN_CAPTURES)).collect()
}
