//! Dates of HTTP (RFC 9110, section 5.6.7), in all three forms.

const MONTHS: [&[u8]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];

/// Seconds since 1970; `None` where it is no date, or an earlier one.
pub fn parse(text: &[u8]) -> Option<u64> {
    let words: Vec<&[u8]> = text
        .split(|byte| matches!(byte, b' ' | b'-'))
        .filter(|word| !word.is_empty())
        .collect();
    match *words {
        // Sun, 06 Nov 1994 08:49:37 GMT, and Sunday, 06-Nov-94 08:49:37 GMT
        [weekday, day, month, year, time, b"GMT"] if weekday.ends_with(b",") => {
            let short = year.len() == 2;
            let year = number(year)?;
            let century = match (short, year) {
                (true, 0..70) => 2_000,
                (true, _) => 1_900,
                (false, _) => 0,
            };
            seconds(century + year, month, number(day)?, time)
        }
        // Sun Nov  6 08:49:37 1994
        [_, month, day, time, year] => seconds(number(year)?, month, number(day)?, time),
        _ => None,
    }
}

fn seconds(year: u64, month: &[u8], day: u64, time: &[u8]) -> Option<u64> {
    let month = MONTHS.iter().position(|known| *known == month)? as u64;
    let parts: Vec<u64> = time
        .split(|byte| *byte == b':')
        .map(number)
        .collect::<Option<_>>()?;
    let [hour @ 0..24, minute @ 0..60, second @ 0..=60] = *parts else {
        return None;
    };
    if !(1..=31).contains(&day) || !(1_970..10_000).contains(&year) {
        return None;
    }
    let days = days_before(year, month) + day - 1;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

/// Days from 1970 to the first of a month, counted from 0.
fn days_before(year: u64, month: u64) -> u64 {
    const BEFORE: [u64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let leaps = |year: u64| year / 4 - year / 100 + year / 400;
    let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let past = (year - 1_970) * 365 + leaps(year - 1) - leaps(1_969);
    past + BEFORE[month as usize] + u64::from(leap && month > 1)
}

fn number(text: &[u8]) -> Option<u64> {
    let digits = !text.is_empty() && text.len() < 10 && text.iter().all(u8::is_ascii_digit);
    let add = |sum: u64, digit: &u8| sum * 10 + u64::from(digit - b'0');
    digits.then(|| text.iter().fold(0, add))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_three_forms_tell_the_same_second() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            assert_eq!(parse(text.as_bytes()), Some(784_111_777), "{text}");
        }
        assert_eq!(parse(b"Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(parse(b"Tue, 29 Feb 2000 00:00:00 GMT"), Some(951_782_400));
        assert_eq!(parse(b"Fri, 01 Jan 2038 00:00:00 GMT"), Some(2_145_916_800));
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "0",
            "",
            "nonsense",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 40 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Noo 1994 08:00:00 GMT",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }
}
