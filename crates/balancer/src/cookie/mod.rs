//! Persistence by cookie: who a request is bound to, and what the answer tells the client (manual, "cookie").
//!
//! Pure functions over heads; the rules of dates are in [`lb_core::cookie`].

mod crumbs;
mod request;
mod response;
mod value;

pub use request::{Choice, read};
pub use response::{Situation, issue};
pub use value::value_of;

use crate::plan::{Cookie, Direction};
use lb_core::cookie::{Dates, Issued, Limits, Presented};

/// What became of the cookie of one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    pub presented: Presented,
    pub issued: Issued,
    /// Those of the client's cookie.
    pub dates: Dates,
}

impl Trace {
    /// The server that the cookie led to did not answer, and the request goes elsewhere.
    pub fn server_left(&mut self) {
        if self.presented == Presented::Valid {
            self.presented = Presented::Down;
        }
    }
}

/// The limits of a `cookie` line.
fn limits(cookie: &Cookie) -> Limits {
    let seconds = |time: Option<std::time::Duration>| time.map(|time| time.as_secs());
    Limits {
        maxidle: seconds(cookie.maxidle),
        maxlife: seconds(cookie.maxlife),
    }
}

/// Name and value of each cookie of a field, as they are written.
pub fn texts(direction: Direction, field: &[u8]) -> Vec<&[u8]> {
    let crumbs = match direction {
        Direction::Request => crumbs::of_request(field),
        Direction::Response => vec![crumbs::of_response(field)],
    };
    let texts = crumbs.into_iter().map(|crumb| {
        let end = crumb.value.map_or(crumb.name.end, |value| value.end);
        &field[crumb.name.start..end]
    });
    texts.collect()
}

#[cfg(test)]
mod tests {
    use crate::plan::Cookie;
    use crate::testing::Bench;

    /// What a `cookie` line means.
    pub(super) fn cookie(words: &str) -> Cookie {
        let text = format!(
            "defaults\n mode http\n timeout connect 1s\n timeout server 1s\n\
             backend b\n cookie {words}\n server s 127.0.0.1:80\n"
        );
        let plan = Bench::new(&text).into_plan();
        let backend = plan.backend("b").expect("the text has it");
        backend.cookie.clone().expect("the text has it")
    }
}
