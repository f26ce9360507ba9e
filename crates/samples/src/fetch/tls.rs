//! The client's TLS connection and certificate.

use super::{Fetch, Needs, one};
use crate::argument::{Argument, Parameter};
use crate::tls::{Certificate, Name, Verdict};
use crate::value::{Kind, Value};
use crate::view::View;

use Kind::{Binary, Bool, Int, Text};
use Needs::Client;

/// The part of a name, and which of several.
const PART: &[Parameter] = &[Parameter::Text, Parameter::Int];

#[rustfmt::skip]
pub(super) const TABLE: &[Fetch] = &[
    one("ssl_fc", Bool, Client, |view, _| Some(Value::Bool(view.tls.is_some()))),
    one("ssl_fc_alg_keysize", Int, Client, |view, _| Some(Value::Int(view.tls?.bits.into()))),
    one("ssl_fc_alpn", Text, Client, |view, _| text(view.tls?.alpn.as_deref()?)),
    one("ssl_fc_cipher", Text, Client, |view, _| text(view.tls?.cipher)),
    one("ssl_fc_err", Int, Client, |view, _| view.tls.map(|_| Value::Int(0))),
    one("ssl_fc_has_crt", Bool, Client, |view, _| view.tls.map(|tls| Value::Bool(tls.certificate.is_some()))),
    one("ssl_fc_has_sni", Bool, Client, |view, _| Some(Value::Bool(view.tls.is_some_and(|tls| tls.sni.is_some())))),
    one("ssl_fc_is_resumed", Bool, Client, |view, _| Some(Value::Bool(view.tls.is_some_and(|tls| tls.resumed)))),
    one("ssl_fc_protocol", Text, Client, |view, _| text(view.tls?.version)),
    one("ssl_fc_sni", Text, Client, |view, _| text(view.tls?.sni.as_deref()?)),
    one("ssl_fc_use_keysize", Int, Client, |view, _| Some(Value::Int(view.tls?.bits.into()))),
    one("ssl_c_ca_err", Int, Client, |view, _| verdict(view, |verdict| verdict.authority)),
    one("ssl_c_ca_err_depth", Int, Client, |view, _| verdict(view, |verdict| verdict.depth)),
    one("ssl_c_der", Binary, Client, |view, _| Some(Value::Binary((&certificate(view)?.der).into()))),
    one("ssl_c_err", Int, Client, |view, _| verdict(view, |verdict| verdict.certificate)),
    one("ssl_c_i_dn", Text, Client, |view, arguments| name(&certificate(view)?.issuer, arguments)).taking(PART, 0),
    one("ssl_c_s_dn", Text, Client, |view, arguments| name(&certificate(view)?.subject, arguments)).taking(PART, 0),
    one("ssl_c_used", Bool, Client, |view, _| view.tls.map(|tls| Value::Bool(tls.certificate.is_some()))),
    // One that is not good ends the handshake, unless it is let pass.
    one("ssl_c_verify", Int, Client, |view, _| verdict(view, |verdict| verdict.result)),
];

fn text(text: &str) -> Option<Value<'_>> {
    Some(Value::text(text.as_bytes()))
}

fn verdict(view: &View<'_>, part: impl Fn(&Verdict) -> u8) -> Option<Value<'static>> {
    Some(Value::Int(part(&view.tls?.verdict).into()))
}

fn certificate<'a>(view: &View<'a>) -> Option<&'a Certificate> {
    view.tls?.certificate.as_ref()
}

/// The whole name, or the part asked for.
fn name<'a>(name: &'a Name, arguments: &'a [Argument]) -> Option<Value<'a>> {
    match Argument::text(arguments, 0) {
        "" => Some(Value::owned(name.line())),
        kind => text(name.part(kind, Argument::int(arguments, 1).unwrap_or(1))?),
    }
}
