//! The first bytes of a connection, before anybody knows what they mean (manual 7.3.5).

use super::{Fetch, Needs, one};
use crate::argument::{Argument, Parameter};
use crate::client_hello::{self, Found};
use crate::value::{Kind, Value};
use crate::view::View;
use std::borrow::Cow;

use Kind::{Binary, Bool, Int, Text};
use Needs::{Buffer, Nothing, ResponseBuffer};

const RANGE: &[Parameter] = &[Parameter::Int, Parameter::Int];
const MEASURED: &[Parameter] = &[Parameter::Int, Parameter::Int, Parameter::Text];

#[rustfmt::skip]
pub(super) const TABLE: &[Fetch] = &[
    one("wait_end", Bool, Nothing, |view, _| (!view.may_change()).then_some(Value::Bool(true))),
    one("req.len", Int, Buffer, |view, _| length(view, view.bytes)),
    one("req_len", Int, Buffer, |view, _| length(view, view.bytes)),
    one("req.payload", Binary, Buffer, |view, arguments| payload(view, view.bytes, arguments)).taking(RANGE, 2),
    one("payload", Binary, Buffer, |view, arguments| payload(view, view.bytes, arguments)).taking(RANGE, 2),
    one("req.payload_lv", Binary, Buffer, |view, arguments| measured(view, view.bytes, arguments)).taking(MEASURED, 2),
    one("payload_lv", Binary, Buffer, |view, arguments| measured(view, view.bytes, arguments)).taking(MEASURED, 2),
    one("req.ssl_hello_type", Int, Buffer, |view, _| number(view, client_hello::handshake_type(view.bytes?))),
    one("req_ssl_hello_type", Int, Buffer, |view, _| number(view, client_hello::handshake_type(view.bytes?))),
    one("req.ssl_ver", Int, Buffer, |view, _| number(view, client_hello::version(view.bytes?)).and_then(|version| version.int()).map(|version| Value::Int((version >> 8) << 16 | version & 0xff))),
    one("req_ssl_ver", Int, Buffer, |view, _| number(view, client_hello::version(view.bytes?)).and_then(|version| version.int()).map(|version| Value::Int((version >> 8) << 16 | version & 0xff))),
    one("req.ssl_sni", Text, Buffer, |view, _| found(view, client_hello::server_name(view.bytes?)).map(Value::text)),
    one("req_ssl_sni", Text, Buffer, |view, _| found(view, client_hello::server_name(view.bytes?)).map(Value::text)),
    one("req.ssl_alpn", Text, Buffer, |view, _| found(view, client_hello::first_protocol(view.bytes?)).map(Value::text)),
    one("req.ssl_ec_ext", Bool, Buffer, |view, _| found(view, client_hello::has_groups(view.bytes?)).map(|()| Value::Bool(true))),
    one("req.ssl_st_ext", Int, Buffer, |view, _| number(view, client_hello::session_ticket(view.bytes?))),
    one("res.len", Int, ResponseBuffer, |view, _| length(view, view.response_bytes)),
    one("res.payload", Binary, ResponseBuffer, |view, arguments| payload(view, view.response_bytes, arguments)).taking(RANGE, 2),
    one("res.payload_lv", Binary, ResponseBuffer, |view, arguments| measured(view, view.response_bytes, arguments)).taking(MEASURED, 2),
    one("res.ssl_hello_type", Int, ResponseBuffer, |view, _| number(view, client_hello::handshake_type(view.response_bytes?))),
];

/// It may grow, so that a test of it that fails may hold later.
fn length<'a>(view: &View<'a>, bytes: Option<&'a [u8]>) -> Option<Value<'a>> {
    view.may_change();
    Some(Value::Int(bytes?.len() as i64))
}

/// `(OFFSET,LENGTH)`: a length of 0 is all that has come.
fn payload<'a>(
    view: &View<'a>,
    bytes: Option<&'a [u8]>,
    arguments: &[Argument],
) -> Option<Value<'a>> {
    let offset = usize::try_from(Argument::int(arguments, 0)?).ok()?;
    let length = usize::try_from(Argument::int(arguments, 1)?).ok()?;
    slice(view, bytes?, offset, length)
}

fn slice<'a>(view: &View<'a>, bytes: &'a [u8], offset: usize, length: usize) -> Option<Value<'a>> {
    let rest = bytes.get(offset..);
    let taken = match length {
        0 => {
            view.may_change();
            rest
        }
        length => rest.and_then(|rest| rest.get(..length)),
    };
    if taken.is_none() {
        view.may_change();
    }
    Some(Value::Binary(Cow::Borrowed(taken?)))
}

/// `(OFFSET,LENGTH OF THE LENGTH[,OFFSET OF THE DATA])`: the last one counts from the front, or, with a sign, from the
/// end of the length.
fn measured<'a>(
    view: &View<'a>,
    bytes: Option<&'a [u8]>,
    arguments: &[Argument],
) -> Option<Value<'a>> {
    let bytes = bytes?;
    let offset = usize::try_from(Argument::int(arguments, 0)?).ok()?;
    let size = usize::try_from(Argument::int(arguments, 1)?).ok()?;
    let after = offset.checked_add(size)?;
    let Some(length) = bytes.get(offset..after) else {
        view.may_change();
        return None;
    };
    let length = length
        .iter()
        .fold(0usize, |sum, byte| sum << 8 | usize::from(*byte));
    let text = Argument::text(arguments, 2);
    let number = text.trim_start_matches('+').parse::<isize>().ok();
    let start = match number {
        None => after,
        Some(number) if text.starts_with(['+', '-']) => after.checked_add_signed(number)?,
        Some(number) => usize::try_from(number).ok()?,
    };
    if length == 0 {
        return None;
    }
    slice(view, bytes, start, length)
}

fn found<T>(view: &View<'_>, found: Found<T>) -> Option<T> {
    match found {
        Found::Yes(found) => Some(found),
        Found::No => None,
        Found::TooShort => {
            view.may_change();
            None
        }
    }
}

fn number<'a>(view: &View<'a>, number: Found<impl Into<i64>>) -> Option<Value<'a>> {
    found(view, number).map(|number| Value::Int(number.into()))
}
