//! The `authorization` field of a request.

use super::{Fetch, Needs, one};
use crate::argument::{Argument, Parameter};
use crate::convert::decode_base64;
use crate::users::UserList;
use crate::value::{Kind, Value};
use crate::view::View;

use Kind::{Bool, Text};
use Needs::Request;

#[rustfmt::skip]
pub(super) const TABLE: &[Fetch] = &[
    one("http_auth", Bool, Request, |view, arguments| Some(Value::Bool(is_known(view, arguments)))).taking(&[Parameter::Users], 1),
    one("http_auth_group", Text, Request, groups).taking(&[Parameter::Users], 1),
    one("http_auth_type", Text, Request, |view, _| authorization(view).map(|(scheme, _)| Value::text(scheme))),
    one("http_auth_user", Text, Request, |view, _| basic(view).map(|(user, _)| Value::owned(user))),
    one("http_auth_pass", Text, Request, |view, _| basic(view).map(|(_, password)| Value::owned(password))),
    one("http_auth_bearer", Text, Request, |view, _| bearer(view)).taking(&[Parameter::Text], 0),
];

fn authorization<'a>(view: &View<'a>) -> Option<(&'a [u8], &'a [u8])> {
    let value = view.request_fields(b"authorization").next()?;
    let space = value.iter().position(|byte| *byte == b' ')?;
    Some((&value[..space], value[space + 1..].trim_ascii_start()))
}

/// The name and password of `Basic`.
fn basic(view: &View<'_>) -> Option<(Vec<u8>, Vec<u8>)> {
    let (scheme, credentials) = authorization(view)?;
    if !scheme.eq_ignore_ascii_case(b"basic") {
        return None;
    }
    let mut user = decode_base64(credentials)?;
    let colon = user.iter().position(|byte| *byte == b':')?;
    let password = user.split_off(colon + 1);
    user.pop();
    Some((user, password))
}

fn bearer<'a>(view: &View<'a>) -> Option<Value<'a>> {
    let (scheme, token) = authorization(view)?;
    scheme
        .eq_ignore_ascii_case(b"bearer")
        .then(|| Value::text(token))
}

fn list(arguments: &[Argument]) -> Option<&UserList> {
    match arguments.first() {
        Some(Argument::Users(list)) => Some(list),
        _ => None,
    }
}

fn is_known(view: &View<'_>, arguments: &[Argument]) -> bool {
    let known = list(arguments).zip(basic(view));
    known.is_some_and(|(list, (user, password))| list.admits(&user, &password).is_some())
}

/// The groups of a user who gave the right password, a comma between them.
fn groups<'a>(view: &View<'a>, arguments: &'a [Argument]) -> Option<Value<'a>> {
    let (user, password) = basic(view)?;
    let groups = list(arguments)?.admits(&user, &password)?;
    (!groups.is_empty()).then(|| Value::owned(groups.join(",")))
}
