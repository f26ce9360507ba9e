//! Small sentences: durations, counts, lists and times of day, as people say them.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::time::Duration;

/// `0.4 ms`, `31 ms`, `3.0 s`: how long something took.
pub(crate) fn took(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1000.0;
    if ms < 10.0 {
        format!("{ms:.1} ms")
    } else if ms < 1000.0 {
        format!("{ms:.0} ms")
    } else {
        format!("{:.1} s", ms / 1000.0)
    }
}

/// `8 s`, `24 min`, `3 h`, `2 d`: how long something has lasted.
pub(crate) fn lasted(time: Duration) -> String {
    match time.as_secs() {
        s @ 0..60 => format!("{s} s"),
        s @ 60..7200 => format!("{} min", s / 60),
        s @ 7200..172_800 => format!("{} h", s / 3600),
        s => format!("{} d", s / 86_400),
    }
}

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

/// From `then` to `now`; zero where the clock was set back between the two.
pub(crate) fn since(then: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(then)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_the_unit_that_fits() {
        let told = [300, 9_900, 31_000, 3_006_000].map(|us| took(Duration::from_micros(us)));
        assert_eq!(told, ["0.3 ms", "9.9 ms", "31 ms", "3.0 s"]);
        let told = [8, 90, 24 * 60, 3 * 3600, 50 * 3600].map(|s| lasted(Duration::from_secs(s)));
        assert_eq!(told, ["8 s", "1 min", "24 min", "3 h", "2 d"]);
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
