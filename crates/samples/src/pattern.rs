//! How a value is held against a pattern.

use crate::value::{Kind, Value, number};
use regex::bytes::RegexBuilder;

pub use regex::bytes::Regex;
use std::net::IpAddr;

/// The ways (manual 7.1: `-m`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Matching {
    /// The value is there at all.
    Found,
    /// It is true.
    Bool,
    Int,
    Ip,
    Bin,
    /// Its length.
    Len,
    Str,
    Beg,
    Sub,
    Dir,
    Dom,
    End,
    Reg,
    Method,
}

/// What a value is compared with.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// In lower case where case does not matter.
    Text(Vec<u8>),
    Range(Range),
    Network(Network),
    Regex(Regex),
    /// Nothing: the value alone decides.
    Nothing,
}

/// From and to, both included; `None`: no bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    pub min: Option<i64>,
    pub max: Option<i64>,
}

/// `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    pub address: IpAddr,
    /// Leading bits that count, at most 32 or 128.
    pub length: u8,
}

const NAMES: [(&str, Matching); 14] = [
    ("found", Matching::Found),
    ("bool", Matching::Bool),
    ("int", Matching::Int),
    ("ip", Matching::Ip),
    ("bin", Matching::Bin),
    ("len", Matching::Len),
    ("str", Matching::Str),
    ("beg", Matching::Beg),
    ("sub", Matching::Sub),
    ("dir", Matching::Dir),
    ("dom", Matching::Dom),
    ("end", Matching::End),
    ("reg", Matching::Reg),
    ("meth", Matching::Method),
];

impl Matching {
    pub fn find(name: &str) -> Option<Self> {
        let known = NAMES.iter().find(|(known, _)| *known == name);
        known.map(|(_, matching)| *matching)
    }

    pub fn name(self) -> &'static str {
        let known = NAMES.iter().find(|(_, matching)| *matching == self);
        known.map_or("", |(name, _)| name)
    }

    /// The way for values of a kind when none was chosen.
    pub fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Bool => Some(Self::Bool),
            Kind::Int => Some(Self::Int),
            Kind::Address => Some(Self::Ip),
            Kind::Text => Some(Self::Str),
            Kind::Method => Some(Self::Method),
            Kind::Any | Kind::Binary => None,
        }
    }

    /// The kind a value must become first.
    pub fn wants(self) -> Kind {
        match self {
            Self::Found => Kind::Any,
            Self::Bool => Kind::Bool,
            Self::Int => Kind::Int,
            Self::Ip => Kind::Address,
            Self::Bin => Kind::Binary,
            _ => Kind::Text,
        }
    }

    /// Patterns mean nothing to it.
    pub fn needs_no_pattern(self) -> bool {
        matches!(self, Self::Found | Self::Bool)
    }

    /// Reads a pattern; the error is HAProxy's.
    pub fn parse(self, text: &str, ignore_case: bool) -> Result<Pattern, String> {
        match self {
            Self::Found | Self::Bool => Ok(Pattern::Nothing),
            Self::Int | Self::Len => Range::parse(text).map(Pattern::Range),
            Self::Ip => Network::parse(text)
                .map(Pattern::Network)
                .ok_or_else(|| format!("'{text}' is not a valid IPv4 or IPv6 address")),
            Self::Bin => bytes(text).map(Pattern::Text),
            Self::Reg => regex(text, ignore_case).map(Pattern::Regex),
            Self::Dir => Ok(Pattern::Text(word(text, ignore_case, b"/?"))),
            Self::Dom => Ok(Pattern::Text(word(text, ignore_case, b"/?.:"))),
            _ => Ok(Pattern::Text(folded(text.as_bytes(), ignore_case))),
        }
    }

    /// Holds a value of the kind it wants against a pattern.
    pub fn holds(self, value: &Value<'_>, pattern: &Pattern, ignore_case: bool) -> bool {
        match (self, value, pattern) {
            (Self::Found, ..) => true,
            (Self::Bool, value, _) => value.truth() == Some(true),
            (Self::Int, Value::Int(number), Pattern::Range(range)) => range.contains(*number),
            (Self::Len, Value::Text(text), Pattern::Range(range)) => {
                range.contains(text.len() as i64)
            }
            (Self::Ip, Value::Address(address), Pattern::Network(network)) => {
                network.contains(*address)
            }
            (_, Value::Text(text), Pattern::Regex(regex)) => regex.is_match(text),
            (_, Value::Text(text) | Value::Binary(text), Pattern::Text(pattern)) => {
                if ignore_case && self != Self::Bin {
                    self.text(&text.to_ascii_lowercase(), pattern)
                } else {
                    self.text(text, pattern)
                }
            }
            _ => false,
        }
    }

    fn text(self, text: &[u8], pattern: &[u8]) -> bool {
        match self {
            Self::Beg => text.starts_with(pattern),
            Self::End => text.ends_with(pattern),
            Self::Sub => contains(text, pattern),
            Self::Dir => has_word(text, pattern, b"/?"),
            Self::Dom => has_word(text, pattern, b"/?.:"),
            _ => text == pattern,
        }
    }
}

fn folded(text: &[u8], ignore_case: bool) -> Vec<u8> {
    if ignore_case {
        text.to_ascii_lowercase()
    } else {
        text.to_vec()
    }
}

