//! The client's TLS connection and certificate.

use super::{Fetch, Needs, one};
use crate::argument::{Argument, Parameter};
use crate::tls::{Certificate, Name, Verdict};
use crate::value::{Kind, Value};
use crate::view::View;
use sha1::{Digest, Sha1};

use Kind::{Binary, Bool, Int, Text};
use Needs::ClientSession;

/// The part of a name, and which of several.
const PART: &[Parameter] = &[Parameter::Text, Parameter::Int];

#[rustfmt::skip]
pub(super) const TABLE: &[Fetch] = &[
    one("ssl_fc", Bool, ClientSession, |view, _| Some(Value::Bool(view.tls.is_some()))),
    one("ssl_fc_alg_keysize", Int, ClientSession, |view, _| Some(Value::Int(view.tls?.bits.into()))),
    one("ssl_fc_alpn", Text, ClientSession, |view, _| text(view.tls?.alpn.as_deref()?)),
    one("ssl_fc_cipher", Text, ClientSession, |view, _| text(view.tls?.cipher)),
    one("ssl_fc_err", Int, ClientSession, |view, _| view.tls.map(|_| Value::Int(0))),
    one("ssl_fc_has_crt", Bool, ClientSession, |view, _| view.tls.map(|tls| Value::Bool(tls.certificate.is_some()))),
    one("ssl_fc_has_sni", Bool, ClientSession, |view, _| Some(Value::Bool(view.tls.is_some_and(|tls| tls.sni.is_some())))),
    one("ssl_fc_is_resumed", Bool, ClientSession, |view, _| Some(Value::Bool(view.tls.is_some_and(|tls| tls.resumed)))),
    one("ssl_fc_protocol", Text, ClientSession, |view, _| text(view.tls?.version)),
    one("ssl_fc_sni", Text, ClientSession, |view, _| text(view.tls?.sni.as_deref()?)),
    one("ssl_fc_use_keysize", Int, ClientSession, |view, _| Some(Value::Int(view.tls?.bits.into()))),
    one("ssl_c_ca_err", Int, ClientSession, |view, _| verdict(view, |verdict| verdict.authority)),
    one("ssl_c_ca_err_depth", Int, ClientSession, |view, _| verdict(view, |verdict| verdict.depth)),
    one("ssl_c_der", Binary, ClientSession, |view, _| Some(Value::Binary((&certificate(view)?.der).into()))),
    one("ssl_c_err", Int, ClientSession, |view, _| verdict(view, |verdict| verdict.certificate)),
    one("ssl_c_i_dn", Text, ClientSession, |view, arguments| name(&certificate(view)?.issuer, arguments)).taking(PART, 0),
    one("ssl_c_s_dn", Text, ClientSession, |view, arguments| name(&certificate(view)?.subject, arguments)).taking(PART, 0),
    one("ssl_c_key_alg", Text, ClientSession, |view, _| text(certificate(view)?.key?)),
    one("ssl_c_notafter", Text, ClientSession, |view, _| text(time(&certificate(view)?.ends)?)),
    one("ssl_c_notbefore", Text, ClientSession, |view, _| text(time(&certificate(view)?.begins)?)),
    one("ssl_c_serial", Binary, ClientSession, |view, _| Some(Value::Binary((&certificate(view)?.serial).into()))),
    one("ssl_c_sha1", Binary, ClientSession, |view, _| Some(sha1(&certificate(view)?.der))),
    one("ssl_c_sig_alg", Text, ClientSession, |view, _| text(certificate(view)?.signature?)),
    one("ssl_c_version", Int, ClientSession, |view, _| Some(Value::Int(certificate(view)?.version.into()))),
    one("ssl_f_der", Binary, ClientSession, |view, _| Some(Value::Binary((&shown(view)?.der).into()))),
    one("ssl_f_i_dn", Text, ClientSession, |view, arguments| name(&shown(view)?.issuer, arguments)).taking(PART, 0),
    one("ssl_f_key_alg", Text, ClientSession, |view, _| text(shown(view)?.key?)),
    one("ssl_f_notafter", Text, ClientSession, |view, _| text(time(&shown(view)?.ends)?)),
    one("ssl_f_notbefore", Text, ClientSession, |view, _| text(time(&shown(view)?.begins)?)),
    one("ssl_f_s_dn", Text, ClientSession, |view, arguments| name(&shown(view)?.subject, arguments)).taking(PART, 0),
    one("ssl_f_serial", Binary, ClientSession, |view, _| Some(Value::Binary((&shown(view)?.serial).into()))),
    one("ssl_f_sha1", Binary, ClientSession, |view, _| Some(sha1(&shown(view)?.der))),
    one("ssl_f_sig_alg", Text, ClientSession, |view, _| text(shown(view)?.signature?)),
    one("ssl_f_version", Int, ClientSession, |view, _| Some(Value::Int(shown(view)?.version.into()))),
    // Early data is not taken: what clients send so comes a round trip later.
    one("ssl_fc_has_early", Bool, ClientSession, |view, _| view.tls.map(|_| Value::Bool(false))),
    one("ssl_c_used", Bool, ClientSession, |view, _| view.tls.map(|tls| Value::Bool(tls.certificate.is_some()))),
    // One that is not good ends the handshake, unless it is let pass.
    one("ssl_c_verify", Int, ClientSession, |view, _| verdict(view, |verdict| verdict.result)),
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

/// What the client was shown.
fn shown<'a>(view: &View<'a>) -> Option<&'a Certificate> {
    view.tls?.shown.as_deref()
}

/// With two digits of the year, as HAProxy tells it; others than those of 1950 to 2099 have none.
fn time(time: &str) -> Option<&str> {
    time.strip_prefix("20").or(time.strip_prefix("19"))
}

fn sha1(der: &[u8]) -> Value<'static> {
    Value::Binary(Sha1::digest(der).to_vec().into())
}

/// The whole name, or the part asked for.
fn name<'a>(name: &'a Name, arguments: &'a [Argument]) -> Option<Value<'a>> {
    match Argument::text(arguments, 0) {
        "" => Some(Value::owned(name.line())),
        kind => text(name.part(kind, Argument::int(arguments, 1).unwrap_or(1))?),
    }
}
