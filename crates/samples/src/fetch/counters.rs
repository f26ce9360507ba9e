//! Counters of stick tables (manual 7.3.3): `sc_X(N)` and `sc0_X` of what the session tracks, `src_X` of its address.

use super::{Fetch, Needs, one};
use crate::argument::{Argument, Parameter};
use crate::tables::{Ask, Datum, Entry, Question, Told, int};
use crate::value::{Kind, Value};
use crate::view::View;

use Ask::{Clear, Increment, Number};
use Kind::{Bool, Int};
use Needs::{Client, Nothing};

/// Counters that a session has: `track-sc0` to `track-sc2`.
pub const TRACKED: usize = 3;

const TABLE_LATER: &[Parameter] = &[Parameter::Int, Parameter::Table];
const TABLE_ALONE: &[Parameter] = &[Parameter::Table];
const ELEMENT_COUNTER: &[Parameter] = &[Parameter::Int, Parameter::Int, Parameter::Table];

/// Rows for one question: `sc_X`, `sc0_X` to `sc2_X`, and `src_X`.
macro_rules! rows {
    ($($suffix:literal $ask:expr;)*) => {
        &[$(
            one(concat!("sc_", $suffix), Int, Nothing, |view, arguments| counter(view, arguments, $ask).number()).taking(TABLE_LATER, 1),
            one(concat!("sc0_", $suffix), Int, Nothing, |view, arguments| tracked(view, arguments, 0, $ask).number()).taking(TABLE_ALONE, 0),
            one(concat!("sc1_", $suffix), Int, Nothing, |view, arguments| tracked(view, arguments, 1, $ask).number()).taking(TABLE_ALONE, 0),
            one(concat!("sc2_", $suffix), Int, Nothing, |view, arguments| tracked(view, arguments, 2, $ask).number()).taking(TABLE_ALONE, 0),
            one(concat!("src_", $suffix), Int, Client, |view, arguments| source(view, arguments, 0, $ask).number()).taking(TABLE_ALONE, 1),
        )*]
    };
}

#[rustfmt::skip]
pub(super) const NUMBERS: &[Fetch] = rows! {
    "bytes_in_rate" Number(Datum::plain("bytes_in_rate"));
    "bytes_out_rate" Number(Datum::plain("bytes_out_rate"));
    "conn_cnt" Number(Datum::plain("conn_cnt"));
    "conn_cur" Number(Datum::plain("conn_cur"));
    "conn_rate" Number(Datum::plain("conn_rate"));
    "get_gpt0" Number(Datum::plain("gpt0"));
    "get_gpc0" Number(Datum::plain("gpc0"));
    "get_gpc1" Number(Datum::plain("gpc1"));
    "gpc0_rate" Number(Datum::plain("gpc0_rate"));
    "gpc1_rate" Number(Datum::plain("gpc1_rate"));
    "inc_gpc0" Increment(Datum::plain("gpc0"));
    "inc_gpc1" Increment(Datum::plain("gpc1"));
    "clr_gpc0" Clear(Datum::plain("gpc0"));
    "clr_gpc1" Clear(Datum::plain("gpc1"));
    "http_err_cnt" Number(Datum::plain("http_err_cnt"));
    "http_err_rate" Number(Datum::plain("http_err_rate"));
    "http_fail_cnt" Number(Datum::plain("http_fail_cnt"));
    "http_fail_rate" Number(Datum::plain("http_fail_rate"));
    "http_req_cnt" Number(Datum::plain("http_req_cnt"));
    "http_req_rate" Number(Datum::plain("http_req_rate"));
    "sess_cnt" Number(Datum::plain("sess_cnt"));
    "sess_rate" Number(Datum::plain("sess_rate"));
};

/// Rows for a question about an element of an array: `sc_X(ELEMENT,N)` and `src_X(ELEMENT)`.
macro_rules! elements {
    ($($suffix:literal $ask:expr, $name:literal;)*) => {
        [$(
            one(concat!("sc_", $suffix), Int, Nothing, |view, arguments| {
                let counter = Argument::counter(arguments, 1)?;
                ask(view, Entry::Tracked(counter), table(arguments, 2), $ask(element(arguments, $name)?)).number()
            }).taking(ELEMENT_COUNTER, 2),
            one(concat!("src_", $suffix), Int, Client, |view, arguments| {
                source(view, arguments, 1, $ask(element(arguments, $name)?)).number()
            }).taking(TABLE_LATER, 2),
        )*]
    };
}

#[rustfmt::skip]
pub(super) const ELEMENTS: &[Fetch] = &elements! {
    "get_gpt" Number, "gpt";
    "get_gpc" Number, "gpc";
    "gpc_rate" Number, "gpc_rate";
    "inc_gpc" Increment, "gpc";
    "clr_gpc" Clear, "gpc";
};

