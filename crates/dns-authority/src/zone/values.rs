//! Single values: names, addresses, networks, times.

use std::net::IpAddr;
use std::time::Duration;

use hickory_proto::rr::{Name, RecordType};
use ipnet::IpNet;

use super::fields::{Report, Text};

/// A full name with its final dot.
pub(super) fn name(what: &str, text: &Text<'_>, report: &mut Report) -> Option<Name> {
    let word = text.text;
    let problem = if word.is_empty() {
        report
            .error(
                "bad-name",
                format!("`{what}` is empty"),
                &text.place,
                "a name goes here",
            )
            .next("write the whole name, for example \"www.example.com.\"")
    } else if word.contains('*') {
        report
            .error("wildcard", format!("`{word}` stands for many names"), &text.place, "not known here")
            .why("this name server answers for names that are written out, so that each of them can be seen")
            .next("write the names one by one")
    } else if !word.ends_with('.') {
        report
            .error(
                "no-final-dot",
                format!("`{word}` lacks its final dot"),
                &text.place,
                "ends without a dot",
            )
            .why("names in a zone are written whole, up to the root, which is the dot at the end")
            .next(format!("write \"{word}.\""))
    } else {
        match Name::from_ascii(word) {
            Ok(name) => return Some(name),
            Err(error) => report
                .error("bad-name", format!("`{word}` is not a name"), &text.place, error.to_string())
                .why("a name has labels of 1 to 63 bytes with dots between them, and at most 255 bytes")
                .next("write letters beyond ASCII in their xn-- form"),
        }
    };
    report.push(problem);
    None
}

/// An address of the family that `kind` (`A` or `AAAA`) holds.
pub(super) fn address(kind: RecordType, text: &Text<'_>, report: &mut Report) -> Option<IpAddr> {
    let word = text.text;
    let other = match (kind, word.parse::<IpAddr>()) {
        (RecordType::A, Ok(IpAddr::V6(_))) => Some(("IPv6", "AAAA")),
        (RecordType::AAAA, Ok(IpAddr::V4(_))) => Some(("IPv4", "A")),
        (_, Ok(ip)) => return Some(ip),
        (_, Err(_)) => None,
    };
    let problem = match other {
        Some((family, place)) => report
            .error(
                "bad-address",
                format!("`{word}` is an {family} address"),
                &text.place,
                format!("not for `{kind}`"),
            )
            .next(format!("write it under {place} = [...]")),
        None => report
            .error(
                "bad-address",
                format!("`{word}` is not an address"),
                &text.place,
                format!("not for `{kind}`"),
            )
            .why(match kind {
                RecordType::A => {
                    "an IPv4 address is four numbers from 0 to 255 with dots between them"
                }
                _ => "an IPv6 address is groups of hexadecimal digits with colons between them",
            })
            .next(match kind {
                RecordType::A => "for example \"192.0.2.1\"",
                _ => "for example \"2001:db8::1\"",
            }),
    };
    report.push(problem);
    None
}

/// A network such as `198.51.100.0/24`.
pub(super) fn network(text: &Text<'_>, report: &mut Report) -> Option<IpNet> {
    let word = text.text;
    let problem = match word.parse::<IpNet>() {
        Ok(net) if net.trunc() == net => return Some(net),
        Ok(net) => report
            .error("bad-network", format!("`{word}` names one address, not a network"), &text.place, "bits are set behind the prefix")
            .next(format!("write \"{}\"", net.trunc())),
        Err(_) => report
            .error("bad-network", format!("`{word}` is not a network"), &text.place, "not ADDRESS/LENGTH")
            .why("a network is an address, a slash, and how many of its leading bits count: at most 32 of IPv4, 128 of IPv6")
            .next("for example \"198.51.100.0/24\" or \"2001:db8::/32\""),
    };
    report.push(problem);
    None
}

/// A time in HAProxy's writing, in whole milliseconds, from 100 ms to an hour.
pub(super) fn time(what: &str, text: &Text<'_>, report: &mut Report) -> Option<Duration> {
    let word = text.text;
    let digits = word.len() - word.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = word.split_at(digits);
    let unit = match unit {
        "ms" => Some(1),
        "s" => Some(1000),
        "m" => Some(60_000),
        _ => None,
    };
    let millis = number
        .parse::<u64>()
        .ok()
        .zip(unit)
        .and_then(|(n, unit)| n.checked_mul(unit));
    if let Some(millis) = millis.filter(|millis| (100..=3_600_000).contains(millis)) {
        return Some(Duration::from_millis(millis));
    }
    let problem = report
        .error(
            "bad-time",
            format!("`{what}` cannot be `{word}`"),
            &text.place,
            "from 100ms to 60m",
        )
        .next("write a number and its unit: \"500ms\", \"2s\", \"1m\"");
    report.push(problem);
    None
}

/// A time of recording: `2020`, `2020-10` or `2020-10-04`.
pub(super) fn recorded(text: &Text<'_>, report: &mut Report) -> Option<String> {
    let word = text.text;
    let parts: Vec<&str> = word.split('-').collect();
    let digits = |part: &str, length: usize, range: std::ops::RangeInclusive<u16>| {
        part.len() == length
            && part.bytes().all(|b| b.is_ascii_digit())
            && part.parse().is_ok_and(|number| range.contains(&number))
    };
    let good = match parts.as_slice() {
        [year] => digits(year, 4, 1983..=9999),
        [year, month] => digits(year, 4, 1983..=9999) && digits(month, 2, 1..=12),
        [year, month, day] => {
            digits(year, 4, 1983..=9999) && digits(month, 2, 1..=12) && digits(day, 2, 1..=31)
        }
        _ => false,
    };
    if good {
        return Some(word.to_owned());
    }
    let problem = report
        .error(
            "bad-date",
            format!("`recorded` cannot be `{word}`"),
            &text.place,
            "not a date",
        )
        .next("write a year, month or day: \"2020\", \"2020-10\", \"2020-10-04\"");
    report.push(problem);
    None
}
