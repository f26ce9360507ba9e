//! What was captured, and the facts of a request that outlive it.

use super::request::version;
use super::{Fetch, Needs, one};
use crate::argument::{Argument, Parameter};
use crate::value::{Kind, Value};

use Kind::Text;
use Needs::{RequestFacts, ResponseFacts};

const PLACE: &[Parameter] = &[Parameter::Int];

#[rustfmt::skip]
pub(super) const TABLE: &[Fetch] = &[
    one("capture.req.hdr", Text, RequestFacts, |view, arguments| captured(view.request_captures, arguments)).taking(PLACE, 1),
    one("capture.res.hdr", Text, ResponseFacts, |view, arguments| captured(view.response_captures, arguments)).taking(PLACE, 1),
    one("capture.req.method", Text, RequestFacts, |view, _| Some(Value::text(view.request?.method()))),
    one("capture.req.uri", Text, RequestFacts, |view, _| Some(Value::text(view.request?.target()))),
    one("capture.req.ver", Text, RequestFacts, |view, _| version(view.request?.version()).map(named)),
    one("capture.res.ver", Text, ResponseFacts, |view, _| version(view.response?.version()).map(named)),
];

fn captured<'a>(captures: &'a [Option<Vec<u8>>], arguments: &[Argument]) -> Option<Value<'a>> {
    let place = usize::try_from(Argument::int(arguments, 0)?).ok()?;
    captures.get(place)?.as_deref().map(Value::text)
}

/// `HTTP/1.0` or `HTTP/1.1`, whatever the message said.
fn named(version: Value<'_>) -> Value<'static> {
    let text: &[u8] = match version {
        Value::Text(text) if text.as_ref() >= &b"1.1"[..] => b"HTTP/1.1",
        _ => b"HTTP/1.0",
    };
    Value::text(text)
}
