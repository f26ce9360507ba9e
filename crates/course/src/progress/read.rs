//! From the text to what was done, or why it cannot be read.

use super::{At, FORMAT, Progress, Record};
use jiff::{Timestamp, Unit};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;
use toml::value::Datetime;

/// A file that this version does not go on with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// A later version wrote it; nothing may be lost by writing over it.
    Newer { format: i64, by: Option<String> },
    /// An older format, which is not read any more.
    Older { format: i64 },
    /// It is no progress file any more: what the reader says, and the line, from 1.
    Broken { what: String, line: Option<usize> },
}

impl Progress {
    /// Reads the file.
    ///
    /// # Errors
    /// When it has another format, or is broken.
    pub fn read(text: &str) -> Result<Self, Unreadable> {
        let table: toml::Table = text.parse().map_err(|error| broken(&error, text))?;
        match table.get("format").and_then(toml::Value::as_integer) {
            Some(FORMAT) => {}
            Some(format) if format > FORMAT => {
                let by = writer(text);
                return Err(Unreadable::Newer { format, by });
            }
            Some(format) => return Err(Unreadable::Older { format }),
            None => {
                return Err(Unreadable::Broken {
                    what: "it does not say its `format`".to_owned(),
                    line: None,
                });
            }
        }
        let mut progress: Self = toml::from_str(text).map_err(|error| broken(&error, text))?;
        // The same text once more: only so a wrong value is told with its line.
        let activities: Activities = toml::from_str(text).map_err(|error| broken(&error, text))?;
        progress.activities = activities.activity;
        for (id, record) in &mut progress.activities {
            if let Some(toml::Value::Table(all)) = table.get("activity").and_then(|all| all.get(id))
            {
                record.rest = unknown(all, &Record::KEYS);
            }
        }
        progress.rest = unknown(&table, &Self::KEYS);
        Ok(progress)
    }
}

#[derive(Deserialize)]
struct Activities {
    #[serde(default)]
    activity: BTreeMap<String, Record>,
}

fn unknown(table: &toml::Table, known: &[&str]) -> toml::Table {
    let rest = table
        .iter()
        .filter(|(key, _)| !known.contains(&key.as_str()));
    rest.map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn broken(error: &toml::de::Error, text: &str) -> Unreadable {
    let before = error.span().map(|span| &text[..span.start.min(text.len())]);
    Unreadable::Broken {
        what: error.message().to_owned(),
        line: before.map(|before| before.matches('\n').count() + 1),
    }
}

/// `0.5.0` of `# .lab/progress.toml, written by lab 0.5.0; safe to copy ...`.
fn writer(text: &str) -> Option<String> {
    let comment = text.lines().next()?.strip_prefix('#')?;
    let (_, version) = comment.split_once("written by lab ")?;
    let version = version.split([';', ' ']).next()?;
    Some(version.to_owned())
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newer {
                format,
                by: Some(by),
            } => {
                write!(
                    f,
                    "made by lab {by} (format {format}; this one reads {FORMAT})"
                )
            }
            Self::Newer { format, by: None } => {
                write!(
                    f,
                    "made by a newer lab (format {format}; this one reads {FORMAT})"
                )
            }
            Self::Older { format } => {
                write!(f, "of an old format ({format}; this lab reads {FORMAT})")
            }
            Self::Broken {
                what,
                line: Some(line),
            } => write!(f, "broken: line {line}, {what}"),
            Self::Broken { what, line: None } => write!(f, "broken: {what}"),
        }
    }
}

impl Serialize for At {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let time = self
            .0
            .round(Unit::Millisecond)
            .map_err(serde::ser::Error::custom)?;
        let time: Datetime = time
            .to_string()
            .parse()
            .map_err(serde::ser::Error::custom)?;
        time.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let time = Datetime::deserialize(deserializer)?;
        let text = time.to_string();
        // A time without a zone, typed by hand, counts as UTC.
        let time: Result<Timestamp, _> = text.parse().or_else(|_| format!("{text}Z").parse());
        time.map(Self).map_err(D::Error::custom)
    }
}
