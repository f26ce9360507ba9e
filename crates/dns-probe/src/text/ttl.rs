//! Times to live in words.

const UNITS: [(u32, &str, &str); 5] = [
    (7 * 24 * 3600, "w", "week"),
    (24 * 3600, "d", "day"),
    (3600, "h", "hour"),
    (60, "m", "minute"),
    (1, "s", "second"),
];

/// `1w2d3h4m5s`, as `+ttlunits` shows it.
pub(crate) fn units(seconds: u32) -> String {
    let parts = parts(seconds).map(|(n, short, _)| format!("{n}{short}"));
    parts.collect()
}

/// `1 week 2 days`, as the comments of a SOA record show it.
pub(crate) fn words(seconds: u32) -> String {
    let parts = parts(seconds).map(|(n, _, long)| {
        let plural = if n == 1 { "" } else { "s" };
        format!("{n} {long}{plural}")
    });
    parts.collect::<Vec<_>>().join(" ")
}

/// The units that are not zero; the seconds when all are.
fn parts(seconds: u32) -> impl Iterator<Item = (u32, &'static str, &'static str)> {
    let mut left = seconds;
    UNITS.into_iter().filter_map(move |(length, short, long)| {
        let n = left / length;
        left %= length;
        let only_seconds = seconds == 0 && length == 1;
        (n > 0 || only_seconds).then_some((n, short, long))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_leave_out_what_is_zero() {
        assert_eq!(units(0), "0s");
        assert_eq!(units(300), "5m");
        assert_eq!(units(694_861), "1w1d1h1m1s");
        assert_eq!(units(86_399_999), "142w5d23h59m59s");
    }

    #[test]
    fn words_count_one_and_many() {
        assert_eq!(words(0), "0 seconds");
        assert_eq!(words(7200), "2 hours");
        assert_eq!(words(694_861), "1 week 1 day 1 hour 1 minute 1 second");
    }
}
