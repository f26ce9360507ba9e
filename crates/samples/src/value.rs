//! Values, and how one kind becomes another.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};

/// The kinds of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Known only when it is there.
    Any,
    Bool,
    Int,
    /// An IPv4 or IPv6 address.
    Address,
    Text,
    Binary,
    /// Text that is compared as an HTTP method.
    Method,
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    Bool(bool),
    Int(i64),
    Address(IpAddr),
    Text(Cow<'a, [u8]>),
    Binary(Cow<'a, [u8]>),
}

impl Kind {
    /// As HAProxy's messages name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Bool => "bool",
            Self::Int => "sint",
            Self::Address => "addr",
            Self::Text => "str",
            Self::Binary => "bin",
            Self::Method => "meth",
        }
    }

    /// Whether values of this kind can become values of the other.
    pub fn becomes(self, other: Self) -> bool {
        use Kind::{Address, Any, Binary, Bool, Int, Method, Text};
        match (self, other) {
            (Any, _) | (_, Any | Text | Binary) => true,
            (Method, Method) => true,
            (_, Method) | (Method, _) => false,
            (Binary, Bool | Int) => true,
            (Binary, Address) => false,
            (Address, Bool) | (Bool, Address) => false,
            (Bool | Int | Address | Text, Bool | Int | Address) => true,
        }
    }
}

impl<'a> Value<'a> {
    pub fn text(bytes: &'a [u8]) -> Self {
        Self::Text(Cow::Borrowed(bytes))
    }

    pub fn owned(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Text(Cow::Owned(bytes.into()))
    }

    pub fn kind(&self) -> Kind {
        match self {
            Self::Bool(_) => Kind::Bool,
            Self::Int(_) => Kind::Int,
            Self::Address(_) => Kind::Address,
            Self::Text(_) => Kind::Text,
            Self::Binary(_) => Kind::Binary,
        }
    }

    /// As text: `1` and `0` for truth, binary data as it is.
    pub fn into_text(self) -> Cow<'a, [u8]> {
        match self {
            Self::Text(text) | Self::Binary(text) => text,
            Self::Bool(truth) => Cow::Borrowed(if truth { b"1" } else { b"0" }),
            Self::Int(number) => Cow::Owned(number.to_string().into_bytes()),
            Self::Address(address) => Cow::Owned(address.to_string().into_bytes()),
        }
    }

    /// As bytes: those of a text, eight of a number, four or sixteen of an address.
    pub fn into_bytes(self) -> Cow<'a, [u8]> {
        match self {
            Self::Text(bytes) | Self::Binary(bytes) => bytes,
            Self::Bool(truth) => Cow::Owned(i64::from(truth).to_be_bytes().to_vec()),
            Self::Int(number) => Cow::Owned(number.to_be_bytes().to_vec()),
            Self::Address(IpAddr::V4(address)) => Cow::Owned(address.octets().to_vec()),
            Self::Address(IpAddr::V6(address)) => Cow::Owned(address.octets().to_vec()),
        }
    }

    /// As a number, a text as far as its digits go; `None`: it cannot be one.
    pub fn int(&self) -> Option<i64> {
        match self {
            Self::Bool(truth) => Some(i64::from(*truth)),
            Self::Int(number) => Some(*number),
            Self::Address(IpAddr::V4(address)) => Some(i64::from(address.to_bits())),
            Self::Address(IpAddr::V6(_)) => None,
            Self::Text(text) if text.is_empty() => None,
            Self::Text(text) => Some(leading_number(text)),
            Self::Binary(bytes) => {
                let last = bytes.iter().rev().take(8).rev();
                Some(last.fold(0, |sum, byte| sum << 8 | i64::from(*byte)))
            }
        }
    }

    /// As truth: a number other than 0.
    pub fn truth(&self) -> Option<bool> {
        self.int().map(|number| number != 0)
    }

    /// As an address; `None`: it is none.
    pub fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Address(address) => Some(*address),
            Self::Int(number) => u32::try_from(*number)
                .ok()
                .map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits))),
            Self::Text(text) => std::str::from_utf8(text).ok()?.parse().ok(),
            Self::Bool(_) | Self::Binary(_) => None,
        }
    }

    /// Turned into another kind; `None` where that cannot be.
    pub fn cast(self, kind: Kind) -> Option<Self> {
        match kind {
            Kind::Any => Some(self),
            Kind::Bool => self.truth().map(Self::Bool),
            Kind::Int => self.int().map(Self::Int),
            Kind::Address => self.address().map(Self::Address),
            Kind::Text | Kind::Method => Some(Self::Text(self.into_text())),
            Kind::Binary => Some(Self::Binary(self.into_bytes())),
        }
    }

    /// Free of what it was taken from.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Bool(truth) => Value::Bool(truth),
            Self::Int(number) => Value::Int(number),
            Self::Address(address) => Value::Address(address),
            Self::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Self::Binary(bytes) => Value::Binary(Cow::Owned(bytes.into_owned())),
        }
    }
}

/// The number that a text begins with, 0 where it begins with none.
fn leading_number(text: &[u8]) -> i64 {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let length = digits
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let sign = text.len() - digits.len();
    number(&text[..sign + length]).unwrap_or(0)
}

/// A whole number and nothing else.
pub fn number(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.is_empty() {
        return None;
    }
    let sum = digits.iter().try_fold(0i64, |sum, digit| {
        let digit = digit.is_ascii_digit().then(|| i64::from(digit - b'0'))?;
        Some(sum.saturating_mul(10).saturating_add(digit))
    })?;
    Some(if negative { -sum } else { sum })
}

/// Two capital digits a byte.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02X}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_a_number_only_as_a_whole() {
        assert_eq!(number(b"12"), Some(12));
        assert_eq!(number(b"-12"), Some(-12));
        assert_eq!(number(b"12a"), None);
        assert_eq!(number(b""), None);
        assert_eq!(number(b"99999999999999999999"), Some(i64::MAX));
    }

    #[test]
    fn kinds_become_each_other() {
        let address = Value::Address(IpAddr::from([10, 0, 0, 1]));
        assert_eq!(address.int(), Some(167_772_161));
        assert_eq!(address.clone().into_text(), &b"10.0.0.1"[..]);
        assert_eq!(Value::Int(167_772_161).address(), address.address());
        assert_eq!(Value::text(b"10.0.0.1").address(), address.address());
        assert_eq!(Value::Bool(true).into_text(), &b"1"[..]);
        assert_eq!(
            Value::Binary(Cow::Borrowed(b"\x01\xff")).into_text(),
            &b"\x01\xff"[..]
        );
        assert_eq!(Value::text(b"x").int(), Some(0));
        assert_eq!(Value::text(b"-12x").int(), Some(-12));
    }
}
