//! What one check found.

use std::time::Duration;

/// The result of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckResult {
    pub status: CheckStatus,
    /// The HTTP status of a layer 7 check.
    pub code: Option<u16>,
    /// The detail, for example `Connection refused`; empty when there is none.
    pub info: String,
    pub duration: Duration,
}

/// HAProxy's check states (manual 3.x "check_status", `src/check.c`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CheckStatus {
    #[default]
    Unknown,
    Initializing,
    SocketError,
    L4Ok,
    L4Timeout,
    L4Connection,
    L6Ok,
    L6Timeout,
    L6Response,
    L7Ok,
    L7OkConditional,
    L7Timeout,
    L7Response,
    L7Status,
}

impl CheckStatus {
    /// As in the CSV column `check_status`.
    pub fn code(self) -> &'static str {
        self.texts().0
    }

    /// As in the CSV column `check_desc` and in messages.
    pub fn description(self) -> &'static str {
        self.texts().1
    }

    pub fn passed(self) -> bool {
        use CheckStatus::*;
        matches!(self, L4Ok | L6Ok | L7Ok | L7OkConditional)
    }

    /// A layer 7 result, whose code is told in messages.
    pub fn is_layer7(self) -> bool {
        self.code().starts_with("L7")
    }

    fn texts(self) -> (&'static str, &'static str) {
        use CheckStatus::*;
        match self {
            Unknown => ("UNK", "Unknown"),
            Initializing => ("INI", "Initializing"),
            SocketError => ("SOCKERR", "Socket error"),
            L4Ok => ("L4OK", "Layer4 check passed"),
            L4Timeout => ("L4TOUT", "Layer4 timeout"),
            L4Connection => ("L4CON", "Layer4 connection problem"),
            L6Ok => ("L6OK", "Layer6 check passed"),
            L6Timeout => ("L6TOUT", "Layer6 timeout"),
            L6Response => ("L6RSP", "Layer6 invalid response"),
            L7Ok => ("L7OK", "Layer7 check passed"),
            L7OkConditional => ("L7OKC", "Layer7 check conditionally passed"),
            L7Timeout => ("L7TOUT", "Layer7 timeout"),
            L7Response => ("L7RSP", "Layer7 invalid response"),
            L7Status => ("L7STS", "Layer7 wrong status"),
        }
    }
}
