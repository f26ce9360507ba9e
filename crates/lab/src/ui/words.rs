//! Small sentences: durations, counts, lists and times of day, as people say them.

pub(crate) use course::times::{between as since, lasted, took};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::time::Duration;

/// `0:24`, `12:05`, `1:02:33`: a running clock.
pub(crate) fn clock(time: Duration) -> String {
    let s = time.as_secs();
    if s < 3600 {
        format!("{}:{:02}", s / 60, s % 60)
    } else {
        format!("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
    }
}

/// `1 request`, `3 requests`.
pub(crate) fn count(n: u64, noun: &str) -> String {
    if n == 1 {
        format!("1 {noun}")
    } else {
        format!("{n} {noun}s")
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Time of day in the zone of the machine: `12:41:07`.
pub(crate) fn time_of_day(at: Timestamp) -> String {
    at.to_zoned(TimeZone::system())
        .strftime("%H:%M:%S")
        .to_string()
}

/// Time of day in the zone of the machine, without seconds: `12:41`.
pub(crate) fn hour_and_minute(at: Timestamp) -> String {
    at.to_zoned(TimeZone::system())
        .strftime("%H:%M")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_show_hours_where_there_are_any() {
        let told = [24, 725, 3753].map(|s| clock(Duration::from_secs(s)));
        assert_eq!(told, ["0:24", "12:05", "1:02:33"]);
    }

    #[test]
    fn lists_end_in_and() {
        let names = |n: usize| (1..=n).map(|i| i.to_string()).collect::<Vec<_>>();
        assert_eq!(list(&names(0)), "");
        assert_eq!(list(&names(1)), "1");
        assert_eq!(list(&names(3)), "1, 2 and 3");
        assert_eq!(count(1, "error"), "1 error");
        assert_eq!(count(0, "error"), "0 errors");
    }
}
