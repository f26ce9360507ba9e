//! What one check found.

use crate::health::Health;
use std::fmt;
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

/// A result that differs from the one before: the line of `option log-health-checks`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckReport {
    pub backend: String,
    pub server: String,
    /// It is a backup server.
    pub backup: bool,
    pub result: CheckResult,
    /// After the result.
    pub health: Health,
    /// Its weight is 0.
    pub draining: bool,
}

impl fmt::Display for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = if self.result.status.passed() {
            "succeeded"
        } else {
            "failed"
        };
        let (credit, of, state) = match (self.health.is_up(), self.draining) {
            (true, false) => (self.health.credit(), self.health.fall(), "UP"),
            (true, true) => (self.health.credit(), self.health.fall(), "DRAIN"),
            (false, _) => (self.health.value(), self.health.rise(), "DOWN"),
        };
        let backup = if self.backup { "backup " } else { "" };
        write!(
            f,
            "Health check for {backup}server {}/{} {outcome}{}, status: {credit}/{of} {state}.",
            self.backend, self.server, self.result
        )
    }
}

/// The piece of a message that tells why: `, reason: Layer4 timeout, check duration: 501ms`.
impl fmt::Display for CheckResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, ", reason: {}", self.status.description())?;
        if let Some(code) = self.code.filter(|_| self.status.has_code()) {
            write!(f, ", code: {code}")?;
        }
        if !self.info.is_empty() {
            write!(f, ", info: \"{}\"", Escaped(&self.info))?;
        }
        write!(f, ", check duration: {}ms", self.duration.as_millis())
    }
}

/// What a server sent, safe for a terminal: quotes and all bytes outside printable ASCII as `<E9>`.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.bytes().try_for_each(|byte| match byte {
            b' '..=b'~' if byte != b'"' => write!(f, "{}", char::from(byte)),
            _ => write!(f, "<{byte:02X}>"),
        })
    }
}

/// Declares the states once.
macro_rules! statuses {
    ($($(#[$about:meta])* $status:ident,)*) => {
        /// HAProxy's check states (manual 3.x "check_status", `src/check.c`).
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub enum CheckStatus {
            $($(#[$about])* $status,)*
        }

        impl CheckStatus {
            const ALL: &[Self] = &[$(Self::$status,)*];
        }
    };
}

statuses! {
    #[default]
    Unknown,
    Initializing,
    /// An agent that says nothing of the health.
    Checked,
    /// Live traffic has failed (`observe`).
    Analysed,
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

    /// The number `show servers state` writes.
    pub fn number(self) -> u8 {
        use CheckStatus::*;
        match self {
            Unknown => 0,
            Initializing => 1,
            Checked => 3,
            Analysed => 4,
            SocketError => 5,
            L4Ok => 6,
            L4Timeout => 7,
            L4Connection => 8,
            L6Ok => 9,
            L6Timeout => 10,
            L6Response => 11,
            L7Timeout => 12,
            L7Response => 13,
            L7Ok => 15,
            L7OkConditional => 16,
            L7Status => 17,
        }
    }

    /// The one of such a number; [`Unknown`](Self::Unknown) where there is none.
    pub fn of_number(number: i64) -> Self {
        let mut all = Self::ALL.iter().copied();
        all.find(|status| i64::from(status.number()) == number)
            .unwrap_or(Self::Unknown)
    }

    pub fn passed(self) -> bool {
        use CheckStatus::*;
        matches!(self, L4Ok | L6Ok | L7Ok | L7OkConditional)
    }

    /// The server answered in its own language, so that what it said is told.
    pub fn has_code(self) -> bool {
        use CheckStatus::*;
        matches!(self, L7Ok | L7OkConditional | L7Status)
    }

    /// The status of this code.
    pub fn of_code(code: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|status| status.code() == code)
    }

    fn texts(self) -> (&'static str, &'static str) {
        use CheckStatus::*;
        match self {
            Unknown => ("UNK", "Unknown"),
            Initializing => ("INI", "Initializing"),
            Checked => ("CHECKED", "No status change"),
            Analysed => ("HANA", "Health analyze"),
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroU32;

    fn report(status: CheckStatus, code: Option<u16>, info: &str, value: bool) -> String {
        let two = NonZeroU32::new(2).unwrap();
        let mut health = Health::new(two, NonZeroU32::new(3).unwrap());
        health.record(value);
        let result = CheckResult {
            status,
            code,
            info: info.into(),
            duration: Duration::from_millis(2),
        };
        CheckReport {
            backend: "lc".into(),
            backup: false,
            server: "s1".into(),
            result,
            health,
            draining: false,
        }
        .to_string()
    }

    #[test]
    fn reports_are_haproxys_lines() {
        assert_eq!(
            report(CheckStatus::L7Ok, Some(301), "", true),
            "Health check for server lc/s1 succeeded, reason: Layer7 check passed, code: 301, \
             check duration: 2ms, status: 3/3 UP."
        );
        assert_eq!(
            report(CheckStatus::L4Connection, None, "Connection refused", false),
            "Health check for server lc/s1 failed, reason: Layer4 connection problem, \
             info: \"Connection refused\", check duration: 2ms, status: 0/2 DOWN."
        );
    }

    #[test]
    fn what_a_server_sent_cannot_disturb_a_terminal() {
        let text = report(
            CheckStatus::L7Status,
            Some(503),
            "caf\u{e9} \"q\"\u{1b}",
            false,
        );
        assert!(
            text.contains("info: \"caf<C3><A9> <22>q<22><1B>\""),
            "{text}"
        );
    }
}
