//! Values inside JSON texts, by their path, and the parts of web tokens (manual 7.3.1: `json_query`, `jwt_...`).

use super::encode::decode_url_safe;
use super::hash::hmac;
use super::{Converter, row};
use crate::argument::{Argument, Parameter};
use crate::json::{self, Token};
use crate::value::{Kind, Value};
use crate::view::View;

use Kind::{Any, Binary, Int, Text};

#[rustfmt::skip]
pub(super) const TABLE: &[Converter] = &[
    row("json_query", Text, Any, |value, arguments, _| query(&value.into_text(), arguments)).taking(QUERY, 1).checked(check_query),
    row("jwt_header_query", Binary, Any, |value, arguments, _| part(value, 0, arguments)).taking(QUERY, 0).checked(check_output),
    row("jwt_payload_query", Binary, Any, |value, arguments, _| part(value, 1, arguments)).taking(QUERY, 0).checked(check_output),
    row("jwt_verify", Binary, Int, verify).taking(&[Parameter::TextOrVariable, Parameter::TextOrVariable], 2).checked(check_algorithm),
];

const QUERY: &[Parameter] = &[Parameter::Text, Parameter::Text];

/// Numbers beyond are not whole everywhere (RFC 8259 section 6).
const INT_MAX: i64 = (1 << 53) - 1;

fn check_query(arguments: &[Argument]) -> Result<(), String> {
    if Argument::text(arguments, 0).is_empty() {
        return Err("json_path must not be empty".to_owned());
    }
    check_output(arguments)
}

fn check_output(arguments: &[Argument]) -> Result<(), String> {
    match Argument::text(arguments, 1) {
        "" | "int" => Ok(()),
        _ => Err("output_type only supports \"int\" as argument".to_owned()),
    }
}

/// `(PATH[,int])`
fn query<'a>(text: &[u8], arguments: &[Argument]) -> Option<Value<'a>> {
    let as_int = Argument::text(arguments, 1) == "int";
    match json::find(text, Argument::text(arguments, 0))? {
        Token::Number(text) if as_int => {
            let number = whole(text);
            (-INT_MAX..=INT_MAX)
                .contains(&number)
                .then_some(Value::Int(number))
        }
        Token::Number(text) => Some(Value::owned(general(text.parse().ok()?))),
        Token::Text(text) => Some(Value::owned(text)),
        Token::Bool(bool) => Some(Value::Bool(bool)),
        Token::Other => None,
    }
}

/// The digits that a number begins with.
fn whole(text: &str) -> i64 {
    let digits = text.trim_start_matches('-');
    let end = digits.find(|c: char| !c.is_ascii_digit());
    let (digits, _) = digits.split_at(end.unwrap_or(digits.len()));
    let number = digits.parse().unwrap_or(i64::MAX);
    if text.starts_with('-') {
        -number
    } else {
        number
    }
}

/// As C's `%g` writes a number: six digits that count.
fn general(number: f64) -> String {
    const DIGITS: i32 = 6;
    let scientific = format!("{number:.5e}");
    let Some((digits, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if number != 0.0 && !(-4..DIGITS).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", trimmed(digits), exponent.abs());
    }
    let places = usize::try_from(DIGITS - 1 - exponent).unwrap_or(0);
    trimmed(&format!("{number:.places$}")).to_owned()
}

/// Without zeros that mean nothing.
fn trimmed(digits: &str) -> &str {
    match digits.contains('.') {
        true => digits.trim_end_matches('0').trim_end_matches('.'),
        false => digits,
    }
}

/// What is looked up in a part of a token. Without a path there is nothing, as in HAProxy, whatever its manual says.
fn part<'a>(value: Value<'a>, at: usize, arguments: &[Argument]) -> Option<Value<'a>> {
    let token = value.into_bytes();
    let mut parts = token.split(|byte| *byte == b'.');
    let part = parts.nth(at).filter(|_| token.contains(&b'.'))?;
    query(&decode_url_safe(part)?, arguments)
}

/// What [`verify`] gives.
const MATCHES: i64 = 1;
const DIFFERS: i64 = 0;
const UNKNOWN_ALGORITHM: i64 = -1;
const UNMANAGED_ALGORITHM: i64 = -2;
const INVALID: i64 = -3;

