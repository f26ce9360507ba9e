//! Maps from files (manual 7.3.1: `map`).

use super::{Converter, row};
use crate::argument::{Argument, Parameter};
use crate::pattern::Matching;
use crate::pattern_set::Entry;
use crate::value::{Kind, Value};

use Kind::{Address, Int, Text};
use Matching::{Beg, Dir, Dom, End, Ip, Reg, Str, Sub};

/// `map_MATCH_OUTPUT(FILE[,DEFAULT])`.
#[rustfmt::skip]
pub(super) const TABLE: &[Converter] = &[
    map("map", Str, Text), map("map_str", Str, Text), map("map_str_str", Str, Text), map("map_str_int", Str, Int), map("map_str_ip", Str, Address),
    map("map_beg", Beg, Text), map("map_beg_str", Beg, Text), map("map_beg_int", Beg, Int), map("map_beg_ip", Beg, Address),
    map("map_end", End, Text), map("map_end_str", End, Text), map("map_end_int", End, Int), map("map_end_ip", End, Address),
    map("map_sub", Sub, Text), map("map_sub_str", Sub, Text), map("map_sub_int", Sub, Int), map("map_sub_ip", Sub, Address),
    map("map_dir", Dir, Text), map("map_dir_str", Dir, Text), map("map_dir_int", Dir, Int), map("map_dir_ip", Dir, Address),
    map("map_dom", Dom, Text), map("map_dom_str", Dom, Text), map("map_dom_int", Dom, Int), map("map_dom_ip", Dom, Address),
    map("map_reg", Reg, Text), map("map_reg_str", Reg, Text), map("map_reg_int", Reg, Int), map("map_reg_ip", Reg, Address),
    MATCHED,
    map("map_ip", Ip, Text), map("map_ip_str", Ip, Text), map("map_ip_int", Ip, Int), map("map_ip_ip", Ip, Address),
    map("map_int", Matching::Int, Text), map("map_int_str", Matching::Int, Text), map("map_int_int", Matching::Int, Int), map("map_int_ip", Matching::Int, Address),
];

/// The value has the groups of the expression in it: `\1`.
const MATCHED: Converter = {
    let mut row = row("map_regm", Text, Text, |value, arguments, _| {
        let text = value.clone().into_text();
        found(value, arguments, |entry| entry.expanded(&text))
    });
    row = row.taking(&[Parameter::Map, Parameter::Text], 1);
    row.matching = Some(Reg);
    row
};

const fn map(name: &'static str, matching: Matching, output: Kind) -> Converter {
    let input = match matching {
        Ip => Address,
        Matching::Int => Int,
        _ => Text,
    };
    let run: super::Run = match output {
        Int => |value, arguments, _| look_up(value, arguments)?.cast(Int),
        Address => |value, arguments, _| look_up(value, arguments)?.cast(Address),
        _ => |value, arguments, _| look_up(value, arguments),
    };
    let mut row = row(name, input, output, run).taking(&[Parameter::Map, Parameter::Text], 1);
    row.matching = Some(matching);
    row
}

/// The value of the key that matches, else the default, else none.
fn look_up<'a>(value: Value<'a>, arguments: &'a [Argument]) -> Option<Value<'a>> {
    found(value, arguments, |entry| {
        entry.value.clone().map(String::into_bytes)
    })
}

/// The same, with what is taken from the entry.
fn found<'a>(
    value: Value<'a>,
    arguments: &'a [Argument],
    take: impl FnOnce(&Entry) -> Option<Vec<u8>>,
) -> Option<Value<'a>> {
    let Argument::Map(map) = arguments.first()? else {
        return None;
    };
    let found = map.find(&value, take).flatten();
    let default = || match arguments.get(1) {
        Some(Argument::Text(default)) => Some(Value::text(default.as_bytes())),
        _ => None,
    };
    found.map(Value::owned).or_else(default)
}