/// Delimiters around a pattern say nothing.
fn word(text: &str, ignore_case: bool, delimiters: &[u8]) -> Vec<u8> {
    let is_delimiter = |byte: &u8| delimiters.contains(byte);
    let mut bytes = text.as_bytes();
    while let [first, rest @ ..] = bytes
        && is_delimiter(first)
    {
        bytes = rest;
    }
    while let [rest @ .., last] = bytes
        && is_delimiter(last)
    {
        bytes = rest;
    }
    folded(bytes, ignore_case)
}

fn contains(text: &[u8], pattern: &[u8]) -> bool {
    pattern.is_empty() || text.windows(pattern.len()).any(|window| window == pattern)
}

/// The pattern stands between two delimiters, or the ends.
fn has_word(text: &[u8], pattern: &[u8], delimiters: &[u8]) -> bool {
    let is_end = |byte: Option<&u8>| byte.is_none_or(|byte| delimiters.contains(byte));
    !pattern.is_empty()
        && text.windows(pattern.len()).enumerate().any(|(at, window)| {
            window == pattern
                && is_end(at.checked_sub(1).map(|before| &text[before]))
                && is_end(text.get(at + pattern.len()))
        })
}

/// Hexadecimal digits, two a byte.
fn bytes(text: &str) -> Result<Vec<u8>, String> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return Err("an even number of hex digit is expected".to_owned());
    }
    let digit = |byte: u8| {
        let letter = char::from(byte);
        let digit = letter.to_digit(16);
        digit.ok_or_else(|| format!("an hex digit is expected (found '{letter}')"))
    };
    digits
        .chunks(2)
        .map(|pair| Ok((digit(pair[0])? * 16 + digit(pair[1])?) as u8))
        .collect()
}

/// A regular expression over bytes; the error is worded as HAProxy does with PCRE.
pub fn regex(text: &str, ignore_case: bool) -> Result<Regex, String> {
    RegexBuilder::new(text)
        .unicode(false)
        .case_insensitive(ignore_case)
        .build()
        .map_err(|error| {
            let told = error.to_string();
            let last = told.lines().next_back().unwrap_or_default();
            let reason = last.trim_start_matches("error: ");
            format!("regex '{text}' is invalid (error={reason})")
        })
}

impl Range {
    /// `5`, `5:`, `:5`, `5:9`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let not_a_number = || format!("'{text}' is not a number");
        let bound = |text: &str| match text {
            "" => Ok(None),
            text => number(text.as_bytes()).map(Some).ok_or_else(not_a_number),
        };
        let Some((min, max)) = text.split_once(':') else {
            let only = bound(text)?.ok_or_else(not_a_number)?;
            return Ok(Self {
                min: Some(only),
                max: Some(only),
            });
        };
        let range = || format!("'{text}' is not a valid number range");
        let (min, max) = (
            bound(min).map_err(|_| range())?,
            bound(max).map_err(|_| range())?,
        );
        let reversed = min.zip(max).is_some_and(|(min, max)| min > max);
        if reversed || (min.is_none() && max.is_none()) {
            return Err(range());
        }
        Ok(Self { min, max })
    }

    pub fn contains(self, number: i64) -> bool {
        self.min.is_none_or(|min| min <= number) && self.max.is_none_or(|max| number <= max)
    }
}

impl Network {
    /// `10.0.0.1`, `10.0.0.0/8`, `10.0.0.0/255.0.0.0`, `10/8`, `2001:db8::/32`.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, mask) = match text.split_once('/') {
            Some((address, mask)) => (address, Some(mask)),
            None => (text, None),
        };
        let address = match address.parse() {
            Ok(address) => address,
            Err(_) => short_address(address)?,
        };
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let length = match mask {
            None => bits,
            Some(mask) => match mask.parse::<u8>() {
                Ok(length) if length <= bits => length,
                Ok(_) => return None,
                Err(_) => mask_length(mask)?,
            },
        };
        Some(Self { address, length })
    }

    pub fn contains(self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let differing = network.to_bits() ^ address.to_bits();
                differing.leading_zeros() >= u32::from(self.length)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let differing = network.to_bits() ^ address.to_bits();
                differing.leading_zeros() >= u32::from(self.length)
            }
            // an IPv4 pattern against an IPv6 address that stands for one, and the other way round
            (IpAddr::V4(_), IpAddr::V6(address)) => address
                .to_ipv4_mapped()
                .is_some_and(|address| self.contains(IpAddr::V4(address))),
            (IpAddr::V6(_), IpAddr::V4(address)) => {
                self.contains(IpAddr::V6(address.to_ipv6_mapped()))
            }
        }
    }
}

/// `10` and `10.1` stand for `10.0.0.0` and `10.1.0.0`.
fn short_address(text: &str) -> Option<IpAddr> {
    let mut octets = [0; 4];
    let parts = text.split('.');
    for (place, part) in parts.enumerate() {
        *octets.get_mut(place)? = part.parse().ok()?;
    }
    Some(IpAddr::from(octets))
}

fn mask_length(text: &str) -> Option<u8> {
    let mask: std::net::Ipv4Addr = text.parse().ok()?;
    let ones = mask.to_bits().leading_ones();
    (mask.to_bits().count_ones() == ones).then_some(ones as u8)
}

#[cfg(test)]
mod tests;
