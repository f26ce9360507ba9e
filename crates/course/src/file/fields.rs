//! Reading TOML tables while keeping the place of everything, so that each mistake can be shown where it is.

use super::form::Word;
use super::report::{Place, Report};
use super::vocabulary::Key;
use diagnostics::nearest;
use std::ops::RangeInclusive;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value of the front matter.
pub(crate) type Value<'t> = Spanned<DeValue<'t>>;

/// A string, and where it stands (quotes included).
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) place: Place,
}

/// One table of the file, its keys already compared with the vocabulary.
pub(crate) struct Fields<'t> {
    table: &'t DeTable<'t>,
    /// Where the table begins: its header, or its braces.
    pub(crate) place: Place,
    known: Vec<&'static Key>,
    pub(crate) report: &'t Report,
}

impl<'t> Fields<'t> {
    /// Takes a table, reports every key that is not known and every needed one that is missing.
    pub(crate) fn open(
        table: &'t DeTable<'t>,
        place: Place,
        keys: &[&'static [Key]],
        report: &'t Report,
    ) -> Self {
        let known: Vec<&'static Key> = keys.iter().copied().flatten().collect();
        let fields = Self {
            table,
            place,
            known,
            report,
        };
        fields.report_unknown();
        fields.report_missing();
        fields
    }

    /// One key of a table that is not opened yet: what it says decides which keys are known.
    pub(crate) fn peek(table: &'t DeTable<'t>, key: &str) -> Option<&'t Value<'t>> {
        table.get(key)
    }

    fn report_unknown(&self) {
        let names: Vec<&str> = self.known.iter().map(|key| key.name).collect();
        for key in self.table.keys() {
            let word = key.get_ref().as_ref();
            if names.contains(&word) {
                continue;
            }
            let label = match nearest(word, names.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "not known here".to_owned(),
            };
            let place = self.report.in_file(key.span());
            let message = format!("unknown key `{word}`");
            let problem = self.report.error("unknown-key", message, &place, label);
            self.report
                .push(problem.why(format!("known here: {}", names.join(" "))));
        }
    }

    fn report_missing(&self) {
        for key in self.known.iter().filter(|key| key.needed) {
            if !self.has(key.name) {
                self.missing(key.name, &format!("it says {}", key.about));
            }
        }
    }

    /// Reports that a key is not there, which is needed for the reason `why`.
    pub(crate) fn missing(&self, key: &str, why: &str) {
        let message = format!("`{key}` is missing");
        let label = format!("has no `{key}`");
        let problem = self
            .report
            .error("missing-key", message, &self.place, label);
        self.report.push(problem.why(why));
    }

    /// Reports something about the value of a key, or about the table where it has none.
    pub(crate) fn wrong(&self, key: &str, code: &'static str, message: String, label: &str) {
        let problem = self.report.error(code, message, &self.at(key), label);
        self.report.push(problem);
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// The value; every key that is read must be in the vocabulary.
    pub(crate) fn value(&self, key: &str) -> Option<&'t Value<'t>> {
        debug_assert!(
            self.known.iter().any(|known| known.name == key),
            "`{key}` is read, but not in the vocabulary"
        );
        self.table.get(key)
    }

    /// The place of a key's value; the table's where it has none.
    pub(crate) fn at(&self, key: &str) -> Place {
        match self.table.get(key) {
            Some(value) => self.report.in_file(value.span()),
            None => self.place.clone(),
        }
    }

    pub(crate) fn text(&self, key: &str) -> Option<Text> {
        self.text_of(key, self.value(key)?)
    }

    pub(crate) fn string(&self, key: &str) -> Option<String> {
        self.text(key).map(|text| text.text)
    }

    pub(crate) fn text_of(&self, key: &str, value: &Value<'_>) -> Option<Text> {
        let place = self.report.in_file(value.span());
        let Some(text) = value.get_ref().as_str() else {
            self.wrong_type(key, "text in quotes", value);
            return None;
        };
        if text.trim().is_empty() {
            let message = format!("`{key}` is empty");
            let problem =
                self.report
                    .error("empty-text", message, &place, "nothing would be shown");
            self.report.push(problem);
            return None;
        }
        let text = text.to_owned();
        Some(Text { text, place })
    }

    pub(crate) fn flag(&self, key: &str) -> Option<bool> {
        let value = self.value(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.wrong_type(key, "true or false", value);
        }
        flag
    }

    pub(crate) fn whole(&self, key: &str, range: RangeInclusive<u32>) -> Option<u32> {
        self.whole_of(key, self.value(key)?, range)
    }

    pub(crate) fn port(&self, key: &str) -> Option<u16> {
        let number = self.whole(key, 1..=u32::from(u16::MAX))?;
        u16::try_from(number).ok()
    }

    pub(crate) fn whole_of(
        &self,
        key: &str,
        value: &Value<'_>,
        range: RangeInclusive<u32>,
    ) -> Option<u32> {
        let Some(integer) = value.get_ref().as_integer() else {
            self.wrong_type(key, "a whole number", value);
            return None;
        };
        let number = u32::from_str_radix(integer.as_str(), integer.radix()).ok();
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            let label = format!("from {} to {}", range.start(), range.end());
            let message = format!("`{key}` cannot be {integer}");
            let place = self.report.in_file(value.span());
            let problem = self
                .report
                .error("number-out-of-range", message, &place, label);
            self.report.push(problem);
        }
        number
    }

    /// One word of a closed list.
    pub(crate) fn word<T: Word>(&self, key: &str) -> Option<T> {
        self.word_of(key, self.value(key)?)
    }

    pub(crate) fn word_of<T: Word>(&self, key: &str, value: &Value<'_>) -> Option<T> {
        let text = self.text_of(key, value)?;
        let found = T::WORDS.iter().find(|(word, _)| *word == text.text);
        if found.is_none() {
            self.unknown_word(key, &text, &super::form::words::<T>());
        }
        found.map(|(_, meant)| meant.clone())
    }

    /// Reports a word that is not among the known ones.
    pub(crate) fn unknown_word(&self, key: &str, text: &Text, known: &[&'static str]) {
        let label = match nearest(&text.text, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "not known here".to_owned(),
        };
        let message = format!("`{key}` cannot be `{}`", text.text);
        let problem = self
            .report
            .error("unknown-word", message, &text.place, label);
        self.report
            .push(problem.why(format!("known here: {}", known.join(" "))));
    }

    /// A list of values; one alone needs no brackets.
    pub(crate) fn list(&self, key: &str) -> Vec<&'t Value<'t>> {
        match self.value(key) {
            None => Vec::new(),
            Some(value) => match value.get_ref().as_array() {
                Some(array) => array.iter().collect(),
                None => vec![value],
            },
        }
    }

    pub(crate) fn texts(&self, key: &str) -> Vec<Text> {
        let values = self.list(key).into_iter();
        values
            .filter_map(|value| self.text_of(key, value))
            .collect()
    }

    pub(crate) fn strings(&self, key: &str) -> Vec<String> {
        self.texts(key).into_iter().map(|text| text.text).collect()
    }

    /// Tables without a look at their keys: `[[key]]`, or a list of `{ .. }`.
    pub(crate) fn tables(&self, key: &str) -> Vec<(&'t DeTable<'t>, Place)> {
        let mut tables = Vec::new();
        for value in self.list(key) {
            match value.get_ref().as_table() {
                Some(table) => tables.push((table, self.report.in_file(value.span()))),
                None => self.wrong_type(key, "tables: { key = value, .. }", value),
            }
        }
        tables
    }

    /// Tables of one kind.
    pub(crate) fn all(&self, key: &str, keys: &[&'static [Key]]) -> Vec<Self> {
        let open = |(table, place)| Fields::open(table, place, keys, self.report);
        self.tables(key).into_iter().map(open).collect()
    }

    pub(crate) fn wrong_type(&self, key: &str, wanted: &str, value: &Value<'_>) {
        let found = match value.get_ref() {
            DeValue::String(_) => "text",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        let message = format!("`{key}` takes {wanted}");
        let place = self.report.in_file(value.span());
        let label = format!("this is {found}");
        let problem = self.report.error("wrong-type", message, &place, label);
        self.report.push(problem);
    }
}
