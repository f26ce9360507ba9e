//! How long something took or has lasted, as people say it: the same in every language.

use jiff::Timestamp;
use std::time::Duration;

/// From `then` to `now`; zero where the clock was set back between the two.
pub fn between(then: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(then)).unwrap_or_default()
}

/// `8 s`, `24 min`, `3 h`, `2 d`
pub fn lasted(time: Duration) -> String {
    match time.as_secs() {
        s @ 0..60 => format!("{s} s"),
        s @ 60..7200 => format!("{} min", s / 60),
        s @ 7200..172_800 => format!("{} h", s / 3600),
        s => format!("{} d", s / 86_400),
    }
}

/// `0.4 ms`, `31 ms`, `3.0 s`
pub fn took(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1000.0;
    if ms < 10.0 {
        format!("{ms:.1} ms")
    } else if ms < 1000.0 {
        format!("{ms:.0} ms")
    } else {
        format!("{:.1} s", ms / 1000.0)
    }
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
    }

    #[test]
    fn a_clock_that_was_set_back_gives_no_time_at_all() {
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(between(at(7), at(9)), Duration::from_secs(2));
        assert_eq!(between(at(9), at(7)), Duration::ZERO);
    }
}
