//! Hashes.

use super::{Converter, decode_base64, row};
use crate::argument::{Argument, Parameter};
use crate::value::{Kind, Value};
use crate::view::View;
use sha2::Digest;
use std::borrow::Cow;
use twox_hash::{XxHash3_64, XxHash32, XxHash64};

use Kind::{Binary, Int};

#[rustfmt::skip]
pub(super) const TABLE: &[Converter] = &[
    row("crc32", Binary, Int, |value, arguments, _| Some(number(crc32(&value.into_bytes()), arguments))).taking(AVALANCHE, 0),
    row("djb2", Binary, Int, |value, arguments, _| Some(number(djb2(&value.into_bytes()), arguments))).taking(AVALANCHE, 0),
    row("sdbm", Binary, Int, |value, arguments, _| Some(number(sdbm(&value.into_bytes()), arguments))).taking(AVALANCHE, 0),
    row("wt6", Binary, Int, |value, arguments, _| Some(number(wt6(&value.into_bytes()), arguments))).taking(AVALANCHE, 0),
    row("digest", Binary, Binary, named_digest).taking(&[Parameter::Text], 1),
    row("crc32c", Binary, Int, |value, arguments, _| Some(number(crc(&value.into_bytes(), CASTAGNOLI), arguments))).taking(AVALANCHE, 0),
    row("hmac", Binary, Binary, named_hmac).taking(&[Parameter::Text, Parameter::TextOrVariable], 2).checked(check_hmac),
    row("xxh32", Binary, Int, |value, arguments, _| Some(Value::Int(XxHash32::oneshot(seed(arguments) as u32, &value.into_bytes()).into()))).taking(AVALANCHE, 0),
    row("xxh64", Binary, Int, |value, arguments, _| Some(Value::Int(XxHash64::oneshot(seed(arguments), &value.into_bytes()).cast_signed()))).taking(AVALANCHE, 0),
    row("xxh3", Binary, Int, |value, arguments, _| Some(Value::Int(XxHash3_64::oneshot_with_seed(seed(arguments), &value.into_bytes()).cast_signed()))).taking(AVALANCHE, 0),
    row("sha1", Binary, Binary, |value, _, _| Some(digest::<sha1::Sha1>(value))),
    row("sha2", Binary, Binary, sha2).taking(&[Parameter::Int], 0),
];

const AVALANCHE: &[Parameter] = &[Parameter::Int];

/// The 32 bits, stirred where asked for.
fn number(hash: u32, arguments: &[Argument]) -> Value<'static> {
    let stirred = Argument::int(arguments, 0).is_some_and(|avalanche| avalanche != 0);
    Value::Int(if stirred { avalanche(hash) } else { hash }.into())
}

pub(crate) fn avalanche(mut a: u32) -> u32 {
    a = a.wrapping_add(0x7ed5_5d16).wrapping_add(a << 12);
    a = (a ^ 0xc761_c23c) ^ (a >> 19);
    a = a.wrapping_add(0x1656_67b1).wrapping_add(a << 5);
    a = a.wrapping_add(0xd3a2_646c) ^ (a << 9);
    a = a.wrapping_add(0xfd70_46c5).wrapping_add(a << 3);
    a = (a ^ 0xb55a_4f09) ^ (a >> 16);
    a.wrapping_mul(3_221_225_473)
}

/// Reversed polynomials.
const ETHERNET: u32 = 0xedb8_8320;
const CASTAGNOLI: u32 = 0x82f6_3b78;

fn crc32(bytes: &[u8]) -> u32 {
    crc(bytes, ETHERNET)
}

fn crc(bytes: &[u8], polynomial: u32) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            crc >> 1 ^ (polynomial & (crc & 1).wrapping_neg())
        })
    })
}

fn seed(arguments: &[Argument]) -> u64 {
    Argument::int(arguments, 0).unwrap_or(0).cast_unsigned()
}

fn djb2(bytes: &[u8]) -> u32 {
    bytes.iter().fold(5381, |hash: u32, byte| {
        hash.wrapping_mul(33).wrapping_add(u32::from(*byte))
    })
}

fn sdbm(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |hash: u32, byte| {
        u32::from(*byte)
            .wrapping_add(hash << 6)
            .wrapping_add(hash << 16)
            .wrapping_sub(hash)
    })
}

