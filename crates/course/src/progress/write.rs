//! The text of the file: small, one line a key, in an order for people.

use super::{FORMAT, Progress, Record};
use std::fmt::Write;

/// Keys of an activity that come first.
const FIRST: [&str; 6] = ["started", "finished", "steps", "shown", "guess", "hints"];

impl Progress {
    /// The text of the file, for `version` of the program that writes it.
    pub fn to_text(&self, version: &str) -> String {
        let mut text = format!(
            "# .lab/progress.toml, written by lab {version}; safe to copy to another machine\n\
             format = {FORMAT}\n"
        );
        for (key, value) in table(self).into_iter().chain(self.rest.clone()) {
            line(&mut text, &key, &value);
        }
        for (id, record) in &self.activities {
            let id = toml::Value::String(id.clone());
            // A quoted key is written as a quoted string is.
            let _ = write!(text, "\n[activity.{id}]\n");
            let mut record: Vec<(String, toml::Value)> = table(record)
                .into_iter()
                .chain(record.rest.clone())
                .collect();
            record.sort_by_key(|(key, _)| {
                FIRST
                    .iter()
                    .position(|first| first == key)
                    .unwrap_or(FIRST.len())
            });
            for (key, value) in record {
                line(&mut text, &key, &value);
            }
        }
        text
    }
}

impl Record {
    /// Whether nothing was done yet.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

pub(super) fn table(of: &impl serde::Serialize) -> toml::Table {
    // Not by `Table::try_from`, which loses the kind of a date.
    let text = toml::to_string(of).expect("strings, numbers, times, and maps of them by strings");
    text.parse().expect("it was written by the same library")
}

fn line(text: &mut String, key: &str, value: &toml::Value) {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let key = match !key.is_empty() && key.chars().all(bare) {
        true => key.to_owned(),
        false => toml::Value::String(key.to_owned()).to_string(),
    };
    let _ = writeln!(text, "{key} = {value}");
}
