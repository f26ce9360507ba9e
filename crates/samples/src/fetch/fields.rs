//! Header fields of requests and responses.

use super::{Each, Fetch, Get, Needs, Pick, Take, one};
use crate::argument::{Argument, Parameter};
use crate::value::{Kind, Value};
use crate::view::View;
use std::borrow::Cow;
use std::ops::ControlFlow;

use Kind::{Address, Binary, Int, Text};

const NAME: &[Parameter] = &[Parameter::Text, Parameter::Int];
const ONE: &[Parameter] = &[Parameter::Text];

#[rustfmt::skip]
pub(super) const TABLE: &[Fetch] = &[
    field("hdr", Needs::Head, Text, each_item_of_either),
    field("req.hdr", Needs::Request, Text, each_item),
    field("req.fhdr", Needs::Request, Text, each_line),
    field("hdr_ip", Needs::Request, Address, each_address),
    field("req.hdr_ip", Needs::Request, Address, each_address),
    field("hdr_val", Needs::Request, Int, each_number),
    field("req.hdr_val", Needs::Request, Int, each_number),
    one("hdr_cnt", Int, Needs::Request, count_items).taking(ONE, 0),
    one("req.hdr_cnt", Int, Needs::Request, count_items).taking(ONE, 0),
    one("req.fhdr_cnt", Int, Needs::Request, count_lines).taking(ONE, 0),
    one("req.hdr_names", Text, Needs::Request, |view, arguments| names(view.request?, arguments)).taking(ONE, 0),
    one("req.hdrs", Text, Needs::Request, |view, _| Some(all(view.request?))),
    field("res.hdr", Needs::Response, Text, each_item_of_response),
    field("res.fhdr", Needs::Response, Text, each_line_of_response),
    field("shdr", Needs::Response, Text, each_item_of_response),
    field("res.hdr_ip", Needs::Response, Address, each_address_of_response),
    field("res.hdr_val", Needs::Response, Int, each_number_of_response),
    one("res.hdr_cnt", Int, Needs::Response, |view, arguments| count(&values(view, arguments, Side::Response, true))).taking(ONE, 0),
    one("shdr_cnt", Int, Needs::Response, |view, arguments| count(&values(view, arguments, Side::Response, true))).taking(ONE, 0),
    one("res.fhdr_cnt", Int, Needs::Response, |view, arguments| count(&values(view, arguments, Side::Response, false))).taking(ONE, 0),
    field("shdr_ip", Needs::Response, Address, each_address_of_response),
    field("shdr_val", Needs::Response, Int, each_number_of_response),
    one("res.cook_cnt", Int, Needs::Response, count_cookies_of_response).taking(ONE, 0),
    one("scook_cnt", Int, Needs::Response, count_cookies_of_response).taking(ONE, 0),
    one("res.cook_val", Int, Needs::Response, cookie_number_of_response).taking(ONE, 0),
    one("scook_val", Int, Needs::Response, cookie_number_of_response).taking(ONE, 0),
    one("req.hdrs_bin", Binary, Needs::Request, |view, _| Some(packed(view.request?))),
    one("res.hdrs_bin", Binary, Needs::Response, |view, _| Some(packed(view.response?))),
    one("res.hdr_names", Text, Needs::Response, |view, arguments| names(view.response?, arguments)).taking(ONE, 0),
    one("res.hdrs", Text, Needs::Response, |view, _| Some(all(view.response?))),
    field("res.cook", Needs::Response, Text, each_cookie_of_response),
    field("scook", Needs::Response, Text, each_cookie_of_response),
];

const fn field(name: &'static str, needs: Needs, kind: Kind, each: Each) -> Fetch {
    let mut fetch = one(name, kind, needs, |_, _| None).taking(NAME, 0);
    fetch.get = Get::Each(each, Pick::Last);
    fetch
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Request,
    Response,
}

