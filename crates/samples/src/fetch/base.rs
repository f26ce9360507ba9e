//! Host and target of a request together, and hashes of them.

use super::request::{path, path_and_query};
use super::{Fetch, Needs, one};
use crate::convert::avalanche;
use crate::value::{Kind, Value};
use crate::view::View;
use std::borrow::Cow;

use Kind::{Binary, Int, Text};
use Needs::Request;

/// Finds the part of a target that counts beside the host; some targets have none.
type Part = for<'a> fn(&View<'a>) -> Option<&'a [u8]>;

#[rustfmt::skip]
pub(super) const TABLE: &[Fetch] = &[
    one("base", Text, Request, |view, _| joined(view, path)),
    one("baseq", Text, Request, |view, _| joined(view, whole)),
    one("base32", Int, Request, |view, _| Some(Value::Int(hash(view, path)?.into()))),
    one("base32+src", Binary, Request, |view, _| with_source(view, path)),
    one("url32", Int, Request, |view, _| Some(Value::Int(hash(view, whole)?.into()))),
    one("url32+src", Binary, Request, |view, _| with_source(view, whole)),
];

/// Empty where there is none.
fn host<'a>(view: &View<'a>) -> &'a [u8] {
    view.request_fields(b"host").next().unwrap_or_default()
}

/// Path and query.
fn whole<'a>(view: &View<'a>) -> Option<&'a [u8]> {
    path_and_query(view.request?.target())
}

fn joined(view: &View<'_>, part: Part) -> Option<Value<'static>> {
    view.request?;
    let part = part(view).unwrap_or_default();
    Some(Value::owned([host(view), part].concat()))
}

fn hash(view: &View<'_>, part: Part) -> Option<u32> {
    view.request?;
    let host = add(0, host(view));
    Some(avalanche(add(host, part(view).unwrap_or_default())))
}

/// SDBM over signed bytes.
fn add(hash: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(hash, |hash, byte| {
        (i32::from(byte.cast_signed()).cast_unsigned())
            .wrapping_add(hash << 6)
            .wrapping_add(hash << 16)
            .wrapping_sub(hash)
    })
}

/// The hash and the client's address: a key for stick tables.
fn with_source(view: &View<'_>, part: Part) -> Option<Value<'static>> {
    let mut key = hash(view, part)?.to_be_bytes().to_vec();
    key.extend_from_slice(&Value::Address(view.source?.ip()).into_bytes());
    Some(Value::Binary(Cow::Owned(key)))
}
