//! `store` of a `stick-table`: `gpc0,conn_rate(10s),gpc(3)`.

use super::stick_table::Reader;
use crate::model::StickData;
use crate::value::{Unit, time};
use crate::words::Word;
use diagnostics::Diagnostic;
use std::time::Duration;

/// What an entry can remember; those that end in `_rate` want a period.
const DATA: [&str; 25] = [
    "server_id",
    "gpt0",
    "gpc0",
    "gpc0_rate",
    "conn_cnt",
    "conn_rate",
    "conn_cur",
    "sess_cnt",
    "sess_rate",
    "http_req_cnt",
    "http_req_rate",
    "http_err_cnt",
    "http_err_rate",
    "bytes_in_cnt",
    "bytes_in_rate",
    "bytes_out_cnt",
    "bytes_out_rate",
    "gpc1",
    "gpc1_rate",
    "server_key",
    "http_fail_cnt",
    "http_fail_rate",
    "gpt",
    "gpc",
    "gpc_rate",
];

/// Arrays, what they stand for, and how HAProxy names that.
const ARRAYS: [(&str, &[&str], &str); 3] = [
    ("gpt", &["gpt0"], "gpt0"),
    ("gpc", &["gpc0", "gpc1"], "gpc[0/1]"),
    ("gpc_rate", &["gpc0_rate", "gpc1_rate"], "gpc[0/1]_rate"),
];

/// Most elements of an array.
const ELEMENTS: usize = 100;

impl Reader<'_, '_> {
    /// What follows `store` may be nothing.
    pub(super) fn store(&mut self, store: &mut Vec<StickData>) -> Option<()> {
        let Some(word) = self.next() else {
            return Some(());
        };
        for item in items(&word.text) {
            let data = self.item(item, word)?;
            if store.iter().any(|stored| stored.name == data.name) {
                self.told_twice(data.name, word);
                continue;
            }
            store.push(data);
        }
        for (array, alone, shown) in ARRAYS {
            let stored = |name: &str| store.iter().any(|stored| stored.name == name);
            if stored(array) && alone.iter().any(|name| stored(name)) {
                let words = format!(
                    "simultaneous usage of '{array}' and '{shown}' in a same table is not permitted as '{array}' overrides '{shown}'"
                );
                return self.wrong(word, "one of the two is enough", &words);
            }
        }
        Some(())
    }

    fn item(&mut self, item: &str, word: &Word) -> Option<StickData> {
        let (name, argument) = match item.split_once('(') {
            Some((name, argument)) => (name, Some(argument)),
            None => (item, None),
        };
        let Some(known) = DATA.into_iter().find(|known| *known == name) else {
            let words = format!("unknown store option '{name}'");
            return self.wrong(word, "this cannot be stored", &words);
        };
        let (is_rate, is_array) = (
            known.ends_with("_rate"),
            ARRAYS.iter().any(|(array, ..)| *array == known),
        );
        let argument = match argument {
            None if is_rate || is_array => {
                let words = format!("missing argument to store option '{known}'");
                return self.wrong(word, "how many, or in which time?", &words);
            }
            Some(_) if !is_rate && !is_array => {
                let words = format!("unexpected argument to store option '{known}'");
                return self.wrong(word, "this is no rate", &words);
            }
            Some(argument) => match argument.strip_suffix(')') {
                Some(argument) => argument,
                None => {
                    let words = format!("missing closing parenthesis after store option '{known}'");
                    return self.wrong(word, "a `)` is missing", &words);
                }
            },
            None => "",
        };
        let (elements, period) = match argument.split_once(',') {
            Some((elements, period)) if is_array && is_rate => (elements, period),
            None if is_array && is_rate => {
                let words = format!("missing argument to store option '{known}'");
                return self.wrong(word, "how many, and in which time?", &words);
            }
            _ if is_array => (argument, ""),
            _ => ("1", argument),
        };
        let elements = elements.parse().ok().filter(|n| (1..=ELEMENTS).contains(n));
        let Some(elements) = elements else {
            let words = format!(
                "array size is out of allowed range (1-{ELEMENTS}) for store option '{known}'"
            );
            return self.wrong(word, "an array has 1 to 100 elements", &words);
        };
        let period = match is_rate {
            true => Some(self.period(known, period, word)?),
            false => None,
        };
        Some(StickData {
            name: known,
            period,
            elements,
        })
    }

    fn period(&mut self, name: &str, text: &str, word: &Word) -> Option<Duration> {
        match time(text, Unit::Milliseconds) {
            Ok(read) => Some(read.duration),
            Err(_) => {
                let words = format!("error when processing store option '{name}'");
                self.wrong(word, "this is no time", &words)
            }
        }
    }

    fn told_twice(&mut self, name: &str, word: &Word) {
        let words = format!("stick-table: store option '{name}' already enabled, ignored.");
        let words = self.report.tight(self.line.span, &words);
        self.report.push(
            Diagnostic::warning("stored-twice", format!("`{name}` is stored already"))
                .at(word.span, "")
                .haproxy(words),
        );
    }
}

/// Splits at commas outside of brackets.
fn items(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0usize;
    text.split(move |letter| {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == ',' && depth == 0
    })
}