/// The values under the name asked for, or under any; with an occurrence, that one alone.
fn values<'a>(
    view: &View<'a>,
    arguments: &'a [Argument],
    side: Side,
    split: bool,
) -> Vec<&'a [u8]> {
    let name = Argument::text(arguments, 0);
    let lines: Vec<&'a [u8]> = match side {
        Side::Request => lines(
            view.request.map(|head| head as &dyn crate::view::Fields),
            name,
        ),
        Side::Response => lines(
            view.response.map(|head| head as &dyn crate::view::Fields),
            name,
        ),
    };
    let all: Vec<&[u8]> = if split {
        lines.into_iter().flat_map(items).collect()
    } else {
        lines
    };
    match Argument::int(arguments, 1) {
        None | Some(0) => all,
        Some(occurrence) => {
            let place = match occurrence {
                1.. => usize::try_from(occurrence - 1).ok(),
                _ => usize::try_from(occurrence + all.len() as i64).ok(),
            };
            place
                .and_then(|place| all.get(place))
                .copied()
                .into_iter()
                .collect()
        }
    }
}

fn lines<'a>(head: Option<&'a dyn crate::view::Fields>, name: &str) -> Vec<&'a [u8]> {
    let Some(head) = head else { return Vec::new() };
    (0..)
        .map_while(|index| head.field(index))
        .filter(|(known, _)| name.is_empty() || known.eq_ignore_ascii_case(name.as_bytes()))
        .map(|(_, value)| value)
        .collect()
}

/// The values between commas outside quotes, without blanks around them.
pub(super) fn items(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let line = rest?;
        let mut quoted = false;
        let mut escaped = false;
        let comma = line.iter().position(|byte| {
            let ends = !quoted && *byte == b',';
            quoted ^= *byte == b'"' && !escaped;
            escaped = quoted && *byte == b'\\' && !escaped;
            ends
        });
        rest = comma.map(|comma| &line[comma + 1..]);
        Some(line[..comma.unwrap_or(line.len())].trim_ascii())
    })
}

/// `a=1; b=2` as names and values.
pub(super) fn cookies(line: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    line.split(|byte| matches!(byte, b';' | b','))
        .filter_map(|pair| {
            let equals = pair.iter().position(|byte| *byte == b'=')?;
            let value = pair[equals + 1..].trim_ascii();
            Some((pair[..equals].trim_ascii(), value))
        })
}

fn give<'a>(values: impl IntoIterator<Item = Value<'a>>, take: Take<'_, 'a>) {
    for value in values {
        if take(value).is_break() {
            return;
        }
    }
}

fn each_item<'a>(view: &View<'a>, arguments: &'a [Argument], take: Take<'_, 'a>) {
    let values = values(view, arguments, Side::Request, true);
    give(values.into_iter().map(Value::text), take);
}

fn each_item_of_either<'a>(view: &View<'a>, arguments: &'a [Argument], take: Take<'_, 'a>) {
    match view.response {
        Some(_) => each_item_of_response(view, arguments, take),
        None => each_item(view, arguments, take),
    }
}

fn each_line<'a>(view: &View<'a>, arguments: &'a [Argument], take: Take<'_, 'a>) {
    let values = values(view, arguments, Side::Request, false);
    give(values.into_iter().map(Value::text), take);
}

fn each_address<'a>(view: &View<'a>, arguments: &'a [Argument], take: Take<'_, 'a>) {
    let values = values(view, arguments, Side::Request, true);
    give(values.into_iter().filter_map(address), take);
}

fn each_number<'a>(view: &View<'a>, arguments: &'a [Argument], take: Take<'_, 'a>) {
    let values = values(view, arguments, Side::Request, true);
    give(
        values
            .into_iter()
            .filter_map(|text| Value::text(text).cast(Int)),
        take,
    );
}

fn each_item_of_response<'a>(view: &View<'a>, arguments: &'a [Argument], take: Take<'_, 'a>) {
    let values = values(view, arguments, Side::Response, true);
    give(values.into_iter().map(Value::text), take);
}

fn each_line_of_response<'a>(view: &View<'a>, arguments: &'a [Argument], take: Take<'_, 'a>) {
    let values = values(view, arguments, Side::Response, false);
    give(values.into_iter().map(Value::text), take);
}

fn each_address_of_response<'a>(view: &View<'a>, arguments: &'a [Argument], take: Take<'_, 'a>) {
    let values = values(view, arguments, Side::Response, true);
    give(values.into_iter().filter_map(address), take);
}

fn each_number_of_response<'a>(view: &View<'a>, arguments: &'a [Argument], take: Take<'_, 'a>) {
    let values = values(view, arguments, Side::Response, true);
    give(
        values
            .into_iter()
            .filter_map(|text| Value::text(text).cast(Int)),
        take,
    );
}