/// Algorithms with a public key (RFC 7518 section 3.1).
const PUBLIC: [&str; 6] = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"];
const PADDED: [&str; 3] = ["PS256", "PS384", "PS512"];

fn check_algorithm(arguments: &[Argument]) -> Result<(), String> {
    match arguments.first() {
        Some(Argument::Text(name)) => match name.as_str() {
            "HS256" | "HS384" | "HS512" | "none" => Ok(()),
            name if PADDED.contains(&name) => {
                Err("RSASSA-PSS JWS signing not managed yet".to_owned())
            }
            name if PUBLIC.contains(&name) => Err(format!(
                "'{name}' is known to HAProxy, but here signatures are verified by HS256, HS384 and HS512 alone"
            )),
            name => Err(format!("unknown JWT algorithm: {name}")),
        },
        _ => Ok(()),
    }
}

/// `(ALGORITHM,KEY)`, both of which may be variables.
fn verify<'a>(value: Value<'a>, arguments: &'a [Argument], view: &View<'a>) -> Option<Value<'a>> {
    let given = |at: usize| match arguments.get(at)? {
        Argument::Text(text) => Some(text.clone().into_bytes()),
        Argument::Variable(name) => view.variable(name).map(Value::into_text).map(Into::into),
        _ => None,
    };
    let (algorithm, key) = (given(0)?, given(1)?);
    let algorithm = String::from_utf8_lossy(&algorithm).into_owned();
    Some(Value::Int(verified(&value.into_bytes(), &algorithm, &key)))
}

fn verified(token: &[u8], algorithm: &str, key: &[u8]) -> i64 {
    let parts: Vec<&[u8]> = token.split(|byte| *byte == b'.').collect();
    let (signed, signature) = match parts.as_slice() {
        [header, payload] => (header.len() + 1 + payload.len(), &b""[..]),
        [header, payload, signature] => (header.len() + 1 + payload.len(), *signature),
        _ => return INVALID,
    };
    let signed = &token[..signed];
    let sign: fn(&[u8], &[u8]) -> Vec<u8> = match algorithm {
        "none" if signature.is_empty() => return MATCHES,
        "none" => return DIFFERS,
        "HS256" => |key, text| hmac::<sha2::Sha256>(key, text, 64),
        "HS384" => |key, text| hmac::<sha2::Sha384>(key, text, 128),
        "HS512" => |key, text| hmac::<sha2::Sha512>(key, text, 128),
        name if PUBLIC.contains(&name) || PADDED.contains(&name) => return UNMANAGED_ALGORITHM,
        _ => return UNKNOWN_ALGORITHM,
    };
    match decode_url_safe(signature).filter(|signature| !signature.is_empty()) {
        None => INVALID,
        Some(signature) if super::text::same(&signature, &sign(key, signed)) => MATCHES,
        Some(_) => DIFFERS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_in_c() {
        let written = [
            (1.0, "1"),
            (1.5, "1.5"),
            (123456789.0, "1.23457e+08"),
            (1e10, "1e+10"),
            (0.00001234, "1.234e-05"),
            (0.0001, "0.0001"),
            (-0.0, "-0"),
            (100000.0, "100000"),
            (999999.5, "1e+06"),
        ];
        for (number, text) in written {
            assert_eq!(general(number), text);
        }
    }

    #[test]
    fn signatures_are_held_against_their_token() {
        let token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJtZSIsIm4iOjV9";
        let signed = format!("{token}.lP0gR4vKPQ7o9P9I7KSlUAkYgndeA03xel06yCosi8Q");
        let check = |token: &str, algorithm: &str, key: &str| {
            verified(token.as_bytes(), algorithm, key.as_bytes())
        };
        assert_eq!(check(&signed, "HS256", "secret"), MATCHES);
        assert_eq!(check(&signed, "HS256", "other"), DIFFERS);
        assert_eq!(check(&signed, "HS512", "secret"), DIFFERS);
        assert_eq!(check(&signed, "RS256", "secret"), UNMANAGED_ALGORITHM);
        assert_eq!(check(&signed, "nope", "secret"), UNKNOWN_ALGORITHM);
        assert_eq!(check(token, "HS256", "secret"), INVALID);
        assert_eq!(check(token, "none", ""), MATCHES);
        assert_eq!(check("abc", "none", ""), INVALID);
    }
}
