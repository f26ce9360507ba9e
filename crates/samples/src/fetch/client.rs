//! The client's connection.

use super::{Fetch, Needs, one};
use crate::value::{Kind, Value};

use Kind::{Address, Bool, Int};
use Needs::Client;

#[rustfmt::skip]
pub(super) const TABLE: &[Fetch] = &[
    one("src", Address, Client, |view, _| Some(Value::Address(view.source.ip()))),
    one("src_port", Int, Client, |view, _| Some(Value::Int(view.source.port().into()))),
    one("src_is_local", Bool, Client, |view, _| Some(Value::Bool(view.source.ip().is_loopback()))),
    one("dst", Address, Client, |view, _| Some(Value::Address(view.destination.ip()))),
    one("dst_port", Int, Client, |view, _| Some(Value::Int(view.destination.port().into()))),
    one("dst_is_local", Bool, Client, |view, _| Some(Value::Bool(view.destination.ip().is_loopback()))),
    one("fc_http_major", Int, Client, |view, _| Some(Value::Int(view.http_major.into()))),
];
