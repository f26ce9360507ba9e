//! The request's line, its query and its cookies.

use super::fields::cookies;
use super::{Fetch, Get, Needs, Pick, Take, one};
use crate::argument::{Argument, Parameter};
use crate::value::{Kind, Value};
use crate::view::View;
use std::net::IpAddr;
use std::ops::ControlFlow;

use Kind::{Address, Bool, Int, Method, Text};
use Needs::{Request, RequestFacts};

#[rustfmt::skip]
pub(super) const TABLE: &[Fetch] = &[
    one("method", Method, RequestFacts, |view, _| Some(Value::text(view.request?.method()))),
    one("path", Text, Request, |view, _| path(view).map(Value::text)),
    one("pathq", Text, Request, |view, _| path_and_query(view.request?.target()).map(Value::text)),
    one("url", Text, Request, |view, _| Some(Value::text(view.request?.target()))),
    one("url_ip", Address, Request, |view, _| authority_address(view).map(|(ip, _)| Value::Address(ip))),
    one("url_port", Int, Request, |view, _| authority_address(view).map(|(_, port)| Value::Int(port.into()))),
    one("query", Text, Request, |view, _| query(view).map(Value::text)),
    one("req.ver", Text, RequestFacts, |view, _| version(view.request?.version())),
    one("req_ver", Text, RequestFacts, |view, _| version(view.request?.version())),
    one("req.proto_http", Bool, RequestFacts, |view, _| view.request.map(|_| Value::Bool(true))),
    one("req_proto_http", Bool, RequestFacts, |view, _| view.request.map(|_| Value::Bool(true))),
    one("unique-id", Text, RequestFacts, |view, _| view.world.unique_id().map(Value::owned)),
    parameter("url_param"),
    parameter("urlp"),
    one("urlp_val", Int, Request, |view, arguments| first_parameter(view, arguments)?.cast(Int)).taking(PARAMETER, 0),
    cookie("req.cook"),
    cookie("cook"),
    one("req.cook_cnt", Int, Request, count_cookies).taking(&[Parameter::Text], 1),
    one("cook_cnt", Int, Request, count_cookies).taking(&[Parameter::Text], 1),
    one("req.cook_val", Int, Request, cookie_number).taking(&[Parameter::Text], 1),
    one("cook_val", Int, Request, cookie_number).taking(&[Parameter::Text], 1),
];

const PARAMETER: &[Parameter] = &[Parameter::Text, Parameter::Text];

const fn parameter(name: &'static str) -> Fetch {
    let mut fetch = one(name, Text, Request, |_, _| None).taking(PARAMETER, 0);
    fetch.get = Get::Each(parameters, Pick::First);
    fetch
}

const fn cookie(name: &'static str) -> Fetch {
    let mut fetch = one(name, Text, Request, |_, _| None).taking(&[Parameter::Text], 0);
    fetch.get = Get::Each(each_cookie, Pick::Last);
    fetch
}

/// From the first slash after the authority on.
pub(super) fn path_and_query(target: &[u8]) -> Option<&[u8]> {
    if target.first() == Some(&b'/') {
        return Some(target);
    }
    let after_scheme = target.windows(3).position(|window| window == b"://")? + 3;
    let slash = target[after_scheme..]
        .iter()
        .position(|byte| *byte == b'/')?;
    Some(&target[after_scheme + slash..])
}

/// The path without the query.
pub(super) fn path<'a>(view: &View<'a>) -> Option<&'a [u8]> {
    let whole = path_and_query(view.request?.target())?;
    let end = whole.iter().position(|byte| *byte == b'?');
    Some(&whole[..end.unwrap_or(whole.len())])
}

/// What follows the first question mark; nothing where there is none.
fn query<'a>(view: &View<'a>) -> Option<&'a [u8]> {
    let target = view.request?.target();
    let mark = target.iter().position(|byte| *byte == b'?');
    mark.map(|mark| &target[mark + 1..])
}

/// `HTTP/1.1` as `1.1`.
pub(super) fn version(text: &[u8]) -> Option<Value<'_>> {
    text.strip_prefix(b"HTTP/").map(Value::text)
}

/// Address and port of an absolute URI.
fn authority_address(view: &View<'_>) -> Option<(IpAddr, u16)> {
    let target = std::str::from_utf8(view.request?.target()).ok()?;
    let (_, rest) = target.split_once("://")?;
    let authority = rest.split(['/', '?']).next()?;
    let (host, port) = authority.rsplit_once(':').unwrap_or((authority, "80"));
    Some((host.parse().ok()?, port.parse().ok()?))
}

/// The values of a parameter of the query, or of all of them.
fn parameters<'a>(view: &View<'a>, arguments: &'a [Argument], take: Take<'_, 'a>) {
    let name = Argument::text(arguments, 0).as_bytes();
    let delimiter = Argument::text(arguments, 1).as_bytes().first();
    let Some(head) = view.request else { return };
    let target = head.target();
    let mark = delimiter.copied().unwrap_or(b'?');
    let Some(start) = target.iter().position(|byte| *byte == mark) else {
        return;
    };
    for value in form_values(&target[start + 1..], name) {
        if take(Value::text(value)).is_break() {
            return;
        }
    }
}

/// The values of a name, or of all names, in `a=1&b=2`.
pub(super) fn form_values<'a>(form: &'a [u8], name: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    form.split(|byte| matches!(byte, b'&' | b';'))
        .filter_map(move |pair| {
            let equals = pair.iter().position(|byte| *byte == b'=')?;
            let wanted = name.is_empty() || &pair[..equals] == name;
            wanted.then(|| &pair[equals + 1..])
        })
}

fn first_parameter<'a>(view: &View<'a>, arguments: &'a [Argument]) -> Option<Value<'a>> {
    let mut first = None;
    parameters(view, arguments, &mut |value| {
        first = Some(value);
        ControlFlow::Break(())
    });
    first
}

fn each_cookie<'a>(view: &View<'a>, arguments: &'a [Argument], take: Take<'_, 'a>) {
    for value in request_cookies(view, arguments) {
        if take(Value::text(value)).is_break() {
            return;
        }
    }
}

fn request_cookies<'a>(
    view: &View<'a>,
    arguments: &'a [Argument],
) -> impl Iterator<Item = &'a [u8]> {
    let name = Argument::text(arguments, 0).as_bytes();
    view.request_fields(b"cookie")
        .flat_map(cookies)
        .filter(move |(n, _)| name.is_empty() || *n == name)
        .map(|(_, value)| value)
}

fn count_cookies<'a>(view: &View<'a>, arguments: &'a [Argument]) -> Option<Value<'a>> {
    view.request?;
    Some(Value::Int(request_cookies(view, arguments).count() as i64))
}

fn cookie_number<'a>(view: &View<'a>, arguments: &'a [Argument]) -> Option<Value<'a>> {
    let last = request_cookies(view, arguments).last()?;
    Value::text(last).cast(Int)
}
