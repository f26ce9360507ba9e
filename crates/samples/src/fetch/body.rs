//! The request's body, as far as it has come.

use super::request::form_values;
use super::{Fetch, Get, Needs, Pick, Take, one};
use crate::argument::{Argument, Parameter};
use crate::value::{Kind, Value, number};
use crate::view::View;
use std::borrow::Cow;

use Kind::{Binary, Int, Text};
use Needs::Body;

#[rustfmt::skip]
pub(super) const TABLE: &[Fetch] = &[
    one("req.body", Binary, Body, |view, _| Some(Value::Binary(Cow::Borrowed(view.body)))),
    one("req.body_len", Int, Body, |view, _| Some(Value::Int(view.body.len() as i64))),
    one("req.body_size", Int, Body, |view, _| Some(Value::Int(size(view)))),
    parameter(),
];

const fn parameter() -> Fetch {
    let mut fetch = one("req.body_param", Text, Body, |_, _| None).taking(&[Parameter::Text], 0);
    fetch.get = Get::Each(parameters, Pick::First);
    fetch
}

/// What is announced, or what has come of a body of unknown length.
fn size(view: &View<'_>) -> i64 {
    let announced = view.request_fields(b"content-length").next();
    announced.and_then(number).unwrap_or(view.body.len() as i64)
}

fn parameters<'a>(view: &View<'a>, arguments: &'a [Argument], take: Take<'_, 'a>) {
    let name = Argument::text(arguments, 0).as_bytes();
    for value in form_values(view.body, name) {
        if take(Value::text(value)).is_break() {
            return;
        }
    }
}
