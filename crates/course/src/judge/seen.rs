//! Requests that were seen, counted and looked through. An event may stand for many equal requests.

use super::Sight;
use crate::facts::{Happened, Request};
use crate::model::Caller;
use crate::words::{Sentence, say};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Requests of interest, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen<'a>(pub(super) Vec<&'a Request>);

impl Caller {
    pub(super) fn is(self, request: &Request) -> bool {
        let lab = matches!(request.caller.as_str(), "probe" | "check" | "editor");
        !lab && match self {
            Self::Learner => true,
            Self::Browser => request.caller == "browser",
            Self::Hit => request.caller == "hit",
            Self::Curl => request.caller == "curl",
            Self::NoBrowser => request.caller != "browser",
        }
    }
}

impl Request {
    pub(super) fn is_icon(&self) -> bool {
        self.path.starts_with("/favicon.ico")
    }

    /// No answer, or one that says that something is wrong with the service.
    pub(super) fn failed(&self) -> bool {
        self.status.is_none_or(|status| status >= 500)
    }
}

impl<'a> Seen<'a> {
    /// Traffic (not the statistics page) from a moment on, by some callers.
    pub(super) fn traffic(sight: Sight<'a>, by: Caller, moment: Timestamp) -> Self {
        Self::all(sight, moment, |request| {
            !request.statistics && by.is(request)
        })
    }

    pub(super) fn all(
        sight: Sight<'a>,
        moment: Timestamp,
        counts: impl Fn(&Request) -> bool,
    ) -> Self {
        let request = |event: &'a crate::facts::Event| match &event.what {
            Happened::Request(request) if counts(request) => Some(request),
            _ => None,
        };
        Self(sight.facts.after(moment).filter_map(request).collect())
    }

    #[must_use]
    pub(super) fn only(&self, fits: impl Fn(&Request) -> bool) -> Self {
        Self(
            self.0
                .iter()
                .copied()
                .filter(|request| fits(request))
                .collect(),
        )
    }

    /// Without the icons that browsers fetch beside a page: whoever looks at pages never sees who answered those.
    pub(super) fn pages(&self) -> Self {
        self.only(|request| !request.is_icon())
    }

    pub(super) fn total(&self) -> u64 {
        self.0.iter().map(|request| u64::from(request.count)).sum()
    }

    /// Ports that answered well, with how often; servers without a known port are left out.
    pub(super) fn by_port(&self, sight: Sight<'_>) -> BTreeMap<u16, u64> {
        let mut ports = BTreeMap::new();
        for request in self.0.iter().filter(|request| !request.failed()) {
            if let Some(port) = port_of(request, sight) {
                *ports.entry(port).or_default() += u64::from(request.count);
            }
        }
        ports
    }

    /// The last `n` single requests, oldest first; a folded event yields several.
    pub(super) fn last(&self, n: usize) -> Vec<&'a Request> {
        let single = |request: &&'a Request| {
            std::iter::repeat_n(*request, usize::try_from(request.count).unwrap_or(1).min(n))
        };
        let mut last: Vec<&Request> = self.0.iter().rev().flat_map(single).take(n).collect();
        last.reverse();
        last
    }

    pub(super) fn slowest_ms(&self) -> Option<u64> {
        self.0.iter().map(|request| request.ms).max()
    }

    /// `5 so far (browser 3, lab hit 2)`
    pub(super) fn callers(&self, sight: Sight<'_>) -> String {
        let mut by: BTreeMap<&str, u64> = BTreeMap::new();
        for request in &self.0 {
            *by.entry(request.caller.as_str()).or_default() += u64::from(request.count);
        }
        let icons = self.only(Request::is_icon).total();
        let told = by.iter().map(|(caller, n)| match *caller {
            "browser" if icons > 0 => say!(sight.words, BrowserIcons, n = n, icons = icons),
            "browser" => say!(sight.words, BrowserCount, n = n),
            "hit" => format!("lab hit {n}"),
            caller => format!("{caller} {n}"),
        });
        let told: Vec<String> = told.collect();
        match self.total() {
            0 => say!(sight.words, NoRequests),
            n => {
                let callers = told.join(", ");
                sight
                    .words
                    .say(Sentence::SoFar, &[("n", &n), ("callers", &callers)])
            }
        }
    }
}

/// The port that was asked: as it was seen, or as the server's name says.
pub(super) fn port_of(request: &Request, sight: Sight<'_>) -> Option<u16> {
    request
        .port
        .or_else(|| sight.facts.server_port(request.server.as_deref()?))
}

/// `8080 8080 503! 8080`: the last of them, in order.
pub(super) fn strip(requests: &[&Request], sight: Sight<'_>) -> String {
    let one = |request: &&Request| match (request.status, port_of(request, sight)) {
        (Some(status), _) if request.failed() => format!("{status}!"),
        (None, _) => "-!".to_owned(),
        (Some(_), Some(port)) => port.to_string(),
        (Some(_), None) => "?".to_owned(),
    };
    requests.iter().map(one).collect::<Vec<_>>().join(" ")
}
