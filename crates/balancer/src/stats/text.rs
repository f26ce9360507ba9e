//! Times and numbers as HAProxy writes them.

use lb_core::Uptime;

/// `1d 2h03m04s`
pub fn uptime(up: Uptime) -> String {
    let seconds = up.as_secs();
    format!(
        "{}d {}h{:02}m{:02}s",
        seconds / 86_400,
        seconds / 3600 % 24,
        seconds / 60 % 60,
        seconds % 60
    )
}

/// The two largest units that are not 0: `1d4h`, `2h5m`, `1m23s`, `7s`.
pub fn two_units(seconds: u64) -> String {
    let units = [
        (seconds / 86_400, 'd'),
        (seconds / 3600 % 24, 'h'),
        (seconds / 60 % 60, 'm'),
        (seconds % 60, 's'),
    ];
    let present = units.iter().filter(|&&(count, _)| count > 0).take(2);
    let text: String = present
        .map(|(count, unit)| format!("{count}{unit}"))
        .collect();
    if text.is_empty() { "0s".into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_two_units_at_most() {
        let cases = [
            (0, "0s"),
            (59, "59s"),
            (60, "1m"),
            (83, "1m23s"),
            (3600, "1h"),
            (7500, "2h5m"),
            (86_400, "1d"),
            (100_900, "1d4h"),
            (86_700, "1d5m"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(two_units(seconds), expected);
        }
    }

    #[test]
    fn uptime_has_all_units() {
        assert_eq!(uptime(Uptime::from_secs(4)), "0d 0h00m04s");
        assert_eq!(uptime(Uptime::from_secs(93_784)), "1d 2h03m04s");
    }
}
