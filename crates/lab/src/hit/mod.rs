//! `lab hit`: a microscope for the balancer. Requests are sent, and told who answered.

mod line;
pub(crate) mod report;
pub(crate) mod send;
pub(crate) mod strip;
pub(crate) mod target;
pub(crate) mod witness;

use std::time::Duration;

/// One request and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) took: Duration,
    pub(crate) outcome: Outcome,
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
}

impl Hit {
    pub(crate) fn is_error(&self) -> bool {
        match &self.outcome {
            Outcome::Answered { status, .. } => *status >= 500,
            Outcome::Failed(_) => true,
        }
    }

    /// One word for the strip: the port that answered, or the error.
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
        }
    }
}
