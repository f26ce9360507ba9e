//! Reading TOML tables while keeping the place of everything, so that each mistake can be shown where it is.

use std::ops::{Range, RangeInclusive};

use diagnostics::{Diagnostic, SourceId, Span, nearest};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value of the file and its place.
pub(super) type Value<'t> = Spanned<DeValue<'t>>;

/// Bytes of the file.
pub(super) type Place = Range<usize>;

/// The mistakes found so far.
pub(super) struct Report {
    source: SourceId,
    problems: Vec<Diagnostic>,
}

impl Report {
    pub(super) fn new(source: SourceId) -> Self {
        Self {
            source,
            problems: Vec::new(),
        }
    }

    pub(super) fn span(&self, place: &Place) -> Span {
        Span {
            source: self.source,
            start: place.start,
            end: place.end,
        }
    }

    /// A mistake with its place, for [`Self::push`].
    pub(super) fn error(
        &self,
        code: &'static str,
        message: impl Into<String>,
        place: &Place,
        label: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic::error(code, message).at(self.span(place), label)
    }

    pub(super) fn push(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }

    /// All of them, in the order of their places.
    pub(super) fn into_problems(mut self) -> Vec<Diagnostic> {
        let start = |problem: &Diagnostic| problem.labels.first().map_or(0, |l| l.span.start);
        self.problems.sort_by_key(start);
        self.problems
    }
}

/// A string of the file.
#[derive(Clone, Debug)]
pub(super) struct Text<'t> {
    pub(super) text: &'t str,
    pub(super) place: Place,
}

/// One table of the file, its keys already checked.
pub(super) struct Fields<'t> {
    table: &'t DeTable<'t>,
    /// Where the table begins: its header, or its braces.
    pub(super) place: Place,
}

impl<'t> Fields<'t> {
    /// Takes a table and reports every key that is not among the known ones.
    pub(super) fn of(
        table: &'t DeTable<'t>,
        place: Place,
        known: &[&'static str],
        report: &mut Report,
    ) -> Self {
        for key in table.keys() {
            let word = key.get_ref().as_ref();
            if !known.contains(&word) {
                let problem = unknown_key(report, word, &key.span(), known);
                report.push(problem);
            }
        }
        Self { table, place }
    }

    pub(super) fn value(&self, key: &str) -> Option<&'t Value<'t>> {
        self.table.get(key)
    }

    /// The place of a key's own word.
    pub(super) fn key_place(&self, key: &str) -> Option<Place> {
        let (word, _) = self.table.get_key_value(key)?;
        Some(word.span())
    }

    pub(super) fn text(&self, key: &str, report: &mut Report) -> Option<Text<'t>> {
        text(key, self.value(key)?, report)
    }

    pub(super) fn flag(&self, key: &str, report: &mut Report) -> Option<bool> {
        let value = self.value(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            wrong_type(key, "true or false", value, report);
        }
        flag
    }

    pub(super) fn number(
        &self,
        key: &str,
        range: RangeInclusive<u32>,
        report: &mut Report,
    ) -> Option<u32> {
        number(key, self.value(key)?, range, report)
    }

    /// A list of values; one alone needs no brackets.
    pub(super) fn list(&self, key: &str) -> Option<Vec<&'t Value<'t>>> {
        let value = self.value(key)?;
        Some(match value.get_ref().as_array() {
            Some(array) => array.iter().collect(),
            None => vec![value],
        })
    }

    /// Like [`Self::list`], of tables only: `[[key]]`.
    pub(super) fn tables(&self, key: &str, report: &mut Report) -> Vec<(&'t DeTable<'t>, Place)> {
        let mut tables = Vec::new();
        for value in self.list(key).unwrap_or_default() {
            match value.get_ref().as_table() {
                Some(table) => tables.push((table, value.span())),
                None => wrong_type(key, "a table of its own ([[...]])", value, report),
            }
        }
        tables
    }
}

pub(super) fn text<'t>(what: &str, value: &'t Value<'t>, report: &mut Report) -> Option<Text<'t>> {
    let text = value.get_ref().as_str();
    if text.is_none() {
        wrong_type(what, "text in quotes", value, report);
    }
    let place = value.span();
    text.map(|text| Text { text, place })
}

pub(super) fn number(
    what: &str,
    value: &Value<'_>,
    range: RangeInclusive<u32>,
    report: &mut Report,
) -> Option<u32> {
    let Some(integer) = value.get_ref().as_integer() else {
        wrong_type(what, "a whole number", value, report);
        return None;
    };
    let number = u32::from_str_radix(integer.as_str(), integer.radix()).ok();
    let number = number.filter(|number| range.contains(number));
    if number.is_none() {
        let (low, high) = (range.start(), range.end());
        let problem = report.error(
            "number-out-of-range",
            format!("`{what}` cannot be {integer}"),
            &value.span(),
            format!("from {low} to {high}"),
        );
        report.push(problem);
    }
    number
}

pub(super) fn wrong_type(what: &str, wanted: &str, value: &Value<'_>, report: &mut Report) {
    let found = match value.get_ref() {
        DeValue::String(_) => "text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    let problem = report.error(
        "wrong-type",
        format!("`{what}` takes {wanted}"),
        &value.span(),
        format!("this is {found}"),
    );
    report.push(problem);
}

fn unknown_key(report: &Report, word: &str, place: &Place, known: &[&'static str]) -> Diagnostic {
    let label = match nearest(word, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "not known here".to_owned(),
    };
    report
        .error("unknown-key", format!("unknown key `{word}`"), place, label)
        .why(format!("known here: {}", known.join(" ")))
}