fn wt6(bytes: &[u8]) -> u32 {
    let mut h0: u32 = 0xa53c_965a;
    let mut h1: u32 = 0x5ca6_953a;
    let (mut step0, mut step1) = (6, 18);
    for byte in bytes {
        let byte = u32::from(*byte);
        let mixed0 = !(h0 ^ byte);
        let mixed1 = !h1.wrapping_add(byte);
        h0 = mixed1.rotate_left(step0);
        h1 = mixed0.rotate_left(step1);
        let steps = ((h0 >> 16) ^ h1) & 0xffff;
        step0 = steps & 0x1f;
        step1 = steps >> 11;
    }
    h0 ^ h1
}

fn digest<H: Digest>(value: Value<'_>) -> Value<'static> {
    Value::Binary(Cow::Owned(H::digest(value.into_bytes()).to_vec()))
}

/// 224, 256 (the default), 384 or 512 bits.
fn sha2<'a>(value: Value<'a>, arguments: &[Argument], _: &View<'a>) -> Option<Value<'a>> {
    Some(match Argument::int(arguments, 0).unwrap_or(256) {
        224 => digest::<sha2::Sha224>(value),
        256 => digest::<sha2::Sha256>(value),
        384 => digest::<sha2::Sha384>(value),
        512 => digest::<sha2::Sha512>(value),
        _ => return None,
    })
}

/// The algorithms that OpenSSL names; HAProxy takes all of its own.
fn named_digest<'a>(value: Value<'a>, arguments: &[Argument], _: &View<'a>) -> Option<Value<'a>> {
    Some(match algorithm(arguments).as_str() {
        "md5" => digest::<md5::Md5>(value),
        "sha1" => digest::<sha1::Sha1>(value),
        "sha224" => digest::<sha2::Sha224>(value),
        "sha256" => digest::<sha2::Sha256>(value),
        "sha384" => digest::<sha2::Sha384>(value),
        "sha512" => digest::<sha2::Sha512>(value),
        _ => return None,
    })
}

fn algorithm(arguments: &[Argument]) -> String {
    Argument::text(arguments, 0).to_ascii_lowercase()
}

const ALGORITHMS: [&str; 6] = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"];

fn check_hmac(arguments: &[Argument]) -> Result<(), String> {
    if !ALGORITHMS.contains(&algorithm(arguments).as_str()) {
        return Err("algorithm must be a valid OpenSSL message digest name.".to_owned());
    }
    match arguments.get(1) {
        Some(Argument::Text(key)) if decode_base64(key.as_bytes()).is_none() => Err(
            "failed to parse key : argument needs to be base64 encoded, and can either be a string or a variable"
                .to_owned(),
        ),
        _ => Ok(()),
    }
}

/// The key in base64, or a variable that holds it so.
fn named_hmac<'a>(
    value: Value<'a>,
    arguments: &'a [Argument],
    view: &View<'a>,
) -> Option<Value<'a>> {
    let key = match arguments.get(1)? {
        Argument::Text(text) => decode_base64(text.as_bytes())?,
        other => decode_base64(&super::text::variable(view, Some(other))?.into_text())?,
    };
    let bytes = value.into_bytes();
    let code = match algorithm(arguments).as_str() {
        "md5" => hmac::<md5::Md5>(&key, &bytes, 64),
        "sha1" => hmac::<sha1::Sha1>(&key, &bytes, 64),
        "sha224" => hmac::<sha2::Sha224>(&key, &bytes, 64),
        "sha256" => hmac::<sha2::Sha256>(&key, &bytes, 64),
        "sha384" => hmac::<sha2::Sha384>(&key, &bytes, 128),
        "sha512" => hmac::<sha2::Sha512>(&key, &bytes, 128),
        _ => return None,
    };
    Some(Value::Binary(Cow::Owned(code)))
}

/// RFC 2104; `block`: the bytes that the hash takes at once.
pub(super) fn hmac<H: Digest>(key: &[u8], bytes: &[u8], block: usize) -> Vec<u8> {
    let mut padded = match key.len() > block {
        true => H::digest(key).to_vec(),
        false => key.to_vec(),
    };
    padded.resize(block, 0);
    let keyed = |mask: u8, rest: &[u8]| {
        let pad: Vec<u8> = padded.iter().map(|byte| byte ^ mask).collect();
        H::new()
            .chain_update(pad)
            .chain_update(rest)
            .finalize()
            .to_vec()
    };
    keyed(0x5c, &keyed(0x36, bytes))
}
