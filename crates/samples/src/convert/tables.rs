//! What a stick table remembers under a key (manual 7.3.1: `in_table`, `table_...`).

use super::{Converter, row};
use crate::argument::{Argument, Parameter};
use crate::tables::{Ask, Datum, Entry, Question, Told, int};
use crate::value::{Kind, Value};
use crate::view::View;

use Ask::Number;
use Kind::{Any, Bool, Int};

const TABLE_ALONE: &[Parameter] = &[Parameter::Table];
const TABLE_DEFAULT: &[Parameter] = &[Parameter::Table, Parameter::Int];
const ELEMENT_TABLE: &[Parameter] = &[Parameter::Int, Parameter::Table];

/// `table_X(TABLE)`.
macro_rules! numbers {
    ($($suffix:literal $name:literal;)*) => {
        &[$(row(concat!("table_", $suffix), Any, Int, |key, arguments, view| {
            ask(key, arguments, 0, view, Number(Datum::plain($name))).number()
        }).taking(TABLE_ALONE, 1),)*]
    };
}

#[rustfmt::skip]
pub(super) const NUMBERS: &[Converter] = numbers! {
    "bytes_in_rate" "bytes_in_rate";
    "bytes_out_rate" "bytes_out_rate";
    "conn_cnt" "conn_cnt";
    "conn_cur" "conn_cur";
    "conn_rate" "conn_rate";
    "gpt0" "gpt0";
    "gpc0" "gpc0";
    "gpc0_rate" "gpc0_rate";
    "gpc1" "gpc1";
    "gpc1_rate" "gpc1_rate";
    "http_err_cnt" "http_err_cnt";
    "http_err_rate" "http_err_rate";
    "http_fail_cnt" "http_fail_cnt";
    "http_fail_rate" "http_fail_rate";
    "http_req_cnt" "http_req_cnt";
    "http_req_rate" "http_req_rate";
    "server_id" "server_id";
    "sess_cnt" "sess_cnt";
    "sess_rate" "sess_rate";
};

#[rustfmt::skip]
pub(super) const OTHERS: &[Converter] = &[
    row("in_table", Any, Bool, |key, arguments, view| match ask(key, arguments, 0, view, Ask::Exists) {
        Told::Nothing => None,
        told => Some(Value::Bool(told != Told::NoEntry)),
    }).taking(TABLE_ALONE, 1),
    row("table_trackers", Any, Int, |key, arguments, view| ask(key, arguments, 0, view, Ask::Trackers).number()).taking(TABLE_ALONE, 1),
    row("table_kbytes_in", Any, Int, |key, arguments, view| kilobytes(ask(key, arguments, 0, view, Number(Datum::plain("bytes_in_cnt"))))).taking(TABLE_ALONE, 1),
    row("table_kbytes_out", Any, Int, |key, arguments, view| kilobytes(ask(key, arguments, 0, view, Number(Datum::plain("bytes_out_cnt"))))).taking(TABLE_ALONE, 1),
    row("table_expire", Any, Int, |key, arguments, view| or_default(ask(key, arguments, 0, view, Ask::Left), arguments)).taking(TABLE_DEFAULT, 1),
    row("table_idle", Any, Int, |key, arguments, view| or_default(ask(key, arguments, 0, view, Ask::Idle), arguments)).taking(TABLE_DEFAULT, 1),
    row("table_gpt", Any, Int, |key, arguments, view| element(key, arguments, view, "gpt")).taking(ELEMENT_TABLE, 2),
    row("table_gpc", Any, Int, |key, arguments, view| element(key, arguments, view, "gpc")).taking(ELEMENT_TABLE, 2),
    row("table_gpc_rate", Any, Int, |key, arguments, view| element(key, arguments, view, "gpc_rate")).taking(ELEMENT_TABLE, 2),
];

fn ask<'a>(
    key: Value<'a>,
    arguments: &'a [Argument],
    at: usize,
    view: &View<'a>,
    ask: Ask,
) -> Told {
    view.world.ask(&Question {
        entry: Entry::Key(key),
        table: Argument::table(arguments, at),
        ask,
    })
}

fn element<'a>(
    key: Value<'a>,
    arguments: &'a [Argument],
    view: &View<'a>,
    name: &'static str,
) -> Option<Value<'a>> {
    let element = usize::try_from(Argument::int(arguments, 0)?).ok()?;
    ask(key, arguments, 1, view, Number(Datum { name, element })).number()
}

fn kilobytes<'a>(told: Told) -> Option<Value<'a>> {
    match told {
        Told::Number(bytes) => Some(int(bytes >> 10)),
        other => other.number(),
    }
}

/// The default, if one was given, where there is no entry.
fn or_default<'a>(told: Told, arguments: &[Argument]) -> Option<Value<'a>> {
    match told {
        Told::Nothing => None,
        Told::NoEntry => Argument::int(arguments, 1).map(Value::Int),
        Told::Number(number) => Some(int(number)),
    }
}
