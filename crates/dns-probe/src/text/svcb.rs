//! Service bindings (RFC 9460): the data of SVCB and HTTPS records.

use std::net::{Ipv4Addr, Ipv6Addr};

use hickory_proto::rr::Name;
use hickory_proto::serialize::binary::{BinDecodable, BinDecoder};

use super::encoding;
use crate::dns::name;
use crate::dns::record_type::{Class, RecordType};

/// The keys that dig 9.18 knows by name.
const KEYS: [&str; 7] = [
    "mandatory",
    "alpn",
    "no-default-alpn",
    "port",
    "ipv4hint",
    "ech",
    "ipv6hint",
];

/// The data of such a record; `None` for other types and for data that does not keep to the rules.
pub(super) fn text(rtype: RecordType, class: Class, data: &[u8]) -> Option<String> {
    if !matches!(rtype, RecordType(64 | 65)) || class != Class::IN {
        return None;
    }
    let (priority, rest) = data.split_first_chunk::<2>()?;
    let mut decoder = BinDecoder::new(rest);
    let target = Name::read(&mut decoder).ok()?;
    let mut text = format!("{} {}", u16::from_be_bytes(*priority), name::text(&target));
    let mut rest = &rest[decoder.index()..];
    while let Some((head, after)) = rest.split_first_chunk::<4>() {
        let key = u16::from_be_bytes([head[0], head[1]]);
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        let (value, after) = after.split_at_checked(length)?;
        text.push(' ');
        text.push_str(&parameter(key, value)?);
        rest = after;
    }
    rest.is_empty().then_some(text)
}

fn parameter(key: u16, value: &[u8]) -> Option<String> {
    let name = match KEYS.get(usize::from(key)) {
        Some(name) => (*name).to_owned(),
        None => format!("key{key}"),
    };
    let value = match key {
        0 => keys(value)?,
        1 => quoted_list(value)?,
        2 => return value.is_empty().then_some(name),
        3 => u16::from_be_bytes(value.try_into().ok()?).to_string(),
        4 => addresses::<4, Ipv4Addr>(value)?,
        5 => encoding::base64(value),
        6 => addresses::<16, Ipv6Addr>(value)?,
        _ if value.is_empty() => return Some(name),
        _ => encoding::quoted(value),
    };
    Some(format!("{name}={value}"))
}

fn keys(value: &[u8]) -> Option<String> {
    let (pairs, []) = value.as_chunks::<2>() else {
        return None;
    };
    let names = pairs.iter().map(|pair| {
        let key = u16::from_be_bytes(*pair);
        match KEYS.get(usize::from(key)) {
            Some(name) => (*name).to_owned(),
            None => format!("key{key}"),
        }
    });
    Some(names.collect::<Vec<_>>().join(","))
}

/// Counted strings, with commas between them. A comma or backslash inside one is escaped twice over.
fn quoted_list(mut value: &[u8]) -> Option<String> {
    let mut list: Vec<u8> = Vec::new();
    while let [length, rest @ ..] = value {
        let (one, rest) = rest.split_at_checked(usize::from(*length))?;
        if !list.is_empty() {
            list.push(b',');
        }
        for &byte in one {
            if matches!(byte, b',' | b'\\') {
                list.push(b'\\');
            }
            list.push(byte);
        }
        value = rest;
    }
    Some(encoding::quoted(&list))
}

fn addresses<const N: usize, A: From<[u8; N]> + ToString>(value: &[u8]) -> Option<String> {
    let (all, []) = value.as_chunks::<N>() else {
        return None;
    };
    let all: Vec<String> = all.iter().map(|one| A::from(*one).to_string()).collect();
    Some(all.join(","))
}
