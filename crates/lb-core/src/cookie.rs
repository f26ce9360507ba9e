//! What a persistence cookie says, and what an answer says back (manual, "cookie" and section 8.5).

/// What the client's cookie was worth: the third flag of a log line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Presented {
    /// There was none.
    #[default]
    None,
    /// It names no server.
    Invalid,
    /// Its server is down.
    Down,
    Valid,
    /// The client was away for longer than `maxidle`.
    Expired,
    /// It was made longer ago than `maxlife`.
    Old,
    /// Something else had chosen the server already.
    Unused,
}

/// What became of the cookie in the answer: the fourth flag of a log line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Issued {
    #[default]
    None,
    /// The server's own was left as it is.
    Passed,
    /// The server's own was taken out.
    Deleted,
    Inserted,
    /// The server's own got our value.
    Rewritten,
    /// The client has the right one already; its dates were renewed.
    Updated,
}

impl Presented {
    pub fn letter(self) -> char {
        match self {
            Self::None => 'N',
            Self::Invalid => 'I',
            Self::Down => 'D',
            Self::Valid => 'V',
            Self::Expired => 'E',
            Self::Old => 'O',
            Self::Unused => 'U',
        }
    }
}

impl Issued {
    pub fn letter(self) -> char {
        match self {
            Self::None => 'N',
            Self::Passed => 'P',
            Self::Deleted => 'D',
            Self::Inserted => 'I',
            Self::Rewritten => 'R',
            Self::Updated => 'U',
        }
    }
}

/// How long cookies are good for, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Since the client was last seen.
    pub maxidle: Option<u64>,
    /// Since it got its first cookie.
    pub maxlife: Option<u64>,
}

/// The dates in a cookie, in seconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dates {
    /// When the client was last seen.
    pub last: Option<u64>,
    /// When it got its first cookie.
    pub first: Option<u64>,
}

/// A date this far ahead of the clock is of a clock that went wrong; a nearer one is of another time zone.
const FUTURE: u64 = 86_400;

impl Dates {
    /// `s1|ZaBcD|ZaBcD`: the server's value, and the dates as far as they can be read.
    pub fn split(value: &[u8]) -> (&[u8], Self) {
        let Some((server, rest)) = at_bar(value) else {
            return (value, Self::default());
        };
        let dates = Self {
            last: date(rest),
            first: at_bar(rest).and_then(|(_, rest)| date(rest)),
        };
        (server, dates)
    }

    /// Why the cookie is no longer good; `None`: it is.
    pub fn outlived(&self, limits: Limits, now: u64) -> Option<Presented> {
        let beyond = |date: Option<u64>, limit: Option<u64>| match (date, limit) {
            (Some(date), Some(limit)) => {
                now.saturating_sub(date) > limit || date.saturating_sub(now) > FUTURE
            }
            _ => false,
        };
        if beyond(self.first, limits.maxlife) {
            Some(Presented::Old)
        } else if beyond(self.last, limits.maxidle) {
            Some(Presented::Expired)
        } else {
            None
        }
    }

    /// Whether a client that has the right cookie gets it again, with other dates.
    pub fn need_renewal(&self, limits: Limits, now: u64) -> bool {
        let dated = limits.maxidle.is_some() || self.last.is_some();
        let seen_before = self.last.is_none_or(|last| last < now);
        (dated && seen_before) || limits.maxlife.is_some() != self.first.is_some()
    }

    /// The dates of a new cookie, to be written after the server's value.
    pub fn renewed(&self, limits: Limits, now: u64) -> String {
        let now = in_digits(now + 3);
        match limits {
            Limits {
                maxidle: None,
                maxlife: None,
            } => String::new(),
            Limits { maxlife: None, .. } => format!("|{now}"),
            _ => format!("|{now}|{}", self.first.map_or(now.clone(), in_digits)),
        }
    }
}

fn at_bar(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let bar = text.iter().position(|byte| *byte == b'|')?;
    Some((&text[..bar], &text[bar + 1..]))
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Digits of a date.
const LENGTH: usize = 5;

/// Pieces of four seconds, in five digits to the base of 64.
fn in_digits(seconds: u64) -> String {
    let count = seconds >> 2;
    let digit = |at: usize| DIGITS[(count >> (6 * (LENGTH - 1 - at)) & 63) as usize];
    (0..LENGTH).map(|at| char::from(digit(at))).collect()
}

/// The seconds that the first five digits stand for; what follows them is not looked at.
fn date(text: &[u8]) -> Option<u64> {
    let digits = text.get(..LENGTH)?;
    let mut count = 0;
    for digit in digits {
        let value = DIGITS.iter().position(|known| known == digit)?;
        count = count << 6 | value as u64;
    }
    (count > 0).then_some(count << 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;
    const BOTH: Limits = Limits {
        maxidle: Some(60),
        maxlife: Some(3600),
    };

    fn dates(last: u64, first: u64) -> Dates {
        Dates {
            last: Some(last),
            first: Some(first),
        }
    }

    #[test]
    fn dates_are_read_as_they_are_written() {
        let value = format!("s1{}", Dates::default().renewed(BOTH, NOW));
        assert_eq!(value.len(), "s1|12345|12345".len());
        let (server, read) = Dates::split(value.as_bytes());
        assert_eq!(server, b"s1");
        assert_eq!(read, dates(NOW, NOW));
        assert_eq!(Dates::split(b"s1"), (b"s1".as_slice(), Dates::default()));
    }

    #[test]
    fn the_first_date_is_kept_and_the_last_renewed() {
        let value = dates(NOW - 40, NOW - 400).renewed(BOTH, NOW);
        assert_eq!(Dates::split(value.as_bytes()).1, dates(NOW, NOW - 400));
    }

    #[test]
    fn what_is_no_date_is_none() {
        for value in ["s1|", "s1|abc", "s1|AAAAA", "s1|a_b=c", "s1||"] {
            assert_eq!(
                Dates::split(value.as_bytes()).1,
                Dates::default(),
                "{value}"
            );
        }
        let (_, read) = Dates::split(b"s1|abc|arSTU");
        assert_eq!(read.first, date(b"arSTU"));
    }

    #[test]
    fn too_old_comes_before_too_long_away() {
        assert_eq!(dates(NOW, NOW).outlived(BOTH, NOW + 60), None);
        let away = dates(NOW, NOW).outlived(BOTH, NOW + 61);
        assert_eq!(away, Some(Presented::Expired));
        let old = dates(NOW, NOW).outlived(BOTH, NOW + 3601);
        assert_eq!(old, Some(Presented::Old));
        assert_eq!(
            dates(NOW, NOW).outlived(Limits::default(), NOW + 9999),
            None
        );
    }

    #[test]
    fn dates_a_day_ahead_are_of_another_time_zone() {
        let ahead = |seconds| dates(NOW + seconds, NOW).outlived(BOTH, NOW);
        assert_eq!(ahead(86_400), None);
        assert_eq!(ahead(86_401), Some(Presented::Expired));
    }

    #[test]
    fn renewal_follows_the_limits() {
        let none = Dates::default();
        assert!(!none.need_renewal(Limits::default(), NOW));
        assert!(none.need_renewal(BOTH, NOW));
        assert!(dates(NOW - 1, NOW - 1).need_renewal(BOTH, NOW));
        assert!(!dates(NOW, NOW).need_renewal(BOTH, NOW), "seen just now");
        assert!(dates(NOW, NOW).need_renewal(Limits::default(), NOW));
    }
}