/// Of `set-cookie` fields, the part before the attributes.
fn each_cookie_of_response<'a>(view: &View<'a>, arguments: &'a [Argument], take: Take<'_, 'a>) {
    let name = Argument::text(arguments, 0).as_bytes();
    let set = view.response_fields(b"set-cookie");
    let wanted = set
        .filter_map(|line| cookies(line).next())
        .filter(|(known, _)| name.is_empty() || *known == name)
        .map(|(_, value)| Value::text(value));
    give(wanted.collect::<Vec<_>>(), take);
}

fn count_cookies_of_response<'a>(view: &View<'a>, arguments: &'a [Argument]) -> Option<Value<'a>> {
    view.response?;
    if Argument::text(arguments, 0).is_empty() {
        // HAProxy takes attributes for cookies as well.
        let set = view.response_fields(b"set-cookie");
        return Some(Value::Int(set.flat_map(cookies).count() as i64));
    }
    let mut count = 0;
    each_cookie_of_response(view, arguments, &mut |_| {
        count += 1;
        ControlFlow::Continue(())
    });
    Some(Value::Int(count))
}

fn cookie_number_of_response<'a>(view: &View<'a>, arguments: &'a [Argument]) -> Option<Value<'a>> {
    let mut last = None;
    each_cookie_of_response(view, arguments, &mut |value| {
        last = Some(value);
        ControlFlow::Continue(())
    });
    last?.cast(Int)
}

/// All fields, the length before each name and value; an empty one at the end.
fn packed<'a, F: crate::view::Fields + ?Sized>(head: &'a F) -> Value<'a> {
    let mut bytes = Vec::new();
    for (name, value) in (0..).map_while(|index| head.field(index)) {
        for text in [name, value] {
            push_length(text.len() as u64, &mut bytes);
            bytes.extend_from_slice(text);
        }
    }
    bytes.extend_from_slice(&[0, 0]);
    Value::Binary(Cow::Owned(bytes))
}

/// In the form of SPOE and of peers.
fn push_length(mut length: u64, out: &mut Vec<u8>) {
    if length < 240 {
        out.push(length as u8);
        return;
    }
    out.push(length as u8 | 240);
    length = (length - 240) >> 4;
    while length >= 128 {
        out.push(length as u8 | 128);
        length = (length - 128) >> 7;
    }
    out.push(length as u8);
}

/// An address, with or without a port.
fn address(text: &[u8]) -> Option<Value<'_>> {
    let text = std::str::from_utf8(text).ok()?;
    let bare = text.parse().ok();
    let with_port = || text.parse::<std::net::SocketAddr>().ok().map(|it| it.ip());
    bare.or_else(with_port).map(Value::Address)
}

fn count_items<'a>(view: &View<'a>, arguments: &'a [Argument]) -> Option<Value<'a>> {
    view.request?;
    count(&values(view, arguments, Side::Request, true))
}

fn count_lines<'a>(view: &View<'a>, arguments: &'a [Argument]) -> Option<Value<'a>> {
    view.request?;
    count(&values(view, arguments, Side::Request, false))
}

fn count<'a>(values: &[&[u8]]) -> Option<Value<'a>> {
    Some(Value::Int(values.len() as i64))
}

/// All names, a comma or the given delimiter between them.
fn names<'a, F: crate::view::Fields + ?Sized>(
    head: &'a F,
    arguments: &'a [Argument],
) -> Option<Value<'a>> {
    let delimiter = match Argument::text(arguments, 0) {
        "" => ",",
        given => given,
    };
    let names: Vec<&[u8]> = (0..)
        .map_while(|index| head.field(index))
        .map(|(name, _)| name)
        .collect();
    Some(Value::owned(names.join(delimiter.as_bytes())))
}

/// All fields as they would be sent.
fn all<'a, F: crate::view::Fields + ?Sized>(head: &'a F) -> Value<'a> {
    let mut text = Vec::new();
    for (name, value) in (0..).map_while(|index| head.field(index)) {
        text.extend([name, b": ", value, b"\r\n"].concat());
    }
    text.extend(b"\r\n");
    Value::owned(text)
}
