//! Dates of log lines.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use std::time::SystemTime;

/// `22/Nov/2026:06:32:19.696`, in local time.
pub fn local(time: SystemTime) -> String {
    let zoned = zoned(time, TimeZone::system());
    format!("{}.{:03}", seconds(&zoned), zoned.millisecond())
}

/// `22/Nov/2026:06:32:19.696123`, in local time.
pub fn local_to_microsecond(time: SystemTime) -> String {
    let zoned = zoned(time, TimeZone::system());
    let microsecond = zoned.subsec_nanosecond() / 1000;
    format!("{}.{microsecond:06}", seconds(&zoned))
}

/// `22/Nov/2026:06:32:19 +0000`.
pub fn gmt(time: SystemTime) -> String {
    format!("{} +0000", seconds(&zoned(time, TimeZone::UTC)))
}

/// `22/Nov/2026:07:32:19 +0100`, in local time.
pub fn with_offset(time: SystemTime) -> String {
    let zoned = zoned(time, TimeZone::system());
    let offset = zoned.offset().seconds();
    let sign = if offset < 0 { '-' } else { '+' };
    let minutes = offset.abs() / 60;
    format!(
        "{} {sign}{:02}{:02}",
        seconds(&zoned),
        minutes / 60,
        minutes % 60
    )
}

fn zoned(time: SystemTime, zone: TimeZone) -> Zoned {
    let timestamp = Timestamp::try_from(time).unwrap_or(Timestamp::UNIX_EPOCH);
    timestamp.to_zoned(zone)
}

fn seconds(zoned: &Zoned) -> String {
    let month = MONTHS[usize::from(zoned.month().unsigned_abs()) - 1];
    format!(
        "{:02}/{month}/{}:{:02}:{:02}:{:02}",
        zoned.day(),
        zoned.year(),
        zoned.hour(),
        zoned.minute(),
        zoned.second(),
    )
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
