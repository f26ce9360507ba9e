//! `lab hit`: a microscope for the balancer. Requests are sent, and told who answered.

pub(crate) mod by_name;
pub(crate) mod diary;
mod line;
pub(crate) mod report;
pub(crate) mod send;
pub(crate) mod strip;
pub(crate) mod target;
pub(crate) mod witness;

use std::net::IpAddr;
use std::time::Duration;

/// One request and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) took: Duration,
    pub(crate) outcome: Outcome,
    /// The address that the name server named, where one was asked.
    pub(crate) to: Option<IpAddr>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Answered {
        status: u16,
        server: Option<String>,
        port: Option<u16>,
    },
    Failed(Failure),
}

/// Why there was no answer at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Failure {
    Refused,
    TimedOut,
    Reset,
    /// Something else than HTTP came back.
    Broken,
    /// The name server named no address.
    NoAddress,
}

impl Hit {
    pub(crate) fn is_error(&self) -> bool {
        match &self.outcome {
            Outcome::Answered { status, .. } => *status >= 500,
            Outcome::Failed(_) => true,
        }
    }

    /// What the strip shows: the address that was named, with a mark where that was in vain, or else the [`Self::word`].
    pub(crate) fn shown(&self) -> String {
        match self.to {
            Some(to) if self.is_error() => format!("{to}!"),
            Some(to) => to.to_string(),
            None => self.word(),
        }
    }

    /// One word for it: the port that answered, or the error.
    pub(crate) fn word(&self) -> String {
        match &self.outcome {
            Outcome::Answered { status, .. } if *status >= 500 => format!("{status}!"),
            Outcome::Answered {
                port: Some(port), ..
            } => port.to_string(),
            Outcome::Answered {
                server: Some(server),
                ..
            } => server.clone(),
            Outcome::Answered { status, .. } => format!("({status})"),
            Outcome::Failed(failure) => format!("{}!", failure.word()),
        }
    }
}

impl Failure {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::TimedOut => "timeout",
            Self::Reset => "reset",
            Self::Broken => "broken",
            Self::NoAddress => "no-address",
        }
    }
}
