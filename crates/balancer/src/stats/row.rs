//! One line of the statistics: an object and its values by column.

use super::columns::Column;
use std::borrow::Cow;
use std::fmt;

/// What a row tells about; the number is the column `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Frontend = 0,
    Backend = 1,
    Server = 2,
    Listener = 3,
}

/// A value with the type HAProxy gives it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    U32(u32),
    U64(u64),
    S32(i32),
    Float(f64),
    Text(Cow<'static, str>),
}

/// Columns without a value do not apply to the object.
#[derive(Clone, Debug)]
pub struct Row {
    pub kind: Kind,
    /// The column `iid`.
    pub proxy: u32,
    /// The column `sid`.
    pub id: u32,
    values: Vec<Option<Value>>,
}

impl Row {
    pub fn new(kind: Kind, proxy: u32, id: u32) -> Self {
        Self {
            kind,
            proxy,
            id,
            values: vec![None; Column::ALL.len()],
        }
    }

    pub fn get(&self, column: Column) -> Option<&Value> {
        self.values[column.position()].as_ref()
    }

    /// The number in a column; 0 when it does not apply.
    pub fn number(&self, column: Column) -> u64 {
        match self.get(column) {
            Some(&Value::U32(number)) => number.into(),
            Some(&Value::U64(number)) => number,
            Some(&Value::S32(number)) => number.try_into().unwrap_or(0),
            Some(Value::Float(_) | Value::Text(_)) | None => 0,
        }
    }

    /// The words in a column; none when it does not apply.
    pub fn text(&self, column: Column) -> &str {
        match self.get(column) {
            Some(Value::Text(text)) => text,
            _ => "",
        }
    }

    /// Every column that has a value, in order.
    pub fn filled(&self) -> impl Iterator<Item = (Column, &Value)> {
        let columns = Column::ALL.iter().copied().zip(&self.values);
        columns.filter_map(|(column, value)| Some((column, value.as_ref()?)))
    }

    /// The tags of a column in this row: HAProxy describes a few of them otherwise in backends.
    pub fn tags(&self, column: Column) -> &'static str {
        use Column::{Act, Bck, Rate, RateMax};
        match (self.kind, column) {
            (Kind::Backend, Act | Bck | Rate | RateMax) => "MGP",
            _ => column.tags(),
        }
    }

    pub fn set(&mut self, column: Column, value: Value) {
        self.values[column.position()] = Some(value);
    }

    /// Sets a 32-bit number; what does not fit becomes the highest one.
    pub fn set_u32(&mut self, column: Column, number: impl TryInto<u32>) {
        self.set(column, Value::U32(number.try_into().unwrap_or(u32::MAX)));
    }

    pub fn set_u64(&mut self, column: Column, number: u64) {
        self.set(column, Value::U64(number));
    }

    pub fn set_text(&mut self, column: Column, text: impl Into<Cow<'static, str>>) {
        self.set(column, Value::Text(text.into()));
    }
}

impl Value {
    /// The word of the typed form.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::U32(_) => "u32",
            Self::U64(_) => "u64",
            Self::S32(_) => "s32",
            Self::Float(_) => "flt",
            Self::Text(_) => "str",
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::U32(number) => number.fmt(f),
            Self::U64(number) => number.fmt(f),
            Self::S32(number) => number.fmt(f),
            Self::Float(number) => write!(f, "{number:.6}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl Kind {
    /// The letter of the typed form.
    pub fn letter(self) -> char {
        match self {
            Self::Frontend => 'F',
            Self::Backend => 'B',
            Self::Server => 'S',
            Self::Listener => 'L',
        }
    }

    /// As in the JSON form.
    pub fn name(self) -> &'static str {
        match self {
            Self::Frontend => "Frontend",
            Self::Backend => "Backend",
            Self::Server => "Server",
            Self::Listener => "Listener",
        }
    }
}
