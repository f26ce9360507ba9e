//! Dates.

use super::{Converter, row};
use crate::argument::{Argument, Parameter};
use crate::value::{Kind, Value};
use crate::view::View;

use Kind::{Int, Text};

const FORMAT: &[Parameter] = &[Parameter::Text, Parameter::Int];

#[rustfmt::skip]
pub(super) const TABLE: &[Converter] = &[
    row("http_date", Int, Text, http_date).taking(&[Parameter::Int, Parameter::Text], 0),
    row("ltime", Int, Text, |value, arguments, view| formatted(value, arguments, view, true)).taking(FORMAT, 1),
    row("utime", Int, Text, |value, arguments, view| formatted(value, arguments, view, false)).taking(FORMAT, 1),
];

/// `Sun, 22 Nov 2026 06:32:19 GMT`.
fn http_date<'a>(value: Value<'a>, arguments: &[Argument], _: &View<'a>) -> Option<Value<'a>> {
    let offset = Argument::int(arguments, 0).unwrap_or(0);
    let seconds = match Argument::text(arguments, 1) {
        "ms" => value.int()? / 1_000,
        "us" => value.int()? / 1_000_000,
        _ => value.int()?,
    };
    let date = Date::at(seconds.saturating_add(offset));
    Some(Value::owned(format!(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
        WEEKDAYS[date.weekday],
        date.day,
        MONTHS[date.month - 1],
        date.year,
        date.hour,
        date.minute,
        date.second
    )))
}

fn formatted<'a>(
    value: Value<'a>,
    arguments: &[Argument],
    view: &View<'a>,
    local: bool,
) -> Option<Value<'a>> {
    let seconds = value.int()? + Argument::int(arguments, 1).unwrap_or(0);
    let offset = if local {
        view.world.local_offset(seconds)
    } else {
        0
    };
    Some(Value::owned(strftime(
        Argument::text(arguments, 0),
        seconds,
        offset,
    )))
}

/// A moment in the calendar.
struct Date {
    year: i64,
    /// 1 to 12.
    month: usize,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    /// 0 is Sunday.
    weekday: usize,
    /// 0 is the first of January.
    day_of_year: i64,
}

const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const LONG_WEEKDAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const LONG_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl Date {
    /// Of a time in seconds since 1970 (the civil calendar by eras of 400 years, which begin in March).
    fn at(seconds: i64) -> Self {
        let (days, second_of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let shifted = days + 719_468;
        let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let from_march = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * from_march + 2) / 153;
        let month = if shifted_month < 10 {
            shifted_month + 3
        } else {
            shifted_month - 9
        };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        let day_of_year = if month > 2 {
            from_march + 59 + i64::from(leap)
        } else {
            from_march - 306
        };
        Self {
            year,
            month: month as usize,
            day: from_march - (153 * shifted_month + 2) / 5 + 1,
            hour: second_of_day / 3_600,
            minute: second_of_day / 60 % 60,
            second: second_of_day % 60,
            weekday: (days + 4).rem_euclid(7) as usize,
            day_of_year,
        }
    }
}

/// strftime(3) in the C locale; `offset` is the local time's distance from UTC in seconds.
fn strftime(format: &str, seconds: i64, offset: i64) -> String {
    let date = Date::at(seconds + offset);
    let mut out = String::new();
    let mut letters = format.chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            out.push(letter);
            continue;
        }
        let Some(conversion) = letters.next() else {
            out.push('%');
            break;
        };
        out += &converted(conversion, &date, seconds, offset);
    }
    out
}

fn converted(conversion: char, date: &Date, seconds: i64, offset: i64) -> String {
    let again = |format: &str| strftime(format, seconds, offset);
    let hour12 = (date.hour + 11) % 12 + 1;
    match conversion {
        'a' => WEEKDAYS[date.weekday].to_owned(),
        'A' => LONG_WEEKDAYS[date.weekday].to_owned(),
        'b' | 'h' => MONTHS[date.month - 1].to_owned(),
        'B' => LONG_MONTHS[date.month - 1].to_owned(),
        'c' => again("%a %b %e %H:%M:%S %Y"),
        'C' => format!("{:02}", date.year / 100),
        'd' => format!("{:02}", date.day),
        'D' | 'x' => again("%m/%d/%y"),
        'e' => format!("{:2}", date.day),
        'F' => again("%Y-%m-%d"),
        'H' => format!("{:02}", date.hour),
        'I' => format!("{hour12:02}"),
        'j' => format!("{:03}", date.day_of_year + 1),
        'k' => format!("{:2}", date.hour),
        'l' => format!("{hour12:2}"),
        'm' => format!("{:02}", date.month),
        'M' => format!("{:02}", date.minute),
        'n' => "\n".to_owned(),
        'p' => if date.hour < 12 { "AM" } else { "PM" }.to_owned(),
        'r' => again("%I:%M:%S %p"),
        'R' => again("%H:%M"),
        's' => seconds.to_string(),
        'S' => format!("{:02}", date.second),
        't' => "\t".to_owned(),
        'T' | 'X' => again("%H:%M:%S"),
        'u' => ((date.weekday + 6) % 7 + 1).to_string(),
        'w' => date.weekday.to_string(),
        'y' => format!("{:02}", date.year % 100),
        'Y' => date.year.to_string(),
        'z' => {
            let sign = if offset < 0 { '-' } else { '+' };
            let minutes = offset.abs() / 60;
            format!("{sign}{:02}{:02}", minutes / 60, minutes % 60)
        }
        '%' => "%".to_owned(),
        other => format!("%{other}"),
    }
}
