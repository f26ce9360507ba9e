//! What rules ask of stick tables: the fetches `sc_...` and `src_...`, the converters `table_...`.

use crate::value::Value;

/// A question about one entry.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    pub entry: Entry<'a>,
    /// The table's name; `None`: the one in which the entry is tracked, or that of the section whose rule asks.
    pub table: Option<&'a str>,
    pub ask: Ask,
}

/// Which entry.
#[derive(Clone, Debug)]
pub enum Entry<'a> {
    /// The one that this counter of the session tracks.
    Tracked(usize),
    /// The one under this key.
    Key(Value<'a>),
}

/// What of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Only whether it is there.
    Exists,
    /// How many sessions track it.
    Trackers,
    Number(Datum),
    /// What a counter is after this; where there is no such entry, one is made for a key.
    Increment(Datum),
    /// What a counter was before this.
    Clear(Datum),
    /// `src_updt_conn_cnt`: counts a connection in an entry, made where there is none.
    CountConnection,
    /// Milliseconds until it ends, or since its last use.
    Left,
    Idle,
}

/// A kind of data, by the name that stands after `store`; of an array, which of its elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Datum {
    pub name: &'static str,
    pub element: usize,
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Nothing is tracked, the key cannot be one, or that kind of data is not stored.
    Nothing,
    /// There is no such entry.
    NoEntry,
    Number(u64),
}

/// How full a table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    pub used: usize,
    pub size: usize,
}

impl Datum {
    pub const fn plain(name: &'static str) -> Self {
        Self { name, element: 0 }
    }
}

impl Told {
    /// As most fetches and converters give it: 0 where there is no entry.
    pub fn number<'a>(self) -> Option<Value<'a>> {
        match self {
            Self::Nothing => None,
            Self::NoEntry => Some(Value::Int(0)),
            Self::Number(number) => Some(int(number)),
        }
    }
}

pub(crate) fn int<'a>(number: u64) -> Value<'a> {
    Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
}
