//! Converters: one row each (manual 7.3.1).

mod chunks;
mod encode;
mod hash;
mod json;
mod language;
mod map;
mod numbers;
mod proxies;
mod tables;
mod text;
mod time;

pub use encode::decode_base64;
pub(crate) use hash::avalanche;

use crate::argument::{Argument, Check, Parameter};
use crate::value::{Kind, Value};
use crate::view::View;

/// One row.
#[derive(Clone, Copy)]
pub struct Converter {
    pub name: &'static str,
    pub parameters: &'static [Parameter],
    /// So many of them must be given.
    pub required: usize,
    /// What it takes; values of other kinds are cast first.
    pub input: Kind,
    /// [`Kind::Any`]: as what it took, where it takes any, else whatever it finds.
    pub output: Kind,
    /// For maps: how keys are compared.
    pub matching: Option<crate::pattern::Matching>,
    pub check: Option<Check>,
    pub run: for<'a> fn(Value<'a>, &'a [Argument], &View<'a>) -> Option<Value<'a>>,
}

impl std::fmt::Debug for Converter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

const TABLES: [&[Converter]; 12] = [
    chunks::TABLE,
    encode::TABLE,
    hash::TABLE,
    json::TABLE,
    language::TABLE,
    map::TABLE,
    numbers::TABLE,
    proxies::TABLE,
    tables::NUMBERS,
    tables::OTHERS,
    text::TABLE,
    time::TABLE,
];

/// The row of a name.
pub fn find(name: &str) -> Option<&'static Converter> {
    all().find(|converter| converter.name == name)
}

/// All rows.
pub fn all() -> impl Iterator<Item = &'static Converter> {
    TABLES.into_iter().flatten()
}

type Run = for<'a> fn(Value<'a>, &'a [Argument], &View<'a>) -> Option<Value<'a>>;

const fn row(name: &'static str, input: Kind, output: Kind, run: Run) -> Converter {
    Converter {
        name,
        parameters: &[],
        required: 0,
        input,
        output,
        matching: None,
        check: None,
        run,
    }
}

impl Converter {
    const fn taking(mut self, parameters: &'static [Parameter], required: usize) -> Self {
        self.parameters = parameters;
        self.required = required;
        self
    }

    const fn checked(mut self, check: Check) -> Self {
        self.check = Some(check);
        self
    }
}
