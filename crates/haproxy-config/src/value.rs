//! Numbers, times and sizes as the configuration writes them.

use std::time::Duration;

/// A time that was read, and what followed its unit (HAProxy only warns of that).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Time {
    pub(crate) duration: Duration,
    pub(crate) trailing: Option<char>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeError {
    /// More than 2147483647 of the unit asked for.
    Overflow,
    /// Neither digit nor unit; `\0` when the text ends too early.
    Unexpected(char),
}

/// What a number without a unit means, and what the value is rounded to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Milliseconds,
    Seconds,
}

impl Unit {
    fn micros(self) -> u128 {
        match self {
            Self::Milliseconds => 1_000,
            Self::Seconds => 1_000_000,
        }
    }
}

/// An integer and one of `us ms s m h d` (manual, section 2.5); rounded up to whole `unit`s.
pub(crate) fn time(text: &str, unit: Unit) -> Result<Time, TimeError> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, suffix) = text.split_at(digits);
    if number.is_empty() {
        return Err(TimeError::Unexpected(suffix.chars().next().unwrap_or('\0')));
    }
    let (micros, rest) = match suffix.as_bytes() {
        [] => (unit.micros(), ""),
        [b'u', b's', ..] => (1, &suffix[2..]),
        [b'm', b's', ..] => (1_000, &suffix[2..]),
        [b's', ..] => (1_000_000, &suffix[1..]),
        [b'm', ..] => (60_000_000, &suffix[1..]),
        [b'h', ..] => (3_600_000_000, &suffix[1..]),
        [b'd', ..] => (86_400_000_000, &suffix[1..]),
        _ => return Err(TimeError::Unexpected(suffix.chars().next().unwrap_or('\0'))),
    };
    let number: u128 = number.parse().map_err(|_| TimeError::Overflow)?;
    let total = number.checked_mul(micros).ok_or(TimeError::Overflow)?;
    let units = total.div_ceil(unit.micros());
    if units > i32::MAX as u128 {
        return Err(TimeError::Overflow);
    }
    let micros = u64::try_from(units * unit.micros()).map_err(|_| TimeError::Overflow)?;
    Ok(Time {
        duration: Duration::from_micros(micros),
        trailing: rest.chars().next(),
    })
}

/// A number with one of `k m g`; the error is the odd letter, as HAProxy names it.
pub(crate) fn size(text: &str) -> Result<u64, char> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let odd = unit.chars().next().or(number.chars().last());
    let shift = match unit {
        "" => Some(0),
        "k" | "K" => Some(10),
        "m" | "M" => Some(20),
        "g" | "G" => Some(30),
        _ => None,
    };
    let size = shift.and_then(|shift| number.parse::<u64>().ok()?.checked_mul(1 << shift));
    size.ok_or(odd.unwrap_or('\0'))
}

/// The leading integer of a text as C's `atol` reads it: 0 when there is none. The flag tells whether that was all.
pub(crate) fn lenient_integer(text: &str) -> (i64, bool) {
    let trimmed = text.trim_start();
    let sign = trimmed.len() - trimmed.trim_start_matches(['+', '-']).len();
    let end = trimmed[sign..]
        .find(|c: char| !c.is_ascii_digit())
        .map_or(trimmed.len(), |at| sign + at);
    let number = if sign > 1 { "" } else { &trimmed[..end] };
    let clean = sign < end && end == trimmed.len() && sign <= 1;
    (number.parse().unwrap_or(0), clean)
}

#[cfg(test)]
mod tests {
    use super::{Time, TimeError, Unit, lenient_integer, time};
    use std::time::Duration;

    #[track_caller]
    fn check(text: &str, expected: Result<u64, TimeError>) {
        let read = time(text, Unit::Milliseconds).map(|time| time.duration);
        assert_eq!(read, expected.map(Duration::from_millis), "{text}");
    }

    #[test]
    fn a_bare_number_is_milliseconds() {
        check("10", Ok(10));
        check("0", Ok(0));
        check("3s", Ok(3000));
        check("2m", Ok(120_000));
        check("1h", Ok(3_600_000));
        check("1d", Ok(86_400_000));
        check("100us", Ok(1));
    }

    #[test]
    fn other_spellings_are_refused() {
        check("a", Err(TimeError::Unexpected('a')));
        check("", Err(TimeError::Unexpected('\0')));
        check("1.5s", Err(TimeError::Unexpected('.')));
        check("10S", Err(TimeError::Unexpected('S')));
        check("25d", Err(TimeError::Overflow));
        check(
            "99999999999999999999999999999999999999999",
            Err(TimeError::Overflow),
        );
    }

    #[test]
    fn letters_after_the_unit_are_told() {
        let read = time("10sec", Unit::Milliseconds);
        let duration = Duration::from_secs(10);
        assert_eq!(
            read,
            Ok(Time {
                duration,
                trailing: Some('e')
            })
        );
    }

    #[test]
    fn seconds_are_the_unit_of_some_words() {
        let read = |text| time(text, Unit::Seconds).map(|time| time.duration);
        assert_eq!(read("5"), Ok(Duration::from_secs(5)));
        assert_eq!(read("5ms"), Ok(Duration::from_secs(1)));
    }

    #[test]
    fn integers_are_read_as_far_as_they_go() {
        assert_eq!(lenient_integer("12"), (12, true));
        assert_eq!(lenient_integer("-1"), (-1, true));
        assert_eq!(lenient_integer("12a"), (12, false));
        assert_eq!(lenient_integer("abc"), (0, false));
        assert_eq!(lenient_integer(""), (0, false));
    }
}
