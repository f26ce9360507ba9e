//! Numbers and truth.

use super::{Converter, row};
use crate::argument::{Argument, Parameter};
use crate::value::{Kind, Value};
use crate::view::View;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use Kind::{Address, Bool, Int, Text};

const NUMBER: &[Parameter] = &[Parameter::IntOrVariable];

#[rustfmt::skip]
pub(super) const TABLE: &[Converter] = &[
    row("add", Int, Int, |value, arguments, view| with(&value, arguments, view, i64::saturating_add)).taking(NUMBER, 1),
    row("sub", Int, Int, |value, arguments, view| with(&value, arguments, view, i64::saturating_sub)).taking(NUMBER, 1),
    row("mul", Int, Int, |value, arguments, view| with(&value, arguments, view, i64::saturating_mul)).taking(NUMBER, 1),
    row("div", Int, Int, |value, arguments, view| with(&value, arguments, view, divide)).taking(NUMBER, 1),
    row("mod", Int, Int, |value, arguments, view| with(&value, arguments, view, remainder)).taking(NUMBER, 1),
    row("and", Int, Int, |value, arguments, view| with(&value, arguments, view, |a, b| a & b)).taking(NUMBER, 1),
    row("or", Int, Int, |value, arguments, view| with(&value, arguments, view, |a, b| a | b)).taking(NUMBER, 1),
    row("xor", Int, Int, |value, arguments, view| with(&value, arguments, view, |a, b| a ^ b)).taking(NUMBER, 1),
    row("cpl", Int, Int, |value, _, _| Some(Value::Int(!value.int()?))),
    row("neg", Int, Int, |value, _, _| Some(Value::Int(value.int()?.saturating_neg()))),
    row("bool", Int, Bool, |value, _, _| value.truth().map(Value::Bool)),
    row("not", Int, Bool, |value, _, _| Some(Value::Bool(!value.truth()?))),
    row("odd", Int, Bool, |value, _, _| Some(Value::Bool(value.int()? & 1 == 1))),
    row("even", Int, Bool, |value, _, _| Some(Value::Bool(value.int()? & 1 == 0))),
    row("iif", Bool, Text, if_else).taking(&[Parameter::Text, Parameter::Text], 2),
    row("ipmask", Address, Address, mask).taking(&[Parameter::Mask4, Parameter::Mask6], 1),
];

fn with(
    value: &Value<'_>,
    arguments: &[Argument],
    view: &View<'_>,
    operation: fn(i64, i64) -> i64,
) -> Option<Value<'static>> {
    let other = match arguments.first()? {
        Argument::Int(number) => *number,
        Argument::Variable(name) => view.variables.get(name)?.int()?,
        _ => return None,
    };
    Some(Value::Int(operation(value.int()?, other)))
}

/// By zero: the largest number.
fn divide(a: i64, b: i64) -> i64 {
    match b {
        0 => i64::MAX,
        _ => a.saturating_div(b),
    }
}

fn remainder(a: i64, b: i64) -> i64 {
    a.checked_rem(b).unwrap_or(0)
}

fn if_else<'a>(value: Value<'a>, arguments: &'a [Argument], _: &View<'a>) -> Option<Value<'a>> {
    let place = usize::from(!value.truth()?);
    Some(Value::text(Argument::text(arguments, place).as_bytes()))
}

fn mask<'a>(value: Value<'a>, arguments: &'a [Argument], _: &View<'a>) -> Option<Value<'a>> {
    let masked = match (value.address()?, arguments.first(), arguments.get(1)) {
        (IpAddr::V4(address), Some(Argument::Address(IpAddr::V4(mask))), _) => {
            IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() & mask.to_bits()))
        }
        (IpAddr::V6(address), _, Some(Argument::Address(IpAddr::V6(mask)))) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask.to_bits()))
        }
        _ => return None,
    };
    Some(Value::Address(masked))
}