#[rustfmt::skip]
pub(super) const OTHERS: &[Fetch] = &[
    one("sc_tracked", Bool, Nothing, |view, arguments| Some(is_tracked(counter(view, arguments, Ask::Exists)))).taking(TABLE_LATER, 1),
    one("sc0_tracked", Bool, Nothing, |view, arguments| Some(is_tracked(tracked(view, arguments, 0, Ask::Exists)))).taking(TABLE_ALONE, 0),
    one("sc1_tracked", Bool, Nothing, |view, arguments| Some(is_tracked(tracked(view, arguments, 1, Ask::Exists)))).taking(TABLE_ALONE, 0),
    one("sc2_tracked", Bool, Nothing, |view, arguments| Some(is_tracked(tracked(view, arguments, 2, Ask::Exists)))).taking(TABLE_ALONE, 0),
    one("sc_trackers", Int, Nothing, |view, arguments| counter(view, arguments, Ask::Trackers).number()).taking(TABLE_LATER, 1),
    one("sc0_trackers", Int, Nothing, |view, arguments| tracked(view, arguments, 0, Ask::Trackers).number()).taking(TABLE_ALONE, 0),
    one("sc1_trackers", Int, Nothing, |view, arguments| tracked(view, arguments, 1, Ask::Trackers).number()).taking(TABLE_ALONE, 0),
    one("sc2_trackers", Int, Nothing, |view, arguments| tracked(view, arguments, 2, Ask::Trackers).number()).taking(TABLE_ALONE, 0),
    one("sc_kbytes_in", Int, Nothing, |view, arguments| kilobytes(counter(view, arguments, BYTES_IN))).taking(TABLE_LATER, 1),
    one("sc0_kbytes_in", Int, Nothing, |view, arguments| kilobytes(tracked(view, arguments, 0, BYTES_IN))).taking(TABLE_ALONE, 0),
    one("sc1_kbytes_in", Int, Nothing, |view, arguments| kilobytes(tracked(view, arguments, 1, BYTES_IN))).taking(TABLE_ALONE, 0),
    one("sc2_kbytes_in", Int, Nothing, |view, arguments| kilobytes(tracked(view, arguments, 2, BYTES_IN))).taking(TABLE_ALONE, 0),
    one("src_kbytes_in", Int, Client, |view, arguments| kilobytes(source(view, arguments, 0, BYTES_IN))).taking(TABLE_ALONE, 1),
    one("sc_kbytes_out", Int, Nothing, |view, arguments| kilobytes(counter(view, arguments, BYTES_OUT))).taking(TABLE_LATER, 1),
    one("sc0_kbytes_out", Int, Nothing, |view, arguments| kilobytes(tracked(view, arguments, 0, BYTES_OUT))).taking(TABLE_ALONE, 0),
    one("sc1_kbytes_out", Int, Nothing, |view, arguments| kilobytes(tracked(view, arguments, 1, BYTES_OUT))).taking(TABLE_ALONE, 0),
    one("sc2_kbytes_out", Int, Nothing, |view, arguments| kilobytes(tracked(view, arguments, 2, BYTES_OUT))).taking(TABLE_ALONE, 0),
    one("src_kbytes_out", Int, Client, |view, arguments| kilobytes(source(view, arguments, 0, BYTES_OUT))).taking(TABLE_ALONE, 1),
    one("src_updt_conn_cnt", Int, Client, |view, arguments| source(view, arguments, 0, Ask::CountConnection).number()).taking(TABLE_ALONE, 1),
    one("table_cnt", Int, Nothing, |view, arguments| Some(int(fill(view, arguments)?.used as u64))).taking(TABLE_ALONE, 1),
    one("table_avl", Int, Nothing, |view, arguments| {
        let fill = fill(view, arguments)?;
        Some(int(fill.size.saturating_sub(fill.used) as u64))
    }).taking(TABLE_ALONE, 1),
];

const BYTES_IN: Ask = Number(Datum::plain("bytes_in_cnt"));
const BYTES_OUT: Ask = Number(Datum::plain("bytes_out_cnt"));

/// Of the counter that the first argument names.
fn counter(view: &View<'_>, arguments: &[Argument], what: Ask) -> Told {
    match Argument::counter(arguments, 0) {
        Some(counter) => ask(view, Entry::Tracked(counter), table(arguments, 1), what),
        None => Told::Nothing,
    }
}

fn tracked(view: &View<'_>, arguments: &[Argument], counter: usize, what: Ask) -> Told {
    ask(view, Entry::Tracked(counter), table(arguments, 0), what)
}

/// Of the client's address, in the table named by the argument at a place.
fn source(view: &View<'_>, arguments: &[Argument], at: usize, what: Ask) -> Told {
    let Some(source) = view.source else {
        return Told::Nothing;
    };
    let key = Value::Address(source.ip());
    ask(view, Entry::Key(key), table(arguments, at), what)
}

fn ask<'a>(view: &View<'a>, entry: Entry<'a>, table: Option<&'a str>, ask: Ask) -> Told {
    view.world.ask(&Question { entry, table, ask })
}

fn table(arguments: &[Argument], at: usize) -> Option<&str> {
    Argument::table(arguments, at)
}

fn element(arguments: &[Argument], name: &'static str) -> Option<Datum> {
    let element = usize::try_from(Argument::int(arguments, 0)?).ok()?;
    Some(Datum { name, element })
}

fn is_tracked(told: Told) -> Value<'static> {
    Value::Bool(told != Told::Nothing)
}

fn kilobytes<'a>(told: Told) -> Option<Value<'a>> {
    match told {
        Told::Number(bytes) => Some(int(bytes >> 10)),
        other => other.number(),
    }
}

fn fill(view: &View<'_>, arguments: &[Argument]) -> Option<crate::tables::Fill> {
    let name = table(arguments, 0);
    view.world
        .table_fill(name.unwrap_or_else(|| view.world.proxy()))
}
